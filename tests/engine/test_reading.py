from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from streams import DAILY, NOW, SCHEMAS, START, TASKS, assert_same, grid_of, log
from wane.engine.deal import add_up, deal
from wane.engine.local import Workers
from wane.engine.messages import LeafPlan, Plan
from wane.engine.reading import FileReading, FrameReading
from wane.engine.work import count_source
from wane.profile.grid import Part
from wane.profile.leaves import Axis, Split
from wane.schema import Column, Kind, Task
from wane.sources.request import Request, locate, open_frame
from wane.window import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(2) as started:
        yield started


def plan_of(task: Task, rows: int = 500) -> Plan:
    table = log(task, rows)
    return Plan(grid_of(table, SCHEMAS[task]), SCHEMAS[task], DAILY, NOW)


@pytest.mark.parametrize("task", TASKS)
def test_a_file_counts_as_the_same_rows_in_memory(
    task: Task, workers: Workers, tmp_path: Path
) -> None:
    table, plan = log(task, 500), plan_of(task)
    pq.write_table(table, tmp_path / "log.parquet", row_group_size=97)
    paths, kind = locate(tmp_path / "log.parquet")
    seen: list[int] = []
    file = FileReading(Request(paths, kind, name="log"), workers)
    frame = FrameReading(open_frame(table))
    from_file = add_up(file.count(plan, seen.append))
    from_frame = add_up(frame.count(plan, seen.append))
    assert_same(from_file.summarised.whole, from_frame.summarised.whole)
    assert_same(from_file.summarised.segments, from_frame.summarised.segments)
    assert from_file.summarised.read == from_frame.summarised.read == 500
    assert sum(seen) == 500


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS, Task.REGRESSION])
def test_leaves_of_a_file_are_those_of_the_same_rows_in_memory(
    task: Task, workers: Workers, tmp_path: Path
) -> None:
    table, plan = log(task, 500), plan_of(task)
    pq.write_table(table, tmp_path / "log.parquet", row_group_size=97)
    paths, kind = locate(tmp_path / "log.parquet")
    axes = Axis("region", True, (0, 1, 2, 3)), Axis("member", False, (0, 1, 2, 3))
    days = tuple(START + day * DAY for day in range(5))
    asked = LeafPlan(plan, axes, Split(days[:2], days[2:]))
    file = FileReading(Request(paths, kind, name="log"), workers).leaves(asked).result()
    frame = FrameReading(open_frame(table)).leaves(asked).result()
    assert frame.sums[0].sum() > 100
    np.testing.assert_array_equal(file.codes, frame.codes)
    np.testing.assert_allclose(file.sums, frame.sums)


def test_lists_are_not_dealt_out(workers: Workers, tmp_path: Path) -> None:
    """Each share would have to sort the rows by query again."""
    pq.write_table(log(Task.RANKING, 100), tmp_path / "log.parquet")
    paths, kind = locate(tmp_path / "log.parquet")
    reading = FileReading(Request(paths, kind), workers)
    assert len(reading.count(plan_of(Task.RANKING, 100), lambda _rows: None)) == 1


@pytest.mark.parametrize("parts", [1, 2, 5])
def test_dealt_shares_add_up(parts: int) -> None:
    table, plan = log(Task.BINARY, 300), plan_of(Task.BINARY, 300)
    source = open_frame(table)
    dealt = [count_source(source, plan, share).summarised for share in deal(plan, parts)]
    whole = count_source(source, plan).summarised
    assert len(dealt) == parts
    assert_same(reduce(lambda left, right: left.beside(right), dealt).whole, whole.whole)


def test_what_the_rows_lack_is_not_counted_as_missing() -> None:
    plan = plan_of(Task.BINARY)
    amount = Column("amount", Kind.NUMERIC)
    poor = replace(plan.schema, features=(amount,), segments=(), version=None, label=None)
    (share,) = deal(replace(plan, schema=poor), 1)
    left = [plan.grid.columns[position] for position in share.columns]
    assert [column.name for column in left if column.part is Part.FEATURE] == ["amount"]
    assert {column.part for column in left}.isdisjoint({Part.VERSION, Part.LABEL})
    counted = count_source(open_frame(log(Task.BINARY, 100)), replace(plan, schema=poor), share)
    start, stop = plan.grid.starts[1], plan.grid.starts[2]
    assert counted.summarised.whole.counters.cells[:, start:stop].sum() == 0


def test_a_residual_needs_prediction_and_label() -> None:
    plan = plan_of(Task.REGRESSION)
    (place,) = plan.grid.of_part(Part.RESIDUAL)
    assert place in deal(plan, 1)[0].columns
    without = replace(plan, schema=replace(plan.schema, label=None))
    assert place not in deal(without, 1)[0].columns


def test_no_share_is_idle() -> None:
    plan = plan_of(Task.BINARY)
    shares = deal(plan, 100)
    assert all(share.outcomes or share.columns for share in shares)
    assert [share.outcomes for share in shares] == [True, *[False] * (len(shares) - 1)]
    counted = sorted(column for share in shares for column in share.columns)
    assert counted == list(range(len(plan.grid.columns)))


def test_who_counts_the_outcomes_counts_fewer_columns() -> None:
    first, second = deal(plan_of(Task.BINARY), 2)
    assert first.outcomes
    assert len(first.columns) < len(second.columns)


def test_duplicate_ids(workers: Workers, tmp_path: Path) -> None:
    table = log(Task.BINARY, 100)
    table = table.append_column("id", [[index // 2 for index in range(100)]])
    pq.write_table(table, tmp_path / "log.parquet")
    paths, kind = locate(tmp_path / "log.parquet")
    file = FileReading(Request(paths, kind), workers)
    assert file.duplicates("id").result() == 50
    assert FrameReading(open_frame(table)).duplicates("id").result() == 50
