"""Learning from a reference on which rows a regression is far off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.answers import read_answers
from wane.profile.cells import NumericCells
from wane.profile.columns import row_cells
from wane.profile.grid import GridColumn, Part
from wane.profile.lay import lay_numeric
from wane.profile.risk import Risk
from wane.profile.rows import Rows
from wane.schema import Task
from wane.stats.array import divide
from wane.stats.boosting import RIDGE, Trees, boosted_trees

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from wane.profile.cells import Cells
    from wane.profile.grid import Grid
    from wane.schema import Schema

    Floats = NDArray[np.float64]
    Codes = NDArray[np.uint8]

COLUMN = "expected error"
LEAST_ROWS = 500
"""Fewer labelled rows teach nothing of single rows."""
MOST_ROWS = 131_072
"""More rows would tell no more."""
MOST_COLUMNS = 32
"""Of those columns that tell most by themselves."""
MOST_CODES = 255
HELD_OUT = 8
"""One row in so many tests what the others taught."""
LEAST_EVIDENCE = 2.0
"""Standard errors by which what is foretold must go with what is found on these rows."""
DIGITS = 6
"""Of leaves that are kept, so that they are the same once they were text."""


def with_risk(grid: Grid, sample: pa.Table, schema: Schema) -> Grid:
    """The grid with a model of |error|, and a column for what it expects of each row.

    Args:
        grid: Of a regression.
        sample: Reference rows with their labels; up to `MOST_ROWS` are worth having.
        schema: The roles of their columns.

    Returns:
        The same grid for other tasks, with too few labels, and where features do not foretell the
        errors of rows that were held out.
    """
    if grid.task is not Task.REGRESSION or not sample.num_rows or not grid.split:
        return grid
    rows = Rows.of(sample.combine_chunks().to_batches()[0])
    answers = read_answers(rows.batch, schema, grid)
    if answers.error is None:
        return grid
    with np.errstate(over="ignore"):  # what overflows is left out
        size = np.abs(answers.error)
        usable = answers.labelled & np.isfinite(size * size)
    known = np.flatnonzero(usable)
    if len(known) < LEAST_ROWS:
        return grid
    size = size[known]
    cells = {
        at: row_cells(rows, grid.columns[at])[known]
        for at in (*grid.of_part(Part.FEATURE), *grid.of_part(Part.PREDICTION))
        if grid.columns[at].name in rows.arrays
    }
    columns = _most_telling(cells, size)
    codes = tuple(_codes(cells[at], size, grid.columns[at].cells) for at in columns)
    by_row = np.stack([code[cells[at]] for at, code in zip(columns, codes, strict=True)])
    trees = _tested(by_row, size)
    if trees is None:
        return grid
    risk = Risk(columns, codes, trees)
    own = GridColumn(COLUMN, Part.RISK, lay_numeric(trees.foretell(by_row)))
    return replace(grid, columns=(*grid.columns, own), risk=risk)


def _most_telling(cells: dict[int, NDArray[np.intp]], size: Floats) -> tuple[int, ...]:
    """The columns whose cells explain most of the sizes, in the order of the grid."""
    explained = {}
    for at, cell in cells.items():
        off = np.bincount(cell, size - size.mean())
        explained[at] = float((off**2 / (np.bincount(cell) + RIDGE)).sum())
    ranked = sorted(cells, key=lambda at: -explained[at])
    return tuple(sorted(ranked[:MOST_COLUMNS]))


def _codes(cell: NDArray[np.intp], size: Floats, cells: Cells) -> Codes:
    """The code of each cell: numbers by their order, categories by the mean size of their rows."""
    order = np.arange(cells.size)
    if not isinstance(cells, NumericCells):
        total, rows = np.bincount(cell, size, cells.size), np.bincount(cell, minlength=cells.size)
        order = np.argsort(divide(total + RIDGE * size.mean(), rows + RIDGE), kind="stable")
    codes = np.empty(cells.size, dtype=np.uint8)
    codes[order] = np.arange(cells.size) * min(MOST_CODES, cells.size) // cells.size
    return codes


def _tested(codes: Codes, size: Floats) -> Trees | None:
    """Trees grown on most rows, if they tell large errors from small ones on the others."""
    held = np.arange(len(size)) % HELD_OUT == 0
    trees = boosted_trees(codes[:, ~held], size[~held])
    if trees is None:
        return None
    foretold = trees.foretell(codes[:, held])
    off, found = foretold - foretold.mean(), size[held] - size[held].mean()
    slope = divide((off * found).sum(), (off * off).sum())
    error = np.sqrt(divide(((found - slope * off) ** 2).mean(), (off * off).sum()))
    if not slope > LEAST_EVIDENCE * error:
        return None
    return replace(trees, leaves=np.round(trees.leaves, DIGITS))
