"""Alerts as a reader wants them: one row per rule and series, neighbouring windows together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.report.numbers import DASH, format_date
from wane.report.tone import OF_SEVERITY
from wane.report.words import format_metric, metric_title

if TYPE_CHECKING:
    from wane.alert.alert import Alert
    from wane.detect.severity import Severity
    from wane.metrics.measurement import SeriesKey
    from wane.report.result import Result
    from wane.report.tone import Tone
    from wane.window import Window


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """One rule on one series over neighbouring windows.

    Attributes:
        rule: As text.
        key: Metric, column and segment.
        subject: What it is about, in words: "accuracy", "PSI of income".
        segment: The segment, or None.
        tone: Of the most severe of its alerts.
        severity: The same, as the rule says it.
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
    """Every alert, merged over neighbouring windows; most severe first, then the latest."""
    order = {window: index for index, window in enumerate(result.measurements.windows)}
    runs: list[list[Alert]] = []
    latest: dict[tuple[str, SeriesKey], list[Alert]] = {}
    for alert in sorted(result.alerts, key=lambda found: found.window.start):
        run = latest.get((alert.rule, alert.key))
        if run and order.get(alert.window, -1) == order.get(run[-1].window, -3) + 1:
            run.append(alert)
        else:
            latest[alert.rule, alert.key] = [alert]
            runs.append(latest[alert.rule, alert.key])
    timezone = result.every.timezone if result.every else "UTC"
    groups = [_group(run, timezone) for run in runs]
    return tuple(sorted(groups, key=lambda group: (-group.severity.rank, -group.last.start)))


def _group(run: list[Alert], timezone: str) -> AlertGroup:
    first, last = run[0], run[-1]
    worst = max(run, key=lambda alert: abs(alert.value - alert.threshold))
    severity = max((alert.severity for alert in run), key=lambda found: found.rank)
    begins, ends = format_date(first.window, timezone), format_date(last.window, timezone)
    title = metric_title(first.key.metric)
    return AlertGroup(
        rule=first.rule,
        key=first.key,
        subject=f"{title} of {first.key.column}" if first.key.column else title,
        segment=first.key.segment,
        tone=OF_SEVERITY[severity],
        severity=severity,
        first=first.window,
        last=last.window,
        begins=begins,
        when=begins if len(run) == 1 else f"{begins} {DASH} {ends}, {len(run)} windows",
        value=format_metric(first.key.metric, worst.value),
        threshold=format_metric(first.key.metric, worst.threshold),
        reason=last.reason,
    )
