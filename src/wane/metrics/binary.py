"""Metrics of a binary classifier, from its score cells x predicted class x label.

Exact from the counters: everything made of confusion counts, Brier score and log loss. ROC AUC and
average precision come from the order of the score cells (within 2e-4 and 2e-3 of the rows').

Intervals are 95 %: Wilson for shares (Wilson 1927), DeLong on the cells for AUC, logit-normal for
average precision (Boyd et al. 2013), the delta method for F1, balanced accuracy, MCC and
calibration error, and the normal one for means, whose variance is taken between the score cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.catalogue import Better, define
from wane.metrics.estimates import Estimates, effective_scale, estimates
from wane.metrics.labelled import UNPREDICTED, Labelled
from wane.profile.counters import Score, Total
from wane.schema import Role
from wane.stats import calibration, confusion, curve, delta, interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from wane.profile.counters import Counters

UNSCORED = "no scores between 0 and 1 in this window"
NO_NEGATIVES = "all labels in this window are positive"
NO_POSITIVES = "no label in this window is positive"
NONE_PREDICTED = "no positive predictions among the labelled rows"
ALL_PREDICTED = "no negative predictions among the labelled rows"


@dataclass(frozen=True)
class Answered(Labelled):
    """The outcome counters of R windows, in effective rows.

    Attributes:
        score: [R, S, 2, 3, len(Score)], scaled so that weights add up to the effective number of
            rows (Kish), on which intervals rest.
        totals: [R, len(Total)].
        costs: Value of a row by outcome (tn, fp, fn, tp); empty without a cost matrix.
    """

    score: NDArray[np.float64]
    totals: NDArray[np.float64]
    costs: Mapping[str, float]

    @classmethod
    def of(cls, counters: Counters, costs: Mapping[str, float]) -> Answered:
        """The outcome counters of a stack of profiles."""
        scale = effective_scale(counters)
        return cls(counters.score * scale[:, None, None, None, None], counters.totals, costs)

    @cached_property
    def counts(self) -> tuple[NDArray[np.float64], ...]:
        """(tn, fp, fn, tp), each [R]."""
        table = self.score[..., Score.WEIGHT].sum(axis=1)
        return table[:, 0, 0], table[:, 1, 0], table[:, 0, 1], table[:, 1, 1]

    @cached_property
    def scored(self) -> NDArray[np.float64]:
        """[R, S, 2, len(Score)]: labelled rows with a usable score, by cell and label."""
        return np.asarray(self.score[:, :-1, :, :2].sum(axis=2))

    @cached_property
    def negatives(self) -> NDArray[np.float64]:
        """[R, S] negative labels by score cell."""
        return self.scored[:, :, 0, Score.WEIGHT]

    @cached_property
    def positives(self) -> NDArray[np.float64]:
        """[R, S] positive labels by score cell."""
        return self.scored[:, :, 1, Score.WEIGHT]

    @cached_property
    def missing_scores(self) -> list[tuple[NDArray[np.bool_], str]]:
        """Why nothing can be said that needs labels and scores."""
        return [*self.missing, (self.scored[..., Score.WEIGHT].sum(axis=(1, 2)) == 0, UNSCORED)]

    @cached_property
    def missing_class(self) -> list[tuple[NDArray[np.bool_], str]]:
        """Why nothing can be said that needs scores and both labels."""
        return [
            *self.missing_scores,
            (self.positives.sum(axis=1) == 0, NO_POSITIVES),
            (self.negatives.sum(axis=1) == 0, NO_NEGATIVES),
        ]


def accuracy(a: Answered) -> Estimates:
    """Share of labelled rows answered right; Wilson interval."""
    tn, fp, fn, tp = a.counts
    return _share(tn + tp, tn + fp + fn + tp, a.labelled, a.missing)


def balanced_accuracy(a: Answered) -> Estimates:
    """Mean of recall and specificity."""
    value = confusion.balanced_accuracy(*a.counts)
    tn, fp, fn, tp = a.counts
    limits = interval.balanced_accuracy_interval(tn, fp, fn, tp)
    return estimates(value, a.labelled, interval=limits, because=[*a.missing, *_labels(a)])


def precision(a: Answered) -> Estimates:
    """Share of positive predictions that were right; Wilson interval."""
    _, fp, _, tp = a.counts
    return _share(tp, tp + fp, a.labelled, [*a.missing, (tp + fp == 0, NONE_PREDICTED)])


def recall(a: Answered) -> Estimates:
    """Share of positive labels that were found; Wilson interval."""
    _, _, fn, tp = a.counts
    return _share(tp, tp + fn, a.labelled, [*a.missing, (tp + fn == 0, NO_POSITIVES)])


def specificity(a: Answered) -> Estimates:
    """Share of negative labels that were found; Wilson interval."""
    tn, fp, _, _ = a.counts
    return _share(tn, tn + fp, a.labelled, [*a.missing, (tn + fp == 0, NO_NEGATIVES)])


def f1(a: Answered) -> Estimates:
    """Harmonic mean of precision and recall; delta-method interval."""
    _, fp, fn, tp = a.counts
    neither = (tp + fp + fn == 0, "neither positive labels nor positive predictions")
    limits = interval.f1_interval(fp, fn, tp)
    return estimates(
        confusion.f1(*a.counts), a.labelled, interval=limits, because=[*a.missing, neither]
    )


def matthews_correlation(a: Answered) -> Estimates:
    """Correlation of prediction and label; delta-method interval."""
    tn, fp, fn, tp = a.counts
    one_sided = [(tp + fp == 0, NONE_PREDICTED), (tn + fn == 0, ALL_PREDICTED)]
    return estimates(
        confusion.matthews_correlation(*a.counts),
        a.labelled,
        interval=delta.matthews_correlation_interval(tn, fp, fn, tp),
        because=[*a.missing, *_labels(a), *one_sided],
    )


def roc_auc(a: Answered) -> Estimates:
    """Chance that a positive scores above a negative; DeLong interval."""
    return estimates(
        curve.roc_auc(a.negatives, a.positives),
        a.labelled,
        interval=curve.roc_auc_interval(a.negatives, a.positives),
        because=a.missing_class,
    )


def average_precision(a: Answered) -> Estimates:
    """Area under the precision-recall curve; logit-normal interval."""
    sums = a.scored.sum(axis=2)
    tied = curve.tied_cells(
        sums[..., Score.WEIGHT], sums[..., Score.SUM], sums[..., Score.SUM_SQUARES]
    )
    return estimates(
        curve.average_precision(a.negatives, a.positives, tied=tied),
        a.labelled,
        interval=curve.average_precision_interval(a.negatives, a.positives, tied=tied),
        because=a.missing_class,
    )


def log_loss(a: Answered) -> Estimates:
    """Mean of -log(score of the label), exact; natural logarithm."""
    n, logs = a.scored[..., Score.WEIGHT], a.scored[..., Score.SUM_LOG]
    complements = a.scored[..., Score.SUM_LOG_COMPLEMENT]
    value = calibration.log_loss(n.sum(axis=1), logs.sum(axis=1), complements.sum(axis=1))
    losses = -np.stack([complements[..., 0], logs[..., 1]], axis=-1)
    return estimates(
        value, a.labelled, interval=_between_cells(losses, n), because=a.missing_scores
    )


def brier(a: Answered) -> Estimates:
    """Mean squared difference of score and label, exact."""
    n, sums = a.scored[..., Score.WEIGHT], a.scored[..., Score.SUM]
    squares = a.scored[..., Score.SUM_SQUARES]
    value = calibration.brier_score(n.sum(axis=1), sums.sum(axis=1), squares.sum(axis=1))
    losses = np.stack([squares[..., 0], n[..., 1] - 2 * sums[..., 1] + squares[..., 1]], axis=-1)
    return estimates(
        value, a.labelled, interval=_between_cells(losses, n), because=a.missing_scores
    )


def calibration_error(a: Answered) -> Estimates:
    """Expected calibration error over 10 equal-width bins; delta-method interval."""
    n, sums = a.scored[..., Score.WEIGHT].sum(axis=2), a.scored[..., Score.SUM].sum(axis=2)
    bins = calibration.regroup(n, sums, a.positives)
    return estimates(
        calibration.expected_calibration_error(*bins),
        a.labelled,
        interval=calibration.expected_calibration_error_interval(*bins),
        because=a.missing_scores,
    )


def base_rate(a: Answered) -> Estimates:
    """Share of positive labels; Wilson interval."""
    tn, fp, fn, tp = a.counts
    return _share(fn + tp, tn + fp + fn + tp, a.labelled, a.missing)


def positive_rate(a: Answered) -> Estimates:
    """Share of positive predictions, labelled or not; Wilson interval."""
    by_class = a.score[..., Score.WEIGHT].sum(axis=(1, 3))
    predicted = a.totals[:, Total.PREDICTED]
    return _share(by_class[:, 1], by_class.sum(axis=1), predicted, [(predicted == 0, UNPREDICTED)])


def mean_confidence(a: Answered) -> Estimates:
    """Mean probability of the predicted class, labelled or not; normal interval."""
    sums = a.score[:, :-1].sum(axis=(1, 3))
    n, s, ss = (sums[..., i] for i in (Score.WEIGHT, Score.SUM, Score.SUM_SQUARES))
    total = s[:, 1] + n[:, 0] - s[:, 0]
    squares = ss[:, 1] + n[:, 0] - 2 * s[:, 0] + ss[:, 0]
    count = n.sum(axis=1)
    predicted = a.totals[:, Total.PREDICTED]
    because = [(predicted == 0, UNPREDICTED), (count == 0, UNSCORED)]
    value = total / np.where(count > 0, count, 1.0)
    return estimates(
        value, predicted, interval=interval.mean(total, squares, count), because=because
    )


def cost(a: Answered) -> Estimates:
    """Mean value of a labelled row by the user's cost matrix, gains positive."""
    counts = np.stack(a.counts)
    value = np.array([a.costs[name] for name in ("tn", "fp", "fn", "tp")])[:, None]
    limits = interval.mean((counts * value).sum(0), (counts * value**2).sum(0), counts.sum(0))
    total = np.maximum(counts.sum(axis=0), 1e-300)
    mean = (counts * value).sum(axis=0) / total
    return estimates(mean, a.labelled, interval=limits, because=a.missing)


_LABEL = (Role.LABEL,)
_BOTH = (Role.LABEL, Role.SCORE)
METRICS = (
    define(accuracy, counted=True, needs=_LABEL),
    define(balanced_accuracy, needs=_LABEL),
    define(precision, needs=_LABEL),
    define(recall, needs=_LABEL),
    define(specificity, needs=_LABEL),
    define(f1, title="F1", needs=_LABEL),
    define(matthews_correlation, key="mcc", title="Matthews correlation", needs=_LABEL),
    define(roc_auc, title="ROC AUC", needs=_BOTH),
    define(average_precision, needs=_BOTH),
    define(log_loss, better=Better.LOWER, needs=_BOTH),
    define(brier, title="Brier score", better=Better.LOWER, needs=_BOTH),
    define(calibration_error, better=Better.LOWER, needs=_BOTH),
    define(base_rate, title="positive labels", better=Better.NEITHER, percent=True, needs=_LABEL),
    define(positive_rate, title="positive predictions", better=Better.NEITHER, percent=True),
    define(mean_confidence, better=Better.NEITHER, needs=(Role.SCORE,)),
)
COST = define(cost, title="value a row", needs=_LABEL)
"""Measured only when the user gives a cost matrix."""


def _share(
    part: NDArray[np.float64],
    whole: NDArray[np.float64],
    n: NDArray[np.float64],
    because: list[tuple[NDArray[np.bool_], str]],
) -> Estimates:
    """A share with its Wilson interval."""
    value = part / np.where(whole > 0, whole, np.nan)
    return estimates(value, n, interval=interval.wilson(part, whole), because=because)


def _between_cells(losses: NDArray[np.float64], n: NDArray[np.float64]) -> interval.Interval:
    """Normal interval of a mean loss; its variance is taken between cells and labels.

    Within a cell the score hardly varies, so this leaves out little (at most the width of a cell).

    Args:
        losses: [R, S, 2] sum of the loss by cell and label.
        n: [R, S, 2] rows.
    """
    squares = losses**2 / np.where(n > 0, n, 1.0)
    return interval.mean(losses.sum((1, 2)), squares.sum((1, 2)), n.sum((1, 2)))


def _labels(a: Answered) -> list[tuple[NDArray[np.bool_], str]]:
    tn, fp, fn, tp = a.counts
    return [(fn + tp == 0, NO_POSITIVES), (tn + fp == 0, NO_NEGATIVES)]
