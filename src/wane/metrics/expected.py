"""The labels to expect of rows that have none: how many of each score cell are positive.

Rows are counted by score cell and by G groups of answers, see `calibrator`: the predicted class of
a binary model; of a multiclass one all answers are one group, of which the right ones count as
positive, and besides each class has the rows that were predicted as another, and those as it. There
all rows have one label: chances of the rows that were predicted as others are scaled so that what
is expected of the classes adds up to the rows.

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
from wane.profile.counters import Score, Total
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
TOLD_TWICE = 2
"""A row tells of the class that was predicted, and again of the one that it is."""
LARGEST_PENALTY = 20.0
"""One window cannot rule a candidate out for good."""


@dataclass(frozen=True)
class Expected:
    """What to expect of the rows of R windows, labelled or not, in effective rows.

    Attributes:
        score: [R, S, G, 3, len(Score)] counters by score cell, group of answers and label; of
            the classes of a multiclass model only weights, [R, S, G, 3, 1].
        chance: [R, S, G] of a positive label; in (0, 1), or 0 where the reference does not tell.
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

    @cached_property
    def moved(self) -> Floats:
        """[R, S, G] log-odds by which chances are off those of the reference."""
        return _log_odds(self.chance) - _log_odds(self.candidates[0])

    @property
    def unlabelled(self) -> Floats:
        """[R, S, G, len(Score)] those without."""
        return self.score[..., 2, :]

    @cached_property
    def labelled(self) -> Floats:
        """[R, S, G, len(Score)] those with a label."""
        return np.asarray(self.score[..., 0, :] + self.score[..., 1, :])


@dataclass(frozen=True)
class Rows:
    """Rows of R profiles, some with their own labels, the others with those to expect.

    Attributes:
        counters: Of the profiles.
        expected: The labels to expect.
        unknown: [R, S, G, ...] rows whose labels are expected.
        known: [R, S, G, 2, ...] rows by their label; None without.
    """

    counters: Counters
    expected: Expected
    unknown: Floats
    known: Floats | None = None

    @cached_property
    def positive(self) -> Floats:
        """[R, S, G, ...] those of the unknown ones that are expected to be positive."""
        return self.unknown * self.expected.chance[..., None]

    @cached_property
    def states(self) -> Floats:
        """[R, S, G, 3, ...] all rows by label, as if none were missing."""
        states = np.zeros((*self.unknown.shape[:3], 3, self.unknown.shape[3]))
        states[..., 1, :] = self.positive
        np.subtract(self.unknown, states[..., 1, :], out=states[..., 0, :])
        if self.known is not None:
            states[..., :2, :] += self.known
        return states

    @cached_property
    def totals(self) -> Floats:
        """[R, len(Total)] as if all predictions had a label."""
        totals = self.counters.totals.copy()
        totals[:, Total.LABELLED] = totals[:, Total.PREDICTED]
        totals[:, Total.LABELLED_WEIGHT] = totals[:, Total.WEIGHT]
        return totals


def expect(
    score: Floats,
    calibrator: Calibrator,
    settled: NDArray[np.bool_],
    correction: Floats | None,
) -> Expected:
    """The labels to expect, each window's by what was known of the windows before it.

    Args:
        score: [R, S, G, 3, ...] counters of a model, in effective rows and in order of time.
        calibrator: What scores promise.
        settled: [R] windows whose labels are in, and tell how well earlier ones were foretold.
        correction: [R, G] positives that features add to those of each group, as a share of its
            rows; of classes [R, 1], right answers among all. None without.
    """
    classes = len(calibrator.positives)
    weight = score[..., Score.WEIGHT]
    rows = weight.sum(axis=3)
    positives = weight[..., 1] * settled[:, None, None]
    labelled = weight[..., 0] * settled[:, None, None] + positives
    plain = np.broadcast_to(calibrator.chance, rows.shape)
    corrected = plain
    if correction is not None:
        corrected = (_corrected if classes == 1 else _with_hits)(plain, rows, correction)
    prior = CALIBRATED_PRIOR if correction is None else PRIOR
    start = (plain * prior[0] + corrected * prior[1]) / (prior[0] + prior[1])
    # what is right has no share of its own that could shift
    shifted = _shifted(calibrator, rows) if rows.shape[2] > 1 else plain
    recalibrated = _recalibrated(start, positives, labelled)
    candidates = np.stack([plain, corrected, shifted, recalibrated])
    if classes > 1:
        candidates = _added_up(candidates, rows)
    told = np.array(prior)
    weights = np.zeros((len(rows), len(told)))
    usable = told > 0
    gained = _log_likelihood(candidates[usable], positives, labelled)
    if classes > 1:
        gained /= TOLD_TWICE
    weights[:, usable] = averaging_weights(gained, told[usable] / told[usable].sum())
    chance = np.einsum("rm,mrsh->rsh", weights, candidates)
    return Expected(score, _held(chance, calibrator), candidates, weights)


def expect_in_segment(score: Floats, calibrator: Calibrator, model: Expected) -> Expected:
    """The same for a segment: its own calibration, moved as far as that of the whole model was.

    Args:
        score: [R, S, G, 3, ...] counters of the segment, in the windows of `model`.
        calibrator: What scores promise in the segment.
        model: The whole model, whose first candidate is its calibration in the reference.
    """
    chance = 1 / (1 + np.exp(-(_log_odds(calibrator.chance) + model.moved)))
    chance = _held(chance, calibrator)
    if len(calibrator.positives) > 1:
        weight = score[..., Score.WEIGHT]
        chance = _added_up(chance[None], weight[..., 0] + weight[..., 1] + weight[..., 2])[0]
    return Expected(score, chance, chance[None], np.ones((len(score), 1)))


def _held(chance: Floats, calibrator: Calibrator) -> Floats:
    """Chances that are neither 0 nor 1, but where nothing is known."""
    return np.where(calibrator.chance > 0, np.clip(chance, TINY, 1 - TINY), 0.0)


def _log_odds(chance: Floats) -> Floats:
    held = np.clip(chance, TINY, 1 - TINY)
    return np.asarray(np.log(held / (1 - held)))


def _corrected(chance: Floats, rows: Floats, correction: Floats) -> Floats:
    """Chances that add up to so many more positives; most is moved where labels are least sure."""
    unsure = chance * (1 - chance)
    total = (rows * unsure).sum(axis=1)
    more = divide(correction * rows.sum(axis=1), total)
    return np.clip(chance + np.nan_to_num(more)[:, None, :] * unsure, TINY, 1 - TINY)


def _with_hits(chance: Floats, rows: Floats, correction: Floats) -> Floats:
    """The same of classes, where so many more rows are answered right than are expected to be."""
    hits = (len(rows), -1, 1)
    found = chance.copy()
    right, among = (part[:, :, 1::2].reshape(hits) for part in (chance, rows))
    moved = _corrected(right, among, correction)
    found[:, :, 1::2] = np.where(right > 0, moved, 0.0).reshape(chance[:, :, 1::2].shape)
    return found


def _added_up(chances: Floats, rows: Floats) -> Floats:
    """[M, R, S, 2 K] chances of classes, of which one is the label of each row.

    Answers are right as often as before: what is left of the rows is scaled up or down.
    """
    expected = np.einsum("mrsg,rsg->mrg", chances, rows)
    right, missed = expected[..., 1::2].sum(axis=-1), expected[..., ::2].sum(axis=-1)
    whole = rows[:, :, :2].sum(axis=(1, 2))
    scale = np.nan_to_num(divide(whole - right, missed), nan=1.0)
    found = chances.copy()
    found[..., ::2] = np.minimum(found[..., ::2] * scale[..., None, None], 1 - TINY)
    return found


def _shifted(calibrator: Calibrator, rows: Floats) -> Floats:
    """Chances if only the share of positives has changed, of each class on its own."""
    cells, groups = calibrator.chance.shape
    classes = len(calibrator.positives)
    before = np.where(calibrator.known, calibrator.positives, 0.5)  # any will do where none is
    chance = np.moveaxis(calibrator.chance.reshape(cells, classes, -1), 1, 0)
    counts = np.moveaxis(rows.reshape(len(rows), cells, classes, -1), 2, 1)
    flat = chance.reshape(classes, -1), counts.reshape(len(rows), classes, -1)
    found = shifted_prior(*flat, before)
    now = np.clip(np.where(np.isfinite(found), found, before), TINY, 1 - TINY)
    each = groups // classes
    return with_prior(calibrator.chance, np.repeat(before, each), now.repeat(each, axis=1)[:, None])


def _recalibrated(chance: Floats, positives: Floats, labelled: Floats) -> Floats:
    """Chances as the labels of late would have had them, for each group of answers."""
    odds = _log_odds(chance)
    offsets = np.stack(
        [
            recent_offsets(odds[:, :, at], positives[:, :, at], labelled[:, :, at])
            for at in range(chance.shape[2])
        ],
        axis=1,
    )
    return np.where(chance > 0, 1 / (1 + np.exp(-(odds + offsets[:, None, :]))), 0.0)


def _log_likelihood(candidates: Floats, positives: Floats, labelled: Floats) -> Floats:
    """[R, M] of the positives of each group of answers, as a normal approximation.

    Relative to the best candidate, and bounded; nan in windows without labels.
    """
    off = (positives - candidates * labelled).sum(axis=2)
    chance = (candidates * (1 - candidates) * labelled).sum(axis=2)
    variance = (1 + BETWEEN_WINDOWS) * chance + 1
    found = (-(off**2) / variance - np.log(variance)).sum(axis=2).T / 2
    told = np.maximum(found - found.max(axis=1, keepdims=True), -LARGEST_PENALTY)
    told[labelled.sum(axis=(1, 2)) == 0] = np.nan
    return np.asarray(told)
