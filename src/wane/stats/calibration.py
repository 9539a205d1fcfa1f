"""How far scores are from probabilities, and the proper losses of scores, from sums by cell."""

from typing import NamedTuple

import numpy as np
import scipy  # its `special` is slow to load, and so is left to load on first use
from numpy.typing import ArrayLike

from wane.stats.array import Floats, divide
from wane.stats.interval import Interval, normal_quantile


class CalibrationBins(NamedTuple):
    """Labelled rows by bin of their score; arrays [..., bins].

    Attributes:
        n: Rows.
        score_sum: Sum of their scores.
        positives: Those labelled positive.
    """

    n: Floats
    score_sum: Floats
    positives: Floats


def regroup(
    count: ArrayLike, score_sum: ArrayLike, positives: ArrayLike, bins: int = 10
) -> CalibrationBins:
    """Groups fine score cells into equal-width bins on [0, 1], each cell by its mean score.

    Ten equal-width bins are what reliability diagrams and the usual calibration error use. Equal
    to binning the rows wherever no cell reaches across the edge of a bin.

    Args:
        count: [..., S] labelled rows by cell.
        score_sum: [..., S] sum of their scores.
        positives: [..., S] those labelled positive.
        bins: Number of bins.

    Returns:
        Arrays [..., bins]; bins without rows hold zeros.
    """
    rows, scores, hits = _floats(count, score_sum, positives)
    centre = np.nan_to_num(divide(scores, rows))
    bin_of = np.clip((centre * bins).astype(np.intp), 0, bins - 1)
    member = (bin_of[..., None] == np.arange(bins)).astype(np.float64)
    return CalibrationBins(
        *(np.einsum("...s,...sb->...b", value, member) for value in (rows, scores, hits))
    )


def expected_calibration_error(
    count: ArrayLike, score_sum: ArrayLike, positives: ArrayLike
) -> Floats:
    """Mean distance of mean score and positive rate over bins, weighted by rows (Naeini, 2015).

    Pass the result of `regroup`, not fine cells: the noise of the positive rates adds up, so the
    value grows with the number of bins even for a calibrated score.

    Args:
        count: [..., B] labelled rows by bin.
        score_sum: [..., B] sum of their scores.
        positives: [..., B] those labelled positive.

    Returns:
        [...] in [0, 1]; nan without rows.
    """
    rows, scores, hits = _floats(count, score_sum, positives)
    return divide(np.abs(scores - hits).sum(axis=-1), rows.sum(axis=-1))


def expected_calibration_error_interval(
    count: ArrayLike, score_sum: ArrayLike, positives: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Interval of the expected calibration error, by the delta method over bins.

    Noise never cancels in a sum of distances, so the error of a calibrated score is not 0 but
    grows as the bins get smaller. What noise adds to a bin's distance d is the mean of a folded
    normal (Leone, Nelson & Nottingham, 1961) less d, with d^2 less its variance for the true
    distance; the lower end is moved down by the sum of these. Positive rates are Laplace's
    (h + 1) / (n + 2), so that a bin without errors is not certain.

    Args:
        count: [..., B] labelled rows by bin.
        score_sum: [..., B] sum of their scores.
        positives: [..., B] those labelled positive.
        confidence: Such as 0.95.

    Returns:
        Ends in [0, 1]; nan without rows. They cover at least `confidence`, and more for scores
        that are off by as much as the noise.
    """
    rows, scores, hits = _floats(count, score_sum, positives)
    total = rows.sum(axis=-1)
    rate = (hits + 1) / (rows + 2)
    variance = rows * rate * (1 - rate)
    distance = np.abs(scores - hits)
    added = _noise_in_distance(distance, variance).sum(axis=-1)
    error = divide(distance.sum(axis=-1), total)
    reach = normal_quantile(confidence) * divide(np.sqrt(variance.sum(axis=-1)), total)
    low = error - divide(added, total) - reach
    return Interval(np.clip(low, 0, 1), np.clip(error + reach, 0, 1))


def brier_score(count: ArrayLike, score_sum: ArrayLike, score_square_sum: ArrayLike) -> Floats:
    """Mean squared distance of score and label (Brier, 1950), exact.

    Args:
        count: [..., 2] rows by label, negative then positive.
        score_sum: [..., 2] sum of the score s, by label.
        score_square_sum: [..., 2] sum of s^2, by label.

    Returns:
        [...] in [0, 1]; nan without rows.
    """
    rows, scores, squares = _floats(count, score_sum, score_square_sum)
    total = squares.sum(axis=-1) - 2 * scores[..., 1] + rows[..., 1]
    return np.clip(divide(total, rows.sum(axis=-1)), 0, 1)


def log_loss(count: ArrayLike, log_sum: ArrayLike, log_complement_sum: ArrayLike) -> Floats:
    """Mean negative log-likelihood of the labels, exact.

    Args:
        count: [..., 2] rows by label, negative then positive.
        log_sum: [..., 2] sum of ln s by label, finite: clip scores away from 0 before.
        log_complement_sum: [..., 2] sum of ln(1 - s) by label, finite.

    Returns:
        [...] >= 0 in nats; nan without rows.
    """
    rows, logs, complements = _floats(count, log_sum, log_complement_sum)
    return divide(-(logs[..., 1] + complements[..., 0]), rows.sum(axis=-1))


def _noise_in_distance(distance: Floats, variance: Floats) -> Floats:
    """How much noise adds to the absolute value of a sum on average; 0 without variance."""
    true = np.sqrt(np.maximum(distance**2 - variance, 0))
    noise = np.sqrt(variance)
    off = divide(true, noise)
    folded = noise * np.sqrt(2 / np.pi) * np.exp(-(off**2) / 2)
    folded += true * scipy.special.erf(off / np.sqrt(2))
    return np.asarray(np.nan_to_num(folded - true))


def _floats(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.asarray(value, dtype=np.float64) for value in values)
