"""Where each window stands on the regular grid of its run, and after how many the season repeats.

Windows that nobody filled are absent from a run, so the window before is not always the one of
the day before. Neighbours, weekdays and weeks are therefore told by place, not by index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.window import DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wane.window import Window

WEEK = 7
"""Days."""
LEAST_WEEKS = 3
"""In a run shorter than this windows of less than a day repeat by the day, not by the week: a
weekday seen once or twice says less than every day does."""

LONGEST_GAP = 13
LONGEST_GAP_CYCLES = 7
"""Longer gaps are cut to so many places or cycles: one more than drift looks back on."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The windows of a run on a grid without gaps.

    Attributes:
        place: [W] place of each window, 0 for the first, never falling. Two windows can share a
            place when the clock changes: one that is cut short by the end of its day, and after it
            one of regular length. Where only one can be kept, it should be the second.
        length: Places from the first window to the last, gaps included, the longest of them cut
            short by whole cycles; 0 without windows.
        period: Places after which the day or the week starts again, >= 1; 1 for no season.
        windows_per_day: Places a day; less than 1 for windows of several days.
    """

    place: NDArray[np.intp]
    length: int
    period: int
    windows_per_day: float

    @property
    def periods(self) -> tuple[int, ...]:
        """Seasons, the shortest first: the day before the week where a day has many windows."""
        day = round(self.windows_per_day)
        return (day, self.period) if 1 < day < self.period else (self.period,)

    @property
    def slot(self) -> NDArray[np.intp]:
        """[W] place of each window within its period, in [0, period)."""
        return self.place % self.period


def calendar(windows: Sequence[Window]) -> Calendar:
    """Lay windows out on the regular grid that they were cut by.

    A place is the time since the first window over the length of a window, rounded, so a day of 23
    or 25 hours moves nothing. Time is real time: windows of less than a day, when the clock
    changes, keep their distance and not their hour on the wall.

    Windows of rows are in order of rows, have no season, and each counts as a day.

    Args:
        windows: In order, all of one kind, as `Every.window` makes them; gaps are absent. Their
            length is that of the longest, as an end of a day may be cut short.

    Returns:
        The calendar. Period: 7 for windows of one to six days (the weekdays of 2-day windows
        repeat after 14 days); for k windows a day k, or 7 k in a run of 21 days or more; 1 for
        windows of a week or longer, of rows, and without windows.
    """
    if not windows:
        return Calendar(np.zeros(0, dtype=np.intp), 0, 1, 1.0)
    starts = np.array([window.start for window in windows], dtype=np.int64)
    size = max(window.end - window.start for window in windows)
    if windows[0].by_rows:
        place = _places(starts, size)
        return Calendar(place, int(place[-1]) + 1, 1, 1.0)
    if size > DAY // 2:
        size = max(1, round(size / DAY)) * DAY
    days = (windows[-1].end - windows[0].start) / DAY
    period = _period(size, days)
    place = _without_voids(_places(starts, size), period)
    return Calendar(place, int(place[-1]) + 1, period, DAY / size)


def _places(starts: NDArray[np.int64], size: int) -> NDArray[np.intp]:
    """Rounded half up: to even, every second 2-hour window would collide after an hour's shift."""
    return np.asarray((2 * (starts - starts[0]) + size) // (2 * size), dtype=np.intp)


def _without_voids(place: NDArray[np.intp], period: int) -> NDArray[np.intp]:
    """Places with longer gaps cut by whole cycles, to where nothing looks back across them.

    One row dated 1970 in a log of this year would otherwise make arrays of half a century.
    """
    longest = max(LONGEST_GAP, LONGEST_GAP_CYCLES * period)
    gaps = np.diff(place, prepend=place[0])
    surplus = np.where(gaps > longest, (gaps - longest) // period * period, 0)
    return np.asarray(place - np.cumsum(surplus))


def _period(size: int, days: float) -> int:
    """Windows a cycle, of a window's length in microseconds and a run's in days."""
    if size >= DAY:
        return WEEK if size < WEEK * DAY else 1
    per_day = round(DAY / size)
    return per_day if days < LEAST_WEEKS * WEEK else per_day * WEEK
