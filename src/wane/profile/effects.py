"""What features tell of the label beyond the score: effects of their cells, from a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from wane.profile.answers import read_answers
from wane.profile.columns import row_cells
from wane.profile.grid import Part
from wane.profile.outcomes import confidence, locate
from wane.profile.rows import Rows
from wane.schema import Task
from wane.stats.additive import additive_effects
from wane.stats.isotonic import isotonic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.profile.answers import Answers
    from wane.profile.grid import Grid
    from wane.schema import Schema

GROUPS = {Task.BINARY: 2, Task.MULTICLASS: 1}
"""Of answers, by task: those of each class, or all."""
LEAST_ROWS = 500
"""Fewer labelled rows of a predicted class tell nothing of the features."""
MOST_VALUES = 2_000_000
"""Of all columns together: a sample of a wide table is cut to fewer rows."""


def feature_effects(sample: pa.Table, schema: Schema, grid: Grid) -> NDArray[np.float64] | None:
    """By how much labels of a classifier differ from what scores promise, cell by cell.

    For each predicted class of a binary model, the label less its chance by the score (isotonic on
    the same rows) is fitted by an additive model on the cells of the features. Being additive, it
    needs no more than the cell counts of a window to say how much the positives among its rows
    differ. Of a multiclass model all answers are one group, and the right ones are positive.

    Args:
        sample: Reference rows with their labels.
        schema: The roles of their columns.
        grid: Its cells.

    Returns:
        [G, T] effects by group, 0 for cells of other columns; None for other tasks, where cells
        are not split by outcome, and without features, scores or enough labels.
    """
    scores, features = grid.of_part(Part.SCORE), grid.of_part(Part.FEATURE)
    classifies = grid.task in (Task.BINARY, Task.MULTICLASS)
    if not (classifies and scores and features and grid.split and sample.num_rows):
        return None
    step = max(1, len(features) * sample.num_rows // MOST_VALUES)
    thinned = sample.take(pa.array(range(0, sample.num_rows, step))) if step > 1 else sample
    rows = Rows.of(thinned.combine_chunks().to_batches()[0])
    answers = read_answers(rows.batch, schema, grid)
    located = [locate(grid, position, rows, {}) for position in scores]
    score = confidence(located, answers, rows.count)
    known = np.flatnonzero(answers.labelled & np.isfinite(score.values))
    group, positive = _groups(answers, grid)
    cells = np.stack(
        [row_cells(rows, grid.columns[at])[known] + grid.starts[at] for at in features]
    )
    cell, label = score.cell[known], positive[known].astype(np.float64)
    effects = np.zeros((GROUPS[grid.task], int(grid.starts[-1])))
    size = grid.columns[scores[0]].cells.size
    for at, own in enumerate(effects):
        mine = np.flatnonzero(group[known] == at)
        if len(mine) < LEAST_ROWS:
            continue
        rows_of = np.bincount(cell[mine], minlength=size)
        chance = isotonic(np.bincount(cell[mine], label[mine], size), rows_of).share
        own[:] = additive_effects(cells[:, mine], label[mine] - chance[cell[mine]], len(own))
    return effects if effects.any() else None


def _groups(answers: Answers, grid: Grid) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """[n] group of each answer, and whether its label is positive: right, of many classes."""
    if grid.task is Task.BINARY:
        return answers.predicted, answers.label == 1
    return np.minimum(answers.predicted, 0), answers.label == answers.predicted
