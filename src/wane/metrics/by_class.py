"""Many classes where labels are expected: each against the rest, by cells of its score.

Everything of hits and margins, Matthews correlation included, is exact in what is expected. AUC is
that of cells, as it is by labels. Log loss takes rows of a cell that have the label to lose as much
as all of them would on average, which may be off by a percent.

A class that the reference hardly has is not told of, and left out of averages. So is, in the mean
over classes, one that has no rows, as in that of labels; where chance decides whether a class has
rows, so does it over the mean, which is then not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.binary import UNSCORED
from wane.metrics.estimates import Estimates, effective_scale, estimates
from wane.metrics.labelled import Labelled
from wane.metrics.multiclass import ONE_CLASS
from wane.metrics.slopes import area_slope
from wane.profile.counters import Score
from wane.stats import curve, one_vs_rest
from wane.stats.array import divide

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from wane.metrics.class_cells import ClassCells
    from wane.metrics.expected import Rows
    from wane.stats.one_vs_rest import Sloped

    Floats = NDArray[np.float64]

LEAST_OF_A_CLASS = 10.0
"""Fewer expected rows of a class, or of others, tell nothing of that class."""
UNKNOWN_CLASS = "the reference has fewer than 10 labelled rows of this class, or of all others"
UNKNOWN_PREDICTED = "a class is predicted of which the reference has fewer than 10 labelled rows"
UNCLEAR = 0.05
"""A class whose chance to have rows, or to have none, is smaller has none, or some."""
BY_CHANCE = "so few rows of a class are expected that chance decides whether it has any"
NEVER_PREDICTED = "never predicted in this window"
RARE_CLASS = "fewer than 10 rows of this class, or of all others, are expected"


@dataclass(frozen=True)
class ByClass(Labelled):
    """The answers of R windows, each class against the rest, in effective rows.

    Attributes:
        answered: The rows, by merged score cell, class and whether it was predicted.
        cells: Which score cells are merged.
        known: [K] whether the reference tells of the class.
    """

    answered: Rows
    cells: ClassCells
    known: NDArray[np.bool_]

    @cached_property
    def totals(self) -> Floats:  # type: ignore[override]
        """[R, len(Total)]."""
        return self.answered.totals

    @cached_property
    def margins(self) -> tuple[Floats, Floats, Floats]:
        """(hits, predicted, labels), each [R, K]."""
        (_, missed), (wrong, hits) = self._counts
        return hits, wrong + hits, missed + hits

    @cached_property
    def others(self) -> Floats:
        """[R, K] rows with another label."""
        (right, _), (wrong, _) = self._counts
        return np.asarray(right + wrong)

    @cached_property
    def scored(self) -> tuple[Floats, Floats]:
        """[R, K, S] rows with a usable score by class and cell: of another label, and of this."""
        rows, own = (np.moveaxis(_both(part[:, :-1]), 1, 2) for part in self._labels)
        return np.ascontiguousarray(rows - own), np.ascontiguousarray(own)

    @cached_property
    def area(self) -> Floats:
        """[R, K] area under the ROC curve of each class."""
        return curve.roc_auc(*self.scored)

    @cached_property
    def losses(self) -> Floats:
        """[R, K, S] mean loss of the rows of a cell with a usable score, if they had the label."""
        return np.moveaxis(self.cells.losses(self.answered.counters)[:, :-1], 1, 2)

    @cached_property
    def present(self) -> Floats:
        """[R, K] chance that the class has rows; 0 where the reference does not tell of it."""
        none = np.log1p(-self.answered.expected.chance)
        unknown = self.answered.unknown[..., Score.WEIGHT]
        absent = np.exp(_both(np.einsum("rsg,rsg->rg", unknown, none)))
        if self.answered.known is not None:
            labels = _both(self.answered.known[..., 1, Score.WEIGHT].sum(axis=1))
            absent = np.where(labels > 0, 0.0, absent)
        return (1 - absent) * self.known

    @cached_property
    def more_loss(self) -> Floats | float:
        """[R] what known labels lost beyond what their cells say."""
        if self.answered.known is None:
            return 0.0
        counters = self.answered.counters
        labels = np.moveaxis(_both(self.answered.known[:, :-1, :, 1, Score.WEIGHT]), 1, 2)
        lost = counters.log_losses[:, 1] * effective_scale(counters)
        return np.asarray(lost - (labels * self.losses).sum(axis=(1, 2)))

    @cached_property
    def _counts(self) -> Floats:
        """[2, 2, R, K] rows by whether the class was predicted, and whether it is the label."""
        rows, own = (part.sum(axis=1) for part in self._labels)
        return np.array([[(rows - own)[:, at::2], own[:, at::2]] for at in (0, 1)])

    @cached_property
    def _labels(self) -> tuple[Floats, Floats]:
        """[R, S, 2 K] rows, and those that have the label."""
        rows, own = (
            part[..., Score.WEIGHT] for part in (self.answered.unknown, self.answered.positive)
        )
        known = self.answered.known
        if known is None:
            return rows, own
        return rows + known[..., Score.WEIGHT].sum(axis=3), own + known[..., 1, Score.WEIGHT]

    @cached_property
    def untold(self) -> list[tuple[NDArray[np.bool_], str]]:
        """Why nothing can be said of all classes together."""
        strange = np.asarray((self.margins[1][:, ~self.known] > 0).any(axis=1))
        return [*self.missing, (strange, UNKNOWN_PREDICTED)]

    @cached_property
    def uneven(self) -> list[tuple[NDArray[np.bool_], str]]:
        """Why nothing can be said where rare classes count as much as others."""
        unclear = (self.present > UNCLEAR) & (self.present < 1 - UNCLEAR)
        return [*self.untold, (np.asarray(unclear.any(axis=1)), BY_CHANCE)]


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
    rests_on_rare = metric in (macro_recall, macro_f1)

    def measure(c: ByClass) -> Estimates:
        because = c.uneven if rests_on_rare else c.untold
        return estimates(metric(c).value, c.labelled, because=because)

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
    value = (_ranked(c) * np.nan_to_num(c.area)).sum(axis=1)
    value[~np.isfinite(c.area).any(axis=1)] = np.nan
    return estimates(value, c.labelled, because=c.uneven, otherwise=ONE_CLASS)


def roc_auc_slope(c: ByClass) -> Floats:
    """What one more label does to it, [R, S, 2 K]."""
    return _in_cells(area_slope(*c.scored) * _ranked(c)[..., None])


def log_loss(c: ByClass) -> Estimates:
    """Mean of -log(score of the label), scores scaled to add up to 1; natural logarithm."""
    rows = c.scored[1].sum(axis=(1, 2))
    total = (c.scored[1] * c.losses).sum(axis=(1, 2)) + c.more_loss
    return estimates(divide(total, rows), c.labelled, because=c.untold, otherwise=UNSCORED)


def log_loss_slope(c: ByClass) -> Floats:
    """What one more label does to it, [R, S, 2 K]."""
    return _in_cells(divide(c.losses, c.scored[1].sum(axis=(1, 2))[:, None, None]))


def _ranked(c: ByClass) -> Floats:
    """[R, K] how much of the average of areas each class has."""
    weight = np.where(np.isfinite(c.area), c.present, 0.0)
    return np.nan_to_num(divide(weight, weight.sum(axis=1, keepdims=True)))


def _both(by_group: Floats) -> Floats:
    """[..., K] sums of [..., 2 K] over whether the class was predicted."""
    return by_group[..., ::2] + by_group[..., 1::2]


def _in_cells(slope: Floats) -> Floats:
    """[R, S, 2 K] slopes of [R, K, S] cells with scores, whatever was predicted."""
    filled = np.pad(np.nan_to_num(np.moveaxis(slope, 1, 2)), ((0, 0), (0, 1), (0, 0)))
    return np.repeat(filled, 2, axis=2)


def _in_groups(of: Sloped) -> Floats:
    """[R, 1, 2 K] slopes by class and whether it was predicted."""
    both = np.stack([of.missed, of.hit], axis=-1)
    return both.reshape(len(both), 1, -1)
