"""Small logs of every task, with all that real logs have wrong, and the way through the rooms."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wane.metrics.measure import NO_COSTS, Reference, measure
from wane.profile.collapse import totals
from wane.profile.counters import Counters
from wane.profile.lay_grid import lay_grid
from wane.profile.summarise import Summarised, summarise
from wane.schema import Column, Kind, Schema, Task
from wane.window import DAY, Every, Window

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from wane.metrics.measurement import Measurements
    from wane.profile.grid import Grid
    from wane.profile.profile import Ledger

TASKS = tuple(Task)
START = 20_000 * DAY
NOW = START + 40 * DAY
DAILY = Every.parse("1d")
FEATURES = (
    Column("amount", Kind.NUMERIC),
    Column("count", Kind.NUMERIC),
    Column("channel", Kind.CATEGORICAL),
    Column("member", Kind.CATEGORICAL),
)
COMMON = Schema(
    timestamp="at",
    features=FEATURES,
    segments=("region",),
    latency="latency",
    error="failed",
    version="version",
    label_time="known_at",
)
SCHEMAS = {
    Task.BINARY: replace(
        COMMON,
        task=Task.BINARY,
        score="score",
        prediction="prediction",
        label="label",
        classes=("no", "yes"),
    ),
    Task.MULTICLASS: replace(
        COMMON,
        task=Task.MULTICLASS,
        scores={"red": "p_red", "green": "p_green", "blue": "p_blue"},
        prediction="prediction",
        label="label",
        classes=("red", "green", "blue"),
    ),
    Task.REGRESSION: replace(COMMON, task=Task.REGRESSION, prediction="prediction", label="label"),
    Task.RANKING: replace(
        COMMON,
        task=Task.RANKING,
        query="query",
        item="item",
        rank="rank",
        relevance="relevance",
        top_k=(1, 3),
    ),
    Task.NONE: replace(COMMON, task=Task.NONE),
}


def log(task: Task, n: int, seed: int = 0) -> pa.Table:
    """A log of n rows over five days: nulls, NaN, infinities, rare names, late labels and all."""
    rng = np.random.default_rng(seed)
    query = np.arange(n) // 4
    at = START + rng.integers(0, 5 * DAY, n // 4 + 1)[query if task is Task.RANKING else slice(0)]
    at = at if task is Task.RANKING else START + rng.integers(0, 5 * DAY, n)
    amount = rng.lognormal(1, 1, n)
    amount[rng.random(n) < 0.05] = np.nan
    amount[rng.random(n) < 0.02] = np.inf
    names = np.array(["web", "shop", "phone", *(f"rare {i}" for i in range(20))])
    shares = np.array([0.5, 0.3, 0.1, *[0.005] * 20])
    columns: dict[str, Any] = {
        "at": pa.array(at, pa.timestamp("us", "UTC")),
        "amount": pa.array(amount, mask=rng.random(n) < 0.05),
        "count": pa.array(rng.poisson(3, n).astype(np.int16), mask=rng.random(n) < 0.05),
        "channel": pa.array(rng.choice(names, n, p=shares), mask=rng.random(n) < 0.05),
        "member": pa.array(rng.random(n) < 0.4),
        "latency": rng.lognormal(4, 0.5, n),
        "failed": pa.array(rng.random(n) < 0.1, mask=rng.random(n) < 0.1),
        "region": pa.array(rng.choice(["north", "south"], n), mask=rng.random(n) < 0.02),
        "version": rng.choice(["v1", "v2"], n),
        "known_at": pa.array(at + rng.integers(0, 9 * DAY, n), pa.timestamp("us", "UTC")),
        "weight": rng.integers(0, 4, n).astype(np.float64),
        **_answers(task, n, rng),
        "query": query,
    }
    return pa.table(columns)


def _answers(task: Task, n: int, rng: np.random.Generator) -> dict[str, Any]:
    """The columns of one task."""
    late, silent = rng.random(n) < 0.2, rng.random(n) < 0.05
    if task is Task.BINARY:
        score = rng.beta(1, 2, n)
        answer = np.where(score > 0.5, "yes", "no")
        label = np.where(rng.random(n) < score, "yes", "no")
        odd = np.where(rng.random(n) < 0.03, 1.5, score)
        return {
            "score": pa.array(odd, mask=silent),
            "prediction": pa.array(answer, mask=silent),
            "label": pa.array(label, mask=late),
        }
    if task is Task.MULTICLASS:
        classes = np.array(["red", "green", "blue"])
        scores = rng.dirichlet([1.0, 2.0, 0.5], n)
        label = classes[(rng.random((n, 1)) > scores.cumsum(axis=1)[:, :-1]).sum(axis=1)]
        named = {f"p_{name}": scores[:, i] for i, name in enumerate(classes)}
        answer = pa.array(classes[scores.argmax(axis=1)], mask=silent)
        return {**named, "prediction": answer, "label": pa.array(label, mask=late)}
    if task is Task.REGRESSION:
        truth = np.round(rng.gamma(2, 10, n))
        guess = pa.array(truth + rng.normal(0, 3, n), mask=silent)
        return {"prediction": guess, "label": pa.array(truth, mask=late)}
    if task is Task.RANKING:
        gains = rng.choice([0.0, 1.0, 2.0], n, p=[0.7, 0.2, 0.1])
        return {
            "item": rng.choice(30, n),
            "rank": np.arange(n) % 4 + 1,
            "relevance": pa.array(gains, mask=np.repeat(rng.random(n // 4 + 1) < 0.1, 4)[:n]),
        }
    return {}


def order_of(table: pa.Table, task: Task, rng: np.random.Generator) -> NDArray[np.int64]:
    """A random order of the rows; the rows of a query stay together."""
    keys = rng.permutation(table.num_rows)
    if task is Task.RANKING:
        keys = keys[table["query"].to_numpy()]
    return np.argsort(keys, kind="stable")


def pieces_of(table: pa.Table, task: Task, rng: np.random.Generator, parts: int) -> list[pa.Table]:
    """The rows dealt out at random to some parts; the rows of a query stay together."""
    part = rng.integers(0, parts, table.num_rows)
    if task is Task.RANKING:
        part = part[table["query"].to_numpy()]
    return [table.filter(pa.array(part == i)) for i in range(parts)]


def grid_of(table: pa.Table, schema: Schema) -> Grid:
    """The grid that a reference fixes."""
    return lay_grid(table, schema, {})


def count(
    table: pa.Table,
    schema: Schema,
    grid: Grid,
    *,
    every: Every | None = DAILY,
    rows: int | None = None,
    at: int = NOW,
) -> Summarised:
    """Profiles of a table, in batches of at most so many rows."""
    whole = table.combine_chunks()
    batches = whole.to_batches(max_chunksize=rows)
    return summarise(batches, grid=grid, schema=schema, every=every, now=at)


def measured(
    table: pa.Table,
    schema: Schema,
    reference: pa.Table | None = None,
    *,
    every: Every | None = None,
    costs: Mapping[str, float] = NO_COSTS,
    at: int | None = None,
) -> Measurements:
    """The measurements of a table, as known at a time.

    Its own rows fix the grid when there is no reference.
    """
    grid = grid_of(table if reference is None else reference, schema)
    now = count(table, schema, grid, every=every, at=NOW if at is None else at)
    keys = sorted({key.window for key in now.whole.keys})
    windows = [every.window(key) if every else Window(key, key + 1, by_rows=True) for key in keys]
    before = Reference()
    if reference is not None:
        told = count(reference, schema, grid, every=None)
        split = {name: part for name, part in totals(told.segments, {0}).items() if name}
        before = Reference(told.whole.total(), split)
    return measure(windows, now.whole, now.segments, before, schema=schema, costs=costs, now=at)


def value(
    found: Measurements, metric: str, column: str | None = None, segment: str | None = None
) -> float:
    """The only value of a metric, which must be defined."""
    series = found.get(metric, column, segment)
    assert series is not None, metric
    assert series.reasons == (None,), (metric, series.reasons)
    return float(series.values[0])


def reason(found: Measurements, metric: str, column: str | None = None) -> str | None:
    """Why a metric of a single window is undefined; None when it is defined."""
    series = found.get(metric, column)
    assert series is not None, metric
    (told,) = series.reasons
    return told


def assert_same(left: Ledger, right: Ledger) -> None:
    """Two ledgers are equal: counts to the row, sums to rounding."""
    assert left.grid.id == right.grid.id
    assert left.keys == right.keys
    for field in fields(Counters):
        found, expected = getattr(left.counters, field.name), getattr(right.counters, field.name)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9, err_msg=field.name)
    assert [named_of(row) for row in left.names] == [named_of(row) for row in right.names]


def named_of(row: Mapping[int, Any]) -> dict[int, tuple[dict[str, float], bool]]:
    """Counts by name, without the columns that have none."""
    return {i: (dict(named.counts), named.complete) for i, named in row.items() if named.counts}
