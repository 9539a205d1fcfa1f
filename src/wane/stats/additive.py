"""An additive model on cells, by backfitting with a ridge."""

import numpy as np
from numpy.typing import NDArray

from wane.stats.array import Floats

RIDGE = 100.0
"""Rows of no effect that are added to each cell."""
ROUNDS = 3


def additive_effects(
    cells: NDArray[np.integer],
    response: Floats,
    size: int,
    *,
    ridge: float = RIDGE,
    rounds: int = ROUNDS,
) -> Floats:
    """The effect of each cell on a response (Hastie & Tibshirani, 1990, chapter 4).

    The response of a row is its mean plus the effects of the cells the row lies in, one of each
    column. Effects are fitted column by column to what the other columns leave, and shrunk as if
    each cell had `ridge` more rows of no effect.

    Args:
        cells: [F, n] cell of each row by column; cells of all columns are counted on, so that no
            two columns share one.
        response: [n].
        size: Number of cells.
        ridge: >= 0.
        rounds: Passes over the columns.

    Returns:
        [size]; 0 for cells without rows, and everywhere without rows.
    """
    effects = np.zeros(size)
    if not len(response):
        return effects
    left = response - response.mean()
    fitted = np.zeros((len(cells), len(response)))
    counts = np.zeros(size)
    for column in cells:
        counts += np.bincount(column, minlength=size)
    for _ in range(rounds):
        for column, before in zip(cells, fitted, strict=True):
            left += before
            first, last = int(column.min()), int(column.max()) + 1
            sums = np.bincount(column - first, left, last - first)
            own = sums / np.maximum(counts[first:last] + ridge, 1e-300)
            effects[first:last] = own
            before[:] = own[column - first]
            left -= before
    return effects
