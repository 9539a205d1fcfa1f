"""Slow, steady change: how steep it is, and whether correlated noise could look like it."""

from dataclasses import dataclass

import numpy as np
import scipy  # its `special` is slow to load, and so is left to load on first use
from numpy.typing import ArrayLike

from wane.stats.array import Floats, Ints, divide
from wane.stats.autocorrelation import LARGEST, lag_one
from wane.stats.interval import Interval

FEWEST_WINDOWS = 4


@dataclass(frozen=True, slots=True)
class Trend:
    """Trend of each stream; arrays [streams].

    Attributes:
        slope: Theil-Sen slope, the median of the slopes of all pairs, in units a window.
        low: Lower end of its interval; -inf where the windows do not bound it.
        high: Upper end.
        score: Mann-Kendall S, pairs that rise less pairs that fall.
        score_variance: Its variance without a trend, correlation counted in.
        p_value: Two-sided probability that a stream without a trend has as large a score.
        correlation: Of neighbouring windows about the line, >= 0, that was counted in.
    """

    slope: Floats
    low: Floats
    high: Floats
    score: Floats
    score_variance: Floats
    p_value: Floats
    correlation: Floats


def trend(
    values: ArrayLike, confidence: float = 0.95, correlation: ArrayLike | None = None
) -> Trend:
    """Theil-Sen slope with Sen's interval, and the Mann-Kendall test, for correlated windows.

    The variance of S (Kendall, 1975, with ties) is multiplied by the factor of Hamed & Rao (1998),
    but with the correlations rho^k of an autoregressive series in place of the many noisy
    estimates that keep theirs from holding its size. rho is that of neighbouring residuals about
    the line, corrected for bias and raised by its standard error.

    Few correlated windows make large scores likely, but S is bounded, so it is not taken as
    normal: for normal windows the angle pi tau / 2, with tau = S / pairs, is that of a correlation
    coefficient, and sqrt(nu) tan(pi tau / 2) a t variable. Its degrees of freedom
    nu = 4 / (pi^2 var tau) follow from the variance of such an angle. The interval uses the same
    quantile (Sen, 1968).

    At 5 % it fires on 2 to 6 % of series without a trend for rho up to 0.6, from 10 windows up
    (plain Mann-Kendall: 32 % at 0.6), and on up to 11 % at 0.8. Noise with a long memory under a
    lot of white noise is not autoregressive and still deceives it.

    Args:
        values: [streams, windows], nan where a window is missing.
        confidence: Of the slope's interval.
        correlation: [streams] or one for all, in [0, 1), if known; 0 for the plain test.

    Returns:
        The trend; nan for fewer than 4 windows. Cost: one sort of all pairs for each stream.
    """
    series = np.asarray(values, dtype=np.float64)
    series = np.where(np.isfinite(series), series, np.nan)
    windows = (~np.isnan(series)).sum(axis=1)
    pairs = [_pair_slopes(stream) for stream in series]
    slope = np.array([_middle(slopes) for slopes in pairs], dtype=np.float64)
    rho = _correlation(series, slope, correlation)
    score, variance = _score(series, windows)
    variance = np.where(windows >= FEWEST_WINDOWS, variance * _inflation(rho, windows), np.nan)
    interval = _interval(pairs, _reach(variance, windows, confidence))
    return Trend(
        slope=slope,
        low=interval.low,
        high=interval.high,
        score=score,
        score_variance=variance,
        p_value=_p_value(score, variance, windows),
        correlation=rho,
    )


def _pair_slopes(stream: Floats) -> Floats:
    """The slopes of all pairs of windows that are there, ascending; none for fewer than 4."""
    present = np.flatnonzero(~np.isnan(stream))
    if len(present) < FEWEST_WINDOWS:
        return np.zeros(0)
    early, late = np.triu_indices(len(present), 1)
    value = stream[present]
    return np.sort((value[late] - value[early]) / (present[late] - present[early]))


def _middle(pairs: Floats) -> float:
    half = len(pairs) // 2
    return float(pairs[half] + pairs[-half - 1]) / 2 if len(pairs) else np.nan


def _interval(pairs: list[Floats], reach: Floats) -> Interval:
    """Sen's interval: the slopes half of `reach` ranks on either side of each median."""
    low, high = np.full(len(pairs), np.nan), np.full(len(pairs), np.nan)
    for stream, slopes in enumerate(pairs):
        if len(slopes):
            rank = round((len(slopes) - reach[stream]) / 2)
            low[stream] = slopes[rank - 1] if rank else -np.inf
            high[stream] = slopes[-rank] if rank else np.inf
    return Interval(low, high)


def _reach(variance: Floats, windows: Ints, confidence: float) -> Floats:
    """The score that a stream without a trend stays within with probability `confidence`."""
    freedom = _freedom(variance, windows)
    quantile = scipy.special.stdtrit(freedom, 0.5 + confidence / 2)
    angle = np.arctan(divide(quantile, np.sqrt(freedom)))
    return np.asarray(np.where(variance == 0, 0, 2 / np.pi * angle * _pairs(windows)))


def _p_value(score: Floats, variance: Floats, windows: Ints) -> Floats:
    """Two-sided, with Kendall's continuity correction; 1 where all windows are equal."""
    freedom = _freedom(variance, windows)
    angle = np.pi / 2 * divide(np.maximum(np.abs(score) - 1, 0), _pairs(windows))
    tail = scipy.special.stdtr(freedom, -np.sqrt(freedom) * np.tan(angle))
    return np.where(variance == 0, 1.0, 2 * tail)


def _pairs(windows: Ints) -> Floats:
    return np.asarray(windows * (windows - 1) / 2)


def _freedom(variance: Floats, windows: Ints) -> Floats:
    """Degrees of freedom behind the angle of tau."""
    return divide(4 / np.pi**2 * _pairs(windows) ** 2, variance)


def _correlation(series: Floats, slope: Floats, known: ArrayLike | None) -> Floats:
    """What is known, or the estimate plus its error, the largest there is where it has none.

    An estimate that is too low makes false trends; one that is too high costs a window or two.
    """
    if known is not None:
        return np.array(np.broadcast_to(known, slope.shape), dtype=np.float64)
    line = slope[:, None] * np.arange(series.shape[1])
    estimate = lag_one(series - line, fitted=2)
    error = np.sqrt(divide(1 - estimate**2, (~np.isnan(series)).sum(axis=1)))
    return np.asarray(np.clip(np.nan_to_num(estimate + error, nan=LARGEST), 0, LARGEST))


def _score(series: Floats, windows: Ints) -> tuple[Floats, Floats]:
    """S and its variance for independent windows, [streams]; one pass a lag."""
    score = np.zeros(len(series))
    equals = np.zeros_like(series)
    for lag in range(1, series.shape[1]):
        late, early = series[:, lag:], series[:, :-lag]
        score += (late > early).sum(axis=1) - (late < early).sum(axis=1)
        equals[:, lag:] += late == early
        equals[:, :-lag] += late == early
    ties = (equals * (2 * equals + 7)).sum(axis=1)
    return score, (windows * (windows - 1) * (2 * windows + 5) - ties) / 18


def _inflation(rho: Floats, windows: Ints) -> Floats:
    """Hamed & Rao's factor; windows k apart have the rank correlation 6/pi asin(rho^k / 2)."""
    lag = np.arange(1, max(int(windows.max(initial=0)), 1))
    rank_correlation = 6 / np.pi * np.arcsin(rho[:, None] ** lag / 2)
    rest = np.maximum(windows[:, None] - lag, 0)
    total = (rest * (rest - 1) * (rest - 2) * rank_correlation).sum(axis=1)
    return 1 + 2 * divide(total, windows * (windows - 1) * (windows - 2))
