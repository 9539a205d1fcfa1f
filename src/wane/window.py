"""Windows: half-open, aligned intervals of event time, or of row numbers.

A window is known by its *key*, an integer that orders windows: the start in microseconds since
1970-01-01 UTC for time windows, the number of its first row for row windows.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wane.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SECOND = 1_000_000
DAY = 86_400 * SECOND
UNITS = {"min": 60 * SECOND, "h": 3_600 * SECOND, "d": DAY, "w": 7 * DAY}
MONDAY = 4 * DAY
"""1970-01-05, the first Monday: weeks are aligned to it."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)
LONGEST = 36_525 * DAY
"""A hundred years; the same number bounds windows by rows."""
FORM = re.compile(r"^\s*(\d+)\s*(min|h|d|w|rows?)\s*$")


@dataclass(frozen=True, slots=True)
class Window:
    """One window: `start` inclusive, `end` exclusive, in the unit of its key."""

    start: int
    end: int
    by_rows: bool = False

    @property
    def starts_at(self) -> dt.datetime | None:
        """Start as UTC time; None for row windows."""
        return None if self.by_rows else to_datetime(self.start)

    @property
    def ends_at(self) -> dt.datetime | None:
        """End as UTC time; None for row windows."""
        return None if self.by_rows else to_datetime(self.end)


@dataclass(frozen=True, slots=True)
class Every:
    """How the stream is cut: `size` microseconds (or rows), aligned in `timezone`.

    Windows of a day or longer start at local midnight (weeks on Monday), so a daylight-saving
    day has 23 or 25 hours. Shorter windows are counted from local midnight in real time.
    """

    size: int
    by_rows: bool = False
    timezone: str = "UTC"
    text: str = ""

    @classmethod
    def parse(cls, text: str, timezone: str = "UTC") -> Every:
        """Read "15min", "1h", "1d", "1w" or "5000 rows".

        Raises:
            ConfigError: The text is not of that form, the size is zero or beyond counting, the
                zone is unknown, or the windows neither divide the day nor are whole days.
        """
        match = FORM.match(text)
        if match is None or not 0 < int(match[1]) <= LONGEST:
            raise ConfigError(
                "`every` is not a window size",
                expected='"15min", "1h", "1d", "1w" or "5000 rows"',
                got=repr(text),
            )
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ConfigError(
                "unknown time zone", expected='a name such as "Europe/Vienna"', got=repr(timezone)
            ) from error
        if match[2].startswith("row"):
            return cls(int(match[1]), by_rows=True, timezone=timezone, text=text.strip())
        size = int(match[1]) * UNITS[match[2]]
        if (DAY % size if size < DAY else size % DAY) or size > LONGEST:
            raise ConfigError(
                "windows must divide the day, or be whole days, at most 100 years",
                expected='for example "15min", "6h", "1d", "2w"',
                got=repr(text),
            )
        return cls(size, timezone=timezone, text=text.strip())

    def keys(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """Window key of each event time.

        Args:
            times: Microseconds since 1970-01-01 UTC, any order, shape [n].

        Returns:
            Start of each row's window, shape [n]; empty for empty input.
        """
        if self.by_rows:
            return times // self.size * self.size
        if self.timezone == "UTC":
            origin = MONDAY if self.size % UNITS["w"] == 0 else 0
            return (times - origin) // self.size * self.size + origin
        starts = self._local_starts(times)
        return starts[starts.searchsorted(times, side="right") - 1]

    def window(self, key: int) -> Window:
        """The window that starts at `key`."""
        if self.by_rows or self.timezone == "UTC":
            return Window(key, key + self.size, self.by_rows)
        import numpy as np  # noqa: PLC0415  # settings name windows before numpy is loaded

        starts = self._local_starts(np.array([key, key + self.size + DAY], dtype=np.int64))
        after = int(np.searchsorted(starts, key, side="right"))
        return Window(key, int(starts[after]), by_rows=False)

    def _local_starts(self, times: NDArray[np.int64]) -> NDArray[np.int64]:
        """Sorted starts of all windows that can hold `times`, in a zone with its own midnights."""
        import numpy as np  # noqa: PLC0415

        if not len(times):
            return np.zeros(0, dtype=np.int64)
        days = np.unique(times // DAY)
        around = np.unique(np.concatenate([days - 1, days, days + 1]))
        whole_days = max(1, self.size // DAY)
        origin = MONDAY // DAY if self.size % UNITS["w"] == 0 else 0
        first_days = np.unique((around - origin) // whole_days * whole_days + origin)
        last_days = np.append(first_days, first_days[-1] + whole_days)
        midnights = np.array([_midnight(int(day), self.timezone) for day in last_days])
        if self.size >= DAY:
            return midnights
        next_midnights = np.array([_midnight(int(day) + 1, self.timezone) for day in last_days])
        parts = [
            np.arange(start, end, self.size)
            for start, end in zip(midnights, next_midnights, strict=True)
        ]
        return np.concatenate(parts)


def to_datetime(microseconds: int) -> dt.datetime:
    """UTC time of a count of microseconds since 1970-01-01."""
    return EPOCH + dt.timedelta(microseconds=microseconds)


def to_microseconds(time: dt.datetime) -> int:
    """Microseconds since 1970-01-01 UTC; a time without a zone is taken as UTC."""
    aware = time if time.tzinfo else time.replace(tzinfo=dt.UTC)
    return (aware - EPOCH) // MICROSECOND


def parse_time(text: str) -> dt.datetime:
    """An ISO 8601 time; without a zone it is taken as UTC.

    Raises:
        ConfigError: It is none.
    """
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            "not a time", expected="ISO 8601, e.g. 2026-11-22T08:00:00Z", got=repr(text)
        ) from error
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def _midnight(day: int, timezone: str) -> int:
    """Start of local day number `day` (days since 1970-01-01), as UTC microseconds."""
    date = dt.date(1970, 1, 1) + dt.timedelta(days=day)
    local = dt.datetime.combine(date, dt.time(), tzinfo=ZoneInfo(timezone))
    return to_microseconds(local.astimezone(dt.UTC))


def local_date(microseconds: int, timezone: str) -> dt.datetime:
    """The moment in a time zone."""
    return to_datetime(microseconds).astimezone(ZoneInfo(timezone))


def window_label(window: Window, timezone: str = "UTC", *, year: bool = False) -> str:
    """When a window begins, as sentences say it: "1 Apr", "1 Apr 14:00" or "row 5,001".

    Windows of a day (or two hours less, when summer time begins) or longer go without the hour.
    """
    if window.by_rows:
        return f"row {window.start + 1:,}"
    clock = window.end - window.start < DAY - DAY // 12
    return time_label(window.start, timezone, year=year, clock=clock)


def time_label(
    microseconds: int, timezone: str = "UTC", *, year: bool = False, clock: bool = False
) -> str:
    """A moment as "1 Apr", with the year and the time of day on request, in any locale."""
    local = local_date(microseconds, timezone)
    text = f"{local.day} {MONTHS[local.month - 1]}"
    text += f" {local.year}" if year else ""
    return text + (f" {local:%H:%M}" if clock else "")
