"""Alerts told once for each rule and series, or event, instead of once for each window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.detect.sentence import series_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wane.alert.alert import Alert
    from wane.detect.finding import Finding
    from wane.metrics.measurement import SeriesKey


@dataclass(frozen=True, slots=True)
class Firing:
    """All alerts of one rule on one series; of learned limits, all of one event.

    Attributes:
        rule: The rule as text.
        key: The series.
        first: The oldest alert.
        latest: The newest alert.
        worst: The alert whose value is furthest beyond the threshold.
        windows: How many windows the rule fired in.
    """

    rule: str
    key: SeriesKey
    first: Alert
    latest: Alert
    worst: Alert
    windows: int

    @property
    def finding(self) -> Finding | None:
        """The event, where learned limits raised the alerts; None for rules."""
        return self.latest.finding

    @property
    def name(self) -> str:
        """What it is called in a list of checks: the rule, or the limits and their series."""
        return self.rule if self.finding is None else f"{self.rule}: {series_name(self.key)}"

    @property
    def often(self) -> str:
        """How many windows, in words."""
        return f"{self.windows:,} {'window' if self.windows == 1 else 'windows'}"


def firings(alerts: Iterable[Alert]) -> tuple[Firing, ...]:
    """Most severe first, then in the order in which they began; empty for no alerts."""
    grouped: dict[tuple[str, SeriesKey, int | None], list[Alert]] = {}
    for alert in alerts:
        event = None if alert.finding is None else alert.finding.raised
        grouped.setdefault((alert.rule, alert.key, event), []).append(alert)
    found = [
        Firing(
            rule,
            key,
            first=group[0],
            latest=group[-1],
            worst=max(group, key=lambda alert: abs(alert.value - alert.threshold)),
            windows=len(group),
        )
        for (rule, key, _), group in grouped.items()
    ]
    return tuple(sorted(found, key=lambda firing: -firing.latest.severity.rank))
