"""Intervals by the delta method, for metrics that are smooth functions of confusion counts.

With rows independent, the counts n_ij are multinomial. A metric that does not change when all
counts are scaled has gradients g_ij with sum n_ij g_ij = 0 (Euler), so its variance is simply
sum n_ij g_ij^2. For weighted data scale the counts to `weights.effective_size` first.
"""

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Floats, divide
from wane.stats.confusion import macro, matthews_correlation, per_class_f1, support, weighted
from wane.stats.interval import Interval, logit, normal_quantile

ZERO_CELL_PSEUDO_COUNT = 0.5


def matthews_correlation_interval(
    tn: ArrayLike, fp: ArrayLike, fn: ArrayLike, tp: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Interval of the Matthews correlation on Fisher's z scale.

    Itaya, Tamura, Hayashi & Yamamoto (2025, doi:10.1002/sim.10303). Where a count is 0, half a
    row is added to all four (Haldane's correction), as the variance would vanish at +-1.

    Returns:
        Ends in [-1, 1] with the estimate between them; nan where the correlation is undefined.
    """
    estimate = matthews_correlation(tn, fp, fn, tp)
    counts = np.stack(np.broadcast_arrays(tn, fp, fn, tp), axis=-1).astype(np.float64)
    empty = (counts == 0).any(axis=-1, keepdims=True)
    counts = np.where(empty, counts + ZERO_CELL_PSEUDO_COUNT, counts)
    centre = matthews_correlation(*np.moveaxis(counts, -1, 0))
    variance = (counts * _matthews_gradient(counts, centre) ** 2).sum(axis=-1)
    half = normal_quantile(confidence) * np.sqrt(variance) / (1 - centre**2)
    low, high = np.tanh(np.arctanh(centre) - half), np.tanh(np.arctanh(centre) + half)
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


def _matthews_gradient(counts: Floats, value: Floats) -> Floats:
    """Gradient [..., 4] of the Matthews correlation by tn, fp, fn, tp, all positive."""
    tn, fp, fn, tp = np.moveaxis(counts, -1, 0)
    predicted, unpredicted = tp + fp, tn + fn
    positive, negative = tp + fn, tn + fp
    scale = np.sqrt(predicted * unpredicted) * np.sqrt(positive * negative)
    margins = [
        1 / unpredicted + 1 / negative,
        1 / predicted + 1 / negative,
        1 / unpredicted + 1 / positive,
        1 / predicted + 1 / positive,
    ]
    products = np.stack([tp, -fn, -fp, tn], axis=-1) / scale[..., None]
    gradient: Floats = products - value[..., None] / 2 * np.stack(margins, axis=-1)
    return gradient


def _f1_gradient(counts: Floats, weight: Floats) -> Floats:
    """Gradient [..., K, K] of the sum of weight x F1 with the weights [..., K] held fixed."""
    sizes = counts.sum(axis=-1) + counts.sum(axis=-2)
    slope = np.nan_to_num(divide(weight, sizes))
    loss = slope * np.nan_to_num(per_class_f1(counts))
    hits = 2 * slope[..., None, :] * np.eye(counts.shape[-1])
    return hits - loss[..., :, None] - loss[..., None, :]
