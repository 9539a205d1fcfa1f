from dataclasses import replace

import numpy as np
import pytest

from report import build_result as build
from wane.detect.detector import Detector
from wane.detect.severity import Severity
from wane.detect.usual import Usual
from wane.diagnose.episode import episodes
from wane.report.since_when import charted_metric, finding, since_when
from wane.window import DAY


def test_first_windows_are_shaded_as_reference() -> None:
    chart = since_when(build.declining(), "accuracy")
    assert chart is not None
    assert chart.reference is not None
    assert chart.reference.end - chart.reference.start == 14 * DAY
    assert chart.reference_value is None


def test_windows_of_a_given_reference_come_before_the_current_ones() -> None:
    chart = since_when(build.healthy(), "accuracy")
    assert chart is not None
    assert len(chart.windows) == 14 + 30
    assert chart.reference is not None
    assert chart.reference.end == build.START


def test_a_reference_without_time_is_a_level() -> None:
    chart = since_when(build.regression(), "mae")
    assert chart is not None
    assert chart.reference is None
    assert chart.reference_value == 18_200


def test_a_reference_long_ago_is_not_drawn() -> None:
    result = build.healthy()
    given = result.reference_measurements
    assert given is not None
    old = replace(given, windows=build.days(14, build.START - 400 * DAY))
    chart = since_when(replace(result, reference_measurements=old), "accuracy")
    assert chart is not None
    assert len(chart.windows) == 30
    assert chart.reference_value == pytest.approx(0.9401)


def test_absolute_and_relative_rules_become_lines() -> None:
    chart = since_when(build.declining(), "accuracy")
    assert chart is not None
    lines = {threshold.text: threshold.value for threshold in chart.thresholds}
    assert lines == {
        "accuracy < 0.90": 0.9,
        "accuracy drops 0.02": pytest.approx(0.9112),
    }


def test_only_unusual_volume_is_marked() -> None:
    chart = since_when(build.declining(), "accuracy")
    assert chart is not None
    assert np.flatnonzero(chart.unusual).tolist() == [27]


def test_late_labels_and_missing_labels_are_tinted() -> None:
    late = since_when(build.declining(), "accuracy")
    assert late is not None
    assert [span.text for span in late.spans] == ["labels 21.7\u00a0% in"]
    none = since_when(build.by_rows(), "accuracy")
    assert none is not None
    assert [(span.start, span.end, span.text) for span in none.spans] == [
        (45_000, 55_000, "no labels")
    ]


def test_windows_that_wait_for_labels_say_so_and_have_corrected_values() -> None:
    """By maturity where it is known: coverage is low in the last one alone, and says nothing."""
    chart = since_when(build.late(), "accuracy")
    assert chart is not None
    (span,) = chart.spans
    assert span.text == "provisional: 4 to 70 % of labels in"
    assert span.start == chart.windows[-4].start
    assert np.flatnonzero(~np.isnan(chart.adjusted)).tolist() == [56, 57, 58]
    np.testing.assert_allclose(chart.adjusted[56:59], chart.values[56:59] - 0.01)


def test_windows_that_wait_are_estimated() -> None:
    chart = since_when(build.estimated(), "accuracy")
    assert chart is not None
    guess = chart.estimated
    assert np.flatnonzero(~np.isnan(guess.values)).tolist() == [56, 57, 58, 59]
    np.testing.assert_allclose(guess.values[56:], chart.values[56:] + 0.02)
    np.testing.assert_allclose(guess.high - guess.low, 0.03 + 0 * guess.values)


def test_without_any_label_all_is_estimated() -> None:
    chart = since_when(build.unlabelled(), "accuracy_estimated")
    assert chart is not None
    assert np.isnan(chart.values).all()
    assert not np.isnan(chart.estimated.values).any()


def test_what_does_not_rest_on_labels_does_not_wait() -> None:
    chart = since_when(build.late(), "error_rate")
    assert chart is not None
    assert chart.spans == ()
    assert np.isnan(chart.adjusted).all()


def test_the_finding_says_how_far_and_since_when() -> None:
    told = finding(build.declining(), "accuracy")
    assert "0.882" in told
    assert "below the reference" in told
    assert "below the limit of 0.90 since 23\u00a0Oct" in told


def test_the_finding_of_a_quiet_metric() -> None:
    assert finding(build.healthy(), "accuracy").endswith("no rule was broken")


def test_an_undefined_metric_says_why() -> None:
    assert "no labels in this window" in finding(build.undefined(), "accuracy")
    assert finding(build.undefined(), "nonsense") == "Nonsense was not measured"


def test_another_metric_stands_in() -> None:
    assert charted_metric(build.without_labels()) == "mean_confidence"
    assert charted_metric(build.no_data()) is None
    assert since_when(build.no_data(), "accuracy") is None


def test_the_usual_range_covers_the_current_windows_only() -> None:
    result = build.healthy()
    usual = Usual(np.full(30, 0.92), np.full(30, 0.96))
    found = replace(build.eventful().found, findings=(), usual={build.ACCURACY: usual})
    chart = since_when(replace(result, found=found), "accuracy")
    assert chart is not None
    assert np.isnan(chart.usual_low).tolist() == [True] * 14 + [False] * 30
    assert chart.usual_high[-1] == 0.96


def test_the_newest_changes_of_the_metric_are_drawn() -> None:
    chart = since_when(build.eventful(), "accuracy")
    assert chart is not None
    (change,) = chart.changes
    assert change.text == "since 9\u00a0Oct"
    assert change.earliest == build.START + 36 * DAY
    assert change.at == build.START + 38.5 * DAY
    assert change.latest == build.START + 42 * DAY
    assert change.end == build.START + 60 * DAY
    result = build.eventful()
    many = tuple(replace(build.DECLINED, first=at) for at in (5, 1, 9, 7))
    crowded = since_when(replace(result, found=replace(result.found, findings=many)), "accuracy")
    assert crowded is not None
    assert [one.at // DAY - build.START // DAY for one in crowded.changes] == [5, 7, 9]


def test_information_is_not_drawn_but_a_steady_decline_is() -> None:
    result = build.eventful()
    info = replace(build.DECLINED, severity=Severity.INFO, detector=Detector.SHIFT)
    chart = since_when(replace(result, found=replace(result.found, findings=(info,))), "accuracy")
    assert chart is not None
    assert chart.changes == ()
    steady = since_when(build.learning(), "accuracy")
    assert steady is not None
    assert [change.text for change in steady.changes] == ["since 4\u00a0Jan"]


def test_an_event_is_marked_once_where_it_was_noticed() -> None:
    chart = since_when(build.eventful(), "accuracy")
    assert chart is not None
    days = [(mark.at - build.START) // DAY for mark in chart.marks]
    assert days == [44, 43, 36]
    assert [mark.value is None for mark in chart.marks] == [False, True, True]


def test_rules_on_other_metrics_are_marked_where_an_episode_begins() -> None:
    result = build.declining()
    windows = result.measurements.windows
    psi = [alert for alert in result.alerts if alert.key.metric == "psi"]
    assert len(psi) > 5
    chart = since_when(replace(result, alerts=tuple(psi)), "accuracy")
    assert chart is not None
    begins = [one.first for one in episodes(psi, windows)]
    assert [(mark.at - build.START) // DAY for mark in chart.marks] == begins
    rule = [alert for alert in result.alerts if alert.key == build.ACCURACY]
    marked = since_when(replace(result, alerts=tuple(rule)), "accuracy")
    assert marked is not None
    assert len(marked.marks) == len(rule)


def test_of_two_alerts_in_one_window_the_most_severe_is_marked() -> None:
    result = build.declining()
    mild = tuple(replace(alert, severity=Severity.WARNING, rule="x") for alert in result.alerts)
    chart = since_when(replace(result, alerts=(*result.alerts, *mild)), "accuracy")
    plain = since_when(result, "accuracy")
    assert chart is not None
    assert plain is not None
    assert chart.marks == plain.marks


def test_the_finding_of_learned_limits() -> None:
    result = build.eventful()
    assert finding(result, "accuracy").endswith(", and down since 9\u00a0Oct: a gradual change")
    assert finding(result, "latency_p99").endswith("; it was up on 7\u00a0Oct: a spike")
    assert finding(result, "recall").endswith("; nothing unusual happened")
    assert finding(build.learning(), "avg_confidence").endswith("below the first window")


def test_the_later_of_rule_and_event_is_told() -> None:
    ruled, found = build.declining(), build.eventful().found
    past = replace(found, findings=(replace(build.DECLINED, last=45, recovered=46),))
    assert "below the limit of 0.90" in finding(replace(ruled, found=past), "accuracy")
    standing = replace(found, findings=(build.DECLINED,))
    assert "and down since" in finding(replace(ruled, found=standing), "accuracy")
