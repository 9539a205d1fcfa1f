"""Every metric of every task, in every state a log can be in, keeps the promises of a metric."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from streams import DAILY, NOW, SCHEMAS, TASKS, log, measured
from wane.metrics import CATALOGUE, metric_of
from wane.metrics.catalogue import Family
from wane.metrics.estimable import BLENDED, ESTIMATED
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from wane.metrics.measurement import Measurements

COSTS = {"tn": 0.0, "fp": -1.0, "fn": -5.0, "tp": 2.0}
OUTCOMES = ("label", "prediction", "score", "p_red", "p_green", "p_blue", "relevance", "rank")
FEATURES = ("amount", "count", "channel", "member", "latency", "version", "item", *OUTCOMES)


def replaced(
    table: pa.Table, names: tuple[str, ...], make: Callable[[pa.Field], pa.Array]
) -> pa.Table:
    """The table with some of its columns made anew."""
    for name in names:
        at = table.schema.get_field_index(name)
        if at >= 0:
            table = table.set_column(at, name, make(table.schema.field(name)))
    return table


def nothing(table: pa.Table, *names: str) -> pa.Table:
    return replaced(table, names, lambda field: pa.nulls(len(table), field.type))


def constant(table: pa.Table) -> pa.Table:
    return replaced(table, FEATURES, lambda field: pa.array([_first(table, field)] * len(table)))


def _first(table: pa.Table, field: pa.Field) -> object:
    return next((v for v in table[field.name].to_pylist() if v is not None and v == v), None)  # noqa: PLR0124 - not NaN


def filled(table: pa.Table, number: float) -> pa.Table:
    """Every float column full of one number."""
    floats = tuple(
        f.name for f in table.schema if pa.types.is_floating(f.type) and f.name != "weight"
    )
    return replaced(table, floats, lambda _: pa.array(np.full(len(table), number)))


def texts(table: pa.Table) -> pa.Table:
    return replaced(table, FEATURES, lambda _: pa.array(["what?"] * len(table)))


STATES: dict[str, Callable[[pa.Table], pa.Table]] = {
    "as usual": lambda t: t,
    "three rows": lambda t: t.slice(0, 3),
    "one row": lambda t: t.slice(0, 1),
    "no labels": lambda t: nothing(t, "label", "relevance"),
    "no predictions": lambda t: nothing(t, "prediction"),
    "no scores": lambda t: nothing(t, "score", "p_red", "p_green", "p_blue", "rank"),
    "nothing but nulls": lambda t: nothing(t, *FEATURES),
    "all constant": constant,
    "all infinite": lambda t: filled(t, float("inf")),
    "all NaN": lambda t: filled(t, float("nan")),
    "all outside [0, 1]": lambda t: filled(t, -3.5),
    "all near the largest float": lambda t: filled(t, 1.7e308),
    "all subnormal": lambda t: filled(t, 5e-324),
    "texts where numbers were": texts,
    "null type": lambda t: replaced(t, FEATURES, lambda _: pa.nulls(len(t))),
    "columns missing": lambda t: t.select(["at", "query"]),
    "lists": lambda t: replaced(t, FEATURES, lambda _: pa.array([[1, 2]] * len(t))),
}
CASES = [
    *((now, before) for now in STATES for before in ("none", "as usual")),
    *(
        (now, before)
        for now in ("as usual", "nothing but nulls")
        for before in ("no labels", "nothing but nulls", "one row", "columns missing")
    ),
]


def check(found: Measurements) -> None:
    """What every series promises."""
    for key, series in found.series.items():
        metric = metric_of(key.metric)
        assert metric is not None, key
        of_class = key.metric.removesuffix(ESTIMATED).removesuffix(BLENDED)
        assert metric.per_column == (key.column is not None) or of_class in (
            "precision",
            "recall",
            "f1",
            "label_maturity",
        ), key
        told = np.array([reason is not None for reason in series.reasons])
        np.testing.assert_array_equal(np.isnan(series.values), told, err_msg=str(key))
        assert all(reason is None or reason.strip() for reason in series.reasons), key
        assert np.isfinite(series.values[~told]).all(), key
        assert np.all(series.n >= 0), key
        for ends in (series.low, series.high):
            assert np.isnan(ends[told]).all(), key
            assert not np.isinf(ends).any(), key
        slack = 1e-9 * (1 + np.abs(np.nan_to_num(series.values)))
        with np.errstate(over="ignore"):
            assert not np.any(series.low > series.values + slack), key
            assert not np.any(series.high < series.values - slack), key
        if metric.percent:
            assert not np.any((series.values < 0) | (series.values > 1 + 1e-12)), key
        assert not np.isinf(series.reference), key


@pytest.mark.parametrize(("now", "before"), CASES)
@pytest.mark.parametrize("task", TASKS)
def test_every_series_keeps_its_promises(task: Task, now: str, before: str) -> None:
    """No exception and no warning either: warnings are errors in this suite."""
    reference = None if before == "none" else STATES[before](log(task, 150, seed=2))
    current = STATES[now](log(task, 120))
    costs = COSTS if task is Task.BINARY else {}
    segments = () if reference is None else SCHEMAS[task].segments
    schema = replace(SCHEMAS[task], segments=segments)
    check(measured(current, schema, reference, every=DAILY, costs=costs, at=NOW))


def test_the_whole_catalogue_is_measured_by_some_task() -> None:
    seen = set()
    for task in TASKS:
        costs = COSTS if task is Task.BINARY else {}
        reference = log(task, 200, seed=2)
        found = measured(log(task, 200), SCHEMAS[task], reference, every=DAILY, costs=costs, at=NOW)
        seen |= {key.metric.split("@")[0] for key in found.series}
    assert {metric.key.split("@")[0] for metric in CATALOGUE} == seen


def test_entries_are_distinct_and_say_what_they_are() -> None:
    keys = [metric.key for metric in CATALOGUE]
    assert len(set(keys)) == len(keys)
    for metric in CATALOGUE:
        assert metric.key == metric.key.lower().replace(" ", "_")
        assert metric.title
        assert not metric.meaning.endswith(".")
        assert len(metric.meaning) > 15, metric
        assert metric.per_column == (metric.family in (Family.DRIFT, Family.QUALITY)), metric
        assert metric_of(metric.key) == metric


def test_list_metrics_of_any_length_and_unknown_ones() -> None:
    found = metric_of("ndcg@7")
    assert found is not None
    assert found.key == "ndcg@7"
    assert "7" in found.title
    for key in ("ndcg@", "ndcg@x", "f1@3", "accurracy", "", "@10"):
        assert metric_of(key) is None
