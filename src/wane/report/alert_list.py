"""Alerts of rules, and those taken back, as a reader wants them: a row for each rule and series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wane.report.firings import firings
from wane.report.moment import timezone_of
from wane.report.numbers import DASH, format_date
from wane.report.tone import OF_SEVERITY
from wane.report.words import format_metric, metric_title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wane.alert.alert import Alert
    from wane.detect.severity import Severity
    from wane.metrics.measurement import SeriesKey
    from wane.report.firings import Firing
    from wane.report.result import Result
    from wane.report.tone import Tone
    from wane.window import Window


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """One rule on one series, over all the windows in which it fired.

    Attributes:
        rule: As text.
        key: Metric, column and segment.
        subject: What it is about, in words: "accuracy", "PSI of income".
        segment: The segment, or None.
        tone: Of its severity.
        severity: As the rule says it.
        first: First window.
        last: Last window.
        begins: The first window as a date.
        when: "9 Oct" or "9 Oct - 14 Oct, 6 windows".
        value: The value furthest beyond the threshold.
        threshold: The limit, in the metric's unit.
        reason: The sentence of the last alert.
    """

    rule: str
    key: SeriesKey
    subject: str
    segment: str | None
    tone: Tone
    severity: Severity
    first: Window
    last: Window
    begins: str
    when: str
    value: str
    threshold: str
    reason: str


def grouped(result: Result) -> tuple[AlertGroup, ...]:
    """Every alert of a rule, once for each rule and series; most severe first, then the latest.

    What learned limits found is told by `event_list`.
    """
    return _groups(ruled(result), result)


def grouped_pending(result: Result) -> tuple[AlertGroup, ...]:
    """The rules that are not broken for long enough yet, in the same order and form."""
    return _groups(result.pending, result)


def grouped_withdrawn(result: Result) -> tuple[AlertGroup, ...]:
    """The alerts of an earlier run that fire no more, in the same order and form."""
    return _groups(taken_back(result), result)


def ruled(result: Result) -> tuple[Alert, ...]:
    """Alerts that a rule raised, not learned limits."""
    return tuple(alert for alert in result.alerts if alert.finding is None)


def taken_back(result: Result) -> tuple[Alert, ...]:
    """Alerts of an earlier run that fire no more, with the reason for that."""
    return tuple(replace(one.alert, reason=one.reason) for one in result.withdrawn)


def _groups(alerts: Iterable[Alert], result: Result) -> tuple[AlertGroup, ...]:
    timezone = timezone_of(result)
    groups = [_group(firing, timezone) for firing in firings(alerts)]
    return tuple(sorted(groups, key=lambda group: (-group.severity.rank, -group.last.start)))


def _group(firing: Firing, timezone: str) -> AlertGroup:
    first, last, worst = firing.first, firing.latest, firing.worst
    begins, ends = format_date(first.window, timezone), format_date(last.window, timezone)
    title = metric_title(firing.key.metric)
    return AlertGroup(
        rule=firing.rule,
        key=firing.key,
        subject=f"{title} of {firing.key.column}" if firing.key.column else title,
        segment=firing.key.segment,
        tone=OF_SEVERITY[last.severity],
        severity=last.severity,
        first=first.window,
        last=last.window,
        begins=begins,
        when=begins if firing.windows == 1 else f"{begins} {DASH} {ends}, {firing.often}",
        value=format_metric(firing.key.metric, worst.value),
        threshold=format_metric(firing.key.metric, worst.threshold),
        reason=last.reason,
    )
