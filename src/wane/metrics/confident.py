"""Accuracy of a multiclass model from the confidence of its answers: right or wrong by score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.estimates import Estimates, estimates
from wane.metrics.labelled import Labelled
from wane.profile.counters import Score
from wane.stats.array import divide
from wane.stats.interval import wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Confident(Labelled):
    """The answers of R windows by the score of the predicted class, in effective rows.

    Attributes:
        score: [R, S, 1, 3, len(Score)] by (wrong, right, no label).
        totals: [R, len(Total)].
    """

    score: NDArray[np.float64]
    totals: NDArray[np.float64]


def accuracy(c: Confident) -> Estimates:
    """Share of labelled rows answered right; Wilson interval."""
    wrong, right = np.moveaxis(c.score[..., :2, Score.WEIGHT].sum(axis=(1, 2)), -1, 0)
    value = divide(right, wrong + right)
    limits = wilson(right, wrong + right)
    return estimates(value, c.labelled, interval=limits, because=c.missing)


def slope(c: Confident) -> NDArray[np.float64]:
    """What one more right answer does to accuracy: [R, 1, 1]."""
    rows = c.score[..., :2, Score.WEIGHT].sum(axis=(1, 2, 3))
    return divide(1.0, rows)[:, None, None]
