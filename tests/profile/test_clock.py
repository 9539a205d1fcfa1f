"""Event times in every form they come in."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.profile.clock import (
    BROKEN_TIME,
    EARLIEST,
    LATEST,
    NO_TIME,
    hour_of_week,
    is_future,
    to_times,
)
from wane.window import DAY, SECOND, to_datetime, to_microseconds

MOMENT = dt.datetime(2026, 11, 22, 10, 30, 15, 250_000, tzinfo=dt.UTC)
US = to_microseconds(MOMENT)
WHOLE = to_microseconds(MOMENT.replace(microsecond=0))
DATE = to_microseconds(dt.datetime(2026, 11, 22, tzinfo=dt.UTC))
TIMES = {
    "seconds": (pa.array([WHOLE // SECOND, None]), WHOLE),
    "fractional seconds": (pa.array([US / SECOND, None]), US),
    "milliseconds": (pa.array([US // 1_000, None]), US),
    "microseconds": (pa.array([US, None]), US),
    "nanoseconds": (pa.array([US * 1_000, None]), US),
    "nanoseconds beyond 2^53 that are odd": (pa.array([US * 1_000 + 123, None]), US),
    "unsigned": (pa.array([US, None], pa.uint64()), US),
    "decimal": (pa.array([US, None]).cast(pa.decimal128(19, 0)), US),
    "float32 is too coarse but no error": (pa.array([2.0**30, None], pa.float32()), 2**30 * SECOND),
    "timestamp[s]": (pa.array([WHOLE // SECOND, None], pa.timestamp("s")), WHOLE),
    "timestamp[ms]": (pa.array([US // 1_000, None], pa.timestamp("ms")), US),
    "timestamp[us]": (pa.array([US, None], pa.timestamp("us")), US),
    "timestamp[ns]": (pa.array([US * 1_000 + 7, None], pa.timestamp("ns")), US),
    "timestamp in a zone": (pa.array([MOMENT, None], pa.timestamp("us", "Europe/Vienna")), US),
    "date32": (pa.array([MOMENT.date(), None]), DATE),
    "date64": (pa.array([MOMENT.date(), None], pa.date64()), DATE),
    "dictionary": (pa.array([MOMENT, None]).dictionary_encode(), US),
    "dictionary of text": (pa.array(["2026-11-22", None]).dictionary_encode(), DATE),
    "run ends": (pa.RunEndEncodedArray.from_arrays([1, 2], pa.array([US, None])), US),
}


@pytest.mark.parametrize("name", TIMES)
def test_types(name: str) -> None:
    array, expected = TIMES[name]
    assert to_times(array).tolist() == [expected, NO_TIME]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T10:30:15.250", US),
        ("2026-11-22 10:30:15.250000", US),
        ("2026-11-22T10:30:15.250Z", US),
        ("2026-11-22T11:30:15.250+01:00", US),
        (" 2026-11-22 10:30:15.25 ", US),
        ("2026-11-22T10:30:15.250000999", US),
        ("2026-11-22", DATE),
        ("22/11/2026", BROKEN_TIME),
        ("tomorrow", BROKEN_TIME),
        ("0001-01-01", BROKEN_TIME),
        ("9999-12-31T23:59:59", BROKEN_TIME),
        ("", NO_TIME),
        ("  ", NO_TIME),
    ],
)
def test_texts_in_any_company(text: str, expected: int, kind: pa.DataType) -> None:
    """One text that cannot be read, or has no zone, does not change how the others are read."""
    assert to_times(pa.array([text], kind)).tolist() == [expected]
    mixed = pa.array([text, None, "soon", "2026-11-22", "2026-11-22T01:00+01:00"], kind)
    assert to_times(mixed).tolist() == [expected, NO_TIME, BROKEN_TIME, DATE, DATE]


def test_each_number_tells_its_own_unit_so_that_batches_do_not_matter() -> None:
    numbers = [WHOLE / SECOND, US / 1e3, US, US * 1e3]
    assert to_times(pa.array(numbers)).tolist() == [WHOLE, US, US, US]
    assert to_times(pa.array([0, -86_400])).tolist() == [0, -DAY]


@pytest.mark.parametrize("number", [1e10, 1e20, -1e13, float("inf"), -float("inf")])
def test_numbers_that_are_no_time_of_this_age_are_broken(number: float) -> None:
    assert to_times(pa.array([number])).tolist() == [BROKEN_TIME]


def test_what_is_no_time_is_broken_and_null_is_missing() -> None:
    for array in (pa.array([True, None]), pa.array([[1], None]), pa.array([dt.time(1), None])):
        assert to_times(array).tolist() == [BROKEN_TIME, NO_TIME]
    assert to_times(pa.nulls(2)).tolist() == [NO_TIME, NO_TIME]
    assert to_times(pa.array([float("nan")])).tolist() == [NO_TIME]
    assert to_times(pa.array([], pa.int64())).tolist() == []
    old = pa.array([dt.date(1, 1, 1), dt.date(9999, 12, 31)])
    assert to_times(old).tolist() == [BROKEN_TIME, BROKEN_TIME]


@given(expected=st.integers(EARLIEST, LATEST))
def test_all_forms_of_a_moment_agree(expected: int) -> None:
    moment = to_datetime(expected)
    for array in (pa.array([moment]), pa.array([moment.isoformat()]), pa.array([str(moment)])):
        assert to_times(array).tolist() == [expected]
    assert hour_of_week(np.array([expected]))[0] == moment.weekday() * 24 + moment.hour


def test_a_day_ahead_is_the_future() -> None:
    times = np.array([US, US + DAY, US + DAY + 1])
    assert is_future(times, US).tolist() == [False, False, True]
