"""Leaves: labelled rows by the values of several columns together, before a change and after it.

Profiles count each column by itself, which bounds them. What columns do together is asked of rows,
in bounded memory: the columns are given in order of what they matter, and where the combinations
of their values become too many, the last column is left out.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.answers import read_answers
from wane.profile.cells import NumericCells
from wane.profile.columns import category_cells
from wane.profile.grid import Part
from wane.profile.rows import usable
from wane.profile.summarise import segment_codes, window_keys
from wane.profile.usable import place
from wane.profile.values import Numbers, no_texts, to_texts
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from wane.profile.answers import Answers
    from wane.profile.grid import Grid
    from wane.profile.rows import Rows
    from wane.schema import Schema
    from wane.window import Every

    _Sums = tuple[NDArray[np.int64], NDArray[np.float64]]

MOST_LEAVES = 500_000


@dataclass(frozen=True, slots=True)
class Axis:
    """A column by whose values rows are counted.

    Attributes:
        column: A feature or segment column of the grid.
        is_segment: Whether its cells are those of the segment column of that name.
        groups: Group of each cell, from 0 up; rows in cells of group -1 are left out.
    """

    column: str
    is_segment: bool
    groups: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of groups."""
        return max(self.groups, default=-1) + 1


@dataclass(frozen=True, slots=True)
class Split:
    """Which windows are before, and which are now; rows of others are left out.

    Attributes:
        before: Keys of windows.
        now: Keys of windows.
    """

    before: tuple[int, ...]
    now: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Leaves:
    """Combinations of values that occur.

    Attributes:
        codes: [L, D] group of each on each axis; with fewer axes than were asked for where the
            combinations were too many.
        sums: [S, L]: rows before, wrong ones among them, rows now, wrong ones among them. Of
            regressions rows, sum and sum of squares of absolute errors, before and now.
    """

    codes: NDArray[np.intp]
    sums: NDArray[np.float64]

    def __add__(self, other: Leaves) -> Leaves:
        """Leaves of both, on the axes that both have; a combination may come twice."""
        axes = min(self.codes.shape[1], other.codes.shape[1])
        return Leaves(
            np.concatenate([self.codes[:, :axes], other.codes[:, :axes]]),
            np.concatenate([self.sums, other.sums], axis=1),
        )


def count_leaves(
    batches: Iterable[pa.RecordBatch],
    *,
    grid: Grid,
    schema: Schema,
    every: Every | None,
    now: int,
    axes: Sequence[Axis],
    split: Split,
    most: int = MOST_LEAVES,
) -> Leaves:
    """Count labelled rows by combinations of values.

    Args:
        batches: Rows in stream order.
        grid: Whose cells the axes are of.
        schema: The roles of the columns.
        every: How the stream is cut; None for a single window 0.
        now: Microseconds since 1970 UTC; rows more than a day later are left out.
        axes: By what, that which matters most first; at least one.
        split: Which windows are before, and which are now.
        most: Leaves that are kept.

    Returns:
        No leaves where no labelled row lies in these windows.
    """
    tally = _Tally(axes, 6 if grid.task is Task.REGRESSION else 4, most)
    used = 0
    for batch in batches:
        rows = usable(batch, schema, now, Counter())
        if rows.count:
            answers = read_answers(rows.batch, schema, grid)
            side = _sides(window_keys(rows, every, used), split)
            joint = _joint_codes(rows, grid, axes)
            counted = np.flatnonzero(answers.labelled & (side >= 0) & (joint >= 0))
            tally.add(joint[counted], side[counted], _values(rows, answers)[:, counted])
            used += rows.count
    return tally.leaves()


def columns_of_leaves(schema: Schema, axes: Sequence[Axis]) -> tuple[str, ...]:
    """Names of the columns that counting leaves needs."""
    names: set[str | None] = {axis.column for axis in axes}
    names |= {schema.timestamp, schema.prediction, schema.label, schema.weight}
    if schema.prediction is None:
        names |= {schema.score, *schema.scores.values()}
    return tuple(name for name in schema.column_names() if name in names)


def _sides(keys: NDArray[np.int64], split: Split) -> NDArray[np.intp]:
    """0 for rows before, 1 for rows now, -1 for others: [n]."""
    is_before, is_now = (np.isin(keys, windows) for windows in (split.before, split.now))
    return np.where(is_now, 1, np.where(is_before, 0, -1)).astype(np.intp)


def _joint_codes(rows: Rows, grid: Grid, axes: Sequence[Axis]) -> NDArray[np.int64]:
    """[n] joint code of the groups of a row, the first axis leading; -1 where one has no group."""
    joint, there = np.zeros(rows.count, dtype=np.int64), np.ones(rows.count, dtype=bool)
    for axis in axes:
        group = np.array(axis.groups)[_cells(rows, grid, axis)]
        there &= group >= 0
        joint = joint * axis.size + group
    return np.where(there, joint, -1)


def _cells(rows: Rows, grid: Grid, axis: Axis) -> NDArray[np.intp]:
    """[n] cell of each row in a column."""
    if axis.is_segment:
        (segments,) = (found for found in grid.segments if found.column == axis.column)
        return segment_codes(rows, segments)
    (column,) = (
        found for found in grid.columns if found.part is Part.FEATURE and found.name == axis.column
    )
    if isinstance(column.cells, NumericCells):
        return place(Numbers(rows.numbers(axis.column)), column.cells, probability=False).cell
    array = rows.array(axis.column)
    return category_cells(no_texts(rows.count) if array is None else to_texts(array), column.cells)


def _values(rows: Rows, answers: Answers) -> NDArray[np.float64]:
    """What is summed over the rows of a side: [S / 2, n]."""
    weights = np.ones(rows.count) if rows.weights is None else rows.weights
    if answers.error is None:
        return np.stack([weights, weights * (answers.predicted != answers.label)])
    size = np.abs(answers.error)
    return np.stack([weights, weights * size, weights * size**2])


class _Tally:
    """Sums by joint code, which grow while batches are added.

    Args:
        axes: Of the joint codes.
        sums: How many.
        most: Leaves that are kept; as many again wait until they are merged.
    """

    def __init__(self, axes: Sequence[Axis], sums: int, most: int) -> None:
        self._all = [axis.size for axis in axes]
        self._sizes = list(self._all)
        self._most = most
        self._kept = np.zeros(0, dtype=np.int64), np.zeros((sums, 0))
        self._waiting: list[_Sums] = []

    def add(
        self, keys: NDArray[np.int64], side: NDArray[np.intp], values: NDArray[np.float64]
    ) -> None:
        """Add rows.

        Args:
            keys: [n] joint codes on all axes that were given.
            side: [n] 0 before, 1 now.
            values: [S / 2, n] what is summed.
        """
        left_out = math.prod(self._all[len(self._sizes) :])
        by_side = np.concatenate([np.where(side == at, values, 0.0) for at in (0, 1)])
        self._waiting.append(_merged([(keys // left_out, by_side)]))
        if sum(len(part) for part, _ in self._waiting) > self._most:
            self._merge()

    def leaves(self) -> Leaves:
        """What was added up."""
        self._merge()
        keys, sums = self._kept
        codes = np.stack(np.unravel_index(keys, self._sizes), axis=1)
        return Leaves(codes.astype(np.intp, copy=False), sums)

    def _merge(self) -> None:
        self._kept = _merged([self._kept, *self._waiting])
        self._waiting = []
        while len(self._kept[0]) > self._most and len(self._sizes) > 1:
            keys, sums = self._kept
            self._kept = _merged([(keys // self._sizes.pop(), sums)])


def _merged(parts: Sequence[_Sums]) -> _Sums:
    """The sums of each joint code: ([L] codes, [S, L])."""
    keys, place_of = np.unique(np.concatenate([key for key, _ in parts]), return_inverse=True)
    sums = np.concatenate([sums for _, sums in parts], axis=1)
    return keys, np.stack([np.bincount(place_of, part, len(keys)) for part in sums])
