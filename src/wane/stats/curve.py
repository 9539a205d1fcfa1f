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
from wane.stats.interval import Interval, logit


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

    The variance is that of DeLong, DeLong & Clarke-Pearson (1988), exact on cells. At 0, at 1 and
    with a single row of a label, where that variance vanishes, it is Wilson's interval with as
    many rows as the rarer label has: so many disjoint pairs, each right with probability AUC.

    Returns:
        Ends [...] in [0, 1]; nan unless both labels occur.
    """
    missed, found = _counts(negatives, positives)
    below = _share_below(missed)
    above = 1 - _share_below(found)
    variance = _variance_of_mean(below, found) + _variance_of_mean(above, missed)
    rarer = np.minimum(missed.sum(axis=-1), found.sum(axis=-1))
    return logit(roc_auc(missed, found), np.sqrt(variance), rarer, confidence)


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
