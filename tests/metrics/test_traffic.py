"""Traffic metrics from profiles against numpy on the rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from streams import measured, reason, value
from wane.schema import Schema, Task

SCHEMA = Schema(task=Task.NONE, latency="took", error="failed", features=())
QUANTILES = {"latency_p50": 0.5, "latency_p95": 0.95, "latency_p99": 0.99}


def latencies(kind: str, n: int = 50_000) -> np.ndarray:
    rng = np.random.default_rng(9)
    return {
        "seconds": rng.lognormal(-3, 1, n),
        "milliseconds": rng.gamma(2, 50, n),
        "microseconds": rng.lognormal(11, 0.3, n).round(),
        "two modes": np.where(rng.random(n) < 0.9, rng.normal(20, 2, n), rng.normal(900, 50, n)),
        "heavy tail": rng.pareto(1.5, n) + 0.01,
    }[kind]


@pytest.mark.parametrize(
    "kind", ["seconds", "milliseconds", "microseconds", "two modes", "heavy tail"]
)
def test_latency_in_any_unit_within_two_percent(kind: str) -> None:
    values = latencies(kind)
    found = measured(pa.table({"took": values}), SCHEMA)
    assert value(found, "latency_mean") == pytest.approx(values.mean(), rel=1e-12)
    for key, p in QUANTILES.items():
        assert value(found, key) == pytest.approx(np.quantile(values, p), rel=0.02)
        series = found.get(key)
        assert series is not None
        assert series.low[0] <= series.values[0] <= series.high[0]


def test_latencies_that_are_zero_negative_missing_or_no_number() -> None:
    table = pa.table({"took": pa.array([0.0, -5.0, 0.0, None, float("inf"), float("nan")])})
    found = measured(table, SCHEMA)
    assert value(found, "latency_mean") == pytest.approx(-5 / 3)
    assert -5 <= value(found, "latency_p50") <= 0
    series = found.get("latency_mean")
    assert series is not None
    assert series.n.tolist() == [3]
    for empty in (pa.nulls(2, pa.float64()), pa.nulls(2), pa.array(["slow", "fast"])):
        told = measured(pa.table({"took": empty}), SCHEMA)
        assert reason(told, "latency_mean") == "no latencies in this window"
        assert reason(told, "latency_p99") == "no values in this window"


def test_a_constant_latency_is_all_its_quantiles() -> None:
    found = measured(pa.table({"took": [0.25] * 40}), SCHEMA)
    for key in ("latency_mean", *QUANTILES):
        assert value(found, key) == pytest.approx(0.25)


def test_weighted_latency() -> None:
    values, weight = latencies("milliseconds", 5_000), np.arange(5_000) % 3 + 0.0
    table = pa.table({"took": values, "w": weight})
    found = measured(table, replace(SCHEMA, weight="w"))
    assert value(found, "latency_mean") == pytest.approx(np.average(values, weights=weight))
    repeated = np.repeat(values, weight.astype(int))
    assert value(found, "latency_p95") == pytest.approx(np.quantile(repeated, 0.95), rel=0.02)


def test_volume_and_error_rate() -> None:
    table = pa.table({"failed": pa.array([True, False, None, False, True])})
    found = measured(table, SCHEMA)
    assert value(found, "volume") == 5
    assert value(found, "error_rate") == 0.5
    silent = measured(pa.table({"failed": pa.nulls(3, pa.bool_())}), SCHEMA)
    assert reason(silent, "error_rate") == "no row says whether the call failed"
    assert measured(table, replace(SCHEMA, error=None)).get("error_rate") is None


def test_label_coverage() -> None:
    schema = Schema(task=Task.REGRESSION, prediction="p", label="y", features=())
    table = pa.table({"p": [1.0, 2.0, 3.0, None], "y": [1.0, None, None, 4.0]})
    assert value(measured(table, schema), "label_coverage") == pytest.approx(1 / 3)
    nothing = table.set_column(0, "p", pa.nulls(4, pa.float64()))
    assert reason(measured(nothing, schema), "label_coverage") == "no predictions in this window"
