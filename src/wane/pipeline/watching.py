"""How a user wants learned limits to be held, and which windows they do not judge."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wane.detect.budget import DEFAULT, Budget
from wane.detect.importance import ALIKE, Importance
from wane.errors import ConfigError, did_you_mean
from wane.metrics import CATALOGUE
from wane.window import local_date

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from wane.metrics.measurement import Measurements

SHOWN = 12
"""Features that an error names."""


@dataclass(frozen=True, slots=True)
class Watching:
    """What `[detection]` says.

    Attributes:
        budget: False alarms that are allowed, over everything.
        tolerance: Metric key -> change that is nobody's business.
        holidays: Dates, in the zone of the windows, whose traffic and drift are not judged.
        importance: How much each feature matters.
    """

    budget: Budget = field(default_factory=lambda: Budget.parse(DEFAULT))
    tolerance: Mapping[str, float] = field(default_factory=dict)
    holidays: frozenset[dt.date] = frozenset()
    importance: Importance = ALIKE

    @classmethod
    def of(
        cls,
        false_alarms: str | None,
        tolerance: Mapping[str, float] | None,
        holidays: Iterable[dt.date | str],
        importance: Mapping[str, float] | None = None,
    ) -> Watching:
        """Read what a user wrote.

        Raises:
            ConfigError: A budget or a date cannot be read, or a tolerance or an importance is
                negative or no number.
        """
        for what, amounts in (("tolerance", tolerance), ("importance", importance)):
            for name, amount in (amounts or {}).items():
                if not 0 <= amount < math.inf:
                    raise ConfigError(
                        f"the {what} of {name!r} is not an amount",
                        expected="a number from 0",
                        got=repr(amount),
                    )
        return cls(
            Budget.parse(false_alarms or DEFAULT),
            dict(tolerance or {}),
            frozenset(map(_date, holidays)),
            Importance(dict(importance or {})),
        )

    def check_metrics(self, measured: Collection[str]) -> None:
        """Refuse tolerances of metrics that do not exist.

        Raises:
            ConfigError: One is neither measured nor in the catalogue.
        """
        known = {*measured, *(metric.key for metric in CATALOGUE)}
        for metric in self.tolerance:
            if metric not in known:
                raise ConfigError(
                    f"`tolerance` names the unknown metric {metric!r}",
                    expected="a metric that `wane metrics` lists",
                    hint=did_you_mean(metric, known),
                )

    def check_columns(self, columns: Collection[str]) -> None:
        """Refuse importances of columns that are not there.

        Raises:
            ConfigError: One is not among the features.
        """
        for column in self.importance.given:
            if column not in columns:
                raise ConfigError(
                    f"`importance` names {column!r}, which is no feature",
                    expected=f"one of {', '.join(sorted(columns)[:SHOWN])}",
                    hint=did_you_mean(column, columns),
                )

    def days_off(self, measurements: Measurements, timezone: str) -> frozenset[int]:
        """Indices of the windows that begin on a holiday."""
        if not self.holidays or not measurements.windows or measurements.windows[0].by_rows:
            return frozenset()
        return frozenset(
            at
            for at, window in enumerate(measurements.windows)
            if local_date(window.start, timezone).date() in self.holidays
        )


def _date(given: dt.date | str) -> dt.date:
    if isinstance(given, dt.datetime):
        return given.date()
    if isinstance(given, dt.date):
        return given
    try:
        return dt.date.fromisoformat(given)
    except ValueError as error:
        raise ConfigError(
            "a holiday is not a date", expected="for example 2026-12-25", got=repr(given)
        ) from error
