"""How a mean changed: other rows came, or the same rows were answered otherwise.

Rows of both sides are counted by cell. With p and q the shares of the rows in a cell before and
now, and r and s the mean of a value in it, the means M = sum p r and N = sum q s differ by

    mix    sum (q - p) ((r + s) / 2 - (M + N) / 2)
    rates  sum (p + q) / 2 (s - r)

which add up to N - M exactly: the Shapley values of a game of two players (Shorrocks, 1999, and
"Why did the model fail?", arXiv 2210.10769). Cells are those of C columns, one after the other;
every column decomposes the same change.
"""

from typing import NamedTuple

import numpy as np

from wane.stats.array import Floats, Ints, divide
from wane.stats.ragged import column_sums, per_cell


class Side(NamedTuple):
    """Rows on one side of a change; [T] each.

    Attributes:
        rows: Rows, or their weights, >= 0.
        total: Sum of the value.
        squares: Sum of its squares.
    """

    rows: Floats
    total: Floats
    squares: Floats


class Parts(NamedTuple):
    """Both parts of a change, by cell [T]; the variances of their sums by column [C].

    Attributes:
        mix: What changed shares add.
        rates: What changed means within the cells add.
        mix_variance: >= 0, by chance of which rows came, and of how they were answered.
        rates_variance: >= 0, by chance of how they were answered.
    """

    mix: Floats
    rates: Floats
    mix_variance: Floats
    rates_variance: Floats


def decompose(before: Side, now: Side, starts: Ints) -> Parts:
    """The parts of the change of a mean.

    A cell without rows on one side has the mean of the other side there.

    Args:
        before: Rows by cell.
        now: The same cells now.
        starts: [C] first cell of each column.

    Returns:
        0 for the cells of a column that has no rows on one side.
    """
    p, q = _shares(before, starts), _shares(now, starts)
    r, s = divide(before.total, before.rows), divide(now.total, now.rows)
    r, s = (np.nan_to_num(np.where(np.isnan(a), b, a)) for a, b in ((r, s), (s, r)))
    cells = len(p)
    means = column_sums(p * r, starts), column_sums(q * s, starts)
    middle = per_cell((means[0] + means[1]) / 2, starts, cells)
    filled = (column_sums(p, starts) > 0) & (column_sums(q, starts) > 0)
    both = per_cell(filled.astype(np.float64), starts, cells) > 0
    level = (r + s) / 2 - middle
    mix = np.where(both, (q - p) * level, 0.0)
    rates = np.where(both, (p + q) / 2 * (s - r), 0.0)
    chance = np.where(both, _variance_of_mean(before) + _variance_of_mean(now), 0.0)
    came = _variance_of_sum(p, level, before, starts) + _variance_of_sum(q, level, now, starts)
    return Parts(
        mix,
        rates,
        mix_variance=came + column_sums((q - p) ** 2 * chance / 4, starts),
        rates_variance=column_sums(((p + q) / 2) ** 2 * chance, starts),
    )


def _shares(side: Side, starts: Ints) -> Floats:
    total = per_cell(column_sums(side.rows, starts), starts, len(side.rows))
    return np.nan_to_num(divide(side.rows, total))


def _variance_of_mean(side: Side) -> Floats:
    """[T] of the mean of the rows of a cell; 0 in cells without rows.

    One row that varies as all rows do is added to each cell, so that few equal ones are not sure.
    """
    mean, square = divide(side.total, side.rows), divide(side.squares, side.rows)
    within = np.maximum(square - mean**2, 0.0)
    total, squares, rows = (part.sum() for part in (side.total, side.squares, side.rows))
    overall = np.maximum(np.nan_to_num(divide(squares, rows) - divide(total, rows) ** 2), 0.0)
    pooled = (np.nan_to_num(within) * side.rows + overall) / (side.rows + 1)
    return np.nan_to_num(divide(pooled, side.rows))


def _variance_of_sum(share: Floats, level: Floats, side: Side, starts: Ints) -> Floats:
    """[C] of the mean of the levels over the rows of one side, as so many draws of cells."""
    mean = column_sums(share * level, starts)
    square = column_sums(share * level**2, starts)
    rows = column_sums(side.rows, starts)
    return np.nan_to_num(divide(np.maximum(square - mean**2, 0.0), rows))
