"""What alerts say of now: which conditions hold in the newest window, and since when."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.severity import Severity  # noqa: TC001  # what is stored is decoded by it

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wane.alert.alert import Alert
    from wane.metrics.measurement import Measurements, Series

FINGERPRINT_DIGITS = 32
MOST_WINDOWS = 400
"""Windows that are remembered, the newest ones."""


class Waiting(StrEnum):
    """Why nothing newer can be said of a series."""

    NOTHING = ""
    ROWS = "no data"
    LABELS = "late labels"
    OTHER = "undefined"


@dataclass(frozen=True, slots=True)
class Signal:
    """One condition: a rule, or learned limits, on one series. Windows are known by their start.

    Attributes:
        fingerprint: Of tenant, model, rule and series; the same for ever.
        rule: The rule as text.
        metric: Of the series.
        column: Of the series.
        segment: Of the series.
        severity: Of the newest alert.
        windows: Windows in which the condition held, oldest first; at least one.
        since: The first of the newest run of them, with no judged window between.
        gap: Judged windows between that run and the one before, >= 1; 0 where there is none.
        quiet: Windows since in which the series had a value and the condition did not hold.
        waiting: Why the windows after the last value say nothing.
        value: In the newest of the windows.
        threshold: What it was held against.
        reason: One sentence.
    """

    fingerprint: str
    rule: str
    metric: str
    column: str | None
    segment: str | None
    severity: Severity
    windows: tuple[int, ...]
    since: int
    gap: int
    quiet: int
    waiting: Waiting
    value: float
    threshold: float
    reason: str


def fingerprint(tenant: str, model: str, rule: str, key: Sequence[str | None]) -> str:
    """32 hex digits that stand for a condition, the same after every restart."""
    parts = [tenant, model, rule, *(part or "" for part in key)]
    text = "\x1f".join(part.replace("\x1f", " ") for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:FINGERPRINT_DIGITS]


def signals_of(
    alerts: Iterable[Alert], measurements: Measurements, *, tenant: str, model: str
) -> tuple[Signal, ...]:
    """The conditions that any of the alerts speaks of, as they are now.

    Args:
        alerts: All alerts of an evaluation, in any order.
        measurements: What they were raised in.
        tenant: Whose model.
        model: Its name.

    Returns:
        One signal for each rule and series, by fingerprint; empty for no alerts.
    """
    by_condition: dict[str, list[Alert]] = {}
    for alert in alerts:
        name = fingerprint(tenant, model, alert.rule, alert.key)
        by_condition.setdefault(name, []).append(alert)
    places = {window.start: index for index, window in enumerate(measurements.windows)}
    found = []
    for name, raised in sorted(by_condition.items()):
        series = measurements.series.get(raised[0].key)
        known = [alert for alert in raised if alert.window.start in places]
        if series is not None and known:
            found.append(_signal(name, known, series, measurements, places))
    return tuple(found)


def _signal(
    name: str,
    alerts: Sequence[Alert],
    series: Series,
    measurements: Measurements,
    places: dict[int, int],
) -> Signal:
    loudest: dict[int, Alert] = {}
    for alert in alerts:
        at = places[alert.window.start]
        if at not in loudest or alert.severity.rank > loudest[at].severity.rank:
            loudest[at] = alert
    newest = max(loudest)
    measured = np.flatnonzero(~np.isnan(series.values)).tolist()
    since = _since(set(loudest), measured, newest)
    earlier = [at for at in loudest if at < since]
    last = loudest[newest]
    return Signal(
        fingerprint=name,
        rule=last.rule,
        metric=series.key.metric,
        column=series.key.column,
        segment=series.key.segment,
        severity=last.severity,
        windows=tuple(measurements.windows[at].start for at in sorted(loudest)[-MOST_WINDOWS:]),
        since=measurements.windows[since].start,
        gap=sum(max(earlier) < at < since for at in measured) if earlier else 0,
        quiet=sum(at > newest for at in measured),
        waiting=_waiting(series, measured),
        value=last.value,
        threshold=last.threshold,
        reason=last.reason,
    )


def _since(firing: set[int], measured: Sequence[int], newest: int) -> int:
    """The first window up to `newest` from which on no judged window is quiet."""
    since = newest
    for at in reversed([index for index in measured if index < newest]):
        if at not in firing:
            break
        since = at
    return since


def _waiting(series: Series, measured: Sequence[int]) -> Waiting:
    """Why the newest window has no value, if it has none."""
    newest = len(series.values) - 1
    if measured and measured[-1] == newest:
        return Waiting.NOTHING
    reason = series.reasons[newest] or ""
    if "label" in reason:
        return Waiting.LABELS
    return Waiting.ROWS if "row" in reason or "prediction" in reason else Waiting.OTHER
