"""Multiclass metrics from profiles against scikit-learn on the rows."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
import sklearn.metrics as sk

from streams import measured, reason, value
from wane.metrics.labelled import UNLABELLED, UNPREDICTED, WEIGHTLESS
from wane.metrics.multiclass import NO_CLASS_SCORES, ONE_CLASS, UNSCORED
from wane.schema import Schema, Task
from wane.window import Every

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASSES = ("ant", "bee", "cat", "dog")
SCHEMA = Schema(
    task=Task.MULTICLASS,
    prediction="prediction",
    scores={name: f"p_{name}" for name in CLASSES},
    label="label",
    classes=CLASSES,
    features=(),
)


def rows_of(n: int, alpha: tuple[float, ...], seed: int = 6) -> pa.Table:
    """Scores of Dirichlet shape, rounded for the first class; labels drawn from the scores."""
    rng = np.random.default_rng(seed)
    scores = rng.dirichlet(alpha, n)
    label = (rng.random((n, 1)) > scores.cumsum(axis=1)[:, :-1]).sum(axis=1)
    named = {f"p_{name}": scores[:, i] for i, name in enumerate(CLASSES)}
    names = np.array(CLASSES)
    return pa.table({**named, "prediction": names[scores.argmax(axis=1)], "label": names[label]})


def matrix_of(table: pa.Table) -> NDArray[np.float64]:
    return np.column_stack([table[f"p_{name}"].to_numpy() for name in CLASSES])


TABLES = {
    "even": rows_of(20_000, (1, 1, 1, 1)),
    "one rare class": rows_of(20_000, (4, 2, 1, 0.05)),
    "sure of itself": rows_of(20_000, (0.1, 0.1, 0.1, 0.1)),
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", TABLES)
def test_confusion_metrics_are_scikit_learns(name: str, *, weighted: bool) -> None:
    table = TABLES[name].slice(0, 4_000)
    weight = np.random.default_rng(1).gamma(1, 1, len(table)) if weighted else None
    if weight is not None:
        table = table.append_column("w", pa.array(weight))
    found = measured(table, replace(SCHEMA, weight="w" if weighted else None))
    truth, answer = table["label"].to_numpy(), table["prediction"].to_numpy()
    how = {"sample_weight": weight}
    assert value(found, "accuracy") == pytest.approx(sk.accuracy_score(truth, answer, **how))
    assert value(found, "mcc") == pytest.approx(sk.matthews_corrcoef(truth, answer, **how))
    for average in ("macro", "weighted"):
        for key, score in (
            ("precision", sk.precision_score),
            ("recall", sk.recall_score),
            ("f1", sk.f1_score),
        ):
            expected = score(truth, answer, average=average, **how)
            assert value(found, f"{average}_{key}") == pytest.approx(expected, abs=1e-9)
    by_class = sk.precision_recall_fscore_support(truth, answer, labels=list(CLASSES), **how)
    for key, values in zip(("precision", "recall", "f1"), by_class, strict=False):
        for at, one in enumerate(CLASSES):
            assert value(found, key, one) == pytest.approx(values[at], abs=1e-9)


@pytest.mark.parametrize("name", TABLES)
def test_score_metrics_are_scikit_learns(name: str) -> None:
    table = TABLES[name]
    found = measured(table, SCHEMA, table.slice(0, 5_000))
    truth, scores = table["label"].to_numpy(), matrix_of(table)
    auc = sk.roc_auc_score(truth, scores, multi_class="ovr", average="macro", labels=list(CLASSES))
    assert value(found, "roc_auc") == pytest.approx(auc, abs=2e-4)
    loss = sk.log_loss(truth, scores, labels=list(CLASSES))
    assert value(found, "log_loss") == pytest.approx(loss, rel=1e-9)
    assert value(found, "mean_confidence") == pytest.approx(scores.max(axis=1).mean(), abs=1e-12)


@pytest.mark.parametrize(
    ("alpha", "rows"), [((1, 1, 1, 1), 100), ((1, 1, 1, 1), 300), ((4, 2, 1, 0.2), 300)]
)
def test_intervals_cover(alpha: tuple[float, ...], rows: int) -> None:
    """400 windows of the same model, against its value on all rows."""
    table = rows_of(400 * rows, alpha, seed=11)
    found = measured(table, SCHEMA, table.slice(0, 20_000), every=Every.parse(f"{rows} rows"))
    whole = measured(table, SCHEMA, table.slice(0, 20_000))
    for key in ("accuracy", "mcc", "roc_auc"):
        series, truth = found.get(key), value(whole, key)
        assert series is not None
        assert 0.92 <= np.mean((series.low <= truth) & (truth <= series.high)) <= 0.98, key
    errors = found.get("calibration_error")
    assert errors is not None
    truth = value(whole, "calibration_error")
    assert np.mean((errors.low <= truth) & (truth <= errors.high)) >= 0.92


def test_no_mistakes_are_no_certainty() -> None:
    table = rows_of(40, (1, 1, 1, 1))
    found = measured(table.set_column(5, "label", table["prediction"]), SCHEMA).get("mcc")
    assert found is not None
    assert 0.7 < found.low[0] < 1
    assert (found.values[0], found.high[0]) == (1, 1)


def test_scores_of_the_first_class_in_few_cells() -> None:
    """Every class is counted on the same cells, however few its own scores would need."""
    table = TABLES["even"].set_column(0, "p_ant", pa.array(np.full(20_000, 0.25)))
    found = measured(table, SCHEMA)
    truth, scores = table["label"].to_numpy(), matrix_of(table)
    by_class = [sk.roc_auc_score(truth == name, scores[:, i]) for i, name in enumerate(CLASSES)]
    assert value(found, "roc_auc") == pytest.approx(np.mean(by_class), abs=2e-4)
    picked = scores[np.arange(20_000), [CLASSES.index(a) for a in table["prediction"].to_pylist()]]
    assert value(found, "mean_confidence") == pytest.approx(picked.mean(), abs=1e-12)


def test_the_most_probable_class_stands_in_for_predictions() -> None:
    table = TABLES["even"].drop_columns(["prediction"])
    found = measured(table, replace(SCHEMA, prediction=None))
    assert value(found, "accuracy") == value(measured(TABLES["even"], SCHEMA), "accuracy")


def test_one_score_is_that_of_the_predicted_class() -> None:
    table = TABLES["even"]
    single = table.append_column("score", pa.array(matrix_of(table).max(axis=1)))
    found = measured(single, replace(SCHEMA, scores={}, score="score"))
    whole = measured(table, SCHEMA)
    for key in ("mean_confidence", "accuracy"):
        assert value(found, key) == pytest.approx(value(whole, key), abs=1e-12)
    assert value(found, "calibration_error") == pytest.approx(
        value(whole, "calibration_error"), abs=2e-3
    )
    assert reason(found, "roc_auc") == reason(found, "log_loss") == NO_CLASS_SCORES


def test_calibration_error_is_that_of_the_predicted_class() -> None:
    table = TABLES["one rare class"]
    confidence = matrix_of(table).max(axis=1)
    right = table["label"].to_numpy() == table["prediction"].to_numpy()
    bins = np.minimum((confidence * 10).astype(int), 9)
    gaps = [abs((confidence - right)[bins == b].sum()) for b in range(10)]
    found = value(measured(table, SCHEMA), "calibration_error")
    assert found == pytest.approx(sum(gaps) / len(table), abs=2e-3)


def test_a_class_that_is_missing_from_a_window() -> None:
    table = pa.table(
        {
            **{f"p_{name}": [0.25] * 4 for name in CLASSES},
            "prediction": ["ant", "bee", "bee", "ant"],
            "label": ["ant", "bee", "ant", "cat"],
        }
    )
    found = measured(table, SCHEMA)
    assert reason(found, "precision", "cat") == "never predicted in this window"
    assert reason(found, "recall", "dog") == "no row of this class in this window"
    assert reason(found, "f1", "dog") == "this class was neither predicted nor seen in this window"
    assert value(found, "recall", "cat") == 0
    assert value(found, "macro_recall") == pytest.approx((0.5 + 1 + 0) / 3)
    truth, answer = table["label"].to_pylist(), table["prediction"].to_pylist()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weighted = sk.precision_score(truth, answer, average="weighted", zero_division=0)
    assert value(found, "weighted_precision") == pytest.approx(weighted)


def test_a_label_that_is_none_of_the_classes_is_not_counted_as_a_label() -> None:
    table = pa.table({"prediction": ["ant", "bee"], "label": ["ant", "yeti"]})
    found = measured(table, replace(SCHEMA, scores={}))
    assert value(found, "accuracy") == 1
    assert value(found, "label_coverage") == 0.5
    assert value(measured(table, replace(SCHEMA, scores={}), table), "unseen_share", "label") == 0


def nothing(of: str, table: pa.Table) -> pa.Table:
    names = [name for name in table.column_names if name.startswith(of)]
    for name in names:
        at = table.schema.get_field_index(name)
        table = table.set_column(at, name, pa.nulls(len(table), table.schema.field(name).type))
    return table


SMALL = TABLES["even"].slice(0, 50)


def test_undefined_with_a_reason() -> None:
    labelled = ("accuracy", "macro_f1", "weighted_recall", "mcc", "roc_auc", "log_loss")
    for column, told in (("label", UNLABELLED), ("prediction", UNPREDICTED)):
        found = measured(nothing(column, SMALL), SCHEMA)
        assert {reason(found, key) for key in labelled} == {told}
        assert {reason(found, "precision", name) for name in CLASSES} == {told}
    silent = measured(nothing("p_", SMALL), SCHEMA, SMALL)
    assert reason(silent, "log_loss") == reason(silent, "mean_confidence") == UNSCORED
    assert reason(silent, "calibration_error") == UNSCORED
    assert reason(silent, "roc_auc") is not None
    single = SMALL.set_column(5, "label", pa.array(["ant"] * 50))
    assert reason(measured(single, SCHEMA), "roc_auc") == ONE_CLASS
    same = single.set_column(4, "prediction", pa.array(["ant"] * 50))
    assert reason(measured(same, SCHEMA), "mcc") == "predictions or labels are all of one class"
    weightless = SMALL.append_column("w", pa.array([0.0] * 50))
    found = measured(weightless, replace(SCHEMA, weight="w"))
    assert {reason(found, key) for key in labelled} == {WEIGHTLESS}


def test_no_classes_and_a_single_class_are_no_error() -> None:
    table = pa.table({"prediction": ["ant"] * 3, "label": ["ant"] * 3})
    schema = replace(SCHEMA, scores={}, classes=())
    assert reason(measured(table, schema), "accuracy") == UNPREDICTED
    assert value(measured(table, replace(schema, classes=("ant",))), "accuracy") == 1
    without = replace(schema, prediction=None)
    assert reason(measured(table, without), "accuracy") == UNPREDICTED
