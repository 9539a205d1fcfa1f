"""Windows: aligned, half-open, and right on the days the clock changes."""

from __future__ import annotations

import calendar
import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wane.errors import ConfigError
from wane.window import (
    DAY,
    LONGEST,
    SECOND,
    UNITS,
    Every,
    Window,
    local_date,
    parse_time,
    time_label,
    to_datetime,
    to_microseconds,
    window_label,
)

HOUR = UNITS["h"]
ZONES = (
    *("UTC", "Europe/Vienna", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"),
    *("America/New_York", "America/Sao_Paulo", "Pacific/Apia", "Africa/Cairo", "America/Havana"),
)
SIZES = ("15min", "30min", "1h", "6h", "1d", "2d", "1w", "2w")
TIMES = st.integers(5 * 365 * DAY, 65 * 365 * DAY)


def at(text: str, zone: str = "UTC") -> int:
    """Microseconds of a local time."""
    return to_microseconds(dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def key_of(every: Every, time: int) -> int:
    return int(every.keys(np.array([time]))[0])


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("size", SIZES)
@settings(max_examples=10)
@given(times=st.lists(TIMES, min_size=1, max_size=5))
def test_windows_tile_time(size: str, zone: str, times: list[int]) -> None:
    """Every time lies in its window, the next window starts where this one ends."""
    every = Every.parse(size, zone)
    for time, key in zip(times, every.keys(np.array(times)).tolist(), strict=True):
        window = every.window(key)
        assert window.start == key <= time < window.end
        assert key_of(every, window.end - 1) == key
        assert key_of(every, window.end) == window.end


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=30)
@given(time=TIMES)
def test_days_and_weeks_start_at_local_midnight(zone: str, time: int) -> None:
    start = local_date(key_of(Every.parse("1d", zone), time), zone)
    assert start.date() == local_date(time, zone).date()
    monday = local_date(key_of(Every.parse("1w", zone), time), zone)
    assert monday.weekday() == 0
    for first in (start, monday):
        midnight = first.replace(hour=0, minute=0, second=0)
        assert first.time() == dt.time() or midnight.astimezone(dt.UTC) == first.astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-26", 24)],
)
def test_a_day_in_vienna_has_23_24_or_25_hours(day: str, hours: int) -> None:
    start = at(day, "Europe/Vienna")
    window = Every.parse("1d", "Europe/Vienna").window(start)
    assert window == Window(start, start + hours * HOUR)
    times = np.arange(start, window.end, 15 * UNITS["min"])
    assert np.unique(Every.parse("1d", "Europe/Vienna").keys(times)).tolist() == [start]
    assert len(np.unique(Every.parse("1h", "Europe/Vienna").keys(times))) == hours
    assert len(np.unique(Every.parse("15min", "Europe/Vienna").keys(times))) == 4 * hours


def test_a_week_with_a_clock_change_is_an_hour_shorter() -> None:
    every = Every.parse("1w", "Europe/Vienna")
    window = every.window(key_of(every, at("2026-03-29T12:00", "Europe/Vienna")))
    assert window.start == at("2026-03-23", "Europe/Vienna")
    assert window.end - window.start == 7 * DAY - HOUR


def test_six_hours_of_a_long_day_leave_a_short_last_window() -> None:
    start = at("2026-10-25", "Europe/Vienna")
    every = Every.parse("6h", "Europe/Vienna")
    keys = np.unique(every.keys(np.arange(start, start + 25 * HOUR, HOUR)))
    assert (keys - start).tolist() == [0, 6 * HOUR, 12 * HOUR, 18 * HOUR, 24 * HOUR]
    assert every.window(int(keys[-1])).end == start + 25 * HOUR


def test_zones_half_an_hour_off() -> None:
    every = Every.parse("1h", "Asia/Kolkata")
    assert key_of(every, at("2026-11-22T10:45")) == at("2026-11-22T10:30")
    assert key_of(Every.parse("1d", "Asia/Kolkata"), at("2026-11-22")) == at("2026-11-21T18:30")


def test_a_day_that_a_zone_skipped() -> None:
    """Samoa had no 30 December 2011."""
    every = Every.parse("1d", "Pacific/Apia")
    window = every.window(at("2011-12-29", "Pacific/Apia"))
    assert window.end == at("2011-12-31", "Pacific/Apia")
    assert window.end - window.start == DAY


def test_utc_windows() -> None:
    times = np.array([at("2026-11-22T10:37:00"), at("1969-12-31T23:59:59")])
    starts = {
        "15min": ["2026-11-22T10:30", "1969-12-31T23:45"],
        "1h": ["2026-11-22T10:00", "1969-12-31T23:00"],
        "1d": ["2026-11-22", "1969-12-31"],
        "1w": ["2026-11-16", "1969-12-29"],
    }
    for size, expected in starts.items():
        assert Every.parse(size).keys(times).tolist() == [at(text) for text in expected]


def test_windows_by_rows() -> None:
    every = Every.parse("5000 rows", "Europe/Vienna")
    assert every.keys(np.array([0, 4_999, 5_000, 12_345])).tolist() == [0, 0, 5_000, 10_000]
    window = every.window(5_000)
    assert window == Window(5_000, 10_000, by_rows=True)
    assert (window.starts_at, window.ends_at) == (None, None)


def test_no_rows_no_keys() -> None:
    for text in (*SIZES, "10 rows"):
        for zone in ("UTC", "Europe/Vienna"):
            assert Every.parse(text, zone).keys(np.zeros(0, np.int64)).tolist() == []


@pytest.mark.parametrize(
    ("text", "size", "by_rows"),
    [
        ("15min", 900 * SECOND, False),
        (" 1h ", HOUR, False),
        ("1 d", DAY, False),
        ("2w", 14 * DAY, False),
        ("1 row", 1, True),
        ("5000 rows", 5_000, True),
        ("5000rows", 5_000, True),
        ("36525d", LONGEST, False),
    ],
)
def test_sizes_that_can_be_read(text: str, size: int, *, by_rows: bool) -> None:
    every = Every.parse(text)
    assert (every.size, every.by_rows, every.text) == (size, by_rows, text.strip())


@pytest.mark.parametrize(
    "text",
    [
        *("", "day", "1", "d", "0d", "0 rows", "-1d", "1.5h", "1m", "1y", "1D", "daily", "rows"),
        *("7min", "7h", "5h", "36h", "25h", "36526d", "9999999999999999999d", "9" * 30 + " rows"),
    ],
)
def test_sizes_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ConfigError, match="expected") as caught:
        Every.parse(text)
    assert caught.value.got == repr(text)


@pytest.mark.parametrize("zone", ["Vienna", "", "../etc/passwd", "Europe/Atlantis", "\x00"])
def test_zones_that_do_not_exist(zone: str) -> None:
    with pytest.raises(ConfigError, match="unknown time zone"):
        Every.parse("1d", zone)


@given(time=TIMES)
def test_microseconds_there_and_back(time: int) -> None:
    assert to_microseconds(to_datetime(time)) == time
    assert to_microseconds(to_datetime(time).replace(tzinfo=None)) == time
    assert to_microseconds(local_date(time, "Asia/Kathmandu")) == time
    assert Window(time, time + 1).starts_at == to_datetime(time)
    assert Window(time, time + 1).ends_at == to_datetime(time + 1)


@pytest.mark.parametrize(
    ("text", "size", "zone", "label"),
    [
        ("2026-04-01", "1d", "UTC", "1 Apr"),
        ("2026-04-01", "1w", "UTC", "30 Mar"),
        ("2026-04-01T14:20", "1h", "UTC", "1 Apr 14:00"),
        ("2026-04-01T00:10", "15min", "UTC", "1 Apr 00:00"),
        ("2026-11-22", "1d", "Asia/Kolkata", "22 Nov"),
        ("2026-11-22T05:30", "1h", "Asia/Kolkata", "22 Nov 05:00"),
        ("2026-03-29", "1d", "Europe/Vienna", "29 Mar"),  # 23 hours
        ("2026-10-25", "1d", "Europe/Vienna", "25 Oct"),
        ("2026-10-25T23:00", "6h", "Europe/Vienna", "25 Oct 23:00"),
    ],
)
def test_windows_are_named_by_their_beginning(text: str, size: str, zone: str, label: str) -> None:
    every = Every.parse(size, zone)
    assert window_label(every.window(key_of(every, at(text, zone))), zone) == label


def test_windows_by_rows_are_named_by_their_first_row() -> None:
    assert window_label(Window(0, 5_000, by_rows=True)) == "row 1"
    assert window_label(Window(5_000, 10_000, by_rows=True), "Europe/Vienna") == "row 5,001"


def test_a_moment_with_all_that_can_be_told() -> None:
    assert time_label(0, year=True, clock=True) == "1 Jan 1970 00:00"
    assert time_label(at("2026-12-31T23:30"), "Europe/Vienna", year=True) == "1 Jan 2027"
    months = [time_label(at(f"2026-{month:02}-01")) for month in range(1, 13)]
    assert months == [f"1 {name}" for name in calendar.month_abbr[1:]]  # the tests run in "C"


def test_a_time_without_a_zone_is_taken_as_utc() -> None:
    assert parse_time("2026-11-22T08:00").isoformat() == "2026-11-22T08:00:00+00:00"
    assert parse_time("2026-11-22T08:00+02:00").utcoffset() == dt.timedelta(hours=2)
    with pytest.raises(ConfigError, match="not a time: expected ISO 8601"):
        parse_time("soon")
