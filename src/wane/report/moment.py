"""Bounds of windows as machines read them, and the zone in which people do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.window import to_datetime

if TYPE_CHECKING:
    from wane.report.result import Result
    from wane.window import Window


def bounds(window: Window) -> tuple[str | int, str | int]:
    """Start and end: ISO 8601 UTC with Z, or row numbers for row windows."""
    if window.by_rows:
        return window.start, window.end
    return _iso(window.start), _iso(window.end)


def timezone_of(result: Result) -> str:
    """Where the days of a result begin; UTC where its windows have no size."""
    return result.every.timezone if result.every else "UTC"


def _iso(microseconds: int) -> str:
    """Fractions of a second only where there are any."""
    return to_datetime(microseconds).isoformat().replace("+00:00", "Z")
