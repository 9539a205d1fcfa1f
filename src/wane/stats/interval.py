"""Confidence intervals in closed form.

Arguments broadcast; ends come back as arrays of the broadcast shape and are nan where there are no
rows. The count behind an interval may be any positive number: for weighted data scale every
counter so that the rows become `weights.effective_size`.
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import scipy  # its `special` is slow to load, and so is left to load on first use
from numpy.typing import ArrayLike

from wane.stats.array import Floats, divide


class Interval(NamedTuple):
    """Both ends of a confidence interval."""

    low: Floats
    high: Floats


def normal_quantile(confidence: float = 0.95) -> float:
    """Standard errors on either side of a two-sided normal interval: 1.96 for 0.95.

    Raises:
        statistics.StatisticsError: If `confidence` is not inside (-1, 1).
    """
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def student_quantile(freedom: ArrayLike, confidence: float = 0.95) -> Floats:
    """Standard errors on either side of a two-sided interval by Student's t.

    Args:
        freedom: Degrees of freedom behind the standard error; taken as at least 1.
        confidence: Such as 0.95.

    Returns:
        The shape of `freedom`; 12.7 for 1, 1.96 for infinity.
    """
    at_least_one = np.maximum(np.asarray(freedom, dtype=np.float64), 1)
    return np.asarray(scipy.special.stdtrit(at_least_one, 0.5 + confidence / 2))


def wilson(successes: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Interval:
    """Score interval of a proportion (Wilson, 1927): accuracy, precision, recall, a share.

    Close to its nominal coverage at every size and never outside [0, 1]; use `clopper_pearson`
    where the coverage must be guaranteed.

    Args:
        successes: In [0, n]; need not be whole.
        n: Rows, or effective rows.
        confidence: Such as 0.95.

    Returns:
        Ends in [0, 1]; nan where n is 0.
    """
    rows = np.asarray(n, dtype=np.float64)
    z = normal_quantile(confidence)
    share = np.clip(divide(successes, rows), 0, 1)
    centre = share + divide(z**2 / 2, rows)
    half = z * np.sqrt(divide(share * (1 - share), rows) + divide(z**2 / 4, rows**2))
    shrink = 1 + divide(z**2, rows)
    return Interval(
        np.clip((centre - half) / shrink, 0, share), np.clip((centre + half) / shrink, share, 1)
    )


def clopper_pearson(successes: ArrayLike, n: ArrayLike, confidence: float = 0.95) -> Interval:
    """Exact interval of a proportion (Clopper & Pearson, 1934): covers at least `confidence`.

    Wider than `wilson` on average.

    Returns:
        Ends in [0, 1]; nan where n is 0.
    """
    hits, rows = np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64)
    misses = rows - hits
    tail = (1 - confidence) / 2
    low = np.where(
        hits > 0, scipy.special.betaincinv(np.maximum(hits, 1e-9), misses + 1, tail), 0.0
    )
    high = np.where(
        misses > 0, scipy.special.betaincinv(hits + 1, np.maximum(misses, 1e-9), 1 - tail), 1.0
    )
    empty = rows == 0
    return Interval(np.where(empty, np.nan, low), np.where(empty, np.nan, high))


def poisson(count: ArrayLike, confidence: float = 0.95) -> Interval:
    """Exact interval of the mean of a count (Garwood, 1936): covers at least `confidence`.

    For rows that come independently of each other; of real traffic this is the least noise there
    is.

    Args:
        count: Rows, >= 0; need not be whole.
        confidence: Such as 0.95.

    Returns:
        Ends in rows, the lower one 0 for a count of 0; nan where the count is nan.
    """
    rows = np.asarray(count, dtype=np.float64)
    tail = (1 - confidence) / 2
    low = scipy.special.gammaincinv(np.maximum(rows, 1e-9), tail)
    high = scipy.special.gammaincinv(rows + 1, 1 - tail)
    return Interval(np.where(rows == 0, 0.0, low), np.asarray(high))


def mean(
    total: ArrayLike, sum_of_squares: ArrayLike, n: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Normal interval of a mean: log loss, mean absolute error, bias, mean confidence, cost.

    Args:
        total: Sum of the values.
        sum_of_squares: Sum of their squares.
        n: Rows.
        confidence: Such as 0.95.

    Returns:
        Ends in the values' unit; nan where there are fewer than two rows. Too narrow for skewed
        values in small windows, and of no width where all values are equal.
    """
    rows = np.asarray(n, dtype=np.float64)
    centre = divide(total, rows)
    spread = np.maximum(divide(sum_of_squares, rows) - centre**2, 0)
    error = np.sqrt(divide(spread, np.maximum(rows - 1, 0)))
    half = normal_quantile(confidence) * error
    return Interval(centre - half, centre + half)


def logit(
    estimate: ArrayLike,
    standard_error: ArrayLike,
    n: ArrayLike,
    confidence: float = 0.95,
    *,
    freedom: ArrayLike | None = None,
) -> Interval:
    """Interval of a value in [0, 1] from its standard error, on the logit scale.

    Stays inside [0, 1]. At 0, at 1, or without a standard error the scale breaks down; there it
    is `wilson`'s interval with `n` rows.

    Args:
        estimate: In [0, 1].
        standard_error: Of the estimate, >= 0.
        n: Rows that a proportion of the same certainty would rest on; used only at the boundary.
        confidence: Such as 0.95.
        freedom: Degrees of freedom behind the standard error, for Student's t; None: many.

    Returns:
        Ends in [0, 1]; nan where the estimate is nan.
    """
    value = np.asarray(estimate, dtype=np.float64)
    error = np.asarray(standard_error, dtype=np.float64)
    inside = (value > 0) & (value < 1) & (error > 0)
    safe = np.where(inside, value, 0.5)
    centre = np.log(safe / (1 - safe))
    reach = normal_quantile(confidence)
    errors = reach if freedom is None else student_quantile(freedom, confidence)
    half = errors * np.where(inside, error, 0) / (safe * (1 - safe))
    boundary = wilson(value * np.asarray(n, dtype=np.float64), n, confidence)
    return Interval(
        np.where(inside, _logistic(centre - half), boundary.low),
        np.where(inside, _logistic(centre + half), boundary.high),
    )


def square_and_add(
    estimates: ArrayLike,
    intervals: Interval,
    weights: ArrayLike = 1.0,
    correlation: ArrayLike | None = None,
) -> Interval:
    """Interval of a weighted sum of estimates from the interval of each.

    The distances to the ends are added in squares (MOVER: Zou & Donner, 2008), so lopsided
    intervals stay lopsided; for correlated estimates twice their products times the correlation
    comes on top (Zou, 2007).

    Args:
        estimates: [..., K].
        intervals: Ends [..., K] around them.
        weights: [K] or [..., K], of either sign.
        correlation: [..., K, K] of the estimates; None: they are independent.

    Returns:
        Ends [...] around the sum over K; nan where one of the K is nan.
    """
    value, weight = np.asarray(estimates, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    down, up = value - intervals.low, intervals.high - value
    positive = weight > 0
    below = _length(weight * np.where(positive, down, up), correlation)
    above = _length(weight * np.where(positive, up, down), correlation)
    centre = np.sum(weight * value, axis=-1)
    return Interval(centre - below, centre + above)


def difference(
    first: ArrayLike, first_interval: Interval, second: ArrayLike, second_interval: Interval
) -> Interval:
    """Interval of `first - second`, two independent estimates of any kind, from their intervals.

    Serves the change of a metric between the reference and a window; see `square_and_add`.

    Returns:
        Ends of the broadcast shape; nan where one of the estimates is nan.
    """
    return square_and_add(
        _stack(first, second),
        Interval(
            _stack(first_interval.low, second_interval.low),
            _stack(first_interval.high, second_interval.high),
        ),
        np.array([1.0, -1.0]),
    )


def newcombe_difference(
    successes: ArrayLike,
    n: ArrayLike,
    other_successes: ArrayLike,
    other_n: ArrayLike,
    confidence: float = 0.95,
) -> Interval:
    """Interval of the difference of two proportions, the first minus the other.

    Method 10 of Newcombe (1998): Wilson's intervals, squared and added.

    Returns:
        Ends in [-1, 1]; nan where one side has no rows.
    """
    return difference(
        divide(successes, n),
        wilson(successes, n, confidence),
        divide(other_successes, other_n),
        wilson(other_successes, other_n, confidence),
    )


def f1_interval(fp: ArrayLike, fn: ArrayLike, tp: ArrayLike, confidence: float = 0.95) -> Interval:
    """Interval of F1 from the confusion counts.

    F1 = 2 J / (1 + J), where J = tp / (tp + fp + fn) is a proportion of the rows that are
    positive by label or prediction; so Wilson's interval of J maps onto one of F1.

    Returns:
        Ends in [0, 1]; nan where no row is positive by label or prediction.
    """
    hits = np.asarray(tp, dtype=np.float64)
    misses = np.asarray(fp, dtype=np.float64) + np.asarray(fn, dtype=np.float64)
    low, high = wilson(hits, hits + misses, confidence)
    return Interval(2 * low / (1 + low), 2 * high / (1 + high))


def balanced_accuracy_interval(
    tn: ArrayLike, fp: ArrayLike, fn: ArrayLike, tp: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Interval of the mean of recall and specificity, which rest on different rows.

    Wilson's intervals of the two, squared and added.

    Returns:
        Ends in [0, 1]; nan where one of the labels does not occur.
    """
    hits = _stack(tp, tn)
    rows = hits + _stack(fn, fp)
    return square_and_add(divide(hits, rows), wilson(hits, rows, confidence), np.array([0.5, 0.5]))


def _length(distances: Floats, correlation: ArrayLike | None) -> Floats:
    """Root of the sum of squares over the last axis, and of the products where correlated."""
    if correlation is None:
        return np.asarray(np.sqrt(np.sum(distances**2, axis=-1)))
    square = np.einsum("...j,...jk,...k->...", distances, np.asarray(correlation), distances)
    return np.asarray(np.sqrt(np.maximum(square, 0)))


def _stack(first: ArrayLike, second: ArrayLike) -> Floats:
    """The two on a new last axis, after broadcasting."""
    pair = np.broadcast_arrays(first, second)
    return np.stack(pair, axis=-1).astype(np.float64)


def _logistic(x: Floats) -> Floats:
    """1 / (1 + exp(-x)) without overflow."""
    return (1 + np.tanh(x / 2)) / 2
