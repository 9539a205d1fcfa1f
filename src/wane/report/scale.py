"""Scales and ticks: from data to pixels, and where the axis is labelled."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from wane.report.numbers import MINUS, SPACE
from wane.window import DAY, MONTHS, SECOND, local_date, to_microseconds

HOUR = 3_600 * SECOND
CLOCK_STEPS = (
    5 * 60 * SECOND,
    15 * 60 * SECOND,
    30 * 60 * SECOND,
    *(h * HOUR for h in (1, 3, 6, 12)),
)
DAY_STEPS = (1, 2, 7, 14)
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True, slots=True)
class Linear:
    """A straight map of [low, high] onto [start, end]; an empty domain maps to the middle."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        if self.high == self.low:
            return (self.start + self.end) / 2
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def clamped(self, value: float) -> float:
        """As the call, but never outside [start, end]."""
        return self(min(max(value, self.low), self.high))


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


def nice_step(span: float, count: int) -> float:
    """The step of 1, 2, 2.5 or 5 times a power of ten that gives about `count` steps."""
    raw = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw * 0.999)


def value_ticks(
    low: float, high: float, count: int = 5, *, percent: bool = False
) -> tuple[Tick, ...]:
    """Round values inside [low, high], all with the same number of decimals."""
    if not high > low:
        return (Tick(low, _tick_label(low, 0.001, percent=percent)),)
    step = nice_step(high - low, count)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(
        Tick(index * step, _tick_label(index * step, step, percent=percent))
        for index in range(first, last + 1)
    )


def row_ticks(low: float, high: float, count: int) -> tuple[Tick, ...]:
    """Round row numbers inside [low, high]."""
    step = max(1.0, nice_step(max(high - low, 1.0), count))
    if step < 10:
        step = math.ceil(step)
    first = math.ceil(low / step)
    return tuple(
        Tick(index * step, f"{index * step:,.0f}")
        for index in range(first, math.floor(high / step) + 1)
    )


def time_ticks(start: int, end: int, count: int, timezone: str = "UTC") -> tuple[Tick, ...]:
    """Round local times in [start, end), at most about `count` of them.

    Args:
        start: Microseconds since 1970-01-01 UTC.
        end: The same; later than `start`.
        count: How many labels there is room for.
        timezone: Where midnight is.
    """
    for step in CLOCK_STEPS:
        if (end - start) / step <= count and end - start <= 4 * DAY:
            return _clock_ticks(start, end, step, timezone)
    for days in DAY_STEPS:
        if (end - start) / (days * DAY) <= count + 0.5:
            return _day_ticks(start, end, days, timezone)
    months = next(
        (step for step in MONTH_STEPS if (end - start) / (step * 30.4 * DAY) <= count),
        MONTH_STEPS[-1],
    )
    return _month_ticks(start, end, months, timezone)


def _clock_ticks(start: int, end: int, step: int, timezone: str) -> tuple[Tick, ...]:
    midnight = to_microseconds(
        local_date(start, timezone).replace(hour=0, minute=0, second=0, microsecond=0)
    )
    first = midnight + math.ceil((start - midnight) / step) * step
    ticks = []
    for at in range(first, end, step):
        local = local_date(at, timezone)
        is_date = (local.hour, local.minute) == (0, 0)
        ticks.append(Tick(at, _day_label(local) if is_date else f"{local:%H:%M}"))
    return tuple(ticks)


def _day_ticks(start: int, end: int, days: int, timezone: str) -> tuple[Tick, ...]:
    first = local_date(start, timezone)
    date = first.date() if first.time() == dt.time() else first.date() + dt.timedelta(days=1)
    ticks = []
    while (at := _midnight(date, timezone)) < end:
        ticks.append(Tick(at, _day_label(date)))
        date += dt.timedelta(days=days)
    return tuple(ticks)


def _month_ticks(start: int, end: int, months: int, timezone: str) -> tuple[Tick, ...]:
    first = local_date(start, timezone)
    number = (first.year * 12 + first.month - 1) // months * months
    ticks: list[Tick] = []
    while (at := _midnight(dt.date(number // 12, number % 12 + 1, 1), timezone)) < end:
        if at >= start:
            ticks.append(Tick(at, _month_label(number, months, is_first=not ticks)))
        number += months
    return tuple(ticks)


def _midnight(date: dt.date, timezone: str) -> int:
    return to_microseconds(dt.datetime.combine(date, dt.time(), tzinfo=ZoneInfo(timezone)))


def _day_label(date: dt.date) -> str:
    return f"{date.day}{SPACE}{MONTHS[date.month - 1]}"


def _month_label(number: int, step: int, *, is_first: bool) -> str:
    year, month = divmod(number, 12)
    if step >= 12:
        return str(year)
    return f"{MONTHS[month]}{SPACE}{year}" if is_first or month == 0 else MONTHS[month]


def _tick_label(value: float, step: float, *, percent: bool) -> str:
    shown, shown_step = (value * 100, step * 100) if percent else (value, step)
    decimals = max(0, -math.floor(math.log10(shown_step) + 1e-9))
    if round(shown_step * 10**decimals, 6) % 1:
        decimals += 1
    if abs(shown) >= 1e6 or (shown and decimals > 5):
        text = f"{shown:.3g}"
    else:
        text = f"{shown:,.{decimals}f}"
    text = text.replace("-", MINUS) if float(text.replace(",", "")) else text.lstrip("-")
    return f"{text}{SPACE}%" if percent else text
