"""Counters have room for any number of windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streams import SCHEMAS, assert_same, count, grid_of, log
from wane.profile import tally
from wane.schema import Task

if TYPE_CHECKING:
    import pytest


def test_room_is_made_as_windows_come(monkeypatch: pytest.MonkeyPatch) -> None:
    table, schema = log(Task.BINARY, 400), SCHEMAS[Task.BINARY]
    grid = grid_of(table, schema)
    roomy = count(table, schema, grid)
    assert len(roomy.whole) > 1
    monkeypatch.setattr(tally, "ROOM_ROWS", 1)
    tight = count(table, schema, grid)
    assert_same(tight.whole, roomy.whole)
    assert_same(tight.segments, roomy.segments)


def test_a_grid_of_any_width_has_room_for_one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    table, schema = log(Task.BINARY, 60), SCHEMAS[Task.BINARY]
    grid = grid_of(table, schema)
    monkeypatch.setattr(tally, "ROOM_BYTES", 1)
    assert len(tally.Tally(grid, grid.outcomes).counters.totals) == 1
