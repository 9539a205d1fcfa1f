"""Mute times, by the clock of a place, also on the days that are an hour shorter or longer."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.alert.mute import Mute, muted

ROME = ZoneInfo("Europe/Rome")
NIGHTS = Mute("nights", "Europe/Rome", begins=dt.time(22), ends=dt.time(7))
WEEKENDS = Mute("weekends", weekdays=frozenset({5, 6}))
FRIDAY_NIGHTS = replace(NIGHTS, weekdays=frozenset({4}))


def rome(text: str, fold: int = 0) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ROME, fold=fold)


@pytest.mark.parametrize(
    ("at", "held"),
    [
        ("2026-07-01 21:59", False),
        ("2026-07-01 22:00", True),
        ("2026-07-02 00:00", True),
        ("2026-07-02 06:59", True),
        ("2026-07-02 07:00", False),
        ("2026-07-02 12:00", False),
        ("2026-12-01 22:00", True),
        ("2026-12-01 21:59", False),
    ],
)
def test_a_night_is_the_same_by_the_clock_in_summer_and_winter(at: str, held: bool) -> None:  # noqa: FBT001
    assert NIGHTS.holds(rome(at)) is held
    assert NIGHTS.holds(rome(at).astimezone(dt.UTC)) is held


def test_when_clocks_go_forward_the_night_is_an_hour_shorter() -> None:
    """29 March 2026 in Rome: 02:00 is 03:00."""
    start = rome("2026-03-28 12:00").astimezone(dt.UTC)
    hours = [NIGHTS.holds(start + dt.timedelta(minutes=15 * n)) for n in range(4 * 24)]
    assert sum(hours) == 4 * 8
    assert NIGHTS.holds(rome("2026-03-29 03:00"))
    assert not NIGHTS.holds(rome("2026-03-29 07:00"))


def test_when_clocks_go_back_it_is_an_hour_longer() -> None:
    """25 October 2026 in Rome: 02:30 comes twice, and both are night."""
    start = rome("2026-10-24 12:00").astimezone(dt.UTC)
    hours = [NIGHTS.holds(start + dt.timedelta(minutes=15 * n)) for n in range(4 * 26)]
    assert sum(hours) == 4 * 10
    assert NIGHTS.holds(rome("2026-10-25 02:30", fold=0))
    assert NIGHTS.holds(rome("2026-10-25 02:30", fold=1))


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    assert FRIDAY_NIGHTS.holds(rome("2026-07-03 23:00"))
    assert FRIDAY_NIGHTS.holds(rome("2026-07-04 06:00"))
    assert not FRIDAY_NIGHTS.holds(rome("2026-07-03 06:00"))
    assert not FRIDAY_NIGHTS.holds(rome("2026-07-04 23:00"))


def test_whole_days_and_dates() -> None:
    assert WEEKENDS.holds(dt.datetime(2026, 7, 4, tzinfo=dt.UTC))
    assert WEEKENDS.holds(dt.datetime(2026, 7, 5, 23, 59, tzinfo=dt.UTC))
    assert not WEEKENDS.holds(dt.datetime(2026, 7, 6, tzinfo=dt.UTC))
    holidays = Mute("holidays", dates=((dt.date(2026, 12, 24), dt.date(2026, 12, 26)),))
    days = [holidays.holds(dt.datetime(2026, 12, day, 12, tzinfo=dt.UTC)) for day in range(23, 28)]
    assert days == [False, True, True, True, False]


@given(st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2030, 1, 1)), st.times(), st.times())  # noqa: DTZ001
def test_a_time_and_the_rest_of_the_day_are_all_of_it(
    at: dt.datetime, begins: dt.time, ends: dt.time
) -> None:
    now = at.replace(tzinfo=dt.UTC)
    one, other = Mute("a", begins=begins, ends=ends), Mute("b", begins=ends, ends=begins)
    assert one.holds(now) is (begins == ends or not other.holds(now))


def test_the_first_that_holds() -> None:
    at = rome("2026-07-04 23:00")
    assert muted([FRIDAY_NIGHTS, WEEKENDS, NIGHTS], at) is WEEKENDS
    assert muted([], at) is None
