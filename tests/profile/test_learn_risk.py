"""What a reference teaches of the errors of single rows."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from metrics.build_regressed import FAR, NEAR, QUIET, SCHEMA, Day, grid_with_risk, log_of
from streams import SCHEMAS, assert_same, count, grid_of, log
from wane.profile.columns import row_cells
from wane.profile.grid import Grid, Part
from wane.profile.learn_risk import LEAST_ROWS, with_risk
from wane.profile.rows import Rows
from wane.profile.summarise import Share, columns_to_read, shares, summarise
from wane.schema import Task

BEFORE = log_of([QUIET], 12_000, 1)
GRID = grid_with_risk(BEFORE)
NOW = log_of([Day(old=0.5, diesel=0.5)], 4_000, 2)


def expected(table: pa.Table, grid: Grid = GRID) -> np.ndarray:
    """|error| to expect of each row."""
    assert grid.risk is not None
    rows = Rows.of(table.combine_chunks().to_batches()[0])
    return grid.risk.of({at: row_cells(rows, grid.columns[at]) for at in grid.risk.columns})


def test_rows_that_are_far_off_are_known_by_two_columns_together() -> None:
    found = expected(NOW)
    both = (NOW["age"].to_numpy() > 10.5) & (NOW["fuel"].to_numpy(zero_copy_only=False) == "diesel")
    neither = NOW["age"].to_numpy() < 9.5
    size = np.sqrt(2 / np.pi)
    assert found[both].mean() == pytest.approx(size * FAR, rel=0.1)
    assert found[neither].mean() == pytest.approx(size * NEAR, rel=0.1)


def test_the_grid_survives_json() -> None:
    again = Grid.from_json(json.loads(json.dumps(GRID.to_json())))
    assert again.id == GRID.id
    np.testing.assert_array_equal(expected(NOW, again), expected(NOW))


def test_profiles_of_another_model_are_of_another_grid() -> None:
    other = grid_with_risk(log_of([QUIET], 12_000, 7))
    assert other.id != GRID.id
    assert replace(GRID, risk=None).id != GRID.id


def test_rows_are_counted_by_what_is_expected_of_them() -> None:
    found = count(NOW, SCHEMA, GRID, every=None)
    (at,) = GRID.of_part(Part.RISK)
    start, end = GRID.starts[at], GRID.starts[at + 1]
    counters = found.whole.total().counters
    assert counters.cells[start:end].sum() == 4_000
    assert counters.cell_sums[start:end].sum() == pytest.approx(expected(NOW).sum())


def test_rows_without_prediction_are_missing() -> None:
    some = pa.array(NOW["prediction"].to_numpy(), mask=np.arange(4_000) < 100)
    table = NOW.set_column(NOW.column_names.index("prediction"), "prediction", some)
    counters = count(table, SCHEMA, GRID, every=None).whole.total().counters
    (at,) = GRID.of_part(Part.RISK)
    assert counters.cells[GRID.starts[at + 1] - 1].sum() == 100


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_shares_add_up(parts: int) -> None:
    """The share that counts outcomes reads what the model goes by, and counts what is expected."""
    dealt = shares(GRID, parts)
    assert sorted(at for share in dealt for at in share.columns) == list(range(len(GRID.columns)))
    wanted = columns_to_read(SCHEMA, GRID, dealt[0])
    assert {"age", "fuel", "prediction"} <= set(wanted)

    def counted(share: Share) -> object:
        batches = NOW.combine_chunks().to_batches()
        return summarise(batches, grid=GRID, schema=SCHEMA, every=None, now=2**62, share=share)

    whole, *others = (counted(share) for share in dealt)
    for other in others:
        whole = whole.beside(other)  # type: ignore[attr-defined]
    alone = count(NOW, SCHEMA, GRID, every=None)
    assert_same(whole.whole, alone.whole)  # type: ignore[attr-defined]


def test_where_features_tell_nothing_there_is_no_model() -> None:
    noise = np.random.default_rng(3).normal(0, 1, 6_000)
    table = log_of([QUIET], 6_000, 4)
    label = pa.array(table["prediction"].to_numpy() + noise)
    table = table.set_column(table.column_names.index("label"), "label", label)
    plain = grid_of(table, SCHEMA)
    assert with_risk(plain, table, SCHEMA) is plain


def test_what_cannot_teach() -> None:
    plain = grid_of(BEFORE, SCHEMA)
    assert with_risk(plain, BEFORE.slice(0, LEAST_ROWS - 1), SCHEMA) is plain
    assert with_risk(plain, BEFORE.slice(0, 0), SCHEMA) is plain
    assert with_risk(plain, BEFORE.drop_columns(["label"]), SCHEMA) is plain
    perfect = BEFORE.set_column(
        BEFORE.column_names.index("label"), "label", BEFORE["prediction"].combine_chunks()
    )
    assert with_risk(plain, perfect, SCHEMA) is plain
    table = log(Task.BINARY, 1_000)
    other = grid_of(table, SCHEMAS[Task.BINARY])
    assert with_risk(other, table, SCHEMAS[Task.BINARY]) is other


def test_one_huge_error_does_not_matter() -> None:
    label = BEFORE["label"].to_numpy().copy()
    label[[5, 50]] = [1e200, 1e12]
    table = BEFORE.set_column(BEFORE.column_names.index("label"), "label", pa.array(label))
    grid = with_risk(grid_of(table, SCHEMA), table, SCHEMA)
    if grid.risk is not None:
        assert np.isfinite(expected(NOW, grid)).all()
