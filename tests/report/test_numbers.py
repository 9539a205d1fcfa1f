import math

import pytest

from wane.report.numbers import (
    format_change,
    format_count,
    format_date,
    format_span,
    format_value,
)
from wane.window import DAY, Window


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.8862, "0.886"),
        (0.9, "0.900"),
        (0.012, "0.012"),
        (0.0034, "0.0034"),
        (0.00012, "0.00012"),
        (4.21e-7, "4.21e\u22127"),
        (0.99987, "0.99987"),
        (0, "0"),
        (1.0, "1"),
        (560.0, "560"),
        (75.7, "75.70"),
        (123.45, "123.5"),
        (18_412.3, "18,412"),
        (1_234_567.0, "1,234,600"),
        (3.2e12, "3.20e12"),
        (-0.25, "\u22120.250"),
        (math.inf, "\u221e"),
        (math.nan, "\u2013"),
        (None, "\u2013"),
    ],
)
def test_values_have_few_digits_and_a_real_minus(value: float | None, text: str) -> None:
    assert format_value(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0\u00a0%"),
        (1, "100\u00a0%"),
        (0.38, "38\u00a0%"),
        (0.382, "38.2\u00a0%"),
        (0.0712, "7.12\u00a0%"),
        (0.0002, "0.02\u00a0%"),
        (0.99996, "99.996\u00a0%"),
        (0.000001, "<\u20090.001\u00a0%"),
    ],
)
def test_a_share_never_rounds_to_all_or_nothing(share: float, text: str) -> None:
    assert format_value(share, percent=True) == text


def test_no_value_has_more_than_five_significant_digits() -> None:
    for exponent in range(-8, 12):
        text = format_value(1.2345678 * 10.0**exponent).split("e")[0]
        digits = text.replace(",", "").replace(".", "").strip("0")
        assert len(digits) <= 5, text


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (-0.045, "\u22120.045"),
        (0.0021, "+0.002"),
        (120.0, "+120"),
        (0.0, "0"),
        (0.1 + 0.2 - 0.3, "0"),
        (None, "\u2013"),
        (-0.05 * 1.8, "\u22120.090"),
    ],
)
def test_changes_carry_their_sign(delta: float | None, text: str) -> None:
    assert format_change(delta) == text


def test_a_change_of_a_share_is_in_points() -> None:
    assert format_change(0.07, percent=True) == "+7\u00a0points"


def test_counts_are_exact() -> None:
    assert format_count(1_234_567) == "1,234,567"
    assert format_count(-3) == "\u22123"


def test_dates_follow_the_time_zone() -> None:
    midnight_in_vienna = Window(20_000 * DAY - 2 * DAY // 24, 20_001 * DAY - 2 * DAY // 24)
    assert format_date(midnight_in_vienna) == "3\u00a0Oct"
    assert format_date(midnight_in_vienna, "Europe/Vienna") == "4\u00a0Oct"


def test_windows_shorter_than_a_day_show_the_clock_and_rows_their_number() -> None:
    assert format_date(Window(0, DAY // 24)) == "1\u00a0Jan\u00a000:00"
    assert format_date(Window(5000, 10_000, by_rows=True)) == "row\u00a05,001"


def test_a_daylight_saving_day_is_a_day() -> None:
    assert ":" not in format_date(Window(0, 23 * DAY // 24))


def test_a_span_includes_its_last_window() -> None:
    days = [Window(i * DAY, (i + 1) * DAY) for i in range(40)]
    assert format_span(days[0], days[-1]) == "1\u00a0Jan \u2013 9\u00a0Feb\u00a01970"
    assert format_span(days[0], days[0]) == "1\u00a0Jan\u00a01970"
    rows = Window(0, 10, by_rows=True), Window(10, 20, by_rows=True)
    assert format_span(*rows) == "rows 1 \u2013 20"


def test_a_span_over_new_year_names_both_years() -> None:
    first, last = Window(364 * DAY, 365 * DAY), Window(365 * DAY, 366 * DAY)
    assert format_span(first, last) == "31\u00a0Dec\u00a01970 \u2013 1\u00a0Jan\u00a01971"


def test_very_large_numbers_stay_short() -> None:
    assert format_value(1.234e100, percent=True) == "1.23e102\u00a0%"
    assert format_value(-1.234e100, percent=True) == "\u22121.23e102\u00a0%"
    assert format_change(1e100, percent=True) == "+1.00e102\u00a0points"
    assert format_count(1e100) == "1.00e100"
    assert format_count(999_999_999_999) == "999,999,999,999"
