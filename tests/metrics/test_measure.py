"""Measuring whole runs: what is measured, for which segments, beside which reference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from streams import DAILY, SCHEMAS, TASKS, count, grid_of, log, measured, value
from wane.metrics.measure import Reference, main_metric, measure
from wane.schema import Column, Schema, Task
from wane.window import DAY, Window

BINARY = SCHEMAS[Task.BINARY]


def test_a_segment_is_measured_as_its_rows_alone_would_be() -> None:
    table = log(Task.BINARY, 2_000)
    reference = log(Task.BINARY, 2_000, seed=5)
    whole = measured(table, BINARY, reference)
    north = table.filter(pa.array(table["region"].to_numpy(zero_copy_only=False) == "north"))
    grid = grid_of(reference, BINARY)
    found = count(north, BINARY, grid, every=None).whole
    alone = measure([Window(0, 1)], found, found.take([]), Reference(), schema=BINARY)
    for key in ("accuracy", "f1", "roc_auc", "brier", "latency_p95", "volume", "error_rate"):
        expected = value(alone, key)
        assert value(whole, key, segment="region=north") == pytest.approx(expected, abs=1e-12), key


def test_segments_are_held_against_their_own_reference() -> None:
    rng = np.random.default_rng(0)
    s, x = rng.choice(["a", "b"], 4_000), rng.normal(size=4_000)
    schema = Schema(task=Task.NONE, features=(Column("x"),), segments=("s",))
    reference = pa.table({"s": s, "x": np.where(s == "a", x, x + 5)})
    found = measured(reference, schema, reference)
    assert value(found, "psi", "x", "s=a") == value(found, "psi", "x", "s=b") == 0
    swapped = pa.table({"s": np.where(s == "a", "b", "a"), "x": reference["x"]})
    moved = measured(swapped, schema, reference)
    assert value(moved, "wasserstein", "x", "s=a") > 4
    assert value(moved, "wasserstein", "x") == pytest.approx(0, abs=1e-9)


def test_a_segment_that_is_new_has_no_drift_and_no_reference_value() -> None:
    now = log(Task.BINARY, 500, seed=2)
    east = pa.array(np.where(np.arange(500) % 2, "east", "north"))
    at = now.schema.get_field_index("region")
    found = measured(now.set_column(at, "region", east), BINARY, log(Task.BINARY, 500))
    pooled = found.get("accuracy", segment="region=(other)")
    assert pooled is not None
    assert np.isnan(pooled.reference)
    assert found.get("psi", "amount", "region=(other)") is None
    assert found.get("psi", "amount", "region=north") is not None
    assert found.get("missing_share", "amount", "region=(other)") is not None


@pytest.mark.parametrize("task", TASKS)
def test_reference_values_are_the_references_own_measurements(task: Task) -> None:
    reference = log(task, 800, seed=3)
    own = measured(reference, SCHEMAS[task])
    found = measured(log(task, 300), SCHEMAS[task], reference)
    for key, series in own.series.items():
        if key.metric in ("volume", "unseen_share", "new_categories"):
            continue
        beside = found.series[key].reference if key in found.series else np.nan
        if key.segment is None:
            np.testing.assert_allclose(beside, series.values[0], err_msg=str(key))
    volume = found.get("volume")
    assert volume is not None
    assert np.isnan(volume.reference)


def test_windows_of_a_run() -> None:
    found = measured(log(Task.BINARY, 1_000), BINARY, every=DAILY)
    assert len(found.windows) == 5
    assert [w.end - w.start for w in found.windows] == [DAY] * 5
    volume = found.get("volume")
    assert volume is not None
    assert volume.values.sum() == 1_000


def test_a_window_without_rows_is_undefined_not_wrong() -> None:
    table = log(Task.BINARY, 100)
    grid = grid_of(table, BINARY)
    found = count(table, BINARY, grid)
    reference = Reference(found.whole.total())
    measurements = measure([Window(0, DAY)], found.whole, found.segments, reference, schema=BINARY)
    for key, series in measurements.series.items():
        if key.metric == "volume":
            assert series.values.tolist() == [0]
        else:
            assert series.reasons[0] is not None, key


def test_no_windows_and_no_reference() -> None:
    found = count(log(Task.BINARY, 50), BINARY, grid_of(log(Task.BINARY, 50), BINARY))
    nothing = measure([], found.whole, found.segments, Reference(), schema=BINARY)
    assert len(nothing) == 0
    windows = [DAILY.window(found.whole.keys[0].window)]
    bare = measure(windows, found.whole, found.segments, Reference(), schema=BINARY)
    assert not bare.of_metric("psi"), "nothing to compare with"
    assert bare.get("accuracy") is not None


def test_metrics_whose_roles_are_absent_are_left_out() -> None:
    table = log(Task.BINARY, 50)
    unlabelled = measured(table, replace(BINARY, label=None))
    assert unlabelled.get("accuracy") is None
    assert unlabelled.get("mean_confidence") is not None
    unscored = measured(table, replace(BINARY, score=None))
    assert unscored.get("roc_auc") is None
    assert unscored.get("accuracy") is not None
    bare = measured(table, Schema(task=Task.NONE, features=()))
    assert {key.metric for key in bare.series} == {"volume"}


def binary(share: float, n: int = 3_000, *, skill: float = 1.0) -> pa.Table:
    rng = np.random.default_rng(1)
    label = (rng.random(n) < share).astype(int)
    score = np.clip(rng.normal(0.2 + 0.2 * skill * label, 0.1), 0, 1)
    return pa.table({"score": score, "prediction": (score > 0.5).astype(int), "label": label})


PLAIN = Schema(
    task=Task.BINARY,
    score="score",
    prediction="prediction",
    label="label",
    classes=("0", "1"),
    features=(),
)


def test_the_metric_that_stands_for_performance() -> None:
    assert main_metric(measured(binary(0.4), PLAIN), Task.BINARY) == "accuracy"
    assert main_metric(measured(binary(0.02), PLAIN), Task.BINARY) == "roc_auc"
    unscored = replace(PLAIN, score=None)
    assert main_metric(measured(binary(0.02), unscored), Task.BINARY) == "f1"
    unlabelled = measured(binary(0.4), replace(PLAIN, label=None))
    assert main_metric(unlabelled, Task.BINARY) is None
    expected = {
        Task.MULTICLASS: "accuracy",
        Task.REGRESSION: "mae",
        Task.RANKING: "ndcg@1",
        Task.NONE: None,
    }
    for task, metric in expected.items():
        assert main_metric(measured(log(task, 200), SCHEMAS[task]), task) == metric
