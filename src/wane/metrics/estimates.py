"""One metric in R windows at once, while it is being measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.counters import Total
from wane.stats import weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from wane.profile.counters import Counters
    from wane.stats.interval import Interval


@dataclass(frozen=True, slots=True)
class Estimates:
    """Values with intervals, sizes and reasons; [R] each.

    Attributes:
        values: NaN exactly where there is a reason.
        low: Lower ends of the 95 % intervals, NaN where there is none.
        high: Upper ends.
        n: Rows behind each value.
        reasons: Why a value is undefined; None where it is defined.
    """

    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: NDArray[np.int64]
    reasons: tuple[str | None, ...]


def estimates(
    values: ArrayLike,
    n: ArrayLike,
    *,
    interval: Interval | None = None,
    because: Sequence[tuple[NDArray[np.bool_], str]] = (),
    otherwise: str = "it cannot be computed from these rows",
) -> Estimates:
    """Pair every undefined value with the first reason that applies.

    Args:
        values: [R]; NaN or infinite where undefined.
        n: [R] rows behind each value.
        interval: 95 % intervals.
        because: (mask [R], reason) in order; a mask makes the value undefined even if a number
            came out.
        otherwise: The reason where none of those applies.
    """
    numbers = np.array(values, dtype=np.float64, ndmin=1)
    reasons: list[str | None] = [None] * len(numbers)
    for mask, reason in because:
        for index in np.flatnonzero(np.broadcast_to(mask, numbers.shape)).tolist():
            reasons[index] = reasons[index] or reason
    for index in np.flatnonzero(~np.isfinite(numbers)).tolist():
        reasons[index] = reasons[index] or otherwise
    told = np.array([reason is not None for reason in reasons], dtype=bool)
    low, high = interval or (np.nan, np.nan)
    return Estimates(
        np.where(told, np.nan, numbers),
        _where_defined(low, told),
        _where_defined(high, told),
        np.rint(np.broadcast_to(n, numbers.shape)).astype(np.int64),
        tuple(reasons),
    )


def effective_scale(counters: Counters) -> NDArray[np.float64]:
    """[R] factor that turns weights into effective rows (Kish); 1 without sample weights."""
    weight = counters.totals[:, Total.WEIGHT]
    effective = weights.effective_size(weight, counters.totals[:, Total.WEIGHT_SQUARES])
    return effective / np.where(weight > 0, weight, 1.0)


def undefined(count: int, reason: str) -> Estimates:
    """No value in any of `count` windows, for one reason."""
    nothing = np.full(count, np.nan)
    return Estimates(nothing, nothing, nothing, np.zeros(count, dtype=np.int64), (reason,) * count)


def _where_defined(limits: ArrayLike, told: NDArray[np.bool_]) -> NDArray[np.float64]:
    ends = np.broadcast_to(np.asarray(limits, dtype=np.float64), told.shape)
    return np.where(told | ~np.isfinite(ends), np.nan, ends)
