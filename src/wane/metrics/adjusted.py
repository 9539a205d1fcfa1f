"""Accuracy, precision and recall of a binary model, corrected for labels that are still to come.

Labels that come fast are not typical of all, and those of flagged cases often come first. Labels
that are in at an age are counted as many times as it takes to make up for those of the same
predicted class that are not: 1 / (share of them that is in by then). Only ages that all rows of a
window have passed count, so that the share is that of every row.

What no label can tell is assumed: that within a predicted class, right and wrong answers mature
alike. Where only positive labels ever come (fraud, churn, claims), the number of those expected is
known too, and every other prediction is taken as negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.catalogue import define
from wane.metrics.estimates import Estimates, effective_scale, estimates
from wane.metrics.labelled import UNPREDICTED
from wane.metrics.maturity import LEAST_LABELS, LEAST_SHARE, TOO_EARLY
from wane.profile.counters import Score
from wane.schema import Role
from wane.stats.array import divide
from wane.stats.interval import wilson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wane.metrics.maturity import Aged
    from wane.profile.counters import Counters

    Floats = NDArray[np.float64]

OUTCOMES = 7
"""Of a binary model, where they are told apart: see `profile.answers`."""
SUFFIX = "_adjusted"
"""After the key of the metric that is corrected."""
UNSPLIT = "so many columns that labels are not counted by predicted class"
NO_LABELS = "no labels with a time are in yet"
NONE_FLAGGED = "no positive predictions whose labels are in"
NONE_FOUND = "no positive labels are in yet"


@dataclass(frozen=True, slots=True)
class Completed:
    """The outcomes to expect once all labels are in, of R windows; [R, 2] by predicted class.

    Attributes:
        aged: The labels by age.
        positive: Positive labels that are in.
        negative: Negative ones; where only positive ones come, every other prediction.
        grows: By how much positive labels grow until all are in, >= 1; nan where that is unknown.
        spread: Variance of that factor over its square.
        only_positives: Whether only positive labels ever come.
    """

    aged: Aged
    positive: Floats
    negative: Floats
    grows: Floats
    spread: Floats
    only_positives: bool

    @classmethod
    def of(cls, counters: Counters, aged: Aged) -> Completed:
        """The outcomes of a stack of profiles.

        Args:
            counters: [R, ...] of a binary model.
            aged: The same labels by age.
        """
        rows = np.arange(len(aged.complete))
        last = np.maximum(aged.complete - 1, 0)
        seen = np.cumsum(aged.counts, axis=1)[rows, last] * (aged.complete > 0)[:, None]
        if not _is_split(aged.counts):
            seen = np.full((len(rows), OUTCOMES), np.nan)
        share = np.stack([of.share[rows, last] for of in aged.by_class], axis=1)
        variance = np.stack([of.variance[rows, last] for of in aged.by_class], axis=1)
        only = only_positives(aged.counts)
        weight = counters.score[..., Score.WEIGHT].sum(axis=(1, 3))
        predicted = weight * effective_scale(counters)[:, None]
        grows = divide(1.0, share)
        positive = seen[:, [1, 4]]
        return cls(
            aged=aged,
            positive=positive,
            negative=predicted if only else seen[:, [0, 3]],
            grows=grows,
            spread=divide(variance, share**2),
            only_positives=only,
        )

    @property
    def positives(self) -> Floats:
        """[R, 2] positive labels in the end; where only these come, at most the predictions."""
        grown = self.positive * self.grows
        return np.minimum(grown, self.negative) if self.only_positives else grown

    @property
    def negatives(self) -> Floats:
        """[R, 2] negative labels in the end."""
        if self.only_positives:
            return self.negative - self.positives
        return self.negative * self.grows

    @property
    def missing(self) -> list[tuple[NDArray[np.bool_], str]]:
        """Why nothing can be said."""
        told = [(self.aged.predicted == 0, UNPREDICTED)]
        if not _is_split(self.aged.counts):
            told.append((np.full(len(self.aged.predicted), True), UNSPLIT))
        for of in self.aged.by_class:
            told += self.aged.unknown(of)
        return told

    @property
    def early(self) -> NDArray[np.bool_]:
        """[R, 2] whether so few labels of a predicted class are in that chance rules them."""
        return np.asarray(~(self.grows <= 1 / LEAST_SHARE))


def only_positives(counts: Floats) -> bool:
    """Whether there are positive labels with a time, enough of them, and not one negative.

    Args:
        counts: [R, A, O] labels of a binary model by age cell and outcome; what they say is not
            known where outcomes are not told apart.
    """
    if not _is_split(counts):
        return False
    labels = counts.sum(axis=(0, 1))
    return bool(labels[[1, 4]].sum() >= LEAST_LABELS and labels[[0, 3]].sum() == 0)


def _is_split(counts: Floats) -> bool:
    """Whether labels are counted by outcome: in very wide tables they are not."""
    return bool(counts.shape[-1] == OUTCOMES)


def accuracy_adjusted(c: Completed) -> Estimates:
    """Accuracy to expect once all labels are in, by those of each predicted class that are."""
    right = c.negatives[:, 0] + c.positives[:, 1]
    whole = (c.negatives + c.positives).sum(axis=1)
    value = divide(right, whole)
    if c.only_positives:
        turned = np.broadcast_to([-1.0, 1.0], c.positive.shape)
        return _estimates(c, value, whole, _Effect(turned, None))
    effect = _Effect(_distance(value, (0, 1)), _distance(value, (1, 0)))
    return _estimates(c, value, whole, effect)


def precision_adjusted(c: Completed) -> Estimates:
    """Precision to expect once all labels are in, by those of positive predictions that are."""
    whole = c.positives[:, 1] + c.negatives[:, 1]
    value = divide(c.positives[:, 1], whole)
    flagged = np.array([0.0, 1.0])
    if c.only_positives:
        effect = _Effect(np.broadcast_to(flagged, c.positive.shape), None)
    else:
        effect = _Effect((1 - value)[:, None] * flagged, -value[:, None] * flagged)
    return _estimates(c, value, whole, effect, [(whole == 0, NONE_FLAGGED)], needed=(1,))


def recall_adjusted(c: Completed) -> Estimates:
    """Recall to expect once all labels are in, by those of each predicted class that are."""
    whole = c.positives.sum(axis=1)
    value = divide(c.positives[:, 1], whole)
    effect = _Effect(_distance(value, (0, 1)), np.zeros_like(c.positive))
    return _estimates(c, value, whole, effect, [(whole == 0, NONE_FOUND)])


_NEEDS = (Role.LABEL, Role.LABEL_TIME)
METRICS = (
    define(accuracy_adjusted, title="accuracy, corrected", view=True, needs=_NEEDS),
    define(precision_adjusted, title="precision, corrected", view=True, needs=_NEEDS),
    define(recall_adjusted, title="recall, corrected", view=True, needs=_NEEDS),
)


@dataclass(frozen=True, slots=True)
class _Effect:
    """What one more label in the end adds to a share, times its denominator.

    Attributes:
        positive: [R, 2] a positive one, by predicted class.
        negative: [R, 2] a negative one; None where it is a positive one less.
    """

    positive: Floats
    negative: Floats | None


def _distance(value: Floats, of: tuple[float, float]) -> Floats:
    """[R, 2] what a label of each predicted class would be, less the share."""
    return np.asarray(np.array(of) - value[:, None])


def _estimates(
    c: Completed,
    value: Floats,
    whole: Floats,
    effect: _Effect,
    because: Sequence[tuple[NDArray[np.bool_], str]] = (),
    *,
    needed: tuple[int, ...] = (0, 1),
) -> Estimates:
    """A share with the interval of the labels it rests on (delta method, then Wilson's).

    Chance decides how many labels are in, and by how much they grow is unsure.

    Args:
        c: The outcomes.
        value: [R] the share.
        whole: [R] its denominator.
        effect: Of the labels on it.
        because: Reasons of its own.
        needed: Predicted classes that it is made of.
    """
    chance = effect.positive**2 * c.positive * c.grows**2
    grown = effect.positive * c.positives
    seen = np.where(effect.positive != 0, c.positive, 0).sum(axis=1)
    if effect.negative is None:  # a share of predictions: their number is no matter of chance
        chance = chance - effect.positive**2 * divide(c.positives**2, c.negative)
    else:
        chance = chance + effect.negative**2 * c.negative * c.grows**2
        grown = grown + effect.negative * c.negatives
        seen = seen + np.where(effect.negative != 0, c.negative, 0).sum(axis=1)
    variance = np.nansum(chance + grown**2 * c.spread, axis=1) / np.maximum(whole, 1e-300) ** 2
    rows = np.minimum(np.where(variance > 0, divide(value * (1 - value), variance), seen), whole)
    early = np.asarray(c.early[:, needed].any(axis=1))
    return estimates(
        value,
        seen,
        interval=wilson(value * rows, rows),
        because=[*c.missing, (early, TOO_EARLY), *because],
        otherwise=NO_LABELS,
    )
