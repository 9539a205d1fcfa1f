"""The false-alarm budget: how often a model may cry wolf, over everything that is watched."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wane.errors import ConfigError

FORM = re.compile(r"\s*(\d+(?:\.\d+)?)\s+per\s+(?:(\d+(?:\.\d+)?)\s+)?(day|week|month|year)s?\s*")
DAYS = {"day": 1.0, "week": 7.0, "month": 30.0, "year": 365.0}
DEFAULT = "1 per 90 days"


@dataclass(frozen=True, slots=True)
class Budget:
    """At most `alarms` false alarms in `days` days, all streams together.

    Attributes:
        alarms: > 0.
        days: > 0.
    """

    alarms: float
    days: float

    @classmethod
    def parse(cls, text: str) -> Budget:
        """Read "1 per 90 days", "2 per month" or "0.5 per week".

        Raises:
            ConfigError: The text is not of that form, or one of the numbers is 0.
        """
        match = FORM.fullmatch(text)
        alarms = float(match[1]) if match else 0.0
        days = float(match[2] or 1) * DAYS[match[3]] if match else 0.0
        if not (alarms and days):
            raise ConfigError(
                "`false_alarms` is not a budget",
                expected='for example "1 per 90 days" or "2 per month"',
                got=repr(text),
            )
        return cls(alarms, days)

    @property
    def text(self) -> str:
        """The budget in words: "1 per 90 days"."""
        return f"{self.alarms:g} per {self.days:g} days"

    def per_window(self, windows_per_day: float) -> float:
        """False alarms that may be expected in one window of all streams."""
        return self.alarms / (self.days * windows_per_day)
