"""Boosted trees on codes: a regression of sizes that finds which columns act together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.stats.array import Floats

    Codes = NDArray[np.uint8]

TREES = 300
DEPTH = 6
RATE = 0.1
RIDGE = 5.0
"""Rows of no effect that are added to each leaf."""
ROWS_OF_A_TREE = 8_192
SHARE_OF_COLUMNS = 0.6
MOST_COLUMNS_OF_A_TREE = 12
LARGEST_LEAF = 1.0
"""One tree at most multiplies or divides by e, however far off single rows lie."""
BLOCK = 16_384
"""Rows that are foretold together, so that their codes stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Trees:
    """A product of symmetric trees: all nodes of one depth ask the same question.

    Attributes:
        mean: What is foretold without any tree.
        columns: [T, D] which column each depth asks about.
        above: [T, D] whether its code is greater than this.
        leaves: [T, 2^D] logarithm of the factor of each leaf; the first question is the highest
            bit.
    """

    mean: float
    columns: NDArray[np.int64]
    above: NDArray[np.int64]
    leaves: Floats

    def foretell(self, codes: Codes) -> Floats:
        """The size to expect of each row.

        Args:
            codes: [F, n].

        Returns:
            [n], > 0.
        """
        found = np.zeros(codes.shape[1])
        for first in range(0, codes.shape[1], BLOCK):
            block = codes[:, first : first + BLOCK]
            for columns, above, leaves in zip(self.columns, self.above, self.leaves, strict=True):
                found[first : first + BLOCK] += leaves.take(_leaf(block, columns, above))
        return np.asarray(self.mean * np.exp(found))


def boosted_trees(codes: Codes, sizes: Floats, seed: int = 0) -> Trees | None:
    """Stochastic gradient boosting (Friedman, 2002) of symmetric trees, as CatBoost grows them.

    Each tree sees some rows and some columns, and lessens the Poisson deviance that the trees
    before it left: what is foretold is unbiased, and effects multiply.

    Args:
        codes: [F, n] of the columns, in an order that means something.
        sizes: [n], finite and >= 0.
        seed: Of the choice of rows and columns.

    Returns:
        None without columns or rows, and where all sizes are 0.
    """
    mean = float(sizes.mean()) if len(sizes) else 0.0
    if not len(codes) or not mean:
        return None
    random = np.random.default_rng(seed)
    width = min(math.ceil(SHARE_OF_COLUMNS * len(codes)), MOST_COLUMNS_OF_A_TREE)
    relative, log_now = sizes / mean, np.zeros(len(sizes))
    grown: list[tuple[NDArray[np.int64], NDArray[np.int64], Floats]] = []
    for _ in range(TREES):
        rows = _some(random, len(sizes), ROWS_OF_A_TREE)
        columns = _some(random, len(codes), width)
        now = np.exp(log_now[rows])
        asked, above, leaves = _grow(codes[np.ix_(columns, rows)], relative[rows] - now, now)
        log_now += leaves.take(_leaf(codes, columns[asked], above))
        grown.append((columns[asked], above, leaves))
    return Trees(mean, *(np.stack(parts) for parts in zip(*grown, strict=True)))


def _some(random: np.random.Generator, count: int, most: int) -> NDArray[np.int64]:
    """So many of `count`, or all of them; each at most once."""
    return random.permutation(count)[:most] if count > most else np.arange(count)


def _grow(
    codes: Codes, left: Floats, weight: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """One tree: at each depth the question after which most of what is left is explained.

    Args:
        codes: [F, n].
        left: [n] sizes less what is foretold.
        weight: [n] what is foretold.

    Returns:
        [D] columns, [D] codes, [2^D] leaves.
    """
    columns, bins = len(codes), int(codes.max(initial=0)) + 1
    width = columns * bins
    place = codes.astype(np.intp) + (np.arange(columns) * bins)[:, None]
    summed = [np.broadcast_to(part, codes.shape).ravel() for part in (left, weight)]
    leaf = np.zeros(len(left), dtype=np.intp)
    asked, above = np.zeros((2, DEPTH), dtype=np.int64)
    for depth in range(DEPTH):
        joint = (leaf * width + place).ravel()
        shape = (1 << depth, columns, bins)
        low, held = (
            np.bincount(joint, part, (1 << depth) * width).reshape(shape).cumsum(axis=2)
            for part in summed
        )
        high, rest = low[..., -1:] - low, held[..., -1:] - held
        explained = (low**2 / (held + RIDGE) + high**2 / (rest + RIDGE)).sum(axis=0)
        asked[depth], above[depth] = np.unravel_index(int(explained.argmax()), (columns, bins))
        leaf = leaf * 2 + (codes[asked[depth]] > above[depth])
    total, held = (np.bincount(leaf, part, 1 << DEPTH) for part in (left, weight))
    leaves = np.clip(RATE * total / (held + RIDGE), -LARGEST_LEAF, LARGEST_LEAF)
    return asked, above, leaves


def _leaf(codes: Codes, columns: NDArray[np.int64], above: NDArray[np.int64]) -> NDArray[np.uint8]:
    """[n] leaf of each row of [F, n] codes."""
    leaf = np.zeros(codes.shape[1], dtype=np.uint8)
    for column, limit in zip(columns.tolist(), above.tolist(), strict=True):
        leaf <<= 1
        leaf |= codes[column] > limit
    return leaf
