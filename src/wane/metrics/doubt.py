"""How unsure an estimate is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wane.stats.array import divide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.metrics.calibrator import Calibrator
    from wane.metrics.expected import Expected

    Floats = NDArray[np.float64]

BETWEEN_WINDOWS = 0.25
"""Variance between windows before it is learned, as a share of the rest."""
PRIOR_WINDOWS = 10.0
"""Windows that count as having varied so."""
LEAST_SHARED = 0.01
"""Labels of classes cannot cancel each other out to less than this."""


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


@dataclass(frozen=True)
class Unsure:
    """The rows that metrics are measured on, and how unsure their labels are.

    Attributes:
        rows: [R, S, G] by score cell and group of answers.
        expected: The labels to expect.
        calibrator: What they rest on.
    """

    rows: Floats
    expected: Expected
    calibrator: Calibrator

    def doubt(self, slope: Floats) -> Doubt:
        """How unsure a metric is, by the delta method.

        Args:
            slope: What one more positive does to it; broadcasts to [R, S, G].
        """
        if slope.shape[1] == 1:
            return self._of_groups(np.nan_to_num(np.broadcast_to(slope[:, 0], self.varying.shape)))
        return self._of_cells(np.nan_to_num(np.broadcast_to(slope, self.rows.shape)))

    @cached_property
    def spread(self) -> Floats:
        """[R, S, G] variance of the labels."""
        return np.asarray(self.positive * (1 - self.expected.chance))

    @cached_property
    def positive(self) -> Floats:
        """[R, S, G] rows that are expected to be positive."""
        return self.rows * self.expected.chance

    @cached_property
    def varying(self) -> Floats:
        """[R, G] the same of all cells."""
        return np.asarray(self.spread.sum(axis=1))

    @cached_property
    def answers(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Of each class of many, [R, K].

        Its labels among the rows predicted so, and among the others; rows wrongly predicted so, as
        a share of the labels that are missed of other classes; and by how much the variance of its
        labels among the rows predicted so is that of a multinomial, divided by their number.
        """
        by_group = self.positive.sum(axis=1)
        missed, hits = by_group[:, ::2], by_group[:, 1::2]
        wrong = self.rows[:, :, 1::2].sum(axis=1) - hits
        other = np.nan_to_num(divide(wrong, _of_others(missed)))
        held = np.nan_to_num(divide(self.varying[:, 1::2], hits * wrong))
        return hits, missed, other, held

    @cached_property
    def ideas(self) -> Floats:
        """[M, R, G] positives by each idea beyond those that are expected."""
        candidates = self.expected.candidates
        by_idea = np.einsum("mrsg,rsg->mrg", candidates, self.rows)
        return np.asarray(by_idea - self.positive.sum(axis=1))

    @cached_property
    def blocks(self) -> Floats:
        """[B] variance of the chance by each block of the reference."""
        of, chance = self.calibrator, self.calibrator.chance
        spread = np.zeros(len(of.rows))
        spread[of.block] = chance * (1 - chance)
        return spread / of.rows

    @cached_property
    def reference(self) -> Floats:
        """[R, G] variance of the positives by chance in the reference; no block has two groups."""
        block = self.calibrator.block
        by_block = _sum_by_block(self.rows, block, len(self.blocks))
        member = np.zeros((len(self.blocks), block.shape[1]))
        member[block, np.arange(block.shape[1])] = 1.0
        return np.asarray((by_block**2 * self.blocks) @ member)

    def _of_groups(self, effect: Floats) -> Doubt:
        """By [R, G] slopes, the same in all cells."""
        labels = (effect**2 * self.varying).sum(axis=1)
        shared = self._shared(effect, labels)
        reference = (effect**2 * self.reference).sum(axis=1)
        apart = np.einsum("mrg,rg->rm", self.ideas, effect)
        return self._doubt(labels * shared, reference * shared, apart)

    def _of_cells(self, effect: Floats) -> Doubt:
        """By [R, S, G] slopes."""
        moved = effect * self.rows
        weighed = effect * self.spread
        labels = (effect * weighed).sum(axis=(1, 2))
        shared = self._shared(divide(weighed.sum(axis=1), self.varying), labels)
        by_block = _sum_by_block(moved, self.calibrator.block, len(self.blocks))
        candidates = self.expected.candidates
        expected = np.einsum("rsg,rsg->r", self.expected.chance, moved)
        apart = np.einsum("mrsg,rsg->rm", candidates, moved) - expected[:, None]
        reference = (by_block**2 * self.blocks).sum(axis=1)
        return self._doubt(labels * shared, reference * shared, apart)

    def _doubt(self, labels: Floats, reference: Floats, apart: Floats) -> Doubt:
        return Doubt(labels, reference + (self.expected.weights * apart**2).sum(axis=1))

    def _shared(self, mean: Floats, alone: Floats) -> Floats | float:
        """[R] by how much classes that share their rows vary more, or less, than if they did not.

        A row has one label: what makes it likelier to be of one class makes it less so to be of
        others. Rows that were predicted as one class are taken to have the variance of the labels
        that is expected of that class, shared out among the classes as a multinomial does; those
        that are of another class, to be of each as often as all that are missed. What slopes do
        within a group, they do as if classes were equally frequent, in all classes alike.

        Args:
            mean: [R, 2 K] mean slope by class and whether it was predicted.
            alone: [R] variance if labels of classes varied each on their own.
        """
        if len(self.calibrator.positives) == 1:
            return 1.0
        hits, missed, other, held = self.answers
        slope = np.nan_to_num(mean)
        of_hits, of_missed = hits * slope[:, 1::2], missed * slope[:, ::2]
        total = of_hits + other * _of_others(of_missed)
        each = of_hits**2 + other**2 * _of_others(of_missed**2)
        even = (slope**2 * self.varying).sum(axis=1)
        together = np.maximum(even - (held * (total**2 - each)).sum(axis=1), LEAST_SHARED * even)
        classes = len(self.calibrator.positives)
        uneven = (alone - even) * classes / (classes - 1)
        return np.nan_to_num(divide(together + uneven, alone), nan=1.0)


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


def _of_others(by_class: Floats) -> Floats:
    """[R, K] the sum over all classes but each."""
    return np.asarray(by_class.sum(axis=1, keepdims=True) - by_class)


def _sum_by_block(values: Floats, block: NDArray[np.intp], blocks: int) -> Floats:
    """[R, B] sums of [R, S, G] over the cells of each block."""
    member = block.ravel()
    order = np.argsort(member, kind="stable")
    filled, starts = np.unique(member[order], return_index=True)
    sums = np.zeros((len(values), blocks))
    sums[:, filled] = np.add.reduceat(values.reshape(len(values), -1)[:, order], starts, axis=1)
    return sums
