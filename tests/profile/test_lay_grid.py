"""The grid that a reference fixes."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from streams import SCHEMAS, TASKS, log
from wane.profile.cells import CategoryCells, NumericCells
from wane.profile.grid import Grid, Part
from wane.profile.lay_grid import SPLIT_CELLS, lay_grid
from wane.schema import Column, Kind, Schema, Task


@pytest.mark.parametrize("task", TASKS)
def test_json_round_trip_keeps_the_fingerprint(task: Task) -> None:
    grid = lay_grid(log(task, 300), SCHEMAS[task], {"count": (0.0, 9.0)})
    again = Grid.from_json(json.loads(json.dumps(grid.to_json())))
    assert again.to_json() == grid.to_json()
    assert again.id == grid.id
    assert len(grid.id) == 16
    assert grid.id != lay_grid(log(task, 300, seed=9), SCHEMAS[task], {}).id
    sizes = [column.cells.size for column in grid.columns]
    assert np.diff(grid.starts).tolist() == sizes


PARTS = {
    Task.BINARY: [Part.SCORE, Part.PREDICTION, Part.LABEL],
    Task.MULTICLASS: [Part.SCORE] * 3 + [Part.PREDICTION, Part.LABEL],
    Task.REGRESSION: [Part.PREDICTION, Part.LABEL, Part.RESIDUAL],
    Task.RANKING: [],
    Task.NONE: [],
}


@pytest.mark.parametrize("task", TASKS)
def test_why_each_column_is_counted(task: Task) -> None:
    grid = lay_grid(log(task, 50), SCHEMAS[task], {})
    last = [Part.LATENCY, Part.VERSION] + [Part.ITEM] * (task is Task.RANKING)
    assert [c.part for c in grid.columns] == [Part.FEATURE] * 4 + PARTS[task] + last
    assert grid.one(Part.LATENCY) == grid.of_part(Part.LATENCY)[0]
    assert grid.top_k == ((1, 3) if task is Task.RANKING else ())


def test_scores_per_class_share_their_edges_but_not_their_range() -> None:
    """Otherwise the cell of one class's score would mean another probability than the next's."""
    table = pa.table({"a": [0.2, 0.3], "b": [0.8, 0.7], "c": [0.0, 0.0]})
    scores = {name: name for name in "abc"}
    schema = Schema(task=Task.MULTICLASS, scores=scores, classes=tuple("abc"), features=())
    cells = [c.cells for c in lay_grid(table, schema, {"b": (0.5, 0.9)}).columns]
    assert all(isinstance(cell, NumericCells) for cell in cells)
    first, second, third = (cell.to_json() for cell in cells)
    assert first["edges"] == second["edges"] == third["edges"]
    assert [cell["range"] for cell in (first, second, third)] == [[0.2, 0.3], [0.5, 0.9], [0, 0]]


def test_columns_that_the_sample_lacks_get_the_smallest_cells() -> None:
    for task in TASKS:
        grid = lay_grid(pa.table({"other": [1]}), SCHEMAS[task], {})
        sizes = {c.name: c.cells.size for c in grid.columns if c.part is Part.FEATURE}
        assert sizes == {"amount": 2, "count": 2, "channel": 2, "member": 2}


def test_ranges_come_from_the_whole_reference_or_else_from_the_sample() -> None:
    table = pa.table({"x": [1.0, 2.0, float("inf")], "y": [3.0, None, 4.0]})
    schema = Schema(task=Task.NONE, features=(Column("x"), Column("y", Kind.NUMERIC)))

    def ranges(told: dict[str, tuple[float, float]] | None) -> list[tuple[float, float]]:
        cells = [column.cells for column in lay_grid(table, schema, told).columns]
        return [(c.low, c.high) for c in cells if isinstance(c, NumericCells)]

    assert ranges({"x": (-5.0, 5.0)}) == [(-5, 5), (3, 4)]
    assert ranges(None) == [(np.inf, -np.inf)] * 2


def test_the_most_frequent_categories_have_cells() -> None:
    names = [f"c{i}" for i in range(150) for _ in range(150 - i)]
    schema = Schema(task=Task.NONE, features=(Column("x", Kind.CATEGORICAL),), segments=("x",))
    grid = lay_grid(pa.table({"x": names}), schema, {})
    assert isinstance(grid.columns[0].cells, CategoryCells)
    assert grid.columns[0].cells.categories == tuple(f"c{i}" for i in range(100))
    assert grid.segments[0].values == tuple(f"c{i}" for i in range(20))


def test_very_wide_tables_are_not_split_by_outcome() -> None:
    features = tuple(Column(f"f{i}", Kind.CATEGORICAL) for i in range(SPLIT_CELLS // 2 + 1))
    schema = Schema(task=Task.BINARY, features=features, classes=("0", "1"))
    grid = lay_grid(pa.table({"other": [1]}), schema, {})
    assert not grid.split
    assert grid.outcomes == 1


def test_outcomes_by_task() -> None:
    outcomes = {task: lay_grid(log(task, 20), SCHEMAS[task], {}).outcomes for task in TASKS}
    assert outcomes == {
        Task.BINARY: 7,
        Task.MULTICLASS: 10,
        Task.REGRESSION: 2,
        Task.RANKING: 1,
        Task.NONE: 1,
    }
    many = replace(SCHEMAS[Task.MULTICLASS], classes=tuple(f"c{i}" for i in range(21)), scores={})
    assert lay_grid(log(Task.MULTICLASS, 20), many, {}).outcomes == 4
