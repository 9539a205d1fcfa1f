"""The errors to expect of a regression where labels are missing: how large, by what rows are like.

Rows are counted by how far off they are likely to be (`profile.risk`), or, where the reference
teaches nothing of single rows, by cells of the prediction. The reference tells how far off rows of
each cell are. Two ideas, averaged by how well each foretold the labels of earlier windows:

* as in the reference: rows of a cell are as far off as they were there;
* rescaled: the labels of the last six windows tell by which factor all of them are farther off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.doubt import BETWEEN_WINDOWS
from wane.metrics.estimates import effective_scale
from wane.profile.counters import Loss, Total
from wane.profile.grid import Part
from wane.stats.array import divide
from wane.stats.averaging import averaging_weights
from wane.stats.isotonic import isotonic
from wane.stats.recalibrate import recent_factors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.profile.counters import Counters
    from wane.profile.grid import Grid
    from wane.profile.profile import Profile

    Floats = NDArray[np.float64]

LOSSES = (Loss.ABSOLUTE, Loss.SQUARES)
"""What is expected of each row, in the order of the last axis of everything here."""
LEAST_LABELS = 100
PRIOR = (0.999, 0.001)
SHRINKAGE = 50.0
"""Rows of the whole model that are added to those of a segment, and to cells that have no order."""
LARGEST_PENALTY = 20.0
"""One window cannot rule an idea out for good."""


@dataclass(frozen=True, slots=True)
class ErrorCells:
    """How far off rows of the reference were, by cell of one column of the grid.

    Attributes:
        column: Position of the column.
        losses: [S, 2] mean |e| and mean e^2 of each cell.
        block: [S] which block of cells each is told by: those of one block are told by the same
            rows of the reference.
        rows: [B] rows behind each block, > 0.
    """

    column: int
    losses: Floats
    block: NDArray[np.intp]
    rows: Floats

    @property
    def variance(self) -> Floats:
        """[S] of |e| among rows of a cell."""
        return np.asarray(np.maximum(self.losses[:, 1] - self.losses[:, 0] ** 2, 0.0))


def error_cells(reference: Profile, grid: Grid) -> ErrorCells | None:
    """What a reference teaches; None with fewer than 100 labels.

    Errors rise with what is expected of rows, and so they do by cell (isotonic regression); by
    cells of the prediction there is no such order, and small cells are shrunk to the rest.
    """
    risk = grid.one(Part.RISK)
    column = grid.one(Part.PREDICTION) if risk is None else risk
    counters = reference.counters
    if column is None or not grid.split or not len(counters.cell_losses):
        return None
    at = cells_of(grid, column)
    rows = counters.cells[at, 0]
    sums = counters.cell_losses[at][:, LOSSES]
    if rows.sum() < LEAST_LABELS or not np.isfinite(sums).all():
        return None
    if risk is None:
        mean = sums.sum(axis=0) / rows.sum()
        losses = (sums + SHRINKAGE * mean) / (rows + SHRINKAGE)[:, None]
        return ErrorCells(column, losses, np.arange(len(rows)), rows + SHRINKAGE)
    size, square = (isotonic(total, rows) for total in sums.T)
    losses = np.stack([size.share, square.share], axis=1)
    return ErrorCells(column, losses, size.block, size.rows)


def cells_of(grid: Grid, column: int) -> slice:
    """The cells of values in a numeric column, without that of missing ones."""
    return slice(int(grid.starts[column]), int(grid.starts[column + 1]) - 1)


@dataclass(frozen=True, slots=True)
class ExpectedErrors:
    """The rows of R windows by cell, and the errors to expect of them.

    Attributes:
        labelled: [R, S] effective rows with a label.
        unlabelled: [R, S] those without.
        known: [R, 2] sums of |e| and e^2 of rows with a label.
        candidates: [M, R, 2] factors of all errors, by each idea.
        weights: [R, M] by which they are averaged.
        cells: How far off rows of the reference were.
    """

    labelled: Floats
    unlabelled: Floats
    known: Floats
    candidates: Floats
    weights: Floats
    cells: ErrorCells

    @property
    def factor(self) -> Floats:
        """[R, 2] by which errors are larger than rows of the reference had them."""
        return np.asarray(np.einsum("rm,mrl->rl", self.weights, self.candidates))

    def sums(self, rows: Floats) -> Floats:
        """[R, 2] to expect of so many rows of each cell."""
        return np.asarray((rows @ self.cells.losses) * self.factor)


def expect_errors(
    counters: Counters, grid: Grid, cells: ErrorCells, settled: NDArray[np.bool_]
) -> ExpectedErrors:
    """The errors to expect, each window's by what was known of the windows before it.

    Args:
        counters: [R, ...] of a model, in order of time.
        grid: Where they were counted.
        cells: What the reference taught.
        settled: [R] windows whose labels are in, and tell how well earlier ones were foretold.
    """
    labelled, unlabelled, known = _counted(counters, grid, cells)
    told = labelled.sum(axis=1) * settled
    expected = labelled @ cells.losses
    factors = np.stack(
        [
            recent_factors(np.where(told > 0, known[:, at], 0.0), expected[:, at], told)
            for at in range(len(LOSSES))
        ],
        axis=1,
    )
    candidates = np.stack([np.ones_like(factors), factors])
    variance = (labelled @ cells.variance) * candidates[..., 0] ** 2 * (1 + BETWEEN_WINDOWS)
    off = known[:, 0] - expected[:, 0] * candidates[..., 0]
    likely = (-(off**2) / np.maximum(variance, 1e-300) - np.log(np.maximum(variance, 1e-300))) / 2
    gained = np.maximum(likely - likely.max(axis=0), -LARGEST_PENALTY).T
    gained[told == 0] = np.nan
    return ExpectedErrors(
        labelled, unlabelled, known, candidates, averaging_weights(gained, PRIOR), cells
    )


def expect_errors_in_segment(
    counters: Counters, grid: Grid, segment: Profile | None, model: ExpectedErrors
) -> ExpectedErrors:
    """The same for a segment, whose rows may be farther off than others like them.

    Cells of segments are not split by label: rows with one are taken to be like the others.

    Args:
        counters: [R, ...] of the segment, in the windows of `model`.
        grid: Where they were counted.
        segment: The reference rows of the segment; None where it has none.
        model: The whole model.
    """
    rows, _, known = _counted(counters, grid, model.cells)
    share = divide(counters.totals[:, Total.LABELLED], counters.totals[:, Total.PREDICTED])
    labelled = rows * np.nan_to_num(share)[:, None]
    own = np.ones(len(LOSSES))
    if segment is not None:
        then, _, found = _counted(segment.counters.as_stack(), grid, model.cells)
        mean = model.cells.losses.mean(axis=0)
        expected = (then @ model.cells.losses)[0]
        own = (found[0] + SHRINKAGE * mean) / (expected + SHRINKAGE * mean)
    factor = (model.factor * own)[None]
    weights = np.ones((len(factor[0]), 1))
    return ExpectedErrors(labelled, rows - labelled, known, factor, weights, model.cells)


def _counted(counters: Counters, grid: Grid, cells: ErrorCells) -> tuple[Floats, Floats, Floats]:
    """Effective rows by cell with and without a label, and the sums of their losses."""
    at = cells_of(grid, cells.column)
    scale = effective_scale(counters)[:, None]
    labelled = counters.cells[:, at, 0] * scale
    unlabelled = counters.cells[:, at, 1:].sum(axis=2) * scale
    known = counters.cell_losses[:, at][:, :, LOSSES].sum(axis=1) * scale
    return labelled, unlabelled, known
