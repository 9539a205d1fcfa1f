from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from streams import SCHEMAS, count, grid_of, log
from wane.diagnose.versions import VersionChange, version_change
from wane.profile.collapse import totals
from wane.schema import Task

SCHEMA = SCHEMAS[Task.BINARY]


def versions(table: pa.Table, names: np.ndarray) -> pa.Table:
    return table.set_column(table.column_names.index("version"), "version", pa.array(names))


BEFORE = versions(log(Task.BINARY, 5_000), np.full(5_000, "v1"))
GRID = grid_of(BEFORE, SCHEMA)


def compared(share: float, flipped: float, rows: int = 4_000) -> VersionChange | None:
    """So many rows answered by v2, so many of its answers turned."""
    now = log(Task.BINARY, rows, seed=3)
    rng = np.random.default_rng(1)
    new = rng.random(rows) < share
    answer = now["prediction"].to_pylist()
    turned = new & (rng.random(rows) < flipped)
    other = {"yes": "no", "no": "yes", None: None}
    answers = [other[a] if turn else a for a, turn in zip(answer, turned, strict=True)]
    now = now.set_column(now.column_names.index("prediction"), "prediction", pa.array(answers))
    now = versions(now, np.where(new, "v2", "v1"))
    sides = [totals(count(t, SCHEMA, GRID, every=None).whole, {0})[None] for t in (BEFORE, now)]
    return version_change(GRID, *sides)


def test_a_worse_version_is_found_worse() -> None:
    found = compared(0.5, 0.3)
    assert found is not None
    assert (found.old, found.new) == ("v1", "v2")
    assert found.is_worse
    assert found.old_value - found.new_value == pytest.approx(0.3 * (2 * 0.77 - 1), abs=0.06)


def test_a_version_of_a_regression_is_judged_by_how_far_off_it_is() -> None:
    schema = SCHEMAS[Task.REGRESSION]
    before = versions(log(Task.REGRESSION, 5_000), np.full(5_000, "v1"))
    grid = grid_of(before, schema)
    now = log(Task.REGRESSION, 4_000, seed=3)
    new = np.arange(4_000) % 2 == 0
    guess = now["prediction"].to_numpy(zero_copy_only=False).astype(float)
    at = now.column_names.index("prediction")
    now = versions(
        now.set_column(at, "prediction", pa.array(guess + 50 * new, from_pandas=True)),
        np.where(new, "v2", "v1"),
    )
    sides = [totals(count(t, schema, grid, every=None).whole, {0})[None] for t in (before, now)]
    found = version_change(grid, *sides)
    assert found is not None
    assert (found.metric, found.is_worse) == ("mae", True)
    assert found.new_value > found.old_value + 30


def test_one_that_is_as_good_is_not() -> None:
    found = compared(0.5, 0.0)
    assert found is not None
    assert not found.is_worse
    assert abs(found.z) < 3


def test_one_that_answers_all_is_held_against_the_reference() -> None:
    found = compared(1.0, 0.3)
    assert found is not None
    assert found.is_worse


@pytest.mark.parametrize(("share", "rows"), [(0.0, 4_000), (0.5, 150)])
def test_nothing_to_compare(share: float, rows: int) -> None:
    assert compared(share, 0.0, rows) is None


def test_a_log_without_versions() -> None:
    schema = replace(SCHEMA, version=None)
    grid = grid_of(BEFORE, schema)
    side = count(BEFORE, schema, grid, every=None).whole.total()
    assert version_change(grid, side, side) is None
    assert version_change(GRID, None, side) is None
