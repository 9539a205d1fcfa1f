"""An alert is taken back when what it rests on was revised, and only then."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.build_findings import finding
from report.build_result import Recorder, days
from wane.alert.alert import Alert
from wane.alert.withdrawn import withdrawn
from wane.detect.severity import Severity
from wane.metrics.measurement import SeriesKey
from wane.window import Window

WINDOWS = days(4)
ACCURACY = SeriesKey("accuracy")
RECORDER = Recorder(WINDOWS)
RECORDER.add("accuracy", [0.95, 0.92, 0.81, math.nan], n=1400, reason="no labels in this window")
RECORDER.add("volume", [1400, 1400, 1400, 1400], n=1400)
RECORDER.add("psi", [0.1, 0.1, 0.1, 0.1], column="income", n=1400)
RECORDER.add("own_rate", [0.1, 0.1, 0.1, 0.1], n=0)
NOW = RECORDER.measurements()
ALERT = Alert(
    rule="accuracy < 0.90",
    key=ACCURACY,
    severity=Severity.CRITICAL,
    window=WINDOWS[1],
    value=0.81,
    threshold=0.9,
    reason="accuracy 0.81 is below 0.90 (120 rows)",
    n=120,
)
of = partial(replace, ALERT)


def reason(alert: Alert) -> str:
    (one,) = withdrawn([alert], [], NOW)
    assert one.alert is alert
    return one.reason


def test_labels_that_came_later_are_named_with_the_values_then_and_now() -> None:
    (one,) = withdrawn([ALERT], [], NOW)
    assert (one.alert, one.value, one.n) == (ALERT, 0.92, 1400)
    assert one.reason == (
        "by labels that came later: accuracy of 2 Sep was 0.81 from 120 labels, "
        "is 0.92 from 1,400 labels"
    )


@pytest.mark.parametrize(
    ("alert", "told"),
    [
        (
            of(rule="psi(income) > 0.2", key=SeriesKey("psi", "income"), value=0.4),
            (
                "by rows that came later: psi of income of 2 Sep was 0.4 from 120 rows, "
                "is 0.1 from 1,400 rows"
            ),
        ),
        (
            of(rule="volume < 200", key=SeriesKey("volume"), value=120),
            "by rows that came later: volume of 2 Sep was 120, is 1,400",
        ),
        (
            of(n=5000),
            (
                "by a log that was revised: accuracy of 2 Sep was 0.81 from 5,000 labels, "
                "is 0.92 from 1,400 labels"
            ),
        ),
        (
            of(key=SeriesKey("own_rate"), value=0.5, n=0),
            "by a log that was revised: own_rate of 2 Sep was 0.5, is 0.1",
        ),
        (
            of(window=WINDOWS[2], n=1400),
            (
                "by its limit, or a window beside it, that is another now: "
                "accuracy of 3 Sep is 0.81 from 1,400 labels, as before"
            ),
        ),
        (
            of(window=WINDOWS[3], n=1400),
            (
                "by a log that was revised: accuracy of 4 Sep was 0.81 from 1,400 labels, "
                "and cannot be measured any more (no labels in this window)"
            ),
        ),
    ],
)
def test_each_cause_has_its_words(alert: Alert, told: str) -> None:
    assert reason(alert) == told


def test_an_alert_that_fires_again_stands() -> None:
    again = of(value=0.92, n=1400, severity=Severity.WARNING, reason="now a warning")
    assert withdrawn([ALERT], [again], NOW) == ()


def test_what_was_not_measured_again_is_not_judged() -> None:
    gone = of(window=Window(0, 1))
    unmeasured = of(key=SeriesKey("accuracy", None, "site=east"))
    assert withdrawn([gone, unmeasured], [], NOW) == ()
    assert withdrawn([], [ALERT], NOW) == ()


def test_the_end_of_a_window_may_have_moved() -> None:
    assert reason(of(window=replace(WINDOWS[1], end=WINDOWS[1].end + 5)))


def test_a_new_alert_as_severe_takes_its_place() -> None:
    stricter = of(rule="accuracy drops 0.05")
    milder = of(rule="accuracy drops 0.02", severity=Severity.WARNING)
    assert withdrawn([ALERT], [stricter], NOW) == ()
    assert len(withdrawn([ALERT], [milder], NOW)) == 1
    elsewhere = of(rule="accuracy drops 0.05", window=WINDOWS[2])
    other = of(rule="f1 drops 0.05", key=SeriesKey("f1"))
    assert len(withdrawn([ALERT], [elsewhere, other], NOW)) == 1


def test_an_old_alert_takes_no_place() -> None:
    looser = of(rule="accuracy < 0.95")
    (one,) = withdrawn([ALERT, looser], [looser], NOW)
    assert one.alert is ALERT


def test_an_event_speaks_for_its_other_series() -> None:
    event = finding("f1", also=(ACCURACY,))
    lead = of(rule="learned limits", key=event.key, finding=event)
    assert withdrawn([ALERT], [lead], NOW) == ()


def test_oldest_first_and_each_once() -> None:
    found = withdrawn([of(window=WINDOWS[2]), ALERT, ALERT], [], NOW)
    assert [one.alert.window for one in found] == [WINDOWS[1], WINDOWS[2]]


ALERTS = st.builds(
    of,
    rule=st.sampled_from(["a", "b"]),
    key=st.sampled_from([ACCURACY, SeriesKey("volume"), SeriesKey("none")]),
    severity=st.sampled_from(Severity),
    window=st.sampled_from((*WINDOWS, Window(0, 1))),
    value=st.floats(0, 1),
    n=st.integers(0, 2000),
)


@given(st.lists(ALERTS), st.lists(ALERTS))
def test_a_run_takes_nothing_back_from_itself(earlier: list[Alert], present: list[Alert]) -> None:
    assert withdrawn(present, present, NOW) == ()
    alone = withdrawn(earlier, [], NOW)
    assert {one.alert for one in withdrawn(earlier, present, NOW)} <= {one.alert for one in alone}
    assert withdrawn(earlier, [*present, *earlier], NOW) == ()
