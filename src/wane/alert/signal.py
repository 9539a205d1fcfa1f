"""What alerts say of now: which conditions hold in the newest window, and since when."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from wane.alert.message import hexdigest
from wane.detect.sentence import how_sure, number
from wane.detect.severity import Severity  # noqa: TC001  # what is stored is decoded by it

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wane.alert.alert import Alert
    from wane.metrics.measurement import Measurements, Series, SeriesKey
    from wane.window import Window

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
        sure: What speaks for it and against chance, in a few words; empty where nothing is known.
        asked: Windows for which the rule has to be broken, while it has not been for so many; 0
            where it fires.
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
    sure: str = ""
    asked: int = 0


def fingerprint(tenant: str, model: str, rule: str, key: Sequence[str | None]) -> str:
    """32 hex digits that stand for a condition, the same after every restart."""
    return hexdigest(tenant, model, rule, *(part or "" for part in key))


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule, or learned limits, on one series, over all windows. Windows are known by their place.

    Attributes:
        fingerprint: See `Signal`.
        series: What is watched.
        windows: All of them.
        alerts: The most severe alert of each window in which it held; at least one.
        fired: Those windows, in order.
        measured: Windows in which the series has a value, in order.
        calm: Those of them in which the condition did not hold, in order.
    """

    fingerprint: str
    series: Series
    windows: Sequence[Window]
    alerts: Mapping[int, Alert]
    fired: Sequence[int]
    measured: Sequence[int]
    calm: Sequence[int]

    def at(self, place: int) -> Signal | None:
        """What it says after the window at that place; None where it has not held so far."""
        count = bisect_right(self.fired, place)
        if not count:
            return None
        newest = self.fired[count - 1]
        since = self._since(newest)
        earlier = bisect_left(self.fired, since)
        last = self.alerts[newest]
        return Signal(
            fingerprint=self.fingerprint,
            rule=last.rule,
            metric=self.series.key.metric,
            column=self.series.key.column,
            segment=self.series.key.segment,
            severity=last.severity,
            windows=tuple(
                self.windows[at].start for at in self.fired[max(0, count - MOST_WINDOWS) : count]
            ),
            since=self.windows[since].start,
            gap=self._measured(self.fired[earlier - 1] + 1, since) if earlier else 0,
            quiet=self._measured(newest + 1, place + 1),
            waiting=_waiting(self.series.reasons[place]),
            value=last.value,
            threshold=last.threshold,
            reason=last.reason,
            sure=_sure(last, self.series, newest),
            asked=last.asked,
        )

    def _since(self, newest: int) -> int:
        """The first window up to `newest` from which on no judged window is quiet."""
        calm = bisect_left(self.calm, newest)
        begin = bisect_right(self.measured, self.calm[calm - 1]) if calm else 0
        return min(self.measured[begin], newest) if begin < len(self.measured) else newest

    def _measured(self, first: int, end: int) -> int:
        """How many windows from one to before another have a value."""
        return bisect_left(self.measured, end) - bisect_left(self.measured, first)


def conditions_of(
    alerts: Iterable[Alert], measurements: Measurements, *, tenant: str, model: str
) -> tuple[Condition, ...]:
    """The conditions that any of the alerts speaks of.

    Args:
        alerts: All alerts of an evaluation, in any order.
        measurements: What they were raised in.
        tenant: Whose model.
        model: Its name.

    Returns:
        One for each rule and series, by fingerprint; empty for no alerts.
    """
    names: dict[tuple[str, SeriesKey], str] = {}
    by_condition: dict[str, list[Alert]] = {}
    for alert in alerts:
        condition = alert.rule, alert.key
        if condition not in names:
            names[condition] = fingerprint(tenant, model, *condition)
        by_condition.setdefault(names[condition], []).append(alert)
    places = {window.start: index for index, window in enumerate(measurements.windows)}
    found = []
    for name, raised in sorted(by_condition.items()):
        series = measurements.series.get(raised[0].key)
        loudest = _loudest(raised, places)
        if series is None or not loudest:
            continue
        measured = np.flatnonzero(~np.isnan(series.values)).tolist()
        found.append(
            Condition(
                fingerprint=name,
                series=series,
                windows=measurements.windows,
                alerts=loudest,
                fired=sorted(loudest),
                measured=measured,
                calm=[place for place in measured if place not in loudest],
            )
        )
    return tuple(found)


def signals_of(
    alerts: Iterable[Alert], measurements: Measurements, *, tenant: str, model: str
) -> tuple[Signal, ...]:
    """What `conditions_of` say after the newest window; empty for no alerts."""
    conditions = conditions_of(alerts, measurements, tenant=tenant, model=model)
    said = (one.at(len(measurements.windows) - 1) for one in conditions)
    return tuple(signal for signal in said if signal is not None)


def _sure(alert: Alert, series: Series, place: int) -> str:
    """What speaks against chance: for events what was learned, for rules the interval."""
    if alert.finding is not None:
        return how_sure(alert.finding, "")
    low, high = float(series.low[place]), float(series.high[place])
    if math.isnan(low) or math.isnan(high):
        return ""
    within = low <= alert.threshold <= high
    told = "which holds the limit too: it may be chance" if within else "wholly beyond the limit"
    return f"95 % interval {number(low, beside=high)} to {number(high, beside=low)}, {told}"


def _loudest(alerts: Iterable[Alert], places: Mapping[int, int]) -> dict[int, Alert]:
    """The most severe alert of each window that is known; of equals the first."""
    loudest: dict[int, Alert] = {}
    for alert in alerts:
        at = places.get(alert.window.start)
        if at is None:
            continue
        if at not in loudest or alert.severity.rank > loudest[at].severity.rank:
            loudest[at] = alert
    return loudest


def _waiting(reason: str | None) -> Waiting:
    """Why a window has no value, if it has none."""
    if reason is None:
        return Waiting.NOTHING
    if "label" in reason:
        return Waiting.LABELS
    return Waiting.ROWS if "row" in reason or "prediction" in reason else Waiting.OTHER
