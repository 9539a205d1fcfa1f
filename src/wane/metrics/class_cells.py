"""The score cells of the classes, merged so that estimates of many classes stay cheap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.estimates import effective_scale
from wane.stats.array import divide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.profile.counters import Counters

    Floats = NDArray[np.float64]

CELLS = 100
"""Of each class, and one for missing scores. That moves macro AUC by about 1e-4."""


@dataclass(frozen=True, slots=True)
class ClassCells:
    """Which of the score cells of each class are taken together.

    Attributes:
        cell: [K, S] merged cell of each, rising; the last is that of missing scores.
    """

    cell: NDArray[np.intp]

    @classmethod
    def of(cls, counters: Counters) -> ClassCells:
        """By one profile: cells that hold about the same share of its rows and of its labels.

        Shares of rows and of the labels of the class are added up, so that scores are told apart
        where most rows lie, and where those of a rare class do.
        """
        counted = counters.class_scores[:, :-1].sum(axis=2)
        parts = counted.sum(axis=2), counted[..., 1]
        mass = sum(np.nan_to_num(divide(part, part.sum(axis=1, keepdims=True))) for part in parts)
        mass = np.asarray(mass)
        middle = np.cumsum(mass, axis=1) - mass / 2
        whole = np.maximum(mass.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        merged = np.minimum((CELLS * middle / whole).astype(np.intp), CELLS - 1)
        return cls(np.pad(merged, ((0, 0), (0, 1)), constant_values=CELLS))

    def scores(self, counters: Counters) -> Floats:
        """[R, S, 2 K, 3, 1] rows by merged cell, class and whether it was predicted, and label.

        In effective rows, as the score counters of a binary model, but for sums of scores.
        """
        merged = self._merged(counters.class_scores)
        merged *= effective_scale(counters)[:, None, None, None, None]
        return merged.reshape(*merged.shape[:2], -1, 3, 1)

    def losses(self, counters: Counters) -> Floats:
        """[R, S, K] mean of -log(score of the class) by merged cell; 0 where there are no rows."""
        weight, total = np.moveaxis(self._merged(counters.class_losses), -1, 0)
        return np.nan_to_num(divide(total, weight))

    def _merged(self, counted: Floats) -> Floats:
        """[R, S, K, ...] of [R, K, S, ...]."""
        rows, classes, _, *rest = counted.shape
        merged = np.zeros((rows, CELLS + 1, classes, *rest))
        for at, cell in enumerate(self.cell):
            kept, starts = np.unique(cell, return_index=True)
            merged[:, kept, at] = np.add.reduceat(counted[:, at], starts, axis=1)
        return merged
