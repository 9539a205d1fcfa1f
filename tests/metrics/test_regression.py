"""Regression metrics from profiles against scikit-learn and numpy on the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import sklearn.metrics as sk

from streams import measured, reason, value
from wane.metrics.labelled import UNLABELLED, UNPREDICTED, WEIGHTLESS
from wane.metrics.regression import ALL_ZERO, CONSTANT
from wane.schema import Schema, Task
from wane.window import Every

SCHEMA = Schema(task=Task.REGRESSION, prediction="prediction", label="label", features=())
KEYS = ("mae", "rmse", "mape", "smape", "wape", "bias", "r2")
RESIDUALS = ("residual_p05", "residual_p50", "residual_p95")


def rows_of(kind: str, n: int = 20_000, seed: int = 3) -> pa.Table:
    rng = np.random.default_rng(seed)
    label = {
        "prices": rng.lognormal(3, 1, n).round(2),
        "counts with zeros": rng.poisson(2, n).astype(float),
        "temperatures": rng.normal(0, 10, n),
        "huge": rng.normal(1e9, 1e8, n),
        "tiny": rng.gamma(2, 1e-9, n),
    }[kind]
    noise = rng.normal(0.05, 0.2, n) * np.maximum(np.abs(label), np.abs(label).mean() / 10)
    return pa.table({"prediction": label + noise, "label": label})


KINDS = ("prices", "counts with zeros", "temperatures", "huge", "tiny")


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_errors_are_scikit_learns(kind: str, *, weighted: bool) -> None:
    table = rows_of(kind)
    w = np.random.default_rng(2).gamma(1, 1, len(table)) if weighted else np.ones(len(table))
    schema = replace(SCHEMA, weight="w" if weighted else None)
    found = measured(table.append_column("w", pa.array(w)), schema)
    p, y = table["prediction"].to_numpy(), table["label"].to_numpy()
    some, both = y != 0, np.abs(p) + np.abs(y)
    expected = {
        "mae": sk.mean_absolute_error(y, p, sample_weight=w),
        "rmse": sk.root_mean_squared_error(y, p, sample_weight=w),
        "mape": sk.mean_absolute_percentage_error(y[some], p[some], sample_weight=w[some]),
        "smape": np.average(2 * np.abs(p - y) / np.where(both > 0, both, 1), weights=w),
        "wape": np.sum(w * np.abs(p - y)) / np.sum(w * np.abs(y)),
        "bias": np.average(p - y, weights=w),
        "r2": sk.r2_score(y, p, sample_weight=w),
    }
    for key in KEYS:
        assert value(found, key) == pytest.approx(expected[key], rel=1e-9, abs=1e-12), key


@pytest.mark.parametrize("kind", ["counts with zeros", "huge"])
def test_intervals_cover(kind: str) -> None:
    """400 windows of the same model, against its value on all rows."""
    table = rows_of(kind, 400 * 400)
    found = measured(table, SCHEMA, rows_of(kind, seed=8), every=Every.parse("400 rows"))
    whole = measured(table, SCHEMA)
    for key in ("mae", "mape", "smape", "wape", "bias", "r2"):
        series, truth = found.get(key), value(whole, key)
        assert series is not None
        assert 0.92 <= np.mean((series.low <= truth) & (truth <= series.high)) <= 0.98, key


def test_the_noise_of_the_labels_counts() -> None:
    """Against a bootstrap: errors that grow with the label cancel in WAPE, others do not."""
    rng = np.random.default_rng(5)
    size = 2_000
    label = rng.gamma(2, 10, size)
    for error in (rng.normal(0, 0.3, size) * label, rng.normal(0, 15, size)):
        table = pa.table({"prediction": label + error, "label": label})
        found = measured(table, SCHEMA)
        at = rng.integers(0, size, (2_000, size))
        e, y = np.abs(error[at]), label[at]
        again = {
            "wape": e.sum(axis=1) / y.sum(axis=1),
            "r2": 1 - (e**2).mean(axis=1) / y.var(axis=1),
        }
        for key, values in again.items():
            series = found.get(key)
            assert series is not None
            low, high = np.quantile(values, [0.025, 0.975])
            assert series.high[0] - series.low[0] == pytest.approx(high - low, rel=0.12), key


def test_labels_beyond_all_cells_leave_r2_without_an_interval() -> None:
    table = pa.table({"prediction": np.arange(900.0, 1_000), "label": np.arange(901.0, 1_001)})
    found = measured(table, SCHEMA, rows_of("temperatures"))
    series = found.get("r2")
    assert series is not None
    assert series.values[0] == pytest.approx(1 - 1 / np.arange(100).var())
    assert np.isnan([series.low[0], series.high[0]]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_residual_quantiles_lie_within_a_cell(kind: str) -> None:
    """Cells are laid on the reference's residuals, so a quantile is off by a hundredth of rows."""
    table = rows_of(kind)
    found = measured(table, SCHEMA, rows_of(kind, seed=8))
    error = table["prediction"].to_numpy() - table["label"].to_numpy()
    for key, p in zip(RESIDUALS, (0.05, 0.5, 0.95), strict=True):
        series = found.get(key)
        assert series is not None
        assert np.quantile(error, p - 0.006) <= series.values[0] <= np.quantile(error, p + 0.006)
        assert series.low[0] <= series.values[0] <= series.high[0]


def test_residual_quantiles_without_reference_labels() -> None:
    table = rows_of("temperatures")
    found = measured(table, SCHEMA, table.select(["prediction"]))
    error = table["prediction"].to_numpy() - table["label"].to_numpy()
    for key, p in zip(RESIDUALS, (0.05, 0.5, 0.95), strict=True):
        assert value(found, key) == pytest.approx(np.quantile(error, p), rel=0.03, abs=0.02)


def small(prediction: list[float | None], label: list[float | None]) -> pa.Table:
    return pa.table(
        {"prediction": pa.array(prediction, pa.float64()), "label": pa.array(label, pa.float64())}
    )


DEGENERATE = {
    "no labels": (small([1, 2], [None, None]), UNLABELLED, (*KEYS, *RESIDUALS)),
    "no predictions": (small([None, None], [1, 2]), UNPREDICTED, (*KEYS, *RESIDUALS)),
    "infinite labels": (small([1, 2], [float("inf"), float("nan")]), UNLABELLED, KEYS),
    "all labels 0": (small([1, 2], [0, 0]), ALL_ZERO, ("mape", "wape")),
    "equal labels": (small([1, 2], [5, 5]), CONSTANT, ("r2",)),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_undefined_with_a_reason(name: str) -> None:
    table, expected, keys = DEGENERATE[name]
    found = measured(table, SCHEMA)
    assert {key: reason(found, key) for key in keys} == dict.fromkeys(keys, expected)


def test_equal_labels_that_rounding_tells_apart_are_equal() -> None:
    table = pa.table({"prediction": np.arange(1_000) / 7, "label": np.full(1_000, 0.1)})
    assert reason(measured(table, SCHEMA), "r2") == CONSTANT


def test_rows_without_a_label_or_prediction_are_left_out() -> None:
    table = small([1.0, None, 3.0, float("inf"), 5.0], [2.0, 2.0, None, 1.0, 5.0])
    found = measured(table, SCHEMA)
    assert value(found, "mae") == 0.5
    assert value(found, "label_coverage") == pytest.approx(2 / 3)


def test_labelled_rows_without_weight_say_nothing() -> None:
    table = small([1, 2], [1, 3]).append_column("w", pa.array([0.0, 0.0]))
    found = measured(table, replace(SCHEMA, weight="w"))
    assert {reason(found, key) for key in KEYS} == {WEIGHTLESS}


def test_values_near_the_end_of_the_floats_are_undefined_not_wrong() -> None:
    found = measured(small([1e200, -1e200, 1.0], [-1e200, 1e200, 1.0]), SCHEMA)
    assert value(found, "mae") == pytest.approx(4e200 / 3)
    assert reason(found, "rmse") is not None
    assert reason(found, "r2") is not None


def test_a_prediction_but_no_label_column() -> None:
    found = measured(rows_of("prices", 50), replace(SCHEMA, label=None))
    assert found.get("mae") is None
    assert value(found, "volume") == 50
