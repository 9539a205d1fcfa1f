"""Metrics of a classifier with many classes, from its confusion matrix and score cells.

Everything made of confusion counts and log loss is exact; AUC comes from score cells. Averages
over classes follow scikit-learn; a class whose share has an empty denominator is left out of a
macro average. Intervals are 95 %: Wilson for shares, square-and-add of the classes' intervals for
averages (Zou & Donner 2008), the delta method for averaged F1, MCC and calibration error, the
normal one for means.
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
    from numpy.typing import NDArray

    from wane.profile.counters import Counters

UNSCORED = "no scores between 0 and 1 in this window"
NO_CLASS_SCORES = "it needs a score for each class"
ONE_CLASS = "fewer than two classes have both kinds of rows in this window"


@dataclass(frozen=True)
class Classified(Labelled):
    """The outcome counters of R windows, in effective rows.

    Attributes:
        confusion: [R, K predicted, K + 1 label], the last label not known yet.
        score: [R, S, 1, 3, len(Score)] cells of the predicted class's score by (wrong, right,
            not labelled yet).
        class_scores: [R, K, S, 3] by class, whatever was predicted; K = 0 without a score for
            each class.
        log_losses: [R, 3].
        totals: [R, len(Total)].
    """

    confusion: NDArray[np.float64]
    score: NDArray[np.float64]
    class_scores: NDArray[np.float64]
    log_losses: NDArray[np.float64]
    totals: NDArray[np.float64]

    @classmethod
    def of(cls, counters: Counters) -> Classified:
        """The outcome counters of a stack of profiles."""
        scale = effective_scale(counters)
        return cls(
            counters.confusion * scale[:, None, None],
            counters.score * scale[:, None, None, None, None],
            counters.class_scores.sum(axis=3) * scale[:, None, None, None],
            counters.log_losses * scale[:, None],
            counters.totals,
        )

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """[R, K predicted, K label] labelled rows."""
        return self.confusion[:, :, :-1]


def accuracy(c: Classified) -> Estimates:
    """Share of labelled rows answered right; Wilson interval."""
    right, n = np.trace(c.matrix, axis1=1, axis2=2), c.matrix.sum(axis=(1, 2))
    value = right / np.where(n > 0, n, np.nan)
    return estimates(value, c.labelled, interval=interval.wilson(right, n), because=c.missing)


def macro_precision(c: Classified) -> Estimates:
    """Mean over classes of the share of their predictions that were right."""
    return _macro(c, confusion.per_class_precision(c.matrix), c.matrix.sum(axis=2))


def macro_recall(c: Classified) -> Estimates:
    """Mean over classes of the share of their rows that were found."""
    return _macro(c, confusion.per_class_recall(c.matrix), c.matrix.sum(axis=1))


def macro_f1(c: Classified) -> Estimates:
    """Mean over classes of their F1."""
    value = confusion.macro(confusion.per_class_f1(c.matrix))
    limits = delta.macro_f1_interval(c.matrix)
    return estimates(value, c.labelled, interval=limits, because=c.missing)


def weighted_precision(c: Classified) -> Estimates:
    """Precision of the classes, weighted by their number of labels."""
    return _weighted(c, confusion.per_class_precision(c.matrix), c.matrix.sum(axis=2))


def weighted_recall(c: Classified) -> Estimates:
    """Recall of the classes, weighted by their number of labels."""
    return _weighted(c, confusion.per_class_recall(c.matrix), c.matrix.sum(axis=1))


def weighted_f1(c: Classified) -> Estimates:
    """F1 of the classes, weighted by their number of labels."""
    f1 = confusion.per_class_f1(c.matrix)
    value = confusion.weighted(f1, confusion.support(c.matrix))
    limits = delta.weighted_f1_interval(c.matrix)
    return estimates(value, c.labelled, interval=limits, because=c.missing)


def matthews_correlation(c: Classified) -> Estimates:
    """Correlation of predicted and true class (Gorodkin's R_K); delta-method interval."""
    return estimates(
        confusion.multiclass_matthews_correlation(c.matrix),
        c.labelled,
        interval=delta.multiclass_matthews_correlation_interval(c.matrix),
        because=c.missing,
        otherwise="predictions or labels are all of one class",
    )


def roc_auc(c: Classified) -> Estimates:
    """Mean over classes of the chance that a row of the class scores above another row."""
    if not c.class_scores.shape[1]:
        nothing = np.full(len(c.labelled), np.nan)
        return estimates(nothing, c.labelled, otherwise=NO_CLASS_SCORES)
    others, own = c.class_scores[..., :-1, 0], c.class_scores[..., :-1, 1]
    return estimates(
        curve.macro_roc_auc(others, own),
        c.labelled,
        interval=curve.macro_roc_auc_interval(others, own),
        because=c.missing,
        otherwise=ONE_CLASS,
    )


def log_loss(c: Classified) -> Estimates:
    """Mean of -log(score of the label), scores scaled to add up to 1; natural logarithm."""
    n, total, squares = c.log_losses.T
    return estimates(
        total / np.where(n > 0, n, np.nan),
        c.labelled,
        interval=interval.mean(total, squares, n),
        because=c.missing,
        otherwise=UNSCORED if c.class_scores.shape[1] else NO_CLASS_SCORES,
    )


def calibration_error(c: Classified) -> Estimates:
    """Expected calibration error of the predicted class's score, 10 equal-width bins."""
    cells = c.score[:, :-1, 0]
    n, sums = cells[:, :, :2, Score.WEIGHT].sum(axis=2), cells[:, :, :2, Score.SUM].sum(axis=2)
    bins = calibration.regroup(n, sums, cells[:, :, 1, Score.WEIGHT])
    unscored = (n.sum(axis=1) == 0, UNSCORED)
    return estimates(
        calibration.expected_calibration_error(*bins),
        c.labelled,
        interval=calibration.expected_calibration_error_interval(*bins),
        because=[*c.missing, unscored],
    )


def mean_confidence(c: Classified) -> Estimates:
    """Mean score of the predicted class, labelled or not; normal interval."""
    sums = c.score[:, :-1, 0].sum(axis=(1, 2))
    n, total, squares = (sums[:, i] for i in (Score.WEIGHT, Score.SUM, Score.SUM_SQUARES))
    predicted = c.totals[:, Total.PREDICTED]
    because = [(predicted == 0, UNPREDICTED), (n == 0, UNSCORED)]
    value = total / np.where(n > 0, n, np.nan)
    return estimates(value, predicted, interval=interval.mean(total, squares, n), because=because)


_LABEL = (Role.LABEL,)
_BOTH = (Role.LABEL, Role.SCORE)
METRICS = (
    define(accuracy, counted=True, needs=_LABEL),
    define(macro_precision, needs=_LABEL),
    define(macro_recall, needs=_LABEL),
    define(macro_f1, title="macro F1", needs=_LABEL),
    define(weighted_precision, needs=_LABEL),
    define(weighted_recall, needs=_LABEL),
    define(weighted_f1, title="weighted F1", needs=_LABEL),
    define(matthews_correlation, key="mcc", title="Matthews correlation", needs=_LABEL),
    define(roc_auc, title="macro ROC AUC", needs=_BOTH),
    define(log_loss, better=Better.LOWER, needs=_BOTH),
    define(calibration_error, better=Better.LOWER, needs=_BOTH),
    define(mean_confidence, better=Better.NEITHER, needs=(Role.SCORE,)),
)


def per_class(c: Classified) -> dict[str, list[Estimates]]:
    """Precision, recall and F1 of each class: metric key -> K estimates."""
    matrix = c.matrix
    classes = range(matrix.shape[1])
    hits = np.diagonal(matrix, axis1=1, axis2=2)
    predicted, labelled = matrix.sum(axis=2), matrix.sum(axis=1)
    f1 = confusion.per_class_f1(matrix)
    shares = {
        "precision": (predicted, "never predicted in this window"),
        "recall": (labelled, "no row of this class in this window"),
    }
    measured = {
        key: [
            estimates(
                hits[:, k] / np.where(whole[:, k] > 0, whole[:, k], np.nan),
                whole[:, k],
                interval=interval.wilson(hits[:, k], whole[:, k]),
                because=c.missing,
                otherwise=reason,
            )
            for k in classes
        ]
        for key, (whole, reason) in shares.items()
    }
    rest = predicted - hits, labelled - hits
    measured["f1"] = [
        estimates(
            f1[:, k],
            labelled[:, k],
            interval=interval.f1_interval(rest[0][:, k], rest[1][:, k], hits[:, k]),
            because=c.missing,
            otherwise="this class was neither predicted nor seen in this window",
        )
        for k in classes
    ]
    return measured


def _macro(c: Classified, values: NDArray[np.float64], whole: NDArray[np.float64]) -> Estimates:
    """Plain mean over the classes that have a value."""
    known = np.isfinite(values)
    weights = known / np.maximum(known.sum(axis=1, keepdims=True), 1)
    return _averaged(c, values, whole, weights)


def _weighted(c: Classified, values: NDArray[np.float64], whole: NDArray[np.float64]) -> Estimates:
    """Mean over classes by their number of labels; classes without a value count as 0."""
    support = confusion.support(c.matrix)
    weights = support / np.maximum(support.sum(axis=1, keepdims=True), 1e-300)
    return _averaged(c, values, whole, weights)


def _averaged(
    c: Classified,
    values: NDArray[np.float64],
    whole: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> Estimates:
    filled = np.nan_to_num(values)
    ends = interval.wilson(filled * whole, whole)
    known = interval.Interval(*(np.where(np.isfinite(end), end, filled) for end in ends))
    limits = interval.square_and_add(filled, known, weights)
    mean = (filled * weights).sum(axis=1)
    return estimates(mean, c.labelled, interval=limits, because=c.missing)
