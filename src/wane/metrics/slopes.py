"""How much one more positive label among the rows of a score cell changes a metric.

With the rows of each cell and predicted class given, only the number of positives among them is
unsure, so these slopes turn the noise of labels and of calibration into that of any metric (delta
method). Each function takes expected outcomes and returns what broadcasts to [R, S, 2].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.profile.counters import Score
from wane.stats import confusion
from wane.stats.array import divide

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from wane.metrics.binary import Answered

    Floats = NDArray[np.float64]
    Slope = Callable[[Answered], Floats]

STEP = 1e-4
"""Of the rows, by which counts are moved to see what a metric does."""


def of_counts(value: Callable[..., Floats]) -> Slope:
    """The slope of a metric of confusion counts (tn, fp, fn, tp), by central differences."""

    def slope(a: Answered) -> Floats:
        tn, fp, fn, tp = a.counts
        step = np.maximum(STEP * (tn + fp + fn + tp), STEP)
        with np.errstate(invalid="ignore", divide="ignore"):
            missed = value(tn - step, fp, fn + step, tp) - value(tn + step, fp, fn - step, tp)
            found = value(tn, fp - step, fn, tp + step) - value(tn, fp + step, fn, tp - step)
        return np.asarray(np.stack([missed, found], axis=1) / (2 * step)[:, None])[:, None, :]

    return slope


def of_cost(a: Answered) -> Floats:
    """The slope of the mean value of a row."""
    gain = np.array([a.costs["fn"] - a.costs["tn"], a.costs["tp"] - a.costs["fp"]])
    rows = np.stack(a.counts).sum(axis=0)
    return divide(gain[None, None, :], rows[:, None, None])


def of_roc_auc(a: Answered) -> Floats:
    """Area under the ROC curve."""
    return _scored(area_slope(a.negatives, a.positives))


def area_slope(negatives: Floats, positives: Floats) -> Floats:
    """A row that turns positive wins over negatives, and no longer loses: [..., S].

    A pair inside one cell counts half, so a cell has half of its own rows below it.

    Args:
        negatives: [..., S] rows by score cell.
        positives: Likewise.
    """
    won, lost = (part.sum(axis=-1, keepdims=True) for part in (positives, negatives))
    below = np.cumsum(negatives, axis=-1) - negatives / 2
    above = won - (np.cumsum(positives, axis=-1) - positives / 2)
    area = divide((positives * below).sum(axis=-1, keepdims=True), won * lost)
    return divide(divide(below, lost) - area, won) - divide(divide(above, won) - area, lost)


def of_average_precision(a: Answered) -> Floats:
    """Average precision: its own precision counts, and that of every positive scored lower."""
    rows = a.negatives + a.positives
    found = a.positives.sum(axis=1, keepdims=True)
    passed = _from_above(rows) - rows / 2
    precision = divide(_from_above(a.positives) - a.positives / 2, passed)
    area = divide(np.nansum(a.positives * precision, axis=1, keepdims=True), found)
    helped = np.nan_to_num(divide(a.positives, passed))
    lower = np.cumsum(helped, axis=1) - helped / 2
    return _scored(divide(np.nan_to_num(precision) - area + lower, found))


def of_brier(a: Answered) -> Floats:
    """Brier score: (1 - s)^2 instead of s^2."""
    sums = a.scored.sum(axis=2)
    mean = divide(sums[..., Score.SUM], sums[..., Score.WEIGHT])
    return _scored(divide(1 - 2 * mean, sums[..., Score.WEIGHT].sum(axis=1, keepdims=True)))


def of_log_loss(a: Answered) -> Floats:
    """Log loss: -log s instead of -log(1 - s)."""
    sums = a.scored.sum(axis=2)
    more = sums[..., Score.SUM_LOG_COMPLEMENT] - sums[..., Score.SUM_LOG]
    mean = divide(more, sums[..., Score.WEIGHT])
    return _scored(divide(mean, sums[..., Score.WEIGHT].sum(axis=1, keepdims=True)))


ACCURACY = of_counts(confusion.accuracy)
BALANCED_ACCURACY = of_counts(confusion.balanced_accuracy)
PRECISION = of_counts(confusion.precision)
RECALL = of_counts(confusion.recall)
SPECIFICITY = of_counts(confusion.specificity)
F1 = of_counts(confusion.f1)
MATTHEWS_CORRELATION = of_counts(confusion.matthews_correlation)


def _from_above(counts: Floats) -> Floats:
    """[R, S] rows in a cell and in those above it."""
    return np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]


def _scored(slope: Floats) -> Floats:
    """[R, S, 1] with the cell of missing scores, which has no part in it."""
    return np.nan_to_num(np.pad(slope, ((0, 0), (0, 1))))[:, :, None]
