"""Counting rows: the same profiles however the rows come, and every row accounted for."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import DAILY, NOW, SCHEMAS, START, TASKS, assert_same, count, grid_of, log
from wane.profile.counters import Moment, Total
from wane.profile.summarise import columns_to_read, shares, summarise
from wane.schema import Column, Kind, Schema, Task
from wane.window import DAY, Every

GRIDS = {task: grid_of(log(task, 400, seed=1), SCHEMAS[task]) for task in TASKS}
NUMBER = Schema(task=Task.NONE, timestamp="at", features=(Column("x", Kind.NUMERIC),))


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=6)
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 60))
def test_the_size_of_batches_does_not_matter(task: Task, seed: int, rows: int) -> None:
    table = log(task, 100, seed)
    found = count(table, SCHEMAS[task], GRIDS[task], rows=rows)
    expected = count(table, SCHEMAS[task], GRIDS[task])
    assert_same(found.whole, expected.whole)
    assert_same(found.segments, expected.segments)
    assert (found.read, found.used) == (expected.read, expected.used) == (100, 100)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("parts", [1, 2, 3, 50])
def test_shares_add_up_to_the_whole(task: Task, parts: int) -> None:
    """Each worker reads only the columns of its share."""
    table, schema, grid = log(task, 200), SCHEMAS[task], GRIDS[task]
    counted = [
        summarise(
            table.select(columns_to_read(schema, grid, share)).to_batches(),
            grid=grid,
            schema=schema,
            every=DAILY,
            now=NOW,
            share=share,
        )
        for share in shares(grid, parts)
    ]
    found = reduce(lambda left, right: left.beside(right), counted)
    expected = count(table, schema, grid)
    assert_same(found.whole, expected.whole)
    assert_same(found.segments, expected.segments)
    assert found.read == expected.read == 200


@pytest.mark.parametrize("task", [task for task in TASKS if task is not Task.RANKING])
def test_a_weight_of_two_is_a_row_twice(task: Task) -> None:
    table = log(task, 150)
    weight = table["weight"].to_numpy().astype(np.int64)
    twice = table.take(np.repeat(np.arange(150), weight))
    schema = replace(SCHEMAS[task], weight="weight")
    found = count(table, schema, GRIDS[task]).whole.total()
    expected = count(twice, SCHEMAS[task], GRIDS[task]).whole.total()
    weighed = (
        "cells",
        "cell_sums",
        "score",
        "confusion",
        "class_scores",
        "class_losses",
        "log_losses",
        "errors",
    )
    for name in (*weighed, "ages", "cell_losses"):
        one, other = getattr(found.counters, name), getattr(expected.counters, name)
        np.testing.assert_allclose(one, other, rtol=1e-9, err_msg=name)
    totals = found.counters.totals
    assert totals[Total.ROWS] == 150
    assert totals[Total.WEIGHT] == weight.sum()
    assert totals[Total.WEIGHT_SQUARES] == (weight**2).sum()
    rows = [{name: c for name, c in row.counts.items() if c} for row in found.names.values()]
    assert rows == [dict(row.counts) for row in expected.names.values()]


def test_rows_that_cannot_be_counted_are_told_by_reason() -> None:
    at = pa.array([START, None, NOW + 2 * DAY, NOW, START, START], pa.timestamp("us", "UTC"))
    weight = [1.0, 1.0, 1.0, 1.0, -1.0, None]
    table = pa.table({"at": at, "x": [1.0] * 6, "w": weight})
    schema = replace(NUMBER, weight="w")
    found = count(table, schema, grid_of(table, schema))
    assert found.rejected == {
        "timestamp is missing": 1,
        "timestamp is in the future": 1,
        "sample weight is missing, negative or infinite": 2,
    }
    assert (found.read, found.used) == (6, 2)
    text = table.set_column(0, "at", pa.array(["soon", "", "2024-10-04", "x", None, "2024-10-04"]))
    found = count(text, NUMBER, grid_of(table, NUMBER))
    assert found.rejected == {"timestamp is missing": 2, "timestamp cannot be read": 2}
    assert found.used == found.whole.total().counters.totals[Total.ROWS] == 2


def test_no_rows_and_no_usable_rows_give_empty_ledgers() -> None:
    table = log(Task.BINARY, 20)
    schema, grid = SCHEMAS[Task.BINARY], GRIDS[Task.BINARY]
    nothing = count(table.slice(0, 0), schema, grid)
    assert (len(nothing.whole), len(nothing.segments), nothing.read) == (0, 0, 0)
    late = summarise(table.to_batches(), grid=grid, schema=schema, every=DAILY, now=0)
    assert (len(late.whole), late.used, late.rejected) == (0, 0, {"timestamp is in the future": 20})
    assert_same(late.whole + count(table, schema, grid).whole, count(table, schema, grid).whole)


@pytest.mark.parametrize("task", TASKS)
def test_a_column_that_the_rows_lack_counts_as_null(task: Task) -> None:
    table, schema, grid = log(task, 60), SCHEMAS[task], GRIDS[task]
    expected = count(table, schema, grid).whole.total().counters
    for name in schema.column_names():
        if name == "at":
            continue
        lacking = count(table.drop_columns([name]), schema, grid).whole.total().counters
        nulls = table.set_column(
            table.schema.get_field_index(name), name, pa.nulls(60, table.schema.field(name).type)
        )
        found = count(nulls, schema, grid).whole.total().counters
        np.testing.assert_allclose(lacking.cells, found.cells, err_msg=name)
        np.testing.assert_allclose(lacking.moments, found.moments, err_msg=name)
        np.testing.assert_allclose(lacking.score, found.score, err_msg=name)
        assert lacking.totals[Total.ROWS] == expected.totals[Total.ROWS]


def test_windows_by_rows_count_the_usable_rows() -> None:
    rows = 25
    at = [None if i % 5 == 0 else START - i * DAY for i in range(rows)]
    table = pa.table({"at": pa.array(at, pa.timestamp("us")), "x": np.arange(rows)})
    every = Every.parse("8 rows")
    for size in (None, 1, 7):
        found = count(table, NUMBER, grid_of(table, NUMBER), every=every, rows=size)
        assert [key.window for key in found.whole.keys] == [0, 8, 16]
        assert found.whole.counters.totals[:, Total.ROWS].tolist() == [8, 8, 4]


def test_out_of_order_rows_fall_where_they_belong() -> None:
    days = np.array([3, 0, 2, 0, 3, 3])
    at = pa.array(START + days * DAY + 5, pa.timestamp("us"))
    table = pa.table({"at": at, "x": days.astype(float)})
    found = count(table, NUMBER, grid_of(table, NUMBER), rows=2).whole
    assert [key.window for key in found.keys] == [START, START + 2 * DAY, START + 3 * DAY]
    assert found.counters.moments[:, 0, Moment.SUM].tolist() == [0, 2, 9]
    assert found.counters.earliest[:, 0].tolist() == [START + d * DAY + 5 for d in (0, 2, 3)]


def test_progress_is_told_batch_by_batch() -> None:
    told: list[int] = []
    table = log(Task.NONE, 25)
    summarise(
        table.to_batches(max_chunksize=10),
        grid=GRIDS[Task.NONE],
        schema=SCHEMAS[Task.NONE],
        every=None,
        now=NOW,
        seen=told.append,
    )
    assert told == [10, 10, 5]


def test_a_segment_called_like_the_pooled_rest_loses_no_rows() -> None:
    values = ["(other)", "(other)", "a", "a", "a", "(missing)", None, "b"]
    reference = pa.table({"s": values[:6]})
    schema = Schema(task=Task.NONE, features=(), segments=("s",))
    found = count(pa.table({"s": values}), schema, grid_of(reference, schema), every=None).segments
    rows = dict(zip((key.segment for key in found.keys), found.counters.totals[:, 0], strict=True))
    assert rows == {"s=a": 3, "s=(other)": 4, "s=(missing)": 1}


def test_an_empty_label_is_counted_as_one_that_is_not_known() -> None:
    table = log(Task.BINARY, 100)
    schema = SCHEMAS[Task.BINARY]
    place = table.column_names.index(str(schema.label))
    texts = [
        None if row % 3 else one for row, one in enumerate(table[str(schema.label)].to_pylist())
    ]
    unknown = table.set_column(place, table.column_names[place], pa.array(texts, pa.string()))
    empty = unknown.set_column(
        place, table.column_names[place], pa.array([text or "" for text in texts])
    )
    found, expected = (count(one, schema, GRIDS[Task.BINARY]) for one in (empty, unknown))
    assert_same(found.whole, expected.whole)
