"""Labelled rows by the values of a column, on both sides of a change.

What is summed is whether answers are right; of regressions, their absolute errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.diagnose.cell_groups import NAMED, CellGroup, cell_groups
from wane.profile.counters import Error, Loss, Score
from wane.profile.grid import Part
from wane.schema import Task
from wane.stats.decompose import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wane.profile.grid import Grid
    from wane.profile.profile import Profile

METRICS = {Task.BINARY: "accuracy", Task.MULTICLASS: "accuracy", Task.REGRESSION: "mae"}
"""What the sums are of, by task; other answers are not right or wrong one by one."""
NO_REFERENCE = "there is no reference to compare with"
NO_TASK = "answers of this kind are not right or wrong one by one"


@dataclass(frozen=True, slots=True)
class OutcomeCells:
    """The cells of one column on both sides.

    Attributes:
        column: Its name.
        role: "feature", "segment", "score", or "risk": how far off a regression was likely to be.
        before: Rows before, by cell.
        now: Rows now, by cell.
        groups: Cells in few groups that people can read; empty for scores.
    """

    column: str
    role: str
    before: Side
    now: Side
    groups: tuple[CellGroup, ...]

    @property
    def is_counted(self) -> bool:
        """Whether both sides have rows in the column."""
        return bool(self.before.rows.sum() and self.now.rows.sum())


def feature_cells(
    grid: Grid, before: Profile, now: Profile, named: int = NAMED
) -> list[OutcomeCells]:
    """Feature columns; none where their cells are not split by outcome.

    Args:
        grid: Of both.
        before: The rows before.
        now: The rows now.
        named: Categories that are groups of their own.
    """
    if not grid.split:
        return []
    found = []
    for position in grid.of_part(Part.FEATURE):
        cells = slice(int(grid.starts[position]), int(grid.starts[position + 1]))
        column = grid.columns[position]
        then, after = (side_of_cells(profile, grid.task, cells) for profile in (before, now))
        groups = cell_groups(column.cells, then.rows + after.rows, named)
        found.append(OutcomeCells(column.name, "feature", then, after, groups))
    return found


def side_of_cells(profile: Profile, task: Task, part: slice) -> Side:
    """Labelled rows of cells by outcome: right ones count 1, of regressions |e|."""
    cells = profile.counters.cells[part]
    if task is Task.REGRESSION:
        losses = profile.counters.cell_losses[part]
        return Side(cells[:, 0], losses[:, Loss.ABSOLUTE], losses[:, Loss.SQUARES])
    if task is Task.BINARY:
        right = cells[:, 0] + cells[:, 4]
        return Side(right + cells[:, 1] + cells[:, 3], right, right)
    wrong, right = cells[:, 0:-1:3].sum(axis=1), cells[:, 1:-1:3].sum(axis=1)
    return Side(wrong + right, right, right)


def score_cells(grid: Grid, before: Profile, now: Profile) -> OutcomeCells | None:
    """The cells of the score; of a binary model those of each predicted class.

    Of a regression those of how far off rows were likely to be, or of the prediction.
    """
    if grid.task is Task.REGRESSION:
        return _error_cells(grid, before, now)
    positions = grid.of_part(Part.SCORE)
    if grid.task not in (Task.BINARY, Task.MULTICLASS) or not positions:
        return None
    then, after = (_side_of_scores(profile, grid.task) for profile in (before, now))
    cells = OutcomeCells(grid.columns[positions[0]].name, "score", then, after, groups=())
    return cells if cells.is_counted else None


def _error_cells(grid: Grid, before: Profile, now: Profile) -> OutcomeCells | None:
    risk, prediction = grid.one(Part.RISK), grid.one(Part.PREDICTION)
    position = prediction if risk is None else risk
    if position is None or not grid.split:
        return None
    part = slice(int(grid.starts[position]), int(grid.starts[position + 1]))
    then, after = (side_of_cells(profile, grid.task, part) for profile in (before, now))
    role = "score" if risk is None else "risk"
    cells = OutcomeCells(grid.columns[position].name, role, then, after, groups=())
    return cells if cells.is_counted else None


def _side_of_scores(profile: Profile, task: Task) -> Side:
    score = profile.counters.score[:-1, :, :2, Score.WEIGHT]
    if task is Task.MULTICLASS:
        right = score[:, 0, 1]
        return Side(score[:, 0].sum(axis=1), right, right)
    right = np.stack([score[:, 0, 0], score[:, 1, 1]], axis=1).ravel()
    return Side(score.sum(axis=2).ravel(), right, right)


def segment_cells(
    grid: Grid, segments: Mapping[str, tuple[Profile | None, Profile | None]]
) -> list[OutcomeCells]:
    """Segment columns that have segments, a cell for each that could be."""
    found = []
    for cells in grid.segments:
        names = cells.names()
        if not any(name in segments for name in names):
            continue
        sides = []
        for at in (0, 1):
            each = [segments[name][at] if name in segments else None for name in names]
            parts = [_nothing() if one is None else whole_side(one, grid.task) for one in each]
            sides.append(Side(*(np.concatenate(of) for of in zip(*parts, strict=True))))
        groups = tuple(
            CellGroup(name.removeprefix(f"{cells.column}="), np.array([at]))
            for at, name in enumerate(names)
            if name in segments
        )
        found.append(OutcomeCells(cells.column, "segment", sides[0], sides[1], groups))
    return found


def whole_side(profile: Profile, task: Task) -> Side:
    """All labelled rows of a profile as one cell."""
    if task is Task.REGRESSION:
        errors = profile.counters.errors.sum(axis=0)
        return Side(
            *(np.array([errors[at]]) for at in (Error.WEIGHT, Error.ABSOLUTE, Error.SQUARES))
        )
    if task is Task.BINARY:
        score = profile.counters.score[..., Score.WEIGHT].sum(axis=0)
        right = np.array([score[0, 0] + score[1, 1]])
        return Side(np.array([score[:, :2].sum()]), right, right)
    confusion = profile.counters.confusion
    right = np.array([np.trace(confusion[:, :-1])])
    return Side(np.array([confusion[:, :-1].sum()]), right, right)


def _nothing() -> Side:
    return Side(np.zeros(1), np.zeros(1), np.zeros(1))
