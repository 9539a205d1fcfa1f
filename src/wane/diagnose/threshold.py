"""Would another threshold bring back what was lost? By the labels of each score cell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.counters import Score
from wane.profile.grid import Part
from wane.schema import Task

if TYPE_CHECKING:
    from wane.profile.grid import Grid
    from wane.profile.profile import Profile

LEAST_ROWS = 500
"""Of fewer labelled rows the best threshold is a guess."""


@dataclass(frozen=True, slots=True)
class ThresholdGain:
    """The threshold that would have been right most often, and what it would have brought.

    Attributes:
        threshold: Scores at and above it are positive.
        accuracy: With it.
        current: Of the answers as they were, on the same rows.
        error: Standard error of the difference.
        rows: Labelled rows with a score.
    """

    threshold: float
    accuracy: float
    current: float
    error: float
    rows: float

    @property
    def gain(self) -> float:
        """By how much more often answers would have been right."""
        return self.accuracy - self.current


def threshold_gain(grid: Grid, now: Profile) -> ThresholdGain | None:
    """The best threshold for the labelled rows of a binary model.

    It is found and judged on the same rows, cell by cell, which flatters it by little where these
    are many.

    Returns:
        None for other tasks, without scores, and for fewer than 500 labelled rows.
    """
    position = grid.one(Part.SCORE)
    if grid.task is not Task.BINARY or position is None:
        return None
    counted = now.counters.score[:-1, :, :2]
    negatives, positives = np.moveaxis(counted[..., Score.WEIGHT].sum(axis=1), 1, 0)
    rows = float((negatives + positives).sum())
    if rows < LEAST_ROWS:
        return None
    weight = counted[..., Score.WEIGHT]
    current = float(weight[:, 0, 0].sum() + weight[:, 1, 1].sum())
    below = np.concatenate([[0.0], np.cumsum(negatives)])
    above = positives.sum() - np.concatenate([[0.0], np.cumsum(positives)])
    right = below + above
    best = int(np.argmax(right))
    gain = (float(right[best]) - current) / rows
    edges = grid.columns[position].cells.edges  # type: ignore[union-attr]  # scores are numbers
    threshold = 0.0 if best == 0 else 1.0 if best > len(edges) else float(edges[best - 1])
    error = math.sqrt(max(abs(gain), 1 / rows) / rows)
    return ThresholdGain(threshold, float(right[best]) / rows, current / rows, error, rows)
