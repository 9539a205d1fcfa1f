"""How much windows differ when nothing is wrong.

A window's value is the stream's mean, plus what the day brings (variance tau^2, the same for all
windows), plus the noise of its finite rows (a sampling variance known for each window). With the
two kept apart a small window may stray further than a large one, and a million rows do not make
every Monday an alarm.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # its `special` is slow to load, and so is left to load on first use
from numpy.typing import ArrayLike

from wane.stats.array import Floats, divide
from wane.stats.autocorrelation import mean_inflation, variance_freedom, variance_share

# Sampling variances are estimates, and one of 0 (no error in ten rows) must not outweigh the rest.
LARGEST_RELATIVE_WEIGHT = 100.0


@dataclass(frozen=True, slots=True)
class NaturalVariation:
    """What each stream does when nothing is wrong; arrays [streams].

    Attributes:
        windows: Windows it was learned from.
        mean: Mean of the windows, weighted by precision.
        mean_variance: Its variance.
        between_variance: tau^2, the variance of windows beyond their sampling variance.
        typical_variance: tau^2 plus the mean sampling variance of those windows.
        degrees_of_freedom: Of `typical_variance`; windows - 1 unless they are correlated.
    """

    windows: Floats
    mean: Floats
    mean_variance: Floats
    between_variance: Floats
    typical_variance: Floats
    degrees_of_freedom: Floats


def natural_variation(
    values: ArrayLike, sampling_variance: ArrayLike, correlation: ArrayLike = 0.0
) -> NaturalVariation:
    """Mean and between-window variance by moments, in two steps.

    The general method of moments of DerSimonian & Kacker (2007), first with equal weights, then
    with weights 1 / (tau^2 + sampling variance) from the first step (their CA2); truncated at 0.
    Close to Paule-Mandel without its iterations, and, unlike DerSimonian-Laird, defined for
    sampling variances of 0. Correlated windows understate the variance, which is undone as for
    equal weights. One pass over the array a step.

    Args:
        values: [streams, windows], nan where a window is missing.
        sampling_variance: Broadcasts to it, >= 0; 0 where it is unknown, so that all variation
            counts as between windows. Best taken at the stream's own mean (p (1 - p) / n with the
            pooled p): variances that depend on the window's value bias a weighted mean.
        correlation: [streams] of neighbouring windows, see `autocorrelation.lag_one`; below 0 or
            nan counts as 0.

    Returns:
        Estimates [streams]; nan for fewer than two windows, and then no degrees of freedom.
    """
    value, noise, present = _present(values, sampling_variance)
    windows = present.sum(axis=1)
    rho = np.maximum(np.nan_to_num(np.asarray(correlation, dtype=np.float64)), 0)
    share = variance_share(rho, windows)
    first = _between(value, noise, present, share)
    between = _between(value, noise, _precision(first, noise, present), share)
    weight = _precision(between, noise, present)
    return NaturalVariation(
        windows=windows,
        mean=_weighted_mean(value, weight),
        mean_variance=_mean_variance(between, noise, weight) * mean_inflation(rho, windows),
        between_variance=between,
        typical_variance=between + _weighted_mean(noise, present),
        degrees_of_freedom=variance_freedom(rho, windows),
    )


def cautious_between_variance(variation: NaturalVariation, confidence: float = 0.8) -> Floats:
    """Upper limit of tau^2: what a design effect should be built on after a short history.

    The chi-square limit of `typical_variance` less the mean sampling variance. A tau^2 estimated
    too low from 30 windows makes a tempered e-detector fire several times too often.

    Args:
        variation: Of [streams].
        confidence: Probability that the true tau^2 is not larger.

    Returns:
        [streams], at least the estimate for a confidence of 0.5 or more; nan where that is nan.
    """
    freedom = variation.degrees_of_freedom
    sampling = variation.typical_variance - variation.between_variance
    limit = divide(freedom, scipy.special.chdtri(freedom, confidence))
    return np.maximum(variation.typical_variance * limit - sampling, 0)


def row_correlation(between_variance: ArrayLike, row_variance: ArrayLike) -> Floats:
    """Correlation of two rows of one window that differences between windows amount to.

    tau^2 over the variance of a row, which is p (1 - p) for a 0/1 loss: the intraclass correlation
    of cluster sampling (Kish, 1965).

    Returns:
        In [0, 1]; nan where rows do not vary.
    """
    return np.clip(divide(between_variance, row_variance), 0, 1)


def design_effect(rows: ArrayLike, correlation: ArrayLike) -> Floats:
    """Variance of a window's mean over what independent rows would give, 1 + (n - 1) rho.

    Kish (1965). Evidence from `rows` rows counts as that from rows / design effect.

    Returns:
        Broadcast shape, >= 1 for a window with rows and rho >= 0.
    """
    n = np.asarray(rows, dtype=np.float64)
    return np.asarray(1 + np.maximum(n - 1, 0) * np.asarray(correlation, dtype=np.float64))


def _present(values: ArrayLike, sampling_variance: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Both [streams, windows], 0 where either is not finite, and 1 where both are."""
    value, noise = np.broadcast_arrays(
        np.asarray(values, dtype=np.float64), np.asarray(sampling_variance, dtype=np.float64)
    )
    present = np.isfinite(value) & np.isfinite(noise)
    return np.where(present, value, 0), np.where(present, noise, 0), present.astype(np.float64)


def _between(value: Floats, noise: Floats, weight: Floats, share: Floats) -> Floats:
    """The moment estimate of tau^2 [streams] with the given weights, at least 0."""
    total = weight.sum(axis=1)
    square = _dot(weight, (value - _weighted_mean(value, weight)[:, None]) ** 2)
    lost = _dot(weight, noise) - divide(_dot(weight**2, noise), total)
    scale = total - divide(_dot(weight, weight), total)
    return np.maximum(divide(divide(square, share) - lost, scale), 0)


def _precision(between: Floats, noise: Floats, present: Floats) -> Floats:
    """Weights 1 / (tau^2 + sampling variance), the largest bounded; all 1 where nothing varies."""
    typical = between + _weighted_mean(noise, present)
    relative = divide(between[:, None] + noise, typical[:, None])
    relative = np.where(typical[:, None] == 0, 1, relative)
    return np.asarray(present / np.maximum(relative, 1 / LARGEST_RELATIVE_WEIGHT))


def _weighted_mean(value: Floats, weight: Floats) -> Floats:
    return divide(_dot(weight, value), weight.sum(axis=1))


def _mean_variance(between: Floats, noise: Floats, weight: Floats) -> Floats:
    """Variance [streams] of the weighted mean of independent windows."""
    square = _dot(weight**2, between[:, None] + noise)
    return divide(square, weight.sum(axis=1) ** 2)


def _dot(first: Floats, second: Floats) -> Floats:
    return np.asarray(np.einsum("sw,sw->s", first, second))
