"""Scripted cases, and what to do about each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wane.diagnose.decide import Action, Case, decide
from wane.diagnose.decomposition import (
    ColumnParts,
    Decomposition,
    Estimate,
    GroupChange,
)
from wane.diagnose.fault import Fault, FaultKind
from wane.diagnose.offset import OffsetGain
from wane.diagnose.threshold import ThresholdGain
from wane.diagnose.versions import VersionChange


def estimate(value: float, error: float = 0.004) -> Estimate:
    return Estimate(value, value - 1.96 * error, value + 1.96 * error)


def apart(
    mix: float, rates: float, *, rows: float = 5_000, groups: tuple[GroupChange, ...] = ()
) -> Decomposition:
    return Decomposition(
        "accuracy",
        before=0.9,
        now=0.9 + mix + rates,
        rows_before=20_000,
        rows=rows,
        score=ColumnParts("score", "score", estimate(mix), estimate(rates)),
        columns=(ColumnParts("town", "feature", estimate(mix), estimate(rates), groups),),
    )


def group(share_before: float, share: float) -> GroupChange:
    return GroupChange("Rome", share_before, share, 0.9, 0.7, 0.69, 0.71, -0.03)


UNIT = Fault(FaultKind.UNIT, ("t",), "t looks 100 times as large", "Bring t back.")
RELEASE = Fault(FaultKind.VERSION, ("version",), "another model version answers", "Compare.")
LOST = Case(attention=True, lost=True, loss=0.06, features=10)
WORSE = VersionChange("v1", "v2", 0.9, 0.8, -9.0)
OFFSET = OffsetGain(-4.0, 8.2, 10.0, 8.0, 30.0, 6_000)
GAIN = ThresholdGain(0.31, 0.89, 0.84, 0.003, 6_000)

CASES: list[tuple[str, Case, Action]] = [
    ("all is well", Case(), Action.NOTHING),
    ("well, with a fault that hurts nobody yet", Case(faults=(UNIT,)), Action.FIX),
    ("well, and better by another threshold", Case(threshold=GAIN), Action.NOTHING),
    ("a fault", Case(attention=True, faults=(UNIT,)), Action.FIX),
    ("a loss and a fault", replace(LOST, faults=(UNIT,)), Action.FIX),
    (
        "a fault goes before all else",
        replace(
            LOST,
            faults=(UNIT,),
            version=WORSE,
            estimated=True,
            decomposition=apart(0.0, -0.06),
            threshold=GAIN,
            ranking_lost=0.0,
        ),
        Action.FIX,
    ),
    ("something, and no loss", Case(attention=True), Action.INVESTIGATE),
    ("a release is no fault", Case(attention=True, faults=(RELEASE,)), Action.INVESTIGATE),
    ("a new version that is worse", replace(LOST, version=WORSE), Action.ROLL_BACK),
    (
        "a new version that is worse, and its release is named",
        replace(LOST, version=WORSE, faults=(RELEASE,)),
        Action.ROLL_BACK,
    ),
    (
        "a new version that is as good",
        replace(LOST, version=replace(WORSE, z=-1.0)),
        Action.INVESTIGATE,
    ),
    (
        "a new version that is better",
        replace(LOST, version=replace(WORSE, z=5.0)),
        Action.INVESTIGATE,
    ),
    ("a loss that is estimated", replace(LOST, estimated=True), Action.WAIT),
    (
        "an estimated loss, by inputs",
        replace(LOST, estimated=True, decomposition=apart(-0.06, 0.0)),
        Action.WAIT,
    ),
    (
        "ranking is intact and another threshold brings it back",
        replace(LOST, threshold=GAIN, ranking_lost=0.002),
        Action.RECALIBRATE,
    ),
    (
        "ranking got better, and another threshold brings it back",
        replace(LOST, threshold=GAIN, ranking_lost=-0.02),
        Action.RECALIBRATE,
    ),
    (
        "ranking is lost too",
        replace(LOST, threshold=GAIN, ranking_lost=0.05, decomposition=apart(0.0, -0.06)),
        Action.RETRAIN,
    ),
    (
        "another threshold brings back too little",
        replace(LOST, threshold=replace(GAIN, accuracy=0.86), ranking_lost=0.0),
        Action.INVESTIGATE,
    ),
    (
        "what another threshold brings may be chance",
        replace(LOST, threshold=replace(GAIN, error=0.02), ranking_lost=0.0),
        Action.INVESTIGATE,
    ),
    (
        "ranking is not known",
        replace(LOST, threshold=GAIN),
        Action.INVESTIGATE,
    ),
    ("a constant brings it back", replace(LOST, offset=OFFSET), Action.RECALIBRATE),
    (
        "a constant brings back too little",
        replace(LOST, offset=replace(OFFSET, rmse=9.2), decomposition=apart(0.0, -0.06)),
        Action.RETRAIN,
    ),
    (
        "a constant that may be chance",
        replace(LOST, offset=replace(OFFSET, z=1.0)),
        Action.INVESTIGATE,
    ),
    (
        "a worse version of a regression",
        replace(LOST, version=replace(WORSE, old_value=8.0, new_value=12.0, metric="mae")),
        Action.ROLL_BACK,
    ),
    ("the same is answered worse", replace(LOST, decomposition=apart(0.0, -0.06)), Action.RETRAIN),
    (
        "a better mix hides that the same is answered worse",
        replace(LOST, decomposition=apart(0.04, -0.1)),
        Action.RETRAIN,
    ),
    (
        "the same is answered worse, and few labels are fresh",
        replace(LOST, decomposition=apart(0.0, -0.06, rows=300)),
        Action.RETRAIN,
    ),
    (
        "answers got worse by less than half of it",
        replace(LOST, decomposition=apart(-0.04, -0.02)),
        Action.INVESTIGATE,
    ),
    (
        "answers got worse, by chance perhaps",
        replace(LOST, decomposition=apart(-0.001, -0.009)),
        Action.INVESTIGATE,
    ),
    (
        "the same is answered better, other rows come",
        replace(LOST, decomposition=apart(-0.08, 0.02)),
        Action.INVESTIGATE,
    ),
    (
        "other rows come, which the model knew",
        replace(LOST, decomposition=apart(-0.06, 0.0, groups=(group(0.2, 0.5),))),
        Action.INVESTIGATE,
    ),
    (
        "other rows come, which training had few of",
        replace(LOST, decomposition=apart(-0.06, 0.0, groups=(group(0.01, 0.3),))),
        Action.RETRAIN,
    ),
    (
        "few rows come that training had few of",
        replace(LOST, decomposition=apart(-0.06, 0.0, groups=(group(0.001, 0.03),))),
        Action.INVESTIGATE,
    ),
    ("a loss that nothing explains", LOST, Action.INVESTIGATE),
    (
        "a loss without scores",
        replace(LOST, decomposition=replace(apart(0.0, -0.06), score=None)),
        Action.INVESTIGATE,
    ),
    (
        "a loss without labels before",
        replace(LOST, decomposition=Decomposition("accuracy", reason="no labels")),
        Action.INVESTIGATE,
    ),
]


@pytest.mark.parametrize(("case", "action"), [one[1:] for one in CASES], ids=[c[0] for c in CASES])
def test_what_to_do(case: Case, action: Action) -> None:
    found = decide(case)
    assert found.action is action
    assert decide(case) == found
    if action not in (Action.NOTHING, Action.INVESTIGATE):
        assert found.sentence.endswith(".")
        assert found.reasons


def test_errors_of_a_regression_get_worse_when_they_grow() -> None:
    grown = replace(apart(0.0, 0.06), metric="mae")
    assert decide(replace(LOST, decomposition=grown)).action is Action.RETRAIN
    shrunk = replace(apart(0.0, -0.06), metric="mae")
    assert decide(replace(LOST, decomposition=shrunk)).action is Action.INVESTIGATE


def test_retraining_says_whether_there_is_enough_to_learn_from() -> None:
    enough = decide(replace(LOST, decomposition=apart(0.0, -0.06)))
    assert "5,000 fresh labelled rows are there, enough" in enough.sentence
    few = decide(replace(LOST, decomposition=apart(0.0, -0.06, rows=300)))
    assert "about 1,000 are needed, so wait for 700 more" in few.sentence
    many = decide(replace(LOST, features=200, decomposition=apart(0.0, -0.06)))
    assert many.numbers["needed"] == 10_000


def test_waiting_says_until_when() -> None:
    found = decide(replace(LOST, estimated=True, labels_by_days=12.5))
    assert "Nine in ten labels are in after 12.5 days." in found.sentence


def test_another_threshold_says_what_it_would_bring() -> None:
    found = decide(replace(LOST, threshold=GAIN, ranking_lost=0.002))
    assert "Move the threshold to 0.31" in found.sentence
    assert "89.0% of 6,000 labelled rows instead of 84.0%" in found.sentence
    assert found.numbers["gain"] == pytest.approx(0.05)


def test_the_evidence_has_a_fingerprint() -> None:
    one = decide(replace(LOST, decomposition=apart(0.0, -0.06)))
    same = decide(replace(LOST, decomposition=apart(0.0, -0.06)))
    other = decide(replace(LOST, decomposition=apart(0.0, -0.061)))
    assert one.fingerprint == same.fingerprint
    assert one.fingerprint != other.fingerprint
    assert len(one.fingerprint) == 16
