"""How unsure an estimate is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.counters import Score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.metrics.calibrator import Calibrator
    from wane.metrics.expected import Expected

    Floats = NDArray[np.float64]

BETWEEN_WINDOWS = 0.25
"""Variance between windows before it is learned, as a share of the rest."""
PRIOR_WINDOWS = 10.0
"""Windows that count as having varied so."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Variance of an estimate in R windows.

    Attributes:
        labels: [R] by chance of the labels.
        model: [R] by chance in the reference, and doubt which of several ideas holds.
    """

    labels: Floats
    model: Floats

    @property
    def total(self) -> Floats:
        """[R] of both."""
        return np.asarray(self.labels + self.model)


def doubt(slope: Floats, sums: Floats, expected: Expected, calibrator: Calibrator) -> Doubt:
    """How unsure a metric is, by the delta method.

    Args:
        slope: What one more positive does to it; broadcasts to [R, S, G].
        sums: [R, S, G, len(Score)] of the rows that it is measured on.
        expected: The labels to expect.
        calibrator: What they rest on.
    """
    rows, chance = sums[..., Score.WEIGHT], expected.chance
    effect = np.nan_to_num(np.broadcast_to(slope, rows.shape))
    moved = effect * rows
    labels = (effect * moved * chance * (1 - chance)).sum(axis=(1, 2))
    by_block = _sum_by_block(moved, calibrator.block, len(calibrator.rows))
    spread = np.zeros(len(calibrator.rows))
    spread[calibrator.block] = calibrator.chance * (1 - calibrator.chance)
    reference = (by_block**2 * (spread / calibrator.rows)).sum(axis=1)
    flat = moved.reshape(len(rows), -1)
    ideas = np.zeros(len(rows))
    if len(expected.candidates) > 1:
        for each, weight in zip(expected.candidates, expected.weights.T, strict=True):
            apart = ((each - chance).reshape(len(rows), -1) * flat).sum(axis=1)
            ideas += weight * apart**2
    return Doubt(labels, reference + ideas)


def between_windows(off: Floats, noise: Floats, now: Floats) -> Floats:
    """[R] variance between windows beyond noise, by the windows before each.

    The mean of what squared errors had beyond their noise, and of ten windows of the prior; at
    least 0.

    Args:
        off: [R] realised value less estimate on the same rows; nan where labels do not tell.
        noise: [R] its variance by `Doubt`.
        now: [R] variance of the estimate by `Doubt`.
    """
    known = np.isfinite(off)
    excess = np.where(known, off**2 - noise, 0.0)
    before = np.cumsum(excess) - excess
    prior = PRIOR_WINDOWS * BETWEEN_WINDOWS * now
    return np.asarray(np.maximum((prior + before) / freedom(off), 0.0))


def freedom(off: Floats) -> Floats:
    """[R] windows by which it is known how much windows vary, those of the prior among them."""
    known = np.isfinite(off)
    return np.asarray(PRIOR_WINDOWS + np.cumsum(known) - known, dtype=np.float64)


def _sum_by_block(values: Floats, block: NDArray[np.intp], blocks: int) -> Floats:
    """[R, B] sums of [R, S, G] over the cells of each block."""
    member = block.ravel()
    order = np.argsort(member, kind="stable")
    filled, starts = np.unique(member[order], return_index=True)
    sums = np.zeros((len(values), blocks))
    sums[:, filled] = np.add.reduceat(values.reshape(len(values), -1)[:, order], starts, axis=1)
    return sums
