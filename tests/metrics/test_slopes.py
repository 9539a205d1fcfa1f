"""Slopes against what metrics do when a cell gets one more positive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from wane.metrics.binary import Answered
from wane.metrics.confident import Confident, accuracy, slope
from wane.metrics.estimable import ESTIMABLE
from wane.profile.counters import Score, Total
from wane.schema import Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELLS = 12
COSTS = {"tn": 0.0, "fp": -1.0, "fn": -5.0, "tp": 2.0}
RNG = np.random.default_rng(8)
ROWS = RNG.uniform(20, 200, (1, CELLS + 1, 2))
MEAN = np.append((np.arange(CELLS) + 0.5) / CELLS, 0.0)[None, :, None]


def answered(chance: NDArray[np.float64]) -> Answered:
    """Rows of spread-out scores, so many of each cell positive."""
    score = np.zeros((1, CELLS + 1, 2, 3, len(Score)))
    for state, rows in ((0, ROWS * (1 - chance)), (1, ROWS * chance)):
        score[..., state, Score.WEIGHT] = rows
        score[..., state, Score.SUM] = rows * MEAN
        score[..., state, Score.SUM_SQUARES] = rows * (MEAN**2 + 1e-4)
        score[:, :-1, :, state, Score.SUM_LOG] = rows[:, :-1] * np.log(MEAN[:, :-1])
        score[:, :-1, :, state, Score.SUM_LOG_COMPLEMENT] = rows[:, :-1] * np.log1p(-MEAN[:, :-1])
    totals = np.full((1, len(Total)), ROWS.sum())
    return Answered(score, totals, COSTS)


@pytest.mark.parametrize("of", ESTIMABLE[Task.BINARY], ids=lambda of: of.key)
def test_one_more_positive(of: object) -> None:
    chance = np.clip(MEAN + RNG.normal(0, 0.05, ROWS.shape), 0.02, 0.98)
    metric = next(one for one in ESTIMABLE[Task.BINARY] if one is of)
    slopes = np.broadcast_to(metric.slope(answered(chance)), ROWS.shape)
    for cell in range(CELLS + 1):
        for predicted in (0, 1):
            more, less = chance.copy(), chance.copy()
            step = 1e-4 / ROWS[0, cell, predicted]
            more[0, cell, predicted] += step
            less[0, cell, predicted] -= step
            up, down = (metric.metric.measure(answered(part)).values[0] for part in (more, less))
            expected = (up - down) / 2e-4
            assert slopes[0, cell, predicted] == pytest.approx(expected, rel=0.03, abs=3e-6)


def test_one_more_right_answer() -> None:
    score = np.zeros((1, 3, 1, 3, len(Score)))
    score[0, :, 0, :2, Score.WEIGHT] = [[10, 30], [20, 20], [0, 20]]
    totals = np.full((1, len(Total)), 100.0)
    found = Confident(score, totals)
    assert accuracy(found).values[0] == 0.7
    assert slope(found).ravel().tolist() == [0.01]
