"""Alerts of an earlier run that do not fire any more, because what they rest on was revised."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.detect.sentence import number, series_name
from wane.metrics import metric_of
from wane.metrics.catalogue import Family
from wane.window import window_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wane.alert.alert import Alert
    from wane.metrics.measurement import Measurement, Measurements, SeriesKey


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An alert that would not be raised again.

    Attributes:
        alert: As it was raised.
        value: The value now; None when it is undefined now.
        n: Rows behind the value now.
        reason: One sentence: why, the value then and the value now.
    """

    alert: Alert
    value: float | None
    n: int
    reason: str


def withdrawn(
    earlier: Iterable[Alert],
    present: Iterable[Alert],
    measurements: Measurements,
    timezone: str = "UTC",
) -> tuple[Withdrawn, ...]:
    """Find the alerts that a later run of the same model takes back.

    An alert is withdrawn when its series was measured again in its window and neither the alert
    nor one in its place is raised there now. What takes the place of an alert is a new one, at
    least as severe, on the same series or of an event that the series belongs to: a milder default
    rule gives way to a stricter one, and rules to learned limits, without being wrong.

    Args:
        earlier: Alerts of the earlier run. Their windows are known by their start: the end of the
            newest one may have been open.
        present: All alerts of the present run.
        measurements: Of the present run.
        timezone: Zone in which dates are told.

    Returns:
        Oldest window first, then in the order given. Those whose window or series was not measured
        again are neither withdrawn nor confirmed, and left out. Empty for no earlier alerts.
    """
    told = {_identity(alert): alert for alert in earlier}
    now = list(present)
    firing = {_identity(alert) for alert in now}
    instead = _most_severe(alert for alert in now if _identity(alert) not in told)
    places = {window.start: at for at, window in enumerate(measurements.windows)}
    found = [
        _withdrawn(alert, measurements.at(measurements.series[alert.key], at), timezone)
        for identity, alert in told.items()
        if identity not in firing
        and alert.key in measurements.series
        and (at := places.get(alert.window.start)) is not None
        and instead.get((alert.key, alert.window.start), -1) < alert.severity.rank
    ]
    return tuple(sorted(found, key=lambda one: one.alert.window.start))


def _identity(alert: Alert) -> tuple[str, SeriesKey, int]:
    """What makes two alerts the same one."""
    return alert.rule, alert.key, alert.window.start


def _most_severe(alerts: Iterable[Alert]) -> dict[tuple[SeriesKey, int], int]:
    """Series and start of a window -> rank of the most severe alert that tells of them."""
    ranks: dict[tuple[SeriesKey, int], int] = {}
    for alert in alerts:
        for key in (alert.key, *(alert.finding.also if alert.finding else ())):
            place = key, alert.window.start
            ranks[place] = max(ranks.get(place, -1), alert.severity.rank)
    return ranks


def _withdrawn(alert: Alert, now: Measurement, timezone: str) -> Withdrawn:
    what = f"{series_name(alert.key)} of {window_label(now.window, timezone)}"
    return Withdrawn(alert, now.value, now.n, f"{_cause(alert, now)}: {what} {_moved(alert, now)}")


def _cause(alert: Alert, now: Measurement) -> str:
    """What was revised, as far as the numbers tell."""
    if now.value == alert.value and now.n == alert.n:
        return "by its limit, or a window beside it, that is another now"
    if alert.n and now.n > alert.n:
        return f"by {_rests_on(alert.key)} that came later"
    return "by a log that was revised"


def _moved(alert: Alert, now: Measurement) -> str:
    """The value then and now, with what they rest on."""
    if now.value is None:
        then = f"was {number(alert.value, beside=math.nan)}{_resting(alert, alert.n)}"
        return f"{then}, and cannot be measured any more ({now.reason})"
    if now.value == alert.value:
        return f"is {number(now.value, beside=now.value)}{_resting(alert, now.n)}, as before"
    then, value = (
        number(one, beside=other)
        for one, other in ((alert.value, now.value), (now.value, alert.value))
    )
    return f"was {then}{_resting(alert, alert.n)}, is {value}{_resting(alert, now.n)}"


def _resting(alert: Alert, n: int) -> str:
    """On how much a value rests; of a volume, which says so itself, and of 0 (unknown) nothing."""
    if not n or alert.key.metric == "volume":
        return ""
    return f" from {n:,} {_rests_on(alert.key)}"


def _rests_on(key: SeriesKey) -> str:
    """What comes in behind a metric: performance waits for labels, everything else for rows."""
    known = metric_of(key.metric)
    return "labels" if known is not None and known.family is Family.PERFORMANCE else "rows"
