"""Drift of the columns: more than the day, and more than one day (methods, section 3).

PSI against the same weekday of the recent weeks is held against its own history, and all columns
of a window against the false discovery rate; two windows of three must agree, and the change must
not be tiny.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.watch import RELEARN
from wane.stats.multiple_testing import benjamini_hochberg
from wane.stats.scaled_chi_square import (
    FEWEST_WINDOWS,
    fit_scaled_chi_square,
    historical_p_value,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DISCOVERY_RATE = 0.05
"""Share of false ones among the columns that stand out in a window."""
FLOOR = 0.01
"""A smaller PSI is nobody's business: a tenth of a standard deviation."""
WITHIN = 3
"""Windows among which `AGREEING` must stand out."""
AGREEING = 2
USUAL_P_VALUE = 0.05
QUIET_WINDOWS = 2


@dataclass(frozen=True, slots=True)
class Drift:
    """One column that drifted; windows count along the calendar.

    Attributes:
        stream: Which column.
        first: First of the windows that stood out.
        raised: Window in which enough of them had.
        ended: First window that is usual again; None while it lasts.
    """

    stream: int
    first: int
    raised: int
    ended: int | None = None


@dataclass(frozen=True, slots=True)
class Drifts:
    """All of them, and from which window on each column could be judged.

    Attributes:
        found: In the order in which they were raised.
        judged_from: [C] first window with a history to judge by; the length where there is none.
    """

    found: tuple[Drift, ...]
    judged_from: NDArray[np.intp]


def drifting(statistic: Floats, floor: float = FLOOR, weight: Floats | None = None) -> Drifts:
    """Find the columns that drift.

    Args:
        statistic: [C, L] PSI against recent windows, along a calendar; nan where missing.
        floor: Least PSI that counts.
        weight: [C] > 0, how much each column matters; None: all the same. A p-value is divided by
            its weight over the mean weight, which keeps the false discovery rate as it is
            (Genovese, Roeder & Wasserman, 2006).

    Returns:
        The drifts; none before a column has 14 windows of history.
    """
    columns, length = statistic.shape
    relative = np.ones(columns) if weight is None else weight * columns / weight.sum()
    left_out = np.zeros(statistic.shape, dtype=np.bool_)
    hits = np.zeros(statistic.shape, dtype=np.bool_)
    quiet = np.zeros(columns, dtype=np.intp)
    judged_from = np.full(columns, length, dtype=np.intp)
    found: list[Drift] = []
    standing: dict[int, int] = {}
    at = FEWEST_WINDOWS if columns else length
    while at < length:
        end = min(length, max(at + 1, math.ceil(at * RELEARN)))
        null = fit_scaled_chi_square(np.where(left_out[:, :at], np.nan, statistic[:, :at]))
        p = historical_p_value(null, statistic[:, at:end])
        judged_from = np.where((judged_from == length) & np.isfinite(null.scale), at, judged_from)
        adjusted = benjamini_hochberg(np.minimum(p / relative[:, None], 1))
        outstanding = (adjusted <= DISCOVERY_RATE) & (statistic[:, at:end] >= floor)
        for window in range(at, end):
            hits[:, window] = outstanding[:, window - at]
            recent = hits[:, max(0, window - WITHIN + 1) : window + 1]
            agree = hits[:, window] & (recent.sum(axis=1) >= AGREEING)
            for stream in np.flatnonzero(agree).tolist():
                if stream not in standing:
                    begun = window - recent.shape[1] + 1 + int(np.flatnonzero(recent[stream])[0])
                    standing[stream] = len(found)
                    found.append(Drift(stream, begun, window))
                    left_out[stream, begun:] = True
            usual = p[:, window - at] > USUAL_P_VALUE
            quiet = np.where(usual, quiet + 1, np.where(np.isnan(p[:, window - at]), quiet, 0))
            for stream in [s for s in standing if quiet[s] >= QUIET_WINDOWS]:
                back = window - QUIET_WINDOWS + 1
                one = found[standing.pop(stream)]
                found[found.index(one)] = Drift(one.stream, one.first, one.raised, back)
                left_out[stream, back:] = False
        at = end
    return Drifts(tuple(found), judged_from)
