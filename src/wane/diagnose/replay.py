"""How often each rule and detector fired over a history: what switching it on would have meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.detect.detector import Detector
from wane.detect.limits import DETECTORS
from wane.detect.severity import Severity
from wane.diagnose.episode import episodes
from wane.metrics.calendar import calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wane.alert.alert import Alert
    from wane.detect.finding import Finding
    from wane.detect.found import Found
    from wane.window import Window

DAYS_PER_MONTH = 30.0


@dataclass(frozen=True, slots=True)
class Replayed:
    """One rule, or one detector of learned limits.

    Attributes:
        name: The rule as text, or the detector.
        learned: Whether it is a detector.
        events: Times it fired, counting windows that follow each other once.
        windows: Windows it fired in.
        per_month: Events in 30 days; of windows by rows each counts as a day.
        starts: First window of each event, oldest first.
    """

    name: str
    learned: bool
    events: int
    windows: int
    per_month: float
    starts: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """A replayed history.

    Attributes:
        replayed: Rules first, as given, then detectors.
        days: Length of the history; of windows by rows each counts as a day.
        allowed: False alarms that the budget of learned limits allows in that time.
    """

    replayed: tuple[Replayed, ...]
    days: float
    allowed: float


def replay(
    rules: Iterable[str], alerts: Iterable[Alert], found: Found, windows: Sequence[Window]
) -> Backtest:
    """Count what fired.

    Args:
        rules: All that were applied, also those that never fired.
        alerts: Of the whole history.
        found: What learned limits say of it. Events that are information do not count, as nobody
            is told of them.
        windows: The history.
    """
    when = calendar(windows)
    days = when.length / when.windows_per_day
    ruled = [alert for alert in alerts if alert.finding is None]
    told = [one for one in found.findings if one.severity is not Severity.INFO]
    by_rule = [
        _of_rule(rule, [alert for alert in ruled if alert.rule == rule], windows, days)
        for rule in dict.fromkeys(rules)
    ]
    by_detector = [
        _of_detector(name, [one for one in told if one.detector == name], windows, days)
        for name in (*DETECTORS, Detector.DRIFT)
        if found.streams
    ]
    allowed = found.budget.alarms * days / found.budget.days
    return Backtest((*by_rule, *by_detector), days, allowed)


def _of_rule(
    rule: str, alerts: Sequence[Alert], windows: Sequence[Window], days: float
) -> Replayed:
    events = episodes(alerts, windows)
    starts = tuple(windows[event.first] for event in events)
    return Replayed(
        name=rule,
        learned=False,
        events=len(events),
        windows=len(alerts),
        per_month=_monthly(len(events), days),
        starts=starts,
    )


def _of_detector(
    name: str, findings: Sequence[Finding], windows: Sequence[Window], days: float
) -> Replayed:
    lasted = sum(finding.last - finding.raised + 1 for finding in findings)
    starts = tuple(windows[finding.raised] for finding in findings)
    return Replayed(
        name=name,
        learned=True,
        events=len(findings),
        windows=lasted,
        per_month=_monthly(len(findings), days),
        starts=starts,
    )


def _monthly(events: int, days: float) -> float:
    return events / days * DAYS_PER_MONTH if days else 0.0
