"""What waits for labels, and what does not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from report.build_result import Recorder, days
from wane.metrics.measurement import SeriesKey
from wane.metrics.provisional import Provisional, provisional, settled

RECORDER = Recorder(days(5))
RECORDER.add("label_maturity", [1.0, 0.8, 0.79, math.nan, 0.2])
RECORDER.add("label_maturity", [1.0, 0.7, 0.9, math.nan, 0.1], column="1")
RECORDER.add("accuracy", [0.9] * 5)
FOUND = provisional(RECORDER.measurements(), frozenset({"outcome"}))


def test_windows_with_less_than_80_percent_of_labels_of_any_class() -> None:
    assert FOUND.share == {1: 0.7, 2: 0.79, 4: 0.1}
    assert list(FOUND.share) == [1, 2, 4]
    assert FOUND.told(1) == "provisional: 70 % of labels in"
    assert FOUND.told(1, 2, 4) == "provisional: 10 to 79 % of labels in"


@pytest.mark.parametrize(
    ("metric", "column", "waits"),
    [
        ("accuracy", None, True),
        ("precision", "red", True),
        ("base_rate", None, True),
        ("value", None, False),
        ("cost", None, True),
        ("mae", None, True),
        ("ndcg@5", None, True),
        ("psi", "outcome", True),
        ("psi", "income", False),
        ("accuracy_adjusted", None, False),
        ("positive_rate", None, False),
        ("mean_confidence", None, False),
        ("volume", None, False),
        ("label_coverage", None, False),
    ],
)
def test_what_rests_on_labels(metric: str, column: str | None, waits: bool) -> None:  # noqa: FBT001
    key = SeriesKey(metric, column)
    assert FOUND.concerns(key) is waits
    assert FOUND.holds(key, 4) is waits
    assert not FOUND.holds(key, 0)
    assert FOUND.waits(key, 5).tolist() == [FOUND.holds(key, at) for at in range(5)]


def test_what_waits_is_undefined_to_those_who_judge() -> None:
    measurements = RECORDER.measurements()
    known = settled(measurements, FOUND)
    accuracy = known.get("accuracy")
    assert accuracy is not None
    np.testing.assert_array_equal(np.isnan(accuracy.values), [False, True, True, False, True])
    assert accuracy.reasons[4] == "provisional: 10 % of labels in"
    assert known.get("label_maturity") is measurements.get("label_maturity")
    assert settled(measurements, Provisional()) is measurements


def test_nothing_waits_where_maturity_is_not_known() -> None:
    recorder = Recorder(days(2))
    recorder.add("accuracy", [0.9, 0.9])
    assert provisional(recorder.measurements()) == Provisional()
