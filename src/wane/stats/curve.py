"""Ranking quality from score cells: how well higher scores go with positive labels.

`negatives` and `positives` [..., S] count the rows of each label by score cell, in ascending order
of score, weighted or not; results are [...]. Rows of one cell count as mixed evenly, which is the
only error against rows. For a calibrated score it takes about h/12 times the share of pairs that
fall into one cell off the area under the ROC curve, where h is the width of a cell in log-odds:
with 100 cells over (-8, 8) 1e-4 for a strong model but 1e-3 for one whose scores crowd into a few
cells, and a sixteenth of that with 400 cells. Average precision is good to 2e-3, also at 1 %
positives.
"""

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Bools, Floats, divide
from wane.stats.confusion import macro
from wane.stats.interval import Interval, logit, square_and_add


def roc_auc(negatives: ArrayLike, positives: ArrayLike) -> Floats:
    """Area under the ROC curve: the probability that a positive scores above a negative.

    Pairs inside one cell count half (Mann-Whitney).

    Returns:
        [...] in [0, 1]; 0.5 is chance; nan unless both labels occur.
    """
    missed, found = _counts(negatives, positives)
    return np.clip(_mean(_share_below(missed), found), 0, 1)


def roc_auc_interval(
    negatives: ArrayLike, positives: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Interval of the area under the ROC curve, on the logit scale.

    The variance is that of DeLong, DeLong & Clarke-Pearson (1988), exact on cells, with the
    degrees of freedom of Brunner & Munzel (2000): of a few rows the variance itself is a guess.
    At 0, at 1 and with a single row of a label, which has no variance to show, it is Wilson's
    interval with as many rows as the rarer label has: so many disjoint pairs, each right with
    probability AUC.

    Returns:
        Ends [...] in [0, 1]; nan unless both labels occur.
    """
    missed, found = _counts(negatives, positives)
    sizes = missed.sum(axis=-1), found.sum(axis=-1)
    parts = (
        _variance_of_mean(1 - _share_below(found), missed),
        _variance_of_mean(_share_below(missed), found),
    )
    rarer = np.minimum(*sizes)
    error = np.where(rarer > 1, np.sqrt(parts[0] + parts[1]), 0.0)
    freedom = _degrees_of_freedom(parts, sizes)
    return logit(roc_auc(missed, found), error, rarer, confidence, freedom=freedom)


def macro_roc_auc(negatives: ArrayLike, positives: ArrayLike) -> Floats:
    """Mean over classes of the area under the ROC curve of each against the rest.

    Args:
        negatives: [..., K, S] rows of other classes by cell of the class's score.
        positives: [..., K, S] rows of the class.

    Returns:
        [...] in [0, 1], over the classes that have both kinds of rows; nan when none has.
    """
    return macro(roc_auc(negatives, positives))


def macro_roc_auc_interval(
    negatives: ArrayLike, positives: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Interval of `macro_roc_auc`: the classes' intervals, squared and added as correlated.

    The classes share their rows, so their areas are not independent. That of a class is a
    covariance of its label and its rank, and without skill two sample covariances correlate as
    their labels do times as their ranks do. Labels of shares p and q correlate as
    -sqrt(pq / (1 - p)(1 - q)); taking the scores, which add up to 1, to vary likewise gives
    pq / (1 - p)(1 - q): 1 for two classes, which say the same twice. The joint scores of two
    classes would tell it exactly, but are not among the counters.

    Returns:
        Ends [...] in [0, 1]; nan when no class has both kinds of rows.
    """
    missed, found = _counts(negatives, positives)
    value = roc_auc(missed, found)
    known = np.isfinite(value)
    ends = Interval(*map(np.nan_to_num, roc_auc_interval(missed, found, confidence)))
    rows = found.sum(axis=-1)
    odds = np.nan_to_num(divide(rows, missed.sum(axis=-1)))
    correlation = odds[..., :, None] * odds[..., None, :]
    correlation = np.where(np.eye(odds.shape[-1], dtype=bool), 1.0, np.minimum(correlation, 1.0))
    share = divide(known, known.sum(axis=-1, keepdims=True))
    low, high = square_and_add(np.nan_to_num(value), ends, share, correlation)
    return Interval(np.maximum(low, 0), np.minimum(high, 1))


def average_precision(
    negatives: ArrayLike, positives: ArrayLike, *, tied: ArrayLike = False
) -> Floats:
    """Average precision: precision averaged over the positives, from the highest score down.

    Inside a cell with P positives and Q negatives, below which tp and fp rows were passed, the
    integral of (tp + j) / (tp + j + fp + j Q / P) over j in (0, P) is taken in closed form.

    Args:
        negatives: [..., S] by cell.
        positives: [..., S] by cell.
        tied: [..., S], see `tied_cells`: cells whose rows all have one score, so that no
            threshold parts them; their precision is that at the end of the cell, as in
            scikit-learn.

    Returns:
        [...] in (0, 1]; the share of positives is chance; nan without positives.
    """
    missed, found = _counts(negatives, positives)
    rows = missed + found
    passed_positives, passed = _above(found), _above(rows)
    purity = np.nan_to_num(divide(found, rows))
    # Where nothing was passed the logarithm is infinite, but its factor is 0 and goes faster.
    growth = np.log1p(np.nan_to_num(divide(rows, passed)))
    spread = purity * (found + (passed_positives - passed * purity) * growth)
    step = found * np.nan_to_num(divide(passed_positives + found, passed + rows))
    area = np.where(tied, step, spread)
    return np.clip(divide(area.sum(axis=-1), found.sum(axis=-1)), 0, 1)


def average_precision_interval(
    negatives: ArrayLike,
    positives: ArrayLike,
    confidence: float = 0.95,
    *,
    tied: ArrayLike = False,
) -> Interval:
    """Interval of average precision, on the logit scale.

    The logit interval of Boyd, Eng & Page (2013, "Area under the precision-recall curve"): the
    variance of a proportion with as many rows as there are positives. Wilson's interval at 0, 1.

    Returns:
        Ends [...] in [0, 1]; nan without positives.
    """
    missed, found = _counts(negatives, positives)
    estimate = average_precision(missed, found, tied=tied)
    rows = found.sum(axis=-1)
    return logit(estimate, np.sqrt(divide(estimate * (1 - estimate), rows)), rows, confidence)


def tied_cells(count: ArrayLike, score_sum: ArrayLike, score_square_sum: ArrayLike) -> Bools:
    """Whether all rows of a cell have the same score, as with rounded scores or small trees.

    Args:
        count: [...] rows in the cell.
        score_sum: Sum of their scores, in [0, 1].
        score_square_sum: Sum of the squares.

    Returns:
        Broadcast shape; True where the spread of the scores is below a hundred-thousandth of
        their mean, which is what rounding leaves of equal ones; False for a cell without rows.
    """
    mean = divide(score_sum, count)
    variance = divide(score_square_sum, count) - mean**2
    return np.asarray(variance <= (1e-5 * mean) ** 2)


def _counts(negatives: ArrayLike, positives: ArrayLike) -> tuple[Floats, Floats]:
    missed = np.asarray(negatives, dtype=np.float64)
    found = np.asarray(positives, dtype=np.float64)
    shape = np.broadcast_shapes(missed.shape, found.shape)
    return np.broadcast_to(missed, shape), np.broadcast_to(found, shape)


def _above(counts: Floats) -> Floats:
    """Rows in all cells above each cell."""
    return np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1] - counts


def _share_below(counts: Floats) -> Floats:
    """Share of the rows that lie below each cell, those inside it counted half."""
    return divide(np.cumsum(counts, axis=-1) - counts / 2, counts.sum(axis=-1, keepdims=True))


def _mean(values: Floats, counts: Floats) -> Floats:
    return divide((counts * values).sum(axis=-1), counts.sum(axis=-1))


def _variance_of_mean(values: Floats, counts: Floats) -> Floats:
    """Variance of the mean over the rows; 0 with a single row, which has none to show."""
    rows = counts.sum(axis=-1)
    deviations = (counts * (values - _mean(values, counts)[..., None]) ** 2).sum(axis=-1)
    return np.nan_to_num(divide(deviations, rows * np.maximum(rows - 1, 0)))


def _degrees_of_freedom(variances: tuple[Floats, Floats], sizes: tuple[Floats, Floats]) -> Floats:
    """Of a sum of two variances of means of so many rows (Satterthwaite, 1946); 0 if unknown."""
    parts = [
        divide(variance**2, np.maximum(size - 1, 0))
        for variance, size in zip(variances, sizes, strict=True)
    ]
    return np.nan_to_num(divide((variances[0] + variances[1]) ** 2, parts[0] + parts[1]))
