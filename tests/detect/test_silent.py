"""Rules that say nothing are told why."""

from __future__ import annotations

import math

import pytest

from report.build_result import Recorder, days
from wane.detect.grammar import parse_rule
from wane.detect.silent import why_silent
from wane.metrics.measurement import Measurements

RECORDER = Recorder(days(3))
RECORDER.add("accuracy", [0.9, 0.9, math.nan])
RECORDER.add("f1", [math.nan] * 3, reason="no labels in this window")
RECORDER.add("psi", [0.1] * 3, column="income")
RECORDER.add("psi", [math.nan] * 3, column="age", reason="no values in this window")
RECORDER.add("unseen_share", [0.1] * 3, column="channel")
for value in ("mobile", "web"):
    RECORDER.add("accuracy", [0.9] * 3, segment=f"channel={value}")
    RECORDER.add("psi", [0.1] * 3, column="income", segment=f"channel={value}")
FOUND = RECORDER.measurements()
WHOLE = Recorder(days(3))
WHOLE.add("accuracy", [0.9] * 3)


def why(rule: str, found: Measurements = FOUND) -> str | None:
    return why_silent(parse_rule(rule), found)


@pytest.mark.parametrize(
    "rule",
    [
        "accuracy < 0.9",
        "psi > 0.2",
        "psi(*) > 0.2",
        "psi(income) > 0.2 on channel=web",
        "accuracy < 0.9 per channel",
        "accuracy < 0.9 per segment",
    ],
)
def test_a_rule_that_matches_is_not_silent(rule: str) -> None:
    assert why(rule) is None


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("psi(inncome) > 0.2", "column 'inncome'. Did you mean 'income'?"),
        ("psi(zzz) > 0.2", "matches no column: psi is not measured for column 'zzz'"),
        ("unseen_share(incme) > 0", "unseen_share is not measured for column 'incme'"),
        ("unseen_share(income) > 0", "unseen_share is not measured for column 'income'"),
        ("accuracy(income) < 1", "matches no column: accuracy is a number of the whole model"),
        ("accuracy(*) < 1", "matches no column: accuracy is a number of the whole model"),
    ],
)
def test_columns_that_are_not_there(rule: str, reason: str) -> None:
    told = why(rule)
    assert told is not None
    assert told.startswith("matches no column: ")
    assert told.endswith(reason)


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("accuracy < 0.9 on chanel=mobile", "matches no segment. Did you mean 'channel'?"),
        ("accuracy < 0.9 per chanel", "matches no segment. Did you mean 'channel'?"),
        ("accuracy < 0.9 per site", "matches no segment"),
        (
            "accuracy < 0.9 on channel=mobil",
            "matches no segment; those of channel are mobile, web. Did you mean 'mobile'?",
        ),
        (
            "psi(income) > 0.2 on channel=fax",
            "matches no segment; those of channel are mobile, web",
        ),
    ],
)
def test_segments_that_are_not_there(rule: str, reason: str) -> None:
    assert why(rule) == reason


def test_without_segments() -> None:
    told = "matches no segment: there are none; name their columns with `segment`"
    for rule in ("accuracy < 0.9 on channel=web", "accuracy < 0.9 per segment"):
        assert why(rule, WHOLE.measurements()) == told


def test_only_some_segments_are_listed() -> None:
    many = Recorder(days(1))
    for number in range(9):
        many.add("accuracy", [0.9], segment=f"site={number}")
    told = why("accuracy < 0.9 on site=north", many.measurements())
    assert told == "matches no segment; those of site are 0, 1, 2, 3, 4 ..."


def test_a_metric_without_a_value_says_why() -> None:
    """The column is there, so nothing is mistyped."""
    assert why("f1 < 0.8") == (
        "cannot be judged: f1 has no value in any window (no labels in this window)"
    )
    assert why("psi(age) > 0.2") == (
        "cannot be judged: psi has no value in any window (no values in this window)"
    )


@pytest.mark.parametrize(
    ("rule", "needs"),
    [
        ("recall < 0.9", "it needs label of a binary model"),
        ("roc_auc < 0.9", "it needs label and score of a binary or multiclass model"),
        ("mae > 3", "it needs label of a regression model"),
        ("positive_rate > 0.5", "it needs the prediction of a binary model"),
        ("latency_p95 > 300", "it needs latency"),
        ("label_maturity < 0.5", "it needs label and label_time and prediction"),
        ("recall_adjusted < 0.5", "it needs label and label_time of a binary model"),
        ("cost < 0", "it needs `cost`, the value of each outcome"),
        ("ks(income) > 0.2", "it needs a reference"),
        ("ndcg@10 < 0.4", "it is of another kind of model or column"),
        ("missing_share(income) > 0", "it is of another kind of model or column"),
    ],
)
def test_a_metric_that_is_not_measured_says_what_it_needs(rule: str, needs: str) -> None:
    metric = parse_rule(rule).metric
    assert why(rule) == f"matches nothing: {metric} is not measured here; {needs}"


def test_without_windows_nothing_is_told() -> None:
    assert why("psi(inncome) > 0.2", Measurements((), {})) is None
