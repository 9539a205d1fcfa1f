"""Findings that matter become alerts, one for each window in which they stand."""

from __future__ import annotations

import math

from detect.build_findings import FELL, finding
from report.build_result import Recorder, days
from wane.alert.learned import RULE, alerts_of
from wane.detect.severity import Severity

VALUES = [0.95] * 30 + [0.91] * 20
VALUES[35] = math.nan
RECORDER = Recorder(days(50))
RECORDER.add("accuracy", VALUES)
RECORDER.add("f1", [0.9] * 50)
FOUND = RECORDER.measurements()


def test_there_is_one_alert_for_each_window_with_a_value_from_raised_to_last() -> None:
    alerts = alerts_of([FELL], FOUND)
    windows = [FOUND.windows.index(alert.window) for alert in alerts]
    assert windows == [31, 32, 33, 34, 36, 37, 38, 39, 40]


def test_an_alert_says_what_the_finding_says() -> None:
    alert = alerts_of([FELL], FOUND)[0]
    assert (alert.rule, alert.key, alert.severity) == (RULE, FELL.key, Severity.CRITICAL)
    assert (alert.value, alert.threshold, alert.reason) == (0.91, 0.934, "accuracy fell")
    assert alert.finding is FELL
    assert alert.downward


def test_what_rose_is_not_downward_whatever_its_value() -> None:
    risen = finding(side=1, tolerated=2.0)
    assert not alerts_of([risen], FOUND)[0].downward


def test_a_finding_of_one_window_is_one_alert() -> None:
    assert len(alerts_of([finding(raised=33, last=33)], FOUND)) == 1
    assert alerts_of([finding(raised=35, last=35)], FOUND) == ()


def test_what_is_information_raises_none() -> None:
    good = finding("f1", severity=Severity.INFO)
    warned = finding("f1", severity=Severity.WARNING, raised=40)
    assert alerts_of([good], FOUND) == ()
    assert [alert.key.metric for alert in alerts_of([good, warned], FOUND)] == ["f1"]
    assert alerts_of([], FOUND) == ()
