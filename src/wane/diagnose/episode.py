"""Episodes: alerts of one series in consecutive windows are one event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wane.alert.alert import Alert
    from wane.detect.severity import Severity
    from wane.metrics.measurement import SeriesKey
    from wane.window import Window


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of alerts of one series.

    Attributes:
        key: The series.
        severity: The most severe of its alerts.
        first: Index of the first window; for a finding the one it dates from.
        last: Index of the last window.
        alert: The latest alert.
    """

    key: SeriesKey
    severity: Severity
    first: int
    last: int
    alert: Alert


def episodes(alerts: Iterable[Alert], windows: Sequence[Window]) -> tuple[Episode, ...]:
    """Join alerts of one series whose windows are at most one window apart; oldest first."""
    place = {window.start: index for index, window in enumerate(windows)}
    open_now: dict[SeriesKey, Episode] = {}
    done: list[Episode] = []
    for alert in sorted(alerts, key=lambda alert: alert.window.start):
        index = place[alert.window.start]
        before = open_now.get(alert.key)
        if before is not None and index - before.last <= 2:
            severity = max(before.severity, alert.severity, key=lambda level: level.rank)
            open_now[alert.key] = Episode(alert.key, severity, before.first, index, alert)
            continue
        if before is not None:
            done.append(before)
        first = index if alert.finding is None else alert.finding.first
        open_now[alert.key] = Episode(alert.key, alert.severity, first, index, alert)
    return tuple(sorted([*done, *open_now.values()], key=lambda episode: episode.first))
