"""Quantiles from cell counts."""

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Floats, Ints, divide


def quantile_from_cells(
    counts: ArrayLike,
    edges_lower: ArrayLike,
    edges_upper: ArrayLike,
    probabilities: ArrayLike,
    *,
    minimum: ArrayLike,
    maximum: ArrayLike,
) -> Floats:
    """Quantiles of one column, by straight lines inside the cells.

    The error is at most the width of the cell the quantile falls in. A cell of zero width is a
    point mass and is answered exactly.

    Args:
        counts: [..., S] counts of value cells in ascending order (no cell of missing values).
        edges_lower: [S] lower edges, the first may be -inf.
        edges_upper: [S] upper edges, the last may be inf.
        probabilities: [Q] in [0, 1].
        minimum: [...] smallest value seen; bounds the open lower tail.
        maximum: [...] largest value seen; bounds the open upper tail.

    Returns:
        [..., Q] in the column's own unit, within [minimum, maximum]; nan where there is no mass.
    """
    cells = np.asarray(counts, dtype=np.float64)
    running = np.cumsum(cells, axis=-1)
    target = running[..., -1:] * np.asarray(probabilities, dtype=np.float64)
    cell = _cell_of(running, target)
    inside = np.take_along_axis(cells, cell, axis=-1)
    below = np.take_along_axis(running, cell, axis=-1) - inside
    filled = running[..., -1:] > 0
    floor = np.where(filled, np.asarray(minimum, dtype=np.float64)[..., None], np.nan)
    ceiling = np.where(filled, np.asarray(maximum, dtype=np.float64)[..., None], np.nan)
    lower = np.clip(np.asarray(edges_lower, dtype=np.float64)[cell], floor, ceiling)
    upper = np.clip(np.asarray(edges_upper, dtype=np.float64)[cell], floor, ceiling)
    part = np.clip(divide(target - below, inside), 0, 1)
    return lower + part * (upper - lower)


def _cell_of(running: Floats, target: Floats) -> Ints:
    """First cell with rows whose running count [..., S] reaches the target [..., Q]."""
    reached = running[..., None, :]
    passed = (reached < target[..., None]) | (reached == 0)
    cell: Ints = np.minimum(passed.sum(axis=-1), running.shape[-1] - 1)
    return cell
