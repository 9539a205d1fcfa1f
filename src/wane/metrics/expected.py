"""The labels to expect of rows that have none: how many of each score cell are positive.

Rows are counted by score cell and by G groups of answers: the predicted class of a binary model; of
a multiclass one all answers are one group, and the right ones count as positive.

Several ideas of the same model, averaged by how well each foretold the labels of earlier windows:

* calibrated: what a score promised in the reference holds (confidence-based estimation);
* corrected: besides, features tell more of the label than the score does, as in the reference;
* label shift: only the share of positives has changed;
* recalibrated: the labels of late tell by how much chances are off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.doubt import BETWEEN_WINDOWS
from wane.metrics.estimates import effective_scale
from wane.profile.counters import Score
from wane.schema import Task
from wane.stats.array import divide
from wane.stats.averaging import averaging_weights
from wane.stats.label_shift import shifted_prior, with_prior
from wane.stats.recalibrate import recent_offsets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.metrics.calibrator import Calibrator
    from wane.profile.counters import Counters

    Floats = NDArray[np.float64]

CANDIDATES = ("calibrated", "corrected", "label shift", "recalibrated")
PRIOR = (0.349, 0.649, 0.001, 0.001)
"""Before any label is in. Chosen on the streams of the benchmark, where features mostly help."""
CALIBRATED_PRIOR = (0.998, 0.0, 0.001, 0.001)
"""The same where no features are there to correct by."""
TINY = 1e-6
LARGEST_PENALTY = 20.0
"""One window cannot rule a candidate out for good."""


@dataclass(frozen=True)
class Expected:
    """What to expect of the rows of R windows, labelled or not, in effective rows.

    Attributes:
        score: [R, S, G, 3, len(Score)] counters by score cell, predicted class and label.
        chance: [R, S, G] of a positive label; in (0, 1).
        candidates: [M, R, S, G] the same by each candidate.
        weights: [R, M] by which they are averaged.
    """

    score: Floats
    chance: Floats
    candidates: Floats
    weights: Floats

    @cached_property
    def whole(self) -> Floats:
        """[R, S, G, len(Score)] all rows."""
        return np.asarray(self.labelled + self.score[..., 2, :])

    @property
    def unlabelled(self) -> Floats:
        """[R, S, G, len(Score)] those without."""
        return self.score[..., 2, :]

    @cached_property
    def labelled(self) -> Floats:
        """[R, S, G, len(Score)] those with a label."""
        return np.asarray(self.score[..., 0, :] + self.score[..., 1, :])


def expect(
    counters: Counters,
    task: Task,
    calibrator: Calibrator,
    settled: NDArray[np.bool_],
    correction: Floats | None,
) -> Expected:
    """The labels to expect, each window's by what was known of the windows before it.

    Args:
        counters: [R, ...] of a model, in order of time.
        task: Binary; or multiclass, of which right answers are the positive ones.
        calibrator: What scores promise.
        settled: [R] windows whose labels are in, and tell how well earlier ones were foretold.
        correction: [R, G] positives that features add to those of each group, as a share of its
            rows; None without.
    """
    score = counters.score * effective_scale(counters)[:, None, None, None, None]
    weight = score[..., Score.WEIGHT]
    rows = weight.sum(axis=3)
    positives = weight[..., 1] * settled[:, None, None]
    labelled = weight[..., 0] * settled[:, None, None] + positives
    plain = np.broadcast_to(calibrator.chance, rows.shape)
    corrected = plain if correction is None else _corrected(plain, rows, correction)
    prior = CALIBRATED_PRIOR if correction is None else PRIOR
    start = (plain * prior[0] + corrected * prior[1]) / (prior[0] + prior[1])
    shifted = _shifted(calibrator, rows) if task is Task.BINARY else plain
    recalibrated = _recalibrated(start, positives, labelled)
    candidates = np.stack([plain, corrected, shifted, recalibrated])
    told = np.array(prior)
    weights = np.zeros((len(rows), len(told)))
    usable = told > 0
    gained = _log_likelihood(candidates[usable], positives, labelled)
    weights[:, usable] = averaging_weights(gained, told[usable] / told[usable].sum())
    chance = np.einsum("rm,mrsh->rsh", weights, candidates)
    return Expected(score, np.clip(chance, TINY, 1 - TINY), candidates, weights)


def expect_in_segment(counters: Counters, calibrator: Calibrator, model: Expected) -> Expected:
    """The same for a segment: its own calibration, moved as far as that of the whole model was.

    Args:
        counters: [R, ...] of the segment, in the windows of `model`.
        calibrator: What scores promise in the segment.
        model: The whole model, whose first candidate is its calibration in the reference.
    """
    score = counters.score * effective_scale(counters)[:, None, None, None, None]
    moved = _log_odds(model.chance) - _log_odds(model.candidates[0])
    chance = 1 / (1 + np.exp(-(_log_odds(calibrator.chance) + moved)))
    return Expected(score, chance, chance[None], np.ones((len(score), 1)))


def _log_odds(chance: Floats) -> Floats:
    held = np.clip(chance, TINY, 1 - TINY)
    return np.asarray(np.log(held / (1 - held)))


def _corrected(chance: Floats, rows: Floats, correction: Floats) -> Floats:
    """Chances that add up to so many more positives; most is moved where labels are least sure."""
    unsure = chance * (1 - chance)
    total = (rows * unsure).sum(axis=1)
    more = divide(correction * rows.sum(axis=1), total)
    return np.clip(chance + np.nan_to_num(more)[:, None, :] * unsure, TINY, 1 - TINY)


def _shifted(calibrator: Calibrator, rows: Floats) -> Floats:
    """Chances if only the share of positives has changed."""
    flat = calibrator.chance.ravel(), rows.reshape(len(rows), -1)
    before = calibrator.positives
    now = np.clip(np.nan_to_num(shifted_prior(*flat, before), nan=before), TINY, 1 - TINY)
    return with_prior(calibrator.chance, before, now[:, None, None])


def _recalibrated(chance: Floats, positives: Floats, labelled: Floats) -> Floats:
    """Chances as the labels of late would have had them, for each predicted class."""
    odds = _log_odds(chance)
    offsets = np.stack(
        [
            recent_offsets(odds[:, :, at], positives[:, :, at], labelled[:, :, at])
            for at in range(chance.shape[2])
        ],
        axis=1,
    )
    return 1 / (1 + np.exp(-(odds + offsets[:, None, :])))


def _log_likelihood(candidates: Floats, positives: Floats, labelled: Floats) -> Floats:
    """[R, M] of the positives of each predicted class, as a normal approximation.

    Relative to the best candidate, and bounded; nan in windows without labels.
    """
    off = (positives - candidates * labelled).sum(axis=2)
    chance = (candidates * (1 - candidates) * labelled).sum(axis=2)
    variance = (1 + BETWEEN_WINDOWS) * chance + 1
    found = (-(off**2) / variance - np.log(variance)).sum(axis=2).T / 2
    told = np.maximum(found - found.max(axis=1, keepdims=True), -LARGEST_PENALTY)
    told[labelled.sum(axis=(1, 2)) == 0] = np.nan
    return np.asarray(told)
