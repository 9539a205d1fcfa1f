"""Which windows without rows are missed: by hand, and laws over random logs."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.errors import ConfigError
from wane.metrics.vacant import vacant_windows
from wane.window import DAY, Every, Window, to_microseconds

DAILY, HOURLY, WEEKLY = map(Every.parse, ("1d", "1h", "1w"))
MONDAY = to_microseconds(dt.datetime(2026, 6, 1, tzinfo=dt.UTC))


def windows(every: Every, numbers: list[int]) -> list[Window]:
    """Windows by their number since Monday, 1 June."""
    return [every.window(MONDAY + number * every.size) for number in numbers]


def missed(
    numbers: list[int], every: Every = DAILY, *, rows: float = 100.0, until: int | None = None
) -> list[int]:
    """Numbers of the windows that are missed where those with the given numbers have rows."""
    filled = windows(every, numbers)
    end = None if until is None else MONDAY + until * every.size
    found = vacant_windows(filled, np.full(len(filled), rows), every, end)
    assert list(found) == sorted(found, key=lambda window: window.start)
    return [(window.start - MONDAY) // every.size for window in found]


def without(count: int, *left_out: int) -> list[int]:
    return [number for number in range(count) if number not in left_out]


WEEKDAYS = [day for day in range(56) if day % 7 < 5]


def test_a_day_that_is_usually_there_is_missed() -> None:
    assert missed(without(28, 10)) == [10]
    assert missed(without(56, 10, 11, 12, 20)) == [10, 11, 12, 20]
    assert missed(without(28)) == []


def test_weekends_of_a_log_of_weekdays_are_not_missed_but_a_weekday_is() -> None:
    assert missed(WEEKDAYS) == []
    assert missed([day for day in WEEKDAYS if day != 30]) == [30]
    assert missed([day for day in WEEKDAYS if day not in (32, 35)]) == [32, 35]  # Friday, Monday


def test_nights_of_a_log_by_the_hour_are_not_missed() -> None:
    open_hours = [hour for hour in range(24 * 28) if 8 <= hour % 24 < 18]
    assert missed(open_hours, HOURLY) == []
    assert missed([hour for hour in open_hours if hour != 300], HOURLY) == [300]


def test_two_weeks_do_not_tell_what_is_usual() -> None:
    assert missed(without(14, 10)) == []
    assert missed(without(24 * 10, *range(120, 168)), HOURLY) == []


def test_of_weeks_every_one_is_like_the_others() -> None:
    assert missed(without(12, 5), WEEKLY) == [5]
    assert missed([0, 2], WEEKLY) == []


def test_days_that_are_often_empty_are_not_missed() -> None:
    rng = np.random.default_rng(4)
    often = sorted({0, 99, *np.flatnonzero(rng.random(100) < 0.7).tolist()})
    assert missed(often) == []


def test_where_few_rows_come_silence_is_chance_for_a_while() -> None:
    assert missed(without(56, 30), rows=3) == []
    assert missed(without(56, *range(30, 35)), rows=3) == [30, 31, 32, 33, 34]
    assert missed(without(56, 30), rows=13.9) == []
    assert missed(without(56, 30), rows=14) == [30]


def test_a_gap_of_more_than_seven_weeks_is_a_break_in_the_log() -> None:
    early, late = list(range(28)), [day + 28 for day in range(28)]
    assert missed([*early, *(day + 49 for day in late)]) == list(range(28, 28 + 49))
    assert missed([*early, *(day + 50 for day in late)]) == []
    assert missed([-20_000, *range(56)]) == []  # a row of 1971


def test_nothing_is_known_after_the_last_row_unless_it_is_said() -> None:
    assert missed(without(28)) == []
    assert missed(without(28), until=31) == [28, 29, 30]
    assert missed(without(28), until=28) == []
    assert missed(without(28), until=3) == []
    assert missed(WEEKDAYS, until=56 + 7) == [56, 57, 58, 59, 60]


def test_only_closed_windows_are_missed() -> None:
    filled = windows(DAILY, without(28))
    late = MONDAY + 29 * DAY - 1
    assert vacant_windows(filled, np.full(28, 100.0), DAILY, late) == ()
    assert len(vacant_windows(filled, np.full(28, 100.0), DAILY, late + 1)) == 1


def test_a_young_log_is_taken_at_its_word() -> None:
    assert missed([0, 1, 2], until=5) == [3, 4]
    assert missed([0], until=5) == [1, 2, 3, 4]
    assert missed([0, 1, 2], until=4, rows=3) == []


def test_however_long_it_is_silent() -> None:
    assert missed(without(28), until=400) == list(range(28, 400))
    with pytest.raises(ConfigError, match="too far after the last row") as refused:
        missed([0], HOURLY, until=20_000)
    assert "19,999 windows" in str(refused.value)


def test_without_windows_or_with_windows_of_rows_there_is_nothing_to_miss() -> None:
    assert vacant_windows([], np.zeros(0), DAILY, MONDAY) == ()
    rows = [Window(0, 50, by_rows=True), Window(100, 150, by_rows=True)]
    assert vacant_windows(rows, np.full(2, 50.0), Every.parse("50 rows"), 10**9) == ()


def test_days_of_another_length_are_days() -> None:
    vienna = Every.parse("1d", "Europe/Vienna")
    start = to_microseconds(dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC))
    noons = np.arange(42) * DAY + start  # the clock changes on 29 March, day 27
    keys = vienna.keys(np.delete(noons, [27, 30]))
    filled = [vienna.window(int(key)) for key in keys]
    found = vacant_windows(filled, np.full(40, 100.0), vienna)
    assert [window.start for window in found] == vienna.keys(noons[[27, 30]]).tolist()
    assert (found[0].end - found[0].start) == 23 * DAY // 24


@given(st.sets(st.integers(0, 120), min_size=1), st.integers(0, 150) | st.none())
def test_what_is_missed_is_empty_aligned_and_within(numbers: set[int], until: int | None) -> None:
    found = missed(sorted(numbers), until=until)
    assert not numbers & set(found)
    assert len(set(found)) == len(found)
    assert all(min(numbers) < number < max(*numbers, until or 0) for number in found)
