"""A profile, and the ledger that holds the profiles of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from wane.errors import ProfileError
from wane.profile.counters import Counters, zeros
from wane.profile.names import NONE, NameCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wane.profile.grid import Grid

NO_NAMES: Mapping[int, NameCounts] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Profile:
    """What is kept of the rows of one window and segment.

    Attributes:
        grid_id: Fingerprint of the grid it was counted on.
        counters: The arrays that add up.
        names: Column position -> values without a cell, by name.
    """

    grid_id: str
    counters: Counters
    names: Mapping[int, NameCounts] = field(default_factory=lambda: NO_NAMES)

    def __add__(self, other: Profile) -> Profile:
        return merge(self, other)


def empty(grid: Grid, outcomes: int | None = None) -> Profile:
    """The profile of no rows: neutral in `merge`."""
    return Profile(grid.id, zeros(grid, grid.outcomes if outcomes is None else outcomes))


def merge(left: Profile, right: Profile) -> Profile:
    """The profile of both sets of rows; associative and commutative.

    Counts add up exactly; sums of floats do to rounding.

    Raises:
        ProfileError: The profiles were counted on different grids, or in different detail.
    """
    if left.grid_id != right.grid_id:
        raise ProfileError(
            "profiles of different grids cannot be merged",
            expected=f"grid {left.grid_id}",
            got=f"grid {right.grid_id}",
            hint="Profile both against the same reference.",
        )
    if left.counters.cells.shape != right.counters.cells.shape:
        raise ProfileError(
            "profiles of different detail cannot be merged",
            expected=f"cells of shape {left.counters.cells.shape}",
            got=f"shape {right.counters.cells.shape}",
            hint="Merge whole-model profiles with each other, and segments with segments.",
        )
    return Profile(
        left.grid_id, left.counters + right.counters, merge_names(left.names, right.names)
    )


def merge_names(
    left: Mapping[int, NameCounts], right: Mapping[int, NameCounts]
) -> Mapping[int, NameCounts]:
    """Name counts of both, by column."""
    return {
        column: left.get(column, NONE) + right.get(column, NONE)
        for column in sorted({*left, *right})
    }


class ProfileKey(NamedTuple):
    """Which rows a profile is of: the window's key, and the segment (None: all rows)."""

    window: int
    segment: str | None = None


def in_order(grid: Grid, keys: Iterable[ProfileKey]) -> tuple[ProfileKey, ...]:
    """Keys by window, then by segment in the grid's order."""
    place = grid.segment_order
    return tuple(sorted(keys, key=lambda key: (key.window, place[key.segment])))


@dataclass(frozen=True, slots=True)
class Ledger:
    """Profiles on one grid, stacked: row r of every array belongs to `keys[r]`.

    Attributes:
        grid: The grid of all of them.
        keys: Sorted by window, then segment in the grid's order.
        counters: [R, ...].
        names: Length R.
    """

    grid: Grid
    keys: tuple[ProfileKey, ...]
    counters: Counters
    names: tuple[Mapping[int, NameCounts], ...]

    def __len__(self) -> int:
        return len(self.keys)

    def profile(self, row: int) -> Profile:
        """The profile in that row."""
        return Profile(self.grid.id, self.counters.at(row), self.names[row])

    def take(self, rows: Iterable[int]) -> Ledger:
        """Some of the rows, in the order given."""
        wanted = list(rows)
        return Ledger(
            self.grid,
            tuple(self.keys[row] for row in wanted),
            self.counters.at(np.array(wanted, dtype=np.intp)),
            tuple(self.names[row] for row in wanted),
        )

    def of_segment(self, segment: str | None) -> Ledger:
        """The rows of one segment, window by window."""
        return self.take(row for row, key in enumerate(self.keys) if key.segment == segment)

    def total(self) -> Profile:
        """All rows merged; the empty profile when there are none."""
        if not len(self):
            return empty(self.grid, self.counters.cells.shape[-1])
        names: Mapping[int, NameCounts] = NO_NAMES
        for row in self.names:
            names = merge_names(names, row)
        return Profile(self.grid.id, self.counters.total(), names)

    def __add__(self, other: Ledger) -> Ledger:
        """Profiles of the same key merged, the others side by side."""
        if self.grid.id != other.grid.id:
            merge(self.total(), other.total())
        rows = {key: row for row, key in enumerate(self.keys)}
        theirs = {key: row for row, key in enumerate(other.keys)}
        keys = in_order(self.grid, {*rows, *theirs})
        if self.keys == other.keys == keys:
            names = tuple(map(merge_names, self.names, other.names))
            return Ledger(self.grid, keys, self.counters + other.counters, names)
        blank = empty(self.grid, self.counters.cells.shape[-1])
        merged = [
            (self.profile(rows[key]) if key in rows else blank)
            + (other.profile(theirs[key]) if key in theirs else blank)
            for key in keys
        ]
        return ledger_of(self.grid, dict(zip(keys, merged, strict=True)), self.counters)


def concatenate(ledgers: Sequence[Ledger]) -> Ledger:
    """Ledgers of different windows as one; at least one, oldest first, all on one grid."""
    first, *others = ledgers
    if not others:
        return first
    return Ledger(
        first.grid,
        tuple(key for ledger in ledgers for key in ledger.keys),
        Counters.concatenate([ledger.counters for ledger in ledgers]),
        tuple(names for ledger in ledgers for names in ledger.names),
    )


def ledger_of(grid: Grid, profiles: Mapping[ProfileKey, Profile], like: Counters) -> Ledger:
    """A ledger of single profiles; `like` gives the detail when there are none."""
    if not profiles:
        return Ledger(grid, (), zeros(grid, like.cells.shape[-1], rows=0), ())
    parts = list(profiles.values())
    return Ledger(
        grid,
        tuple(profiles),
        Counters.stack([part.counters for part in parts]),
        tuple(part.names for part in parts),
    )
