"""Propose the size of the windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.profile.clock import BROKEN_TIME, is_future, to_times
from wane.window import UNITS

if TYPE_CHECKING:
    from wane.sources.description import Description

SIZES = {
    "15min": 15 * UNITS["min"],
    "1h": UNITS["h"],
    "1d": UNITS["d"],
    "1w": UNITS["w"],
    "4w": 4 * UNITS["w"],
}
MOST_WINDOWS = 92
"""A quarter of days."""
DEMANDS = ((200, 4), (30, 4), (200, 1))
"""(rows a window, windows), the first that some size meets; the last resort is the longest."""
WINDOWS_BY_ROWS = 30
LEAST_ROWS = 500
ROUND = (1.0, 2.0, 2.5, 5.0)
MOST = (0.02, 0.98)
"""Most events lie between these quantiles. Times that are further off than these are apart, before
or after, are wrong clocks, and the windows are not cut for them."""


def propose_every(description: Description, timestamp: str | None, now: int | None = None) -> str:
    """A window size that gives a readable number of windows with enough rows in each.

    Args:
        description: The source to be cut.
        timestamp: Its column of event times; None: windows by row number.
        now: Microseconds since 1970 UTC: rows that are rejected as later do not count; None: all
            count.

    Returns:
        A text that `Every.parse` reads: "15min", "1h", "1d", "1w", "4w" or "5000 rows".
    """
    rows = description.rows or description.sample.num_rows
    span = None if timestamp is None else _span(description, timestamp, now)
    if span is None:
        return f"{_rows(description.rows)} rows"
    counts = {size: max(1, -(-span // length)) for size, length in SIZES.items()}
    for least_rows, least_windows in DEMANDS:
        for size, windows in counts.items():
            if least_windows <= windows <= MOST_WINDOWS and rows >= least_rows * windows:
                return size
    return next((size for size, windows in counts.items() if windows <= MOST_WINDOWS), "4w")


def _span(description: Description, timestamp: str, now: int | None) -> int | None:
    """Microseconds from the first to the last event; None where no time can be read."""
    known = description.ranges.get(timestamp)
    column = description.sample.column(timestamp)
    times = to_times(column.combine_chunks())
    times = times[times > BROKEN_TIME]
    if now is not None:
        times = times[~is_future(times, now)]
    if not len(times):
        return None
    first, last = np.quantile(times, MOST)
    low, high = first - (last - first), last + (last - first)
    times = times[(times >= low) & (times <= high)]
    ends = [int(times.min()), int(times.max())]
    if known is not None and known[0] <= ends[0] and ends[1] <= known[1]:
        ends = [int(end) if low <= end <= high else at for end, at in zip(known, ends, strict=True)]
    return ends[1] - ends[0]


def _rows(rows: int | None) -> int:
    if rows is None:
        return 10 * LEAST_ROWS
    if rows <= LEAST_ROWS:
        return max(1, rows)
    wanted = rows / WINDOWS_BY_ROWS
    sizes = [int(step * 10**power) for power in range(2, 12) for step in ROUND]
    return max(LEAST_ROWS, min(sizes, key=lambda size: abs(size - wanted)))
