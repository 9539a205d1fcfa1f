"""Counting columns: cells by outcome, sums, moments and names against plain counts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from streams import NOW, SCHEMAS, TASKS, count, grid_of, log
from wane.profile.cells import NumericCells
from wane.profile.counters import Loss, Moment
from wane.profile.lay_grid import lay_grid
from wane.profile.names import LIMIT
from wane.profile.summarise import summarise
from wane.schema import Column, Kind, Schema, Task

NUMBER = Schema(task=Task.NONE, features=(Column("x", Kind.NUMERIC),))
CATEGORY = Schema(task=Task.NONE, features=(Column("x", Kind.CATEGORICAL),))


@pytest.mark.parametrize("task", TASKS)
def test_every_cell_holds_its_rows_and_their_sum(task: Task) -> None:
    table, schema = log(task, 300), SCHEMAS[task]
    grid = grid_of(table, schema)
    counters = count(table, schema, grid).whole.total().counters
    values = table["amount"].to_numpy()
    finite = np.isfinite(values)
    cells = grid.columns[0].cells
    assert isinstance(cells, NumericCells)
    cell = np.where(finite, cells.index(np.where(finite, values, 0.0)), cells.value_cells)
    counted = counters.cells[: cells.size].sum(axis=1)
    np.testing.assert_array_equal(counted, np.bincount(cell, minlength=cells.size))
    sums = np.bincount(cell[finite], weights=values[finite], minlength=cells.size)
    np.testing.assert_allclose(counters.cell_sums[: cells.size], sums)
    total = counters.cells.sum(axis=1)
    per_column = np.add.reduceat(total, grid.starts[:-1])
    np.testing.assert_array_equal(per_column, 300)


def test_cells_are_split_by_predicted_class_and_label() -> None:
    table, schema = log(Task.BINARY, 400), SCHEMAS[Task.BINARY]
    grid = grid_of(table, schema)
    counters = count(table, schema, grid).whole.total().counters
    start = grid.starts[3]  # `member`, false or true
    names = grid.columns[3].cells.to_json()["categories"]
    rows = table.select(["member", "prediction", "label"]).to_pandas()
    for cell, name in enumerate(names if isinstance(names, list) else []):
        mine = rows[rows["member"] == (name == "true")]
        for p, answer in enumerate(schema.classes):
            answered = mine[mine["prediction"] == answer]
            labels = [answered["label"] == label for label in schema.classes]
            states = [*(int(mask.sum()) for mask in labels), int(answered["label"].isna().sum())]
            found = counters.cells[start + cell, p * 3 : p * 3 + 3]
            assert found.tolist() == states
        assert counters.cells[start + cell, 6] == mine["prediction"].isna().sum()


def test_losses_of_a_regression_by_cell() -> None:
    table, schema = log(Task.REGRESSION, 300), SCHEMAS[Task.REGRESSION]
    grid = grid_of(table, schema)
    losses = count(table, schema, grid).whole.total().counters.cell_losses
    rows = table.select(["prediction", "label"]).to_pandas()
    error = (rows["prediction"] - rows["label"]).dropna()
    for position, column in enumerate(grid.columns):
        part = losses[grid.starts[position] : grid.starts[position + 1]].sum(axis=0)
        np.testing.assert_allclose(part[Loss.SUM], error.sum(), err_msg=column.name)
        np.testing.assert_allclose(part[Loss.ABSOLUTE], error.abs().sum())
        np.testing.assert_allclose(part[Loss.SQUARES], (error**2).sum())


def test_moments_tell_what_is_wrong_with_numbers() -> None:
    reference = pa.table({"x": [1.0, 5.0]})
    texts = ["0.5", "3", "9", "7", "inf", "-inf", "nan", "n/a", "oops", None]
    grid = grid_of(reference, NUMBER)
    counters = count(pa.table({"x": texts}), NUMBER, grid, every=None).whole.total().counters
    assert dict(zip(Moment, counters.moments[0].tolist(), strict=True)) == {
        Moment.NULLS: 1,
        Moment.NANS: 1,
        Moment.INFINITE: 2,
        Moment.WRONG_TYPE: 2,
        Moment.INVALID: 0,
        Moment.BELOW: 1,
        Moment.ABOVE: 2,
        Moment.SUM: 19.5,
        Moment.SUM_SQUARES: 0.25 + 9 + 81 + 49,
    }
    assert (counters.minimum[0], counters.maximum[0]) == (0.5, 9)
    assert counters.cells[grid.starts[1] - 1, 0] == 6


@pytest.mark.parametrize("values", [[1.7e308] * 3, [1.7e308, -1.7e308, 1.0], [5e-324, 0.0, -0.0]])
def test_the_ends_of_the_floats_cost_no_warning(values: list[float]) -> None:
    table = pa.table({"x": values})
    for grid in (grid_of(table, NUMBER), grid_of(pa.table({"x": np.arange(500.0)}), NUMBER)):
        counters = count(table, NUMBER, grid, every=None).whole.total().counters
        assert counters.cells.sum() == 3
        assert (counters.minimum[0], counters.maximum[0]) == (min(values), max(values))


def test_a_million_values_are_counted_and_a_thousand_kept_by_name() -> None:
    names = pa.array(np.arange(200_000)).cast(pa.string())
    grid = grid_of(pa.table({"x": ["0", "1"]}), CATEGORY)
    batches = pa.table({"x": names}).to_batches(max_chunksize=50_000)
    found = summarise(batches, grid=grid, schema=CATEGORY, every=None, now=NOW).whole
    assert found.counters.cells[0, :, 0].tolist() == [1, 1, 199_998, 0]
    kept = found.names[0][0]
    assert not kept.complete
    assert len(kept.counts) == LIMIT
    assert set(kept.counts.values()) == {1.0}


TYPES = [
    pa.bool_(),
    pa.int8(),
    pa.uint64(),
    pa.float16(),
    pa.float32(),
    pa.decimal128(9, 2),
    pa.date32(),
    pa.timestamp("ns"),
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.dictionary(pa.int8(), pa.string()),
    pa.null(),
    pa.binary(),
    pa.list_(pa.int8()),
    pa.struct([("a", pa.int8())]),
    pa.time32("s"),
    pa.duration("us"),
]


@pytest.mark.parametrize("schema", [NUMBER, CATEGORY], ids=["numeric", "categorical"])
@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_every_type_is_counted_in_both_kinds_of_columns(kind: pa.DataType, schema: Schema) -> None:
    """Also when the type is not the reference's, as when a feed changes."""
    values = {pa.list_(pa.int8()): [[1], None, [1]], pa.struct([("a", pa.int8())]): [{"a": 1}] * 3}
    plain = values.get(kind)
    if plain is not None:
        array = pa.array(plain, kind)
    elif pa.types.is_null(kind):
        array = pa.nulls(3)
    elif pa.types.is_dictionary(kind):
        array = pa.array(["1", None, "1"]).dictionary_encode()
    else:
        array = pa.array([1, None, 1]).cast(pa.string() if kind == pa.binary() else _through(kind))
        array = array.cast(kind)
    table = pa.table({"x": array})
    for reference in (table, pa.table({"x": ["a", "b"]}), pa.table({"x": [0.5, 2.0]})):
        grid = lay_grid(reference, schema, None)
        counters = count(table, schema, grid, every=None).whole.total().counters
        assert counters.cells.sum() == 3
        assert counters.moments[0, Moment.NULLS] == array.null_count


def _through(kind: pa.DataType) -> pa.DataType:
    """A type that integers can be cast to on the way to another one."""
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        return pa.float64() if pa.types.is_decimal(kind) else pa.float32()
    return pa.int32() if pa.types.is_date32(kind) or pa.types.is_time32(kind) else pa.int64()
