"""How late labels come, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.metrics.measurement import last_value
from wane.report.numbers import SPACE

if TYPE_CHECKING:
    from wane.metrics.measurement import Measurements

DAY_HOURS = 24
DAYS = 2
"""From here on a delay is told in days, below it in hours."""


def labels_arrive(measurements: Measurements) -> str:
    """By when labels are in: "half by 3 d, 90 % by 7 d"; empty where not known."""
    half, most = (last_value(measurements, f"label_delay_{part}") for part in ("p50", "p90"))
    if half is None or most is None:
        return ""
    return f"half by {format_delay(half)}, 90{SPACE}% by {format_delay(most)}"


def format_delay(days: float) -> str:
    """A delay in hours or days: "7 h", "12.5 d"."""
    if days < DAYS:
        return f"{round(days * DAY_HOURS, 1):g}{SPACE}h"
    return f"{round(days, 1):g}{SPACE}d"
