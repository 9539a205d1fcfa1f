"""Rows by several columns together: by hand, against profiles, and in bounded memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from streams import DAILY, NOW, SCHEMAS, START, count, grid_of, log
from wane.diagnose.localise import Sides, searched
from wane.diagnose.outcome_cells import METRICS
from wane.profile.cells import CategoryCells
from wane.profile.collapse import totals
from wane.profile.leaves import Axis, Leaves, Split, columns_of_leaves, count_leaves
from wane.schema import Schema, Task
from wane.window import DAY, Every

if TYPE_CHECKING:
    import pyarrow as pa

    from wane.profile.grid import Grid

DAYS = tuple(START + day * DAY for day in range(5))
SPLIT = Split(DAYS[:2], DAYS[3:])


def axes_of(table: pa.Table, schema: Schema, grid: Grid, split: Split = SPLIT) -> tuple[Axis, ...]:
    """Every column that can be searched, by the groups in which it is."""
    found = count(table, schema, grid)
    before, now = (totals(found.whole, windows)[None] for windows in (split.before, split.now))
    halves = [totals(found.segments, windows) for windows in (split.before, split.now)]
    names = {name for half in halves for name in half if name}
    segments = {name: (halves[0].get(name), halves[1].get(name)) for name in sorted(names)}
    return tuple(one.axis for one in searched(Sides(grid, before, now, segments)))


def leaves_of(
    table: pa.Table,
    schema: Schema,
    grid: Grid,
    axes: tuple[Axis, ...],
    *,
    split: Split = SPLIT,
    every: Every | None = DAILY,
    batch: int | None = None,
    most: int = 100_000,
) -> Leaves:
    return count_leaves(
        table.combine_chunks().to_batches(max_chunksize=batch),
        grid=grid,
        schema=schema,
        every=every,
        now=NOW,
        axes=axes,
        split=split,
        most=most,
    )


def as_dict(leaves: Leaves) -> dict[tuple[int, ...], list[float]]:
    rows = zip(leaves.codes.tolist(), leaves.sums.T.tolist(), strict=True)
    return {tuple(code): sums for code, sums in rows}


def test_by_hand() -> None:
    """Two days each, wrong answers counted one by one."""
    table, schema = log(Task.BINARY, 2_000, seed=3), SCHEMAS[Task.BINARY]
    grid = grid_of(table, schema)
    axes = (Axis("region", True, (0, 1, 2, 3)), Axis("member", False, (0, 1, 2, 3)))
    places = {name: at for at, name in enumerate([*grid.segments[0].values, "(other)", None])}
    (member,) = (column.cells for column in grid.columns if column.name == "member")
    assert isinstance(member, CategoryCells)
    expected: Counter[tuple[int, int, int]] = Counter()
    for row in table.to_pylist():
        day = int((row["at"].timestamp() * 1e6 - START) // DAY)
        if row["label"] is None or row["prediction"] is None or day == 2:
            continue
        key = places[row["region"]], member.cell_of[str(row["member"]).lower()]
        side = 0 if day < 2 else 2
        expected[(*key, side)] += 1
        expected[(*key, side + 1)] += row["label"] != row["prediction"]
    found = as_dict(leaves_of(table, schema, grid, axes))
    assert found == {
        key: [float(expected[(*key, at)]) for at in range(4)] for key in {k[:2] for k in expected}
    }


@pytest.mark.parametrize("task", METRICS)
@pytest.mark.parametrize("weight", [None, "weight"])
def test_sums_by_each_column_are_those_of_profiles(task: Task, weight: str | None) -> None:
    table, schema = log(task, 3_000, seed=4), replace(SCHEMAS[task], weight=weight)
    grid = grid_of(table, schema)
    found = count(table, schema, grid)
    before, now = (totals(found.whole, windows)[None] for windows in (SPLIT.before, SPLIT.now))
    columns = searched(Sides(grid, before, now, {}))
    assert {one.cells.column for one in columns} == {"amount", "count", "channel", "member"}
    leaves = leaves_of(table, schema, grid, tuple(one.axis for one in columns))
    for at, one in enumerate(columns):
        for group, cells in enumerate(one.cells.groups):
            sums = leaves.sums[:, leaves.codes[:, at] == group].sum(axis=1)
            sides = [
                [part[cells.cells].sum() for part in side]
                for side in (one.cells.before, one.cells.now)
            ]
            if task is Task.REGRESSION:
                assert sums == pytest.approx([*sides[0], *sides[1]])
            else:
                assert sums == pytest.approx(
                    [v for rows, right, _ in sides for v in (rows, rows - right)]
                )


def test_batches_do_not_matter() -> None:
    table, schema = log(Task.BINARY, 1_000), SCHEMAS[Task.BINARY]
    grid = grid_of(table, schema)
    axes = axes_of(table, schema, grid)
    whole = leaves_of(table, schema, grid, axes)
    parts = leaves_of(table, schema, grid, axes, batch=37)
    np.testing.assert_array_equal(parts.codes, whole.codes)
    np.testing.assert_allclose(parts.sums, whole.sums)


def test_too_many_combinations_cost_the_last_columns() -> None:
    table, schema = log(Task.BINARY, 2_000), SCHEMAS[Task.BINARY]
    grid = grid_of(table, schema)
    axes = axes_of(table, schema, grid)
    assert len(axes) == 5
    few = leaves_of(table, schema, grid, axes, batch=100, most=60)
    kept = few.codes.shape[1]
    assert 1 <= kept < 5
    assert len(few.codes) <= 60
    asked = leaves_of(table, schema, grid, axes[:kept])
    np.testing.assert_array_equal(few.codes, asked.codes)
    np.testing.assert_allclose(few.sums, asked.sums)


def test_leaves_of_two_sources_are_added_on_the_columns_that_both_have() -> None:
    left = Leaves(np.array([[0, 1], [2, 3]]), np.ones((4, 2)))
    right = Leaves(np.array([[2]]), np.full((4, 1), 5.0))
    both = left + right
    assert both.codes.tolist() == [[0], [2], [2]]
    assert both.sums.sum(axis=1).tolist() == [7.0] * 4


def test_windows_of_rows_and_rows_without_a_window() -> None:
    table, schema = log(Task.BINARY, 1_000), replace(SCHEMAS[Task.BINARY], timestamp=None)
    grid = grid_of(table, schema)
    axes = (Axis("region", True, (0, 1, 2, 3)),)
    every = Every.parse("250 rows")
    found = leaves_of(table, schema, grid, axes, split=Split((0,), (750,)), every=every, batch=99)
    first = count(table.slice(0, 250), schema, grid, every=None).whole.counters
    assert found.sums[0].sum() == first.score[..., :2, 0].sum()
    nothing = leaves_of(table, schema, grid, axes, split=Split((), ()), every=every)
    assert nothing.codes.shape == (0, 1)


def test_rows_in_cells_without_a_group_are_left_out() -> None:
    table, schema = log(Task.BINARY, 1_000), SCHEMAS[Task.BINARY]
    grid = grid_of(table, schema)
    found = leaves_of(table, schema, grid, (Axis("region", True, (0, -1, -1, -1)),))
    everything = leaves_of(table, schema, grid, (Axis("region", True, (0, 1, 2, 3)),))
    np.testing.assert_array_equal(found.sums[:, 0], everything.sums[:, 0])
    assert len(found.codes) == 1


def test_only_what_is_needed_is_read() -> None:
    axes = (Axis("channel", False, (0,)), Axis("region", True, (0,)))
    schema = SCHEMAS[Task.BINARY]
    assert set(columns_of_leaves(schema, axes)) == {
        "at",
        "prediction",
        "label",
        "channel",
        "region",
    }
    scored = replace(schema, prediction=None, weight="weight")
    assert {"score", "weight"} < set(columns_of_leaves(scored, axes))
