"""Windows without a single row in which there should have been some: an outage, not a pause.

Windows are known by their rows, so nothing tells of one that has none. Most of those are no news:
nights, weekends, the time before the first row. A window is missed where its hour of the week
usually has rows, and where so many were to be expected that chance does not leave them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from wane.errors import ConfigError
from wane.metrics.calendar import LONGEST_GAP_CYCLES, WEEK, calendar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from wane.window import Every, Window

USUALLY = 0.9
"""Share of windows with rows from which on one without is missed."""
OPEN = 0.5
"""The same, from which on an hour of the week is one in which rows come at all."""
LEAST_WEEKS = 3
"""Other weeks that it takes to know what is usual."""
ENOUGH_ROWS = 14
"""Rows to be expected in a gap, for its silence to be no chance: e^-14 is one in a million."""
MOST = 10_000
"""Windows between the last row and the time until which a log should reach."""


def vacant_windows(
    filled: Sequence[Window],
    rows: NDArray[np.float64],
    every: Every,
    until: int | None = None,
) -> tuple[Window, ...]:
    """The windows that are missed, in order of time.

    Between the first and the last row an empty window is missed where at least nine of ten windows
    of the same hour of the week (of all windows, where those are weeks) outside of the same gap
    have rows, and there are three or more of these; and where nine of ten have rows of all hours
    in which half have, so that in a log full of holes nothing is missed. A gap of more than seven
    weeks (or windows of a week or more) is a break in the log, in which nothing is missed either.

    After the last row the same holds for windows that are closed at `until`, but for the length of
    the gap; and for hours of the week that are not known yet every window is missed, as the log is
    said to reach that far.

    Of a gap in which fewer than 14 rows were to be expected nothing is missed.

    Args:
        filled: The windows with rows, in order; those of rows have no gaps.
        rows: Rows in each of them, > 0, [W].
        every: How they were cut.
        until: Time that the log should reach, in microseconds since 1970 UTC; None: its last row.

    Raises:
        ConfigError: More than 10,000 windows lie between the last row and `until`.
    """
    if not filled or every.by_rows:
        return ()
    when = calendar(filled)
    week = when.period if when.windows_per_day <= 1 else round(WEEK * when.windows_per_day)
    longest = LONGEST_GAP_CYCLES * week * (filled[0].end - filled[0].start)
    gaps = [
        tuple(_between(before.end, after.start, every))
        for before, after in pairwise(filled)
        if before.end < after.start <= before.end + longest
    ]
    inner = len(gaps)
    if until is not None:
        gaps.append(tuple(_closed(filled[-1], every, until)))
    weeks = _Weeks.of(filled, rows, gaps, week)
    return tuple(
        window
        for number, gap in enumerate(gaps)
        for window in weeks.missed(gap, trusted=number == inner)
    )


@dataclass(frozen=True, slots=True)
class _Weeks:
    """What is usual at each hour of the week.

    Attributes:
        slot: Start of a window -> its place in the week, in [0, s).
        windows: [s] windows there are, empty ones included.
        filled: [s] those with rows.
        rows: [s] rows in these.
    """

    slot: dict[int, int]
    windows: NDArray[np.int64]
    filled: NDArray[np.int64]
    rows: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        filled: Sequence[Window],
        rows: NDArray[np.float64],
        gaps: Sequence[Sequence[Window]],
        week: int,
    ) -> _Weeks:
        empty = [window for gap in gaps for window in gap]
        everything = sorted([*filled, *empty], key=lambda window: window.start)
        places = (calendar(everything).place % week).tolist()
        slot = {window.start: place for window, place in zip(everything, places, strict=True)}
        there = np.array([slot[window.start] for window in filled])
        return cls(
            slot=slot,
            windows=np.bincount(places, minlength=week),
            filled=np.bincount(there, minlength=week),
            rows=np.bincount(there, weights=rows, minlength=week).astype(np.float64),
        )

    def missed(self, gap: Sequence[Window], *, trusted: bool) -> list[Window]:
        """The windows of a gap that are missed; `trusted`: also those of unknown hours."""
        slots = np.array([self.slot[window.start] for window in gap], dtype=np.intp)
        elsewhere = self.windows - np.bincount(slots, minlength=len(self.windows))
        opened = self.filled >= OPEN * elsewhere
        if self.filled[opened].sum() < USUALLY * elsewhere[opened].sum():
            return []
        others = elsewhere[slots]
        known = others >= LEAST_WEEKS
        usual = np.where(known, self.filled[slots] >= USUALLY * others, trusted)
        overall = self.rows.sum() / self.filled.sum()
        expected = np.where(known, self.rows[slots] / np.maximum(others, 1), overall)
        if expected[usual].sum() < ENOUGH_ROWS:
            return []
        return [window for window, is_usual in zip(gap, usual, strict=True) if is_usual]


def _between(start: int, end: int, every: Every) -> Iterator[Window]:
    """The windows from one moment on that begin before another."""
    while start < end:
        window = every.window(start)
        yield window
        start = window.end


def _closed(last: Window, every: Every, until: int) -> list[Window]:
    """The windows after the last one that end by `until`."""
    length = last.end - last.start
    if until - last.end > MOST * length:
        raise ConfigError(
            "`until` lies too far after the last row",
            expected=f"at most {MOST:,} windows of {every.text}",
            got=f"{(until - last.end) // length:,} windows",
            hint="Check the file and the time, or use longer windows.",
        )
    return [one for one in _between(last.end, until, every) if one.end <= until]
