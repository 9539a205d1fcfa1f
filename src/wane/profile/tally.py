"""The tally: counters that grow while batches are counted into them."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.counters import Counters, shapes, zeros
from wane.profile.names import LIMIT, NameCounts
from wane.profile.profile import Ledger, ProfileKey, in_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from wane.profile.grid import Grid


ROOM_ROWS = 64
ROOM_BYTES = 1 << 24
"""Room that is made at once. What is not used of it is never touched; growing is copying."""


class Tally:
    """A stack of counters, one row for each profile key seen so far.

    Args:
        grid: Where values are counted.
        outcomes: By how many outcomes cells are split: all of the grid's, or 1.
    """

    def __init__(self, grid: Grid, outcomes: int) -> None:
        self.grid = grid
        self.outcomes = outcomes
        self.counters = zeros(grid, outcomes, rows=_room(grid, outcomes))
        self._rows: dict[ProfileKey, int] = {}
        self._names: dict[tuple[int, int], dict[str, float]] = {}
        self._trimmed: set[tuple[int, int]] = set()

    def rows(self, keys: Iterable[ProfileKey]) -> NDArray[np.intp]:
        """Row of each key in the stack; new keys get new rows."""
        found = [self._rows.setdefault(key, len(self._rows)) for key in keys]
        room = len(self.counters.totals)
        if len(self._rows) > room:
            self._grow(max(len(self._rows), room + room // 2) - room)
        return np.array(found, dtype=np.intp)

    def add_name(self, row: int, column: int, name: str, count: float) -> None:
        """Count a value that has no cell of its own, by name."""
        key = (row, column)
        kept = self._names.setdefault(key, {})
        kept[name] = kept.get(name, 0.0) + count
        if len(kept) > 4 * LIMIT:
            self._names[key] = dict(NameCounts.of(kept).counts)
            self._trimmed.add(key)

    def ledger(self) -> Ledger:
        """Everything counted so far, in order of window and segment."""
        keys = in_order(self.grid, self._rows)
        order = np.array([self._rows[key] for key in keys], dtype=np.intp)
        by_row: dict[int, dict[int, NameCounts]] = {}
        for (row, column), counts in self._names.items():
            complete = (row, column) not in self._trimmed
            by_row.setdefault(row, {})[column] = NameCounts.of(counts, complete=complete)
        names = tuple(by_row.get(int(row), {}) for row in order)
        return Ledger(self.grid, keys, self.counters.at(order), names)

    def _grow(self, more: int) -> None:
        blank = zeros(self.grid, self.outcomes, rows=more)
        grown = {
            f.name: np.concatenate([getattr(self.counters, f.name), getattr(blank, f.name)])
            for f in fields(Counters)
        }
        self.counters = Counters(**grown)


def _room(grid: Grid, outcomes: int) -> int:
    """How many rows to make room for before any is known."""
    row_bytes = 8 * sum(math.prod(shape) for shape in shapes(grid, outcomes).values())
    return max(1, min(ROOM_ROWS, ROOM_BYTES // row_bytes))
