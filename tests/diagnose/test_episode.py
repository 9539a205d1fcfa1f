from __future__ import annotations

from report.build_result import days
from wane.alert.alert import Alert
from wane.detect.severity import Severity
from wane.diagnose.episode import episodes
from wane.metrics.measurement import SeriesKey

WINDOWS = days(12)
ACCURACY, F1 = SeriesKey("accuracy"), SeriesKey("f1")


def alert(
    index: int, key: SeriesKey = ACCURACY, severity: Severity = Severity.WARNING, value: float = 0.8
) -> Alert:
    return Alert("rule", key, severity, WINDOWS[index], value, 0.9, "too low")


def test_no_alerts() -> None:
    assert episodes([], WINDOWS) == ()


def test_neighbours_and_one_window_between_are_one_event() -> None:
    found = episodes([alert(1), alert(2), alert(4), alert(7)], WINDOWS)
    assert [(event.first, event.last) for event in found] == [(1, 4), (7, 7)]


def test_the_most_severe_alert_and_the_latest_stand_for_it() -> None:
    latest = alert(3, value=0.7)
    (event,) = episodes([latest, alert(1), alert(2, severity=Severity.CRITICAL)], WINDOWS)
    assert event.severity is Severity.CRITICAL
    assert event.alert is latest


def test_series_have_events_of_their_own_oldest_first() -> None:
    found = episodes([alert(5), alert(6, F1), alert(1, F1)], WINDOWS)
    assert [(event.key.metric, event.first) for event in found] == [
        *(("f1", 1), ("accuracy", 5), ("f1", 6))
    ]
