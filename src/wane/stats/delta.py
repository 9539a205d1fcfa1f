"""Intervals by the delta method, for metrics that are smooth functions of counts or sums.

With rows independent, the confusion counts n_ij are multinomial. A metric that does not change
when all counts are scaled has gradients g_ij with sum n_ij g_ij = 0 (Euler), so its variance is
simply sum n_ij g_ij^2; likewise for a ratio of sums. For weighted data scale the counts to
`weights.effective_size` first.
"""

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Bools, Floats, divide
from wane.stats.confusion import (
    macro,
    multiclass_matthews_correlation,
    per_class_f1,
    support,
    weighted,
)
from wane.stats.interval import Interval, logit, normal_quantile

PSEUDO_ROWS = 2.0
LARGEST_CORRELATION = 1 - 1e-15
"""A float below 1, where Fisher's z is still finite."""


def matthews_correlation_interval(
    tn: ArrayLike, fp: ArrayLike, fn: ArrayLike, tp: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Interval of the Matthews correlation on Fisher's z scale.

    Itaya, Tamura, Hayashi & Yamamoto (2025, doi:10.1002/sim.10303); the case of two classes of
    `multiclass_matthews_correlation_interval`.

    Returns:
        Ends in [-1, 1] with the estimate between them; nan where the correlation is undefined.
    """
    counts = np.stack(np.broadcast_arrays(tn, fn, fp, tp), axis=-1).astype(np.float64)
    matrix = counts.reshape(*counts.shape[:-1], 2, 2)
    return multiclass_matthews_correlation_interval(matrix, confidence)


def multiclass_matthews_correlation_interval(
    matrix: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Interval of the Matthews correlation of K classes, from `matrix` [..., K, K].

    On Fisher's z scale. Where all rows are right, or a class that was both predicted and seen has
    no row right, the counts show too little variance; there two rows are spread evenly over the
    cells of the classes that occur (for two classes half a row each, Haldane's correction).

    Returns:
        Ends [...] in [-1, 1] with the estimate between them; nan where the correlation is
        undefined.
    """
    counts = np.asarray(matrix, dtype=np.float64)
    estimate = multiclass_matthews_correlation(counts)
    counts = np.where(_varies_too_little(counts)[..., None, None], _padded(counts), counts)
    centre = multiclass_matthews_correlation(counts)
    variance = (counts * _matthews_gradient(counts, centre) ** 2).sum(axis=(-2, -1))
    half = normal_quantile(confidence) * divide(np.sqrt(variance), 1 - centre**2)
    z = np.arctanh(np.clip(centre, -LARGEST_CORRELATION, LARGEST_CORRELATION))
    low, high = np.tanh(z - half), np.tanh(z + half)
    return Interval(np.minimum(low, estimate), np.maximum(high, estimate))


def macro_f1_interval(matrix: ArrayLike, confidence: float = 0.95) -> Interval:
    """Interval of macro-averaged F1 on the logit scale, from `matrix` [..., K predicted, K label].

    Takahashi, Yamamoto, Kuchiba & Koyama (2022, doi:10.1007/s10489-021-02635-5) without the
    logit. Classes neither predicted nor labelled do not count. At 0 and 1 it is Wilson's interval
    with the rows of the rarest label.

    Returns:
        Ends [...] in [0, 1]; nan without rows.
    """
    counts = np.asarray(matrix, dtype=np.float64)
    f1 = per_class_f1(counts)
    weight = divide(~np.isnan(f1), (~np.isnan(f1)).sum(axis=-1, keepdims=True))
    labelled = support(counts)
    rarest = np.where(labelled > 0, labelled, np.inf).min(axis=-1)
    error = np.sqrt((counts * _f1_gradient(counts, weight) ** 2).sum(axis=(-2, -1)))
    return logit(macro(f1), error, np.where(np.isfinite(rarest), rarest, 0), confidence)


def weighted_f1_interval(matrix: ArrayLike, confidence: float = 0.95) -> Interval:
    """Interval of support-weighted F1 on the logit scale, from `matrix` [..., K, K].

    As `macro_f1_interval`, with the weights' own noise counted in. At 0 and 1 it is Wilson's
    interval with all rows.

    Returns:
        Ends [...] in [0, 1]; nan without rows.
    """
    counts = np.asarray(matrix, dtype=np.float64)
    f1, labelled = per_class_f1(counts), support(counts)
    rows = counts.sum(axis=(-2, -1))
    weight = divide(labelled, rows[..., None])
    estimate = weighted(f1, labelled)
    weight_noise = divide(np.nan_to_num(f1) - estimate[..., None], rows[..., None])
    gradient = _f1_gradient(counts, weight) + weight_noise[..., None, :]
    error = np.sqrt((counts * gradient**2).sum(axis=(-2, -1)))
    return logit(estimate, error, rows, confidence)


def ratio_interval(
    total: ArrayLike,
    base: ArrayLike,
    *,
    squares: ArrayLike,
    products: ArrayLike,
    base_squares: ArrayLike,
    n: ArrayLike,
    confidence: float = 0.95,
) -> Interval:
    """Interval of a ratio of two sums over the same rows, both of values >= 0, on the log scale.

    With r the ratio of the sums of a and b, its variance is that of the mean of a - r b, over the
    squared mean of b (Cochran, 1977, section 6.3).

    Args:
        total: Sum of a.
        base: Sum of b, in any unit.
        squares: Sum of a^2.
        products: Sum of a b.
        base_squares: Sum of b^2.
        n: Rows.
        confidence: Such as 0.95.

    Returns:
        Ends >= 0 around the ratio; nan with fewer than two rows, where a or b is all 0, and where
        the sums contradict each other. Too narrow for very skewed values in small windows.
    """
    a, b, rows, aa, ab, bb = (
        np.asarray(value, dtype=np.float64)
        for value in (total, base, n, squares, products, base_squares)
    )
    ratio = divide(a, b)
    rest = aa - 2 * ratio * ab + ratio**2 * bb
    spread = divide(np.where(rest >= 0, rest, np.nan) * rows, np.maximum(rows - 1, 0))
    half = normal_quantile(confidence) * divide(np.sqrt(spread), a)
    return Interval(ratio * np.exp(-half), ratio * np.exp(half))


def _varies_too_little(counts: Floats) -> Bools:
    """Whether all rows are right, or none of a class that was both predicted and seen: [...]."""
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    known = (counts.sum(axis=-1) > 0) & (counts.sum(axis=-2) > 0)
    wrong = counts * (1 - np.eye(counts.shape[-1]))
    return np.asarray(~wrong.any(axis=(-2, -1)) | (known & (hits == 0)).any(axis=-1))


def _padded(counts: Floats) -> Floats:
    """The counts [..., K, K] with two rows more, spread over the classes that occur."""
    occurs = (counts.sum(axis=-1) > 0) | (counts.sum(axis=-2) > 0)
    cells = (occurs[..., :, None] & occurs[..., None, :]).astype(np.float64)
    share = np.nan_to_num(divide(cells, cells.sum(axis=(-2, -1), keepdims=True)))
    padded: Floats = counts + PSEUDO_ROWS * share
    return padded


def _matthews_gradient(counts: Floats, value: Floats) -> Floats:
    """Gradient [..., K, K] of the Matthews correlation `value` [...] by the counts."""
    predicted, labelled = counts.sum(axis=-1), counts.sum(axis=-2)
    rows = counts.sum(axis=(-2, -1))[..., None]
    right = np.trace(counts, axis1=-2, axis2=-1)[..., None, None]
    spreads = [rows[..., 0] ** 2 - (sizes**2).sum(axis=-1) for sizes in (predicted, labelled)]
    covariance = rows[..., None] * np.eye(counts.shape[-1]) + right
    covariance = covariance - labelled[..., :, None] - predicted[..., None, :]
    scale = np.sqrt(spreads[0])[..., None, None] * np.sqrt(spreads[1])[..., None, None]
    by_predicted = divide(rows - predicted, spreads[0][..., None])[..., :, None]
    by_labelled = divide(rows - labelled, spreads[1][..., None])[..., None, :]
    loss = value[..., None, None] * (by_predicted + by_labelled)
    return divide(covariance, scale) - loss


def _f1_gradient(counts: Floats, weight: Floats) -> Floats:
    """Gradient [..., K, K] of the sum of weight x F1 with the weights [..., K] held fixed."""
    sizes = counts.sum(axis=-1) + counts.sum(axis=-2)
    slope = np.nan_to_num(divide(weight, sizes))
    loss = slope * np.nan_to_num(per_class_f1(counts))
    hits = 2 * slope[..., None, :] * np.eye(counts.shape[-1])
    return hits - loss[..., :, None] - loss[..., None, :]
