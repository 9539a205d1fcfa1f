from dataclasses import replace

import numpy as np
import pytest

from report import build_result as build
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
