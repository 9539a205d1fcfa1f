"""Windows on their regular grid: gaps, seasons, changes of the clock, rows."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pytest

from wane.metrics.calendar import Calendar, calendar
from wane.window import DAY, SECOND, Every, Window, to_microseconds


def windows(
    text: str, days: int, *, zone: str = "UTC", start: dt.date = dt.date(2024, 1, 3)
) -> list[Window]:
    """Every window that a stream without gaps fills from a UTC date on."""
    every = Every.parse(text, zone)
    first = to_microseconds(dt.datetime.combine(start, dt.time(), tzinfo=dt.UTC))
    times = np.arange(first, first + days * DAY, 15 * 60 * SECOND, dtype=np.int64)
    keys = np.unique(every.keys(times)).tolist()
    return [*(Window(*both) for both in pairwise(keys)), every.window(keys[-1])]


@pytest.mark.parametrize(
    ("text", "days", "period", "per_day"),
    [
        ("1d", 5, 7, 1.0),
        ("1d", 400, 7, 1.0),
        ("2d", 40, 7, 0.5),
        ("6d", 60, 7, 1 / 6),
        ("1w", 100, 1, 1 / 7),
        ("10d", 100, 1, 0.1),
        ("1h", 20, 24, 24.0),
        ("1h", 21, 168, 24.0),
        ("15min", 3, 96, 96.0),
        ("6h", 20, 4, 4.0),
        ("6h", 21, 28, 4.0),
        ("12h", 30, 14, 2.0),
    ],
)
def test_the_season_of_windows(text: str, days: int, period: int, per_day: float) -> None:
    run = windows(text, days)
    found = calendar(run)
    assert found.period == period
    assert found.windows_per_day == pytest.approx(per_day)
    assert found.place.tolist() == list(range(len(run)))
    assert found.length == len(run)
    assert found.slot.tolist() == [place % period for place in range(len(run))]


def test_absent_windows_leave_their_places_free() -> None:
    run = windows("1d", 30)
    found = calendar([run[at] for at in (2, 3, 9, 23)])
    assert found.place.tolist() == [0, 1, 7, 21]
    assert found.length == 22
    assert found.slot.tolist() == [0, 1, 0, 0]


def test_windows_of_rows_are_in_order_and_count_as_days() -> None:
    found = calendar([Window(at, at + 500, by_rows=True) for at in (1000, 1500, 2500)])
    assert found.place.tolist() == [0, 1, 3]
    assert (found.length, found.period, found.windows_per_day) == (4, 1, 1.0)


def test_without_windows() -> None:
    found = calendar([])
    assert (len(found.place), found.length, found.period) == (0, 0, 1)
    assert isinstance(found, Calendar)


@pytest.mark.parametrize("start", [dt.date(2024, 3, 1), dt.date(2024, 9, 20)])
@pytest.mark.parametrize("zone", ["Europe/Vienna", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("text", ["1h", "90min", "2h", "6h", "12h", "1d", "2d", "1w"])
def test_a_change_of_the_clock_moves_nothing(text: str, zone: str, start: dt.date) -> None:
    """Over both changes places stay one apart, but for a window that a change cut short."""
    run = windows(text, 250, zone=zone, start=start)
    found = calendar(run)
    steps = np.diff(found.place)
    longest = max(window.end - window.start for window in run)
    assert np.all((steps == 1) | (steps == 0))
    for at in np.flatnonzero(steps == 0).tolist():
        assert run[at].end - run[at].start < longest / 2 + 1
        assert run[at + 1].end - run[at + 1].start == longest
    if text in ("1d", "2d", "1w"):
        assert np.all(steps == 1)


def test_weekdays_keep_their_slots_over_a_change_of_the_clock() -> None:
    run = windows("1d", 200, zone="Europe/Vienna")
    found = calendar(run)
    noon = [window.start + DAY // 2 for window in run]
    weekday = np.array([(at // DAY + 3) % 7 for at in noon])
    for slot in range(7):
        assert len(set(weekday[found.slot == slot].tolist())) == 1


def test_a_gap_of_decades_costs_a_few_cycles_and_keeps_the_weekday() -> None:
    places = np.array([0, 1, 20_440, 20_441, 20_447])
    found = calendar([Window(int(at) * DAY, (int(at) + 1) * DAY) for at in places])
    assert found.length < 8 * 7 + 10
    assert found.slot.tolist() == (places % 7).tolist()
    assert np.diff(found.place).tolist() == [1, found.place[2] - 1, 1, 6]
    assert found.place[2] - 1 >= 7 * 7, "nothing looks back across it"
