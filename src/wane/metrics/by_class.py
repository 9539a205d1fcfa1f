"""Many classes where labels are expected: each against the rest, by cells of its score.

Everything of hits and margins, Matthews correlation included, is exact in what is expected. AUC is
that of cells, as it is by labels. Log loss takes rows of a cell that have the label to lose as much
as all of them, on average, would: where cells are wide it is a little too high.

A class that the reference hardly has is not told of, and left out of averages. One that is hardly
expected counts in an average by the chance that it comes at all, as the average of labels leaves
classes out that did not come.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.binary import UNSCORED
from wane.metrics.estimates import Estimates, estimates
from wane.metrics.labelled import Labelled
from wane.metrics.multiclass import ONE_CLASS
from wane.metrics.slopes import area_slope
from wane.profile.counters import Score
from wane.stats import curve, one_vs_rest
from wane.stats.array import divide

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from wane.stats.one_vs_rest import Sloped

    Floats = NDArray[np.float64]

LEAST_OF_A_CLASS = 10.0
"""Fewer expected rows of a class, or of others, tell nothing of that class."""
UNKNOWN_CLASS = "the reference has fewer than 10 labelled rows of this class, or of all others"
UNKNOWN_PREDICTED = "a class is predicted of which the reference has fewer than 10 labelled rows"
NEVER_PREDICTED = "never predicted in this window"
RARE_CLASS = "fewer than 10 rows of this class, or of all others, are expected"


@dataclass(frozen=True)
class ByClass(Labelled):
    """The answers of R windows, each class against the rest, in effective rows.

    Attributes:
        score: [R, S, 2 K, 3, 1] rows by score cell, class and whether it was predicted, and label:
            another, this, none.
        absent: [R, K] chance that no row has the label.
        losses: [R, S, K] mean loss of the rows of a cell, if they had the label.
        more_loss: [R] what known labels lost beyond that.
        known: [K] whether the reference tells of the class.
        totals: [R, len(Total)].
    """

    score: Floats
    absent: Floats
    losses: Floats
    more_loss: Floats
    known: NDArray[np.bool_]
    totals: Floats

    @cached_property
    def rows(self) -> Floats:
        """[R, S, K, 2, 2] rows with a label: by class, whether predicted, whether so labelled."""
        weight = self.score[..., :2, Score.WEIGHT]
        return weight.reshape(*weight.shape[:2], -1, 2, 2)

    @cached_property
    def margins(self) -> tuple[Floats, Floats, Floats]:
        """(hits, predicted, labels), each [R, K]."""
        counts = self.rows.sum(axis=1)
        return counts[..., 1, 1], counts[..., 1, :].sum(axis=-1), counts[..., 1].sum(axis=-1)

    @cached_property
    def others(self) -> Floats:
        """[R, K] rows with another label."""
        return np.asarray(self.rows[..., 0].sum(axis=(1, 3)))

    @cached_property
    def scored(self) -> Floats:
        """[R, S, K, 2] rows with a usable score by cell, class and label."""
        return np.asarray(self.rows[:, :-1].sum(axis=3))

    @cached_property
    def present(self) -> Floats:
        """[R, K] chance that the class has rows; 0 where the reference does not tell of it."""
        return (1 - self.absent) * self.known

    @cached_property
    def untold(self) -> list[tuple[NDArray[np.bool_], str]]:
        """Why nothing can be said of all classes together."""
        strange = self.margins[1][:, ~self.known].sum(axis=1) > 0
        return [*self.missing, (strange, UNKNOWN_PREDICTED)]


def macro_precision(c: ByClass) -> Sloped:
    """Mean over the classes that are predicted."""
    return one_vs_rest.averaged(one_vs_rest.precision(*c.margins), c.known)


def macro_recall(c: ByClass) -> Sloped:
    """Mean over the classes that have rows."""
    return one_vs_rest.averaged(one_vs_rest.recall(*c.margins), c.present)


def macro_f1(c: ByClass) -> Sloped:
    """Mean over the classes that are predicted or have rows."""
    weights = np.where(c.margins[1] > 0, c.known, c.present)
    return one_vs_rest.averaged(one_vs_rest.f1(*c.margins), weights)


def weighted_precision(c: ByClass) -> Sloped:
    """Mean over classes by their labels."""
    return one_vs_rest.by_labels(one_vs_rest.precision(*c.margins), c.margins[2])


def weighted_recall(c: ByClass) -> Sloped:
    """Mean over classes by their labels."""
    return one_vs_rest.by_labels(one_vs_rest.recall(*c.margins), c.margins[2])


def weighted_f1(c: ByClass) -> Sloped:
    """Mean over classes by their labels."""
    return one_vs_rest.by_labels(one_vs_rest.f1(*c.margins), c.margins[2])


def matthews_correlation(c: ByClass) -> Sloped:
    """Of answers and labels (Gorodkin's R_K)."""
    return one_vs_rest.matthews_correlation(*c.margins)


def measuring(metric: Callable[[ByClass], Sloped]) -> Callable[[ByClass], Estimates]:
    """How an average over classes is measured."""

    def measure(c: ByClass) -> Estimates:
        return estimates(metric(c).value, c.labelled, because=c.untold)

    return measure


def sloping(metric: Callable[[ByClass], Sloped]) -> Callable[[ByClass], Floats]:
    """What one more label does to it, [R, 1, 2 K]."""

    def slope(c: ByClass) -> Floats:
        return _in_groups(metric(c))

    return slope


def measuring_one(
    metric: Callable[..., Sloped], at: int, otherwise: str
) -> Callable[[ByClass], Estimates]:
    """How a metric of the class at a position is measured; why it has no value."""

    def measure(c: ByClass) -> Estimates:
        known, labels = bool(c.known[at]), c.margins[2][:, at]
        rare = np.minimum(labels, c.others[:, at]) < LEAST_OF_A_CLASS
        because = [*c.missing, (np.full(len(labels), not known), UNKNOWN_CLASS), (rare, RARE_CLASS)]
        value = metric(*c.margins).value[:, at]
        return estimates(value, labels, because=because, otherwise=otherwise)

    return measure


def sloping_one(metric: Callable[..., Sloped], at: int) -> Callable[[ByClass], Floats]:
    """What one more label does to it, [R, 1, 2 K]."""

    def slope(c: ByClass) -> Floats:
        found = np.zeros((len(c.totals), 1, 2 * len(c.known)))
        _, hit, missed = metric(*c.margins)
        found[:, 0, 2 * at], found[:, 0, 2 * at + 1] = missed[:, at], hit[:, at]
        return found

    return slope


def roc_auc(c: ByClass) -> Estimates:
    """Mean over classes of the chance that a row of the class scores above another row."""
    others, own = (np.moveaxis(c.scored[..., at], 1, 2) for at in (0, 1))
    area = curve.roc_auc(others, own)
    value = (np.nan_to_num(area) * _ranked(c, area)).sum(axis=1)
    value[~np.isfinite(area).any(axis=1)] = np.nan
    return estimates(value, c.labelled, because=c.untold, otherwise=ONE_CLASS)


def roc_auc_slope(c: ByClass) -> Floats:
    """What one more label does to it, [R, S, 2 K]."""
    others, own = c.scored[..., 0], c.scored[..., 1]
    area = curve.roc_auc(np.moveaxis(others, 1, 2), np.moveaxis(own, 1, 2))
    slope = area_slope(others, own) * _ranked(c, area)[:, None]
    return np.repeat(np.pad(np.nan_to_num(slope), ((0, 0), (0, 1), (0, 0))), 2, axis=2)


def log_loss(c: ByClass) -> Estimates:
    """Mean of -log(score of the label), scores scaled to add up to 1; natural logarithm."""
    rows = c.scored[..., 1].sum(axis=(1, 2))
    total = (c.scored[..., 1] * c.losses[:, :-1]).sum(axis=(1, 2)) + c.more_loss
    return estimates(divide(total, rows), c.labelled, because=c.untold, otherwise=UNSCORED)


def log_loss_slope(c: ByClass) -> Floats:
    """What one more label does to it, [R, S, 2 K]."""
    rows = c.scored[..., 1].sum(axis=(1, 2))
    losses = c.losses.copy()
    losses[:, -1] = 0
    return np.repeat(np.nan_to_num(divide(losses, rows[:, None, None])), 2, axis=2)


def _ranked(c: ByClass, area: Floats) -> Floats:
    """[R, K] how much of the average each class has."""
    weight = np.where(np.isfinite(area), c.present, 0.0)
    return np.nan_to_num(divide(weight, weight.sum(axis=1, keepdims=True)))


def _in_groups(of: Sloped) -> Floats:
    """[R, 1, 2 K] slopes by class and whether it was predicted."""
    both = np.stack([of.missed, of.hit], axis=-1)
    return both.reshape(len(both), 1, -1)
