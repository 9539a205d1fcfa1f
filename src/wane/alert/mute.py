"""Times at which nothing new is sent: nights, weekends, holidays, by the clock of a place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mute:
    """A time that comes again, by the wall clock of its zone: so it moves with daylight saving.

    Attributes:
        name: What routes call it.
        zone: Name of the time zone.
        weekdays: Positions of the days on which it begins, Monday 0; empty: every day.
        begins: Time of day; with `ends` equal to it the whole day.
        ends: Time of day, excluded; earlier than `begins`: on the day after.
        dates: First and last day on which it begins, both included; empty: always.
    """

    name: str
    zone: str = "UTC"
    weekdays: frozenset[int] = frozenset()
    begins: dt.time = dt.time()
    ends: dt.time = dt.time()
    dates: tuple[tuple[dt.date, dt.date], ...] = ()

    def holds(self, now: dt.datetime) -> bool:
        """Whether it is that time; `now` has a zone, any."""
        local = now.astimezone(ZoneInfo(self.zone))
        time, today = local.time(), local.date()
        if self.begins < self.ends:
            return self.begins <= time < self.ends and self._on(today)
        if time >= self.begins and self._on(today):
            return True
        return time < self.ends and self._on(today - DAY)

    def _on(self, day: dt.date) -> bool:
        """Whether it begins on a day."""
        if self.weekdays and day.weekday() not in self.weekdays:
            return False
        return not self.dates or any(first <= day <= last for first, last in self.dates)


def muted(mutes: Iterable[Mute], now: dt.datetime) -> Mute | None:
    """The first of these times that it is."""
    return next((mute for mute in mutes if mute.holds(now)), None)
