from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from metrics.build_regressed import QUIET, SCHEMA, log_of
from streams import SCHEMAS, count, grid_of, log
from wane.diagnose.offset import OffsetGain, offset_gain
from wane.schema import Task

if TYPE_CHECKING:
    from wane.profile.profile import Profile

BEFORE = log_of([QUIET], 4_000, 1)
PLAIN = replace(SCHEMA, segments=())
GRID = grid_of(BEFORE, PLAIN)


def profile(table: pa.Table) -> Profile:
    return count(table, PLAIN, GRID, every=None).whole.total()


def gain(moved: float = 0.0, noise: float = 0.0, rows: int = 4_000) -> OffsetGain | None:
    now = log_of([QUIET], rows, 2)
    rng = np.random.default_rng(3)
    label = now["label"].to_numpy() + moved + rng.normal(0, noise, rows)
    now = now.set_column(now.column_names.index("label"), "label", pa.array(label))
    return offset_gain(GRID, profile(BEFORE), profile(now))


def test_labels_that_moved_by_a_constant_are_brought_back() -> None:
    found = gain(moved=6.0)
    assert found is not None
    assert found.offset == pytest.approx(6.0, abs=0.15)
    assert found.rmse == pytest.approx(found.before, rel=0.1)
    assert found.current == pytest.approx(np.hypot(found.rmse, found.offset))
    assert found.regains == pytest.approx(1, abs=0.1)
    assert found.z > 50


def test_what_got_noisy_is_not() -> None:
    found = gain(noise=6.0)
    assert found is not None
    assert abs(found.regains) < 0.02


def test_where_nothing_was_lost_nothing_is_regained() -> None:
    found = gain()
    assert found is not None
    assert found.regains == pytest.approx(0, abs=0.5)
    assert found.z < 3
    assert OffsetGain(1.0, 1.0, 1.0, 2.0, 5.0, 100).regains == 0


def test_what_cannot_be_told() -> None:
    assert gain(rows=400) is None
    assert offset_gain(GRID, None, profile(BEFORE)) is None
    table, schema = log(Task.BINARY, 1_000), SCHEMAS[Task.BINARY]
    grid = grid_of(table, schema)
    side = count(table, schema, grid, every=None).whole.total()
    assert offset_gain(grid, side, side) is None
