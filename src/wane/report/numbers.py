"""Numbers and dates as people read them: few digits, a real minus sign, thousands separated."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wane.window import local_date, time_label, window_label

if TYPE_CHECKING:
    from wane.window import Window

MINUS = "\u2212"
DASH = "\u2013"
"""En dash: from one to another, or nothing to show."""
SPACE = "\u00a0"
"""No-break space: a number and its unit stay on one line."""
NOISE = 1e-12
"""Differences below this are rounding of the last binary digit, shown as no change."""

LONG = 1e12
"""Counts and percentages from here on are not read digit by digit."""


def format_value(value: float | None, *, percent: bool = False) -> str:
    """A measured value with at most five significant digits.

    Args:
        value: The number; None and NaN give a dash (the reason is told beside it).
        percent: Whether `value` is a share in [0, 1], shown as "38.2 %".
    """
    if value is None or math.isnan(value):
        return DASH
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    text = f"{_percentage(value * 100)}{SPACE}%" if percent else _digits(value)
    return text.replace("-", MINUS)


def format_count(n: float) -> str:
    """A count, exact below 13 digits, with thousands separators: "12,345"."""
    text = _power(n) if abs(n) >= LONG else f"{round(n):,}"
    return text.replace("-", MINUS)


def format_change(delta: float | None, *, percent: bool = False) -> str:
    """A difference with its sign: "+0.012", "+7 points" (of a share), "0"."""
    if delta is None or math.isnan(delta):
        return DASH
    if abs(delta) < NOISE:
        return "0"
    return f"{'+' if delta > 0 else MINUS}{format_margin(abs(delta), percent=percent)}"


def format_margin(size: float, *, percent: bool = False) -> str:
    """The size of a difference or of half an interval, with decimals that line up."""
    if percent:
        return f"{_percentage(size * 100)}{SPACE}points"
    return f"{size:.3f}" if 0.0005 <= size < 0.1 else format_value(size)


def format_date(window: Window, timezone: str = "UTC", *, year: bool = False) -> str:
    """`window_label` that stays on one line: "9 Oct", "9 Oct 14:00", "row 5,001"."""
    return window_label(window, timezone, year=year).replace(" ", SPACE)


def format_span(first: Window, last: Window, timezone: str = "UTC") -> str:
    """The whole span, both windows included: "1 Sep - 30 Oct 2026", "rows 1 - 50,000"."""
    if first.by_rows:
        return f"rows {first.start + 1:,} {DASH} {last.end:,}"
    begin, end = local_date(first.start, timezone), local_date(last.end - 1, timezone)
    if begin.date() == end.date():
        return _time(first.start, timezone, year=True)
    start = _time(first.start, timezone, year=begin.year != end.year)
    return f"{start} {DASH} {_time(last.end - 1, timezone, year=True)}"


def _time(microseconds: int, timezone: str, *, year: bool) -> str:
    return time_label(microseconds, timezone, year=year).replace(" ", SPACE)


def _digits(value: float) -> str:
    """Fixed decimals by magnitude, so that a column of one metric lines up."""
    size = abs(value)
    if size >= 1e9 or 0 < size < 1e-4:
        return _power(value)
    if float(value).is_integer() and size < 1e5:
        return f"{value:,.0f}"
    if size >= 1e5:
        return f"{float(f'{value:.5g}'):,.0f}"
    return f"{value:,.{_decimals(size)}f}"


def _power(value: float) -> str:
    """Three digits and a power of ten."""
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _decimals(size: float) -> int:
    """Decimals for 1e-4 <= size < 1e5; more of them close to 1, where they are the message."""
    if 0.9995 <= size < 1:
        return 5
    for least, decimals in ((1000, 0), (100, 1), (10, 2), (0.01, 3), (0.001, 4)):
        if size >= least:
            return decimals
    return 5


def _percentage(value: float) -> str:
    """Three significant digits at most, and never 100 for what is not all (nor 0 for some)."""
    size = abs(value)
    if size >= LONG:
        return _power(value)
    if size >= 1000:
        return f"{float(f'{value:.5g}'):,.0f}"
    decimals = 1 if size >= 10 else 2
    if 99.95 <= size < 100 or 0 < size < 0.095:
        decimals = 3
    text = f"{value:.{decimals}f}"
    if size and not float(text):
        return "<\u2009" + ("0.001" if value > 0 else "0")
    return text.rstrip("0").rstrip(".")
