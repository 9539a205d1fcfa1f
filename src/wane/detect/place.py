"""From places in a calendar to the windows that were measured, for everything findings tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.budget import DEFAULT, Budget
from wane.detect.watched import Choice

if TYPE_CHECKING:
    from wane.metrics.calendar import Calendar
    from wane.metrics.measurement import Measurements


@dataclass(frozen=True, slots=True)
class Ask:
    """How to look.

    Attributes:
        budget: False alarms that are allowed.
        choice: What is watched, and what is tolerated.
        timezone: Zone in which dates are told.
    """

    budget: Budget = field(default_factory=lambda: Budget.parse(DEFAULT))
    choice: Choice = field(default_factory=Choice)
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Place:
    """Where findings lie.

    Attributes:
        measurements: What was measured.
        calendar: Of its windows.
        begin: Windows of history that lie before them in the arrays of streams.
        ask: How to look.
    """

    measurements: Measurements
    calendar: Calendar
    begin: int
    ask: Ask

    def index(self, at: int) -> int:
        """Index of the measured window at a place of the arrays, or of the first one after it.

        The last one if none is.
        """
        found = int(np.searchsorted(self.calendar.place, at - self.begin))
        return min(max(found, 0), len(self.measurements.windows) - 1)

    def before(self, at: int) -> int:
        """Index of the last measured window before a place of the arrays."""
        return max(int(np.searchsorted(self.calendar.place, at - self.begin)) - 1, 0)
