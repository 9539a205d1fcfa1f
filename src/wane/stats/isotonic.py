"""Isotonic regression of a share on ordered cells: the chance of a positive label, rising."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Floats, Ints

PRIOR_ROWS = 1.0
"""Rows of the average kind that are added to each block, so that no chance is 0 or 1."""


class Isotonic(NamedTuple):
    """A step function that never falls.

    Attributes:
        share: [S] in (0, 1) by cell; between blocks along a straight line.
        block: [S] which block each cell is told by; cells between blocks the next above, or last.
        rows: [B] rows of each block, > 0.
    """

    share: Floats
    block: Ints
    rows: Floats


def isotonic(positives: ArrayLike, rows: ArrayLike) -> Isotonic:
    """Pool adjacent violators (Ayer et al., 1955): the rising shares of greatest likelihood.

    Blocks are shrunk by one row towards the share of all rows.

    Args:
        positives: [S] in [0, rows].
        rows: [S] >= 0, in order of the score; not all 0.
    """
    hits, sizes = (np.asarray(part, dtype=np.float64) for part in (positives, rows))
    filled = np.flatnonzero(sizes > 0)
    first, hit, size = _pooled(hits[filled], sizes[filled])
    share = (hit + PRIOR_ROWS * hits.sum() / sizes.sum()) / (size + PRIOR_ROWS)
    of_filled = np.repeat(np.arange(len(first)), np.diff(first, append=len(filled)))
    cells = np.arange(len(sizes))
    after = np.minimum(np.searchsorted(filled, cells), len(filled) - 1)
    return Isotonic(np.interp(cells, filled, share[of_filled]), of_filled[after], size)


def _pooled(hits: Floats, sizes: Floats) -> tuple[Ints, Floats, Floats]:
    """First cell, hits and rows of each block."""
    blocks: list[tuple[int, float, float]] = []
    for cell, (hit, size) in enumerate(zip(hits.tolist(), sizes.tolist(), strict=True)):
        block = cell, hit, size
        while blocks and blocks[-1][1] * block[2] >= block[1] * blocks[-1][2]:
            start, hit_before, size_before = blocks.pop()
            block = start, hit_before + block[1], size_before + block[2]
        blocks.append(block)
    first, hit_of, size_of = zip(*blocks, strict=True)
    return np.array(first, dtype=np.intp), np.array(hit_of), np.array(size_of)
