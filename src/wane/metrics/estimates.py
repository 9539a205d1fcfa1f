"""One metric in R windows at once, while it is being measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wane.profile.counters import Total
from wane.stats import weights
from wane.stats.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from wane.profile.counters import Counters

UNTOLD = "it cannot be computed from these rows"


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
    otherwise: str = UNTOLD,
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
    (found,) = estimates_by_column(
        np.array(values, dtype=np.float64, ndmin=1)[:, None],
        np.asarray(n, dtype=np.float64)[..., None],
        interval=None if interval is None else Interval(*(_column(end) for end in interval)),
        because=[(_column(mask), reason) for mask, reason in because],
        otherwise=otherwise,
    )
    return found


def estimates_by_column(
    values: NDArray[np.float64],
    n: NDArray[np.float64],
    *,
    interval: Interval | None = None,
    because: Sequence[tuple[NDArray[np.bool_], str]] = (),
    otherwise: str = UNTOLD,
) -> list[Estimates]:
    """As `estimates`, of many columns at once.

    Args:
        values: [R, C].
        n: [R, C] or what broadcasts to it, as everything below.
        interval: 95 % intervals.
        because: (mask, reason) in order.
        otherwise: The reason where none of those applies.

    Returns:
        One for each of the C columns.
    """
    shape = values.shape
    masks = [np.broadcast_to(np.asarray(mask, dtype=bool), shape) for mask, _ in because]
    told = ~np.isfinite(values)
    for mask in masks:
        told |= mask
    low, high = interval or (np.nan, np.nan)
    ready = _by_column(np.where(told, np.nan, values))
    lows, highs = (_by_column(_where_defined(end, told)) for end in (low, high))
    sizes = _by_column(np.rint(np.broadcast_to(n, shape)).astype(np.int64))
    reasons: list[tuple[str | None, ...]] = [(None,) * shape[0]] * shape[1]
    for at in np.flatnonzero(told.any(axis=0)).tolist():
        apply = [(mask[:, at], reason) for mask, (_, reason) in zip(masks, because, strict=True)]
        reasons[at] = _reasons([*apply, (told[:, at], otherwise)])
    return [Estimates(*column) for column in zip(ready, lows, highs, sizes, reasons, strict=True)]


def effective_scale(counters: Counters) -> NDArray[np.float64]:
    """[R] factor that turns weights into effective rows (Kish); 1 without sample weights."""
    weight = counters.totals[:, Total.WEIGHT]
    effective = weights.effective_size(weight, counters.totals[:, Total.WEIGHT_SQUARES])
    return effective / np.where(weight > 0, weight, 1.0)


def undefined(count: int, reason: str) -> Estimates:
    """No value in any of `count` windows, for one reason."""
    nothing = np.full(count, np.nan)
    return Estimates(nothing, nothing, nothing, np.zeros(count, dtype=np.int64), (reason,) * count)


def _reasons(because: Sequence[tuple[NDArray[np.bool_], str]]) -> tuple[str | None, ...]:
    """The first reason that applies to each row."""
    reasons: list[str | None] = [None] * len(because[0][0])
    for mask, reason in because:
        for index in np.flatnonzero(mask).tolist():
            reasons[index] = reasons[index] or reason
    return tuple(reasons)


def _column(values: ArrayLike) -> NDArray[Any]:
    """[R] as [R, 1]; a single value stays one."""
    array = np.asarray(values)
    return array[:, None] if array.ndim else array


def _by_column(table: NDArray[Any]) -> NDArray[Any]:
    """[R, C] as [C, R], each column in one piece."""
    return np.ascontiguousarray(table.T)


def _where_defined(limits: ArrayLike, told: NDArray[np.bool_]) -> NDArray[np.float64]:
    ends = np.broadcast_to(np.asarray(limits, dtype=np.float64), told.shape)
    return np.where(told | ~np.isfinite(ends), np.nan, ends)
