"""Binary metrics from profiles against scikit-learn on the rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
import sklearn.metrics as sk
from numpy.typing import NDArray

from streams import measured, reason, value
from wane.metrics.binary import ALL_PREDICTED, NO_NEGATIVES, NO_POSITIVES, NONE_PREDICTED, UNSCORED
from wane.metrics.labelled import UNLABELLED, UNPREDICTED, WEIGHTLESS
from wane.schema import Schema, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.metrics.measurement import Measurements

Floats = NDArray[np.float64]
SCHEMA = Schema(
    task=Task.BINARY,
    score="score",
    prediction="prediction",
    label="label",
    classes=("0", "1"),
    features=(),
)


def logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)))


def scores_of(name: str, n: int) -> tuple[Floats, NDArray[np.int64]]:
    """Scores of one kind, and labels drawn from them."""
    rng = np.random.default_rng(17)
    score = {
        "spread": rng.beta(1, 1, n),
        "one percent positive": logistic(rng.normal(-6.5, 2.2, n)),
        "narrow": rng.uniform(0.45, 0.55, n),
        "skewed": rng.beta(0.3, 6, n),
        "confident": logistic(rng.normal(0, 6, n)),
        "discrete": rng.choice([0.05, 0.2, 0.35, 0.5, 0.65, 0.9], n),
        "with 0 and 1": np.clip(rng.normal(0.5, 0.5, n), 0, 1),
        "rounded": rng.beta(1, 3, n).round(2),
    }[name]
    odds = logistic(8 * (score - 0.5)) if name == "narrow" else score
    return score, (rng.random(n) < odds).astype(np.int64)


KINDS = (
    *("spread", "one percent positive", "narrow", "skewed"),
    *("confident", "discrete", "with 0 and 1", "rounded"),
)


def table_of(score: Floats, label: NDArray[np.int64], **more: object) -> pa.Table:
    prediction = (score >= 0.5).astype(np.int64)
    return pa.table({"score": score, "prediction": prediction, "label": label, **more})


@pytest.mark.parametrize("kind", KINDS)
def test_ranking_metrics_from_cells(kind: str) -> None:
    score, label = scores_of(kind, 100_000)
    found = measured(table_of(score, label), SCHEMA, table_of(*scores_of(kind, 20_000)))
    assert value(found, "roc_auc") == pytest.approx(sk.roc_auc_score(label, score), abs=2e-4)
    precision = sk.average_precision_score(label, score)
    assert value(found, "average_precision") == pytest.approx(precision, abs=2e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_proper_losses_are_exact(kind: str) -> None:
    score, label = scores_of(kind, 20_000)
    found = measured(table_of(score, label), SCHEMA)
    assert value(found, "brier") == pytest.approx(sk.brier_score_loss(label, score), abs=1e-9)
    assert value(found, "log_loss") == pytest.approx(sk.log_loss(label, score), rel=1e-9, abs=1e-9)


def expected_of(
    label: NDArray[np.int64], prediction: NDArray[np.int64], weight: Floats | None = None
) -> dict[str, float]:
    how = {"sample_weight": weight}
    return {
        "accuracy": sk.accuracy_score(label, prediction, **how),
        "balanced_accuracy": sk.balanced_accuracy_score(label, prediction, **how),
        "precision": sk.precision_score(label, prediction, **how),
        "recall": sk.recall_score(label, prediction, **how),
        "specificity": sk.recall_score(label, prediction, pos_label=0, **how),
        "f1": sk.f1_score(label, prediction, **how),
        "mcc": sk.matthews_corrcoef(label, prediction, **how),
        "base_rate": float(np.average(label, weights=weight)),
        "positive_rate": float(np.average(prediction, weights=weight)),
    }


@pytest.mark.parametrize("kind", ["spread", "skewed", "confident"])
def test_confusion_metrics_are_exact(kind: str) -> None:
    score, label = scores_of(kind, 5_000)
    table = table_of(score, label)
    found = measured(table, SCHEMA)
    for key, expected in expected_of(label, table["prediction"].to_numpy()).items():
        assert value(found, key) == pytest.approx(expected, abs=1e-12), key
    confidence = np.where(score >= 0.5, score, 1 - score).mean()
    assert value(found, "mean_confidence") == pytest.approx(confidence, abs=1e-12)


def test_sample_weights_are_scikit_learns() -> None:
    score, label = scores_of("spread", 20_000)
    weight = np.random.default_rng(4).gamma(2, 1, 20_000)
    table = table_of(score, label, w=weight)
    found = measured(table, replace(SCHEMA, weight="w"))
    how = {"sample_weight": weight}
    for key, expected in expected_of(label, table["prediction"].to_numpy(), weight).items():
        assert value(found, key) == pytest.approx(expected, abs=1e-9), key
    assert value(found, "brier") == pytest.approx(
        sk.brier_score_loss(label, score, **how), abs=1e-9
    )
    assert value(found, "log_loss") == pytest.approx(sk.log_loss(label, score, **how), abs=1e-9)
    assert value(found, "roc_auc") == pytest.approx(sk.roc_auc_score(label, score, **how), abs=2e-4)
    precision = sk.average_precision_score(label, score, **how)
    assert value(found, "average_precision") == pytest.approx(precision, abs=2e-3)


def test_unequal_weights_widen_the_interval() -> None:
    score, label = scores_of("spread", 2_000)
    weight = np.random.default_rng(4).lognormal(0, 1.5, 2_000)
    widths = []
    for schema in (SCHEMA, replace(SCHEMA, weight="w")):
        series = measured(table_of(score, label, w=weight), schema).get("accuracy")
        assert series is not None
        assert series.n.tolist() == [2_000]
        widths.append(float(series.high[0] - series.low[0]))
    assert widths[1] > 1.5 * widths[0]


def test_expected_calibration_error_of_ten_bins() -> None:
    score, label = scores_of("spread", 30_000)
    overconfident = logistic(2 * np.log(score / (1 - score)))
    bins = np.minimum((overconfident * 10).astype(int), 9)
    gaps = [abs((overconfident - label)[bins == b].sum()) for b in range(10)]
    found = measured(table_of(overconfident, label), SCHEMA)
    assert value(found, "calibration_error") == pytest.approx(sum(gaps) / 30_000, abs=2e-3)


def test_the_value_of_a_cost_matrix() -> None:
    table = pa.table(
        {"score": [0.9, 0.8, 0.1, 0.2], "prediction": [1, 1, 0, 0], "label": [1, 0, 0, 1]}
    )
    found = measured(table, SCHEMA, costs={"tp": 10.0, "fp": -2.0, "fn": -7.0, "tn": 1.0})
    assert value(found, "cost") == pytest.approx((10 - 2 + 1 - 7) / 4)
    assert measured(table, SCHEMA).get("cost") is None


def test_the_threshold_stands_in_for_predictions() -> None:
    score, label = scores_of("spread", 3_000)
    schema = replace(SCHEMA, prediction=None, threshold=0.3)
    found = measured(pa.table({"score": score, "label": label}), schema)
    expected = sk.accuracy_score(label, score >= 0.3)
    assert value(found, "accuracy") == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "labels", [["no", "yes"], [False, True], [0.0, 1.0], ["0", "1"]], ids=lambda v: str(v[0])
)
def test_labels_of_any_type(labels: list[object]) -> None:
    rng = np.random.default_rng(0)
    truth, answer = rng.integers(0, 2, 200), rng.integers(0, 2, 200)
    table = pa.table(
        {
            "score": rng.random(200),
            "prediction": [labels[i] for i in answer],
            "label": [labels[i] for i in truth],
        }
    )
    classes = {"no": ("no", "yes"), "False": ("false", "true")}.get(str(labels[0]), ("0", "1"))
    found = measured(table, replace(SCHEMA, classes=classes))
    assert value(found, "accuracy") == pytest.approx((truth == answer).mean())
    assert value(found, "mcc") == pytest.approx(sk.matthews_corrcoef(truth, answer))


def four(
    score: Sequence[float | None], prediction: Sequence[int | None], label: Sequence[int | None]
) -> pa.Table:
    return pa.table(
        {
            "score": pa.array(score, pa.float64()),
            "prediction": pa.array(prediction, pa.int64()),
            "label": pa.array(label, pa.int64()),
        }
    )


SCORE: list[float | None] = [0.1, 0.6, 0.7, 0.2]
GUESS: list[int | None] = [0, 1, 1, 0]
NOTHING: list[None] = [None] * 4
DEGENERATE = {
    "no labels": (four(SCORE, GUESS, NOTHING), UNLABELLED, ("accuracy", "f1", "roc_auc", "brier")),
    "no predictions": (
        four(NOTHING, NOTHING, [0, 1, 0, 1]),
        UNPREDICTED,
        ("accuracy", "positive_rate", "mean_confidence", "log_loss"),
    ),
    "no scores": (
        four(NOTHING, GUESS, [0, 1, 0, 1]),
        UNSCORED,
        (
            "roc_auc",
            "average_precision",
            "brier",
            "log_loss",
            "calibration_error",
            "mean_confidence",
        ),
    ),
    "scores that are no probabilities": (
        four([-0.5, 1.7, float("nan"), float("inf")], GUESS, [0, 1, 0, 1]),
        UNSCORED,
        ("roc_auc", "brier", "log_loss", "mean_confidence"),
    ),
    "only positives": (
        four(SCORE, GUESS, [1] * 4),
        NO_NEGATIVES,
        ("specificity", "roc_auc", "average_precision", "balanced_accuracy", "mcc"),
    ),
    "only negatives": (
        four(SCORE, GUESS, [0] * 4),
        NO_POSITIVES,
        ("recall", "roc_auc", "average_precision", "balanced_accuracy"),
    ),
    "nothing predicted positive": (
        four(SCORE, [0] * 4, [0, 1, 0, 1]),
        NONE_PREDICTED,
        ("precision", "mcc"),
    ),
    "everything predicted positive": (four(SCORE, [1] * 4, [0, 1, 0, 1]), ALL_PREDICTED, ("mcc",)),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_undefined_with_a_reason(name: str) -> None:
    table, expected, keys = DEGENERATE[name]
    found: Measurements = measured(table, SCHEMA)
    assert {key: reason(found, key) for key in keys} == dict.fromkeys(keys, expected)


def test_a_single_class_still_has_an_accuracy_and_a_loss() -> None:
    found = measured(DEGENERATE["only positives"][0], SCHEMA)
    assert value(found, "accuracy") == 0.5
    assert value(found, "base_rate") == 1
    assert value(found, "log_loss") == pytest.approx(-np.log(0.1 * 0.6 * 0.7 * 0.2) / 4)
    negatives = measured(DEGENERATE["only negatives"][0], SCHEMA)
    assert value(negatives, "precision") == 0
    assert value(negatives, "f1") == 0


def test_labelled_rows_without_weight_say_nothing() -> None:
    table = four(SCORE, GUESS, [0, 1, 0, 1]).append_column("w", pa.array([0.0] * 4))
    found = measured(
        table, replace(SCHEMA, weight="w"), costs=dict.fromkeys(("tn", "fp", "fn", "tp"), 1.0)
    )
    for key in ("accuracy", "f1", "cost", "log_loss", "calibration_error", "base_rate"):
        assert reason(found, key) == WEIGHTLESS, key
