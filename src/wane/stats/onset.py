"""Since when one series has left its expected level, and how: at once, in a line, or its season.

Each question is a weighted regression on a shape that is 0 until some window; the window that
explains most is the date. Sums over all windows from each one on make every date's fit exact in
one pass.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Bools, Floats, Ints, divide
from wane.stats.autocorrelation import LARGEST, long_run_inflation
from wane.stats.interval import normal_quantile

# An effect that varies by less than this share of its squares does not vary: it is rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Onset:
    """A level that changed at once and lasts to the newest window.

    Attributes:
        first: First window of the change, an index into the series; None where there is none.
        earliest: First window that it may have begun at.
        latest: Last such window.
        level: Mean distance from the old level since then.
        statistic: Likelihood ratio statistic against no change, the noise taken at its long-run
            variance; >= 0.
        evidence: Log likelihood ratio against no change, averaged over the dates and the size
            instead of taken at the best ones, so that shapes can be compared.
    """

    first: int | None
    earliest: int | None
    latest: int | None
    level: float
    statistic: float
    evidence: float


@dataclass(frozen=True, slots=True)
class Ramp:
    """A level that was left along a straight line, up to the newest window.

    Attributes:
        first: First window off the old level, an index into the series; None where there is none.
        earliest: First window that it may have begun at.
        latest: Last such window.
        slope: Change a window; the line is at slope x (i - first + 1) in window i.
        statistic: As of `Onset`.
        evidence: As of `Onset`.
    """

    first: int | None
    earliest: int | None
    latest: int | None
    slope: float
    statistic: float
    evidence: float


@dataclass(frozen=True, slots=True)
class SeasonChange:
    """A season that became weaker, stronger or none, with whatever the level did meanwhile.

    Attributes:
        first: First window of the change, an index into the series; None where there is none.
        earliest: First window that it may have begun at.
        latest: Last such window.
        share: Slope of the values on the seasonal effects since then: 1 for the season as it was,
            0 for none, below 0 for one turned round.
        standard_error: Of the share; the larger of the one by the given variances and the one by
            the residuals.
        statistic: As of `Onset`, with one parameter more: at the same date it exceeds that of a
            change of level by the squared number of standard errors from share 1.
    """

    first: int | None
    earliest: int | None
    latest: int | None
    share: float
    standard_error: float
    statistic: float


@dataclass(frozen=True, slots=True)
class _Series:
    """The defined windows of a series; arrays [windows], 0 where a window is missing."""

    value: Floats
    weight: Floats
    present: Bools
    candidates: Ints


@dataclass(frozen=True, slots=True)
class _Fit:
    """The best date of one shape; the fields of `Onset`, and `size` for its level."""

    first: int | None
    earliest: int | None
    latest: int | None
    size: float
    statistic: float
    evidence: float


_NO_FIT = _Fit(None, None, None, math.nan, math.nan, math.nan)


def onset(
    deviation: ArrayLike,
    variance: ArrayLike,
    correlation: float = 0.0,
    confidence: float = 0.95,
    *,
    held: bool = True,
    until: int | None = None,
    beside: float = 0.0,
) -> Onset:
    """The one change of level that explains a series best, by weighted least squares.

    The interval is that of `change_points`: all dates with a likelihood ratio statistic within
    -2 log(1 - sqrt(confidence)) of the best (Siegmund, 1988; Eo & Morley, 2015). As dates are whole
    windows it holds the true one more often than stated: 99 % for 95 % at steps of 3 standard
    deviations.

    Args:
        deviation: [windows] oldest first, value less expected value, nan where missing.
        variance: Broadcasts to it: of each window when nothing is wrong. A window whose variance
            is not positive is missing.
        correlation: Of neighbouring windows, in [0, 1); below 0 or nan counts as 0. Noise counts
            (1 + rho) / (1 - rho) times.
        confidence: Of the interval.
        held: Whether the old level is 0; otherwise it is the mean of the windows before, of which
            there is at least one.
        until: Last window that the change may have begun at, such as that of an alarm.
        beside: Statistic of another shape on the same windows. Dates that explain clearly less
            than that are no part of the interval, so that the intervals of several shapes together
            hold the date whichever is true.

    Returns:
        The change. Its date is a window that is there; None and nan where there is none. There is
        a best one also where nothing changed, so read the statistic. The ends of the interval are
        None where `beside` leaves no date.
    """
    series = _series(deviation, variance, held=held, until=until)
    weight = _from_here_on(series.weight)
    score = _from_here_on(series.weight * series.value)
    cut = -2 * math.log(1 - math.sqrt(confidence))
    fit = _fit(
        series, score, weight, weight, correlation, cut=cut, held=held, beside=beside, reach=1
    )
    return Onset(fit.first, fit.earliest, fit.latest, fit.size, fit.statistic, fit.evidence)


def ramp(
    deviation: ArrayLike,
    variance: ArrayLike,
    correlation: float = 0.0,
    confidence: float = 0.95,
    *,
    held: bool = True,
    until: int | None = None,
    beside: float = 0.0,
) -> Ramp:
    """The one straight line off the old level that explains a series best.

    Broken-line regression (Hinkley, 1969): the line starts where the level ends, so the likelihood
    ratio of its date is a chi-square variable with one degree of freedom (Feder, 1975). The
    interval of all dates within its quantile holds the true one in 94 % of series for 95 %.

    Args:
        deviation: As of `onset`; missing windows keep their places in time.
        variance: As of `onset`.
        correlation: As of `onset`.
        confidence: Of the interval.
        held: As of `onset`.
        until: As of `onset`.
        beside: As of `onset`.

    Returns:
        The line. Its date is a window that is there; None and nan where there is none. Its
        statistic has as many parameters as that of `onset`.
    """
    series = _series(deviation, variance, held=held, until=until)
    # with m = i - first + 1: sums of sums count a window m times, sums of those m (m + 1) / 2
    once = _from_here_on(series.weight)
    count = _from_here_on(once)
    square = 2 * _from_here_on(count) - count
    score = _from_here_on(_from_here_on(series.weight * series.value))
    cut = normal_quantile(confidence) ** 2
    length = np.arange(len(score), 0, -1)
    fit = _fit(
        series, score, count, square, correlation, cut=cut, held=held, beside=beside, reach=length
    )
    return Ramp(fit.first, fit.earliest, fit.latest, fit.size, fit.statistic, fit.evidence)


def season_change(
    deviation: ArrayLike,
    effects: ArrayLike,
    variance: ArrayLike,
    period: int,
    correlation: float = 0.0,
    *,
    confidence: float = 0.95,
    until: int | None = None,
) -> SeasonChange:
    """The one change of level and season that explains a series best.

    From its date on the values follow `share` of the seasonal effects about a level of their own:
    deviation = level + (share - 1) x effect, and 0 before. Least squares on both at each date. The
    interval is that of `onset`.

    Args:
        deviation: As of `onset`, the season being part of what is expected.
        effects: [windows] what the season adds to the expected value.
        variance: As of `onset`.
        period: Windows a cycle. The change lasts at least one cycle, of which three windows and
            two different effects are there; less cannot tell a season from a level.
        correlation: As of `onset`. Noise counts as much as for a level, which is too much for
            short seasons and never too little.
        confidence: Of the interval.
        until: As of `onset`.

    Returns:
        The change; None and nan where no window is old enough.
    """
    series = _series(deviation, variance, held=True, until=until)
    w, d = series.weight, series.value
    effect = np.where(series.present, np.asarray(effects, dtype=np.float64), 0)
    weight, total = _from_here_on(w), _from_here_on(w * d)
    mean_effect = divide(_from_here_on(w * effect), weight)
    square = _from_here_on(w * effect**2)
    varies = square - weight * mean_effect**2
    varies = np.where(varies > _ROUNDING * square, varies, np.nan)
    slope = (_from_here_on(w * effect * d) - mean_effect * total) / varies
    gain = divide(total**2, weight) + slope**2 * varies

    windows = _from_here_on(series.present.astype(np.float64))
    old = (np.arange(len(d), 0, -1) >= period) & (windows >= 3) & np.isfinite(gain)
    places = series.candidates[old[series.candidates]]
    if not len(places):
        return SeasonChange(None, None, None, math.nan, math.nan, math.nan)
    noise = _noise(correlation)
    first = places[gain[places].argmax()]
    cut = -2 * math.log(1 - math.sqrt(confidence))
    earliest, latest = _ends(places[gain[places] >= gain[first] - cut * noise])
    rest = max(float(_from_here_on(w * d**2)[first] - gain[first]), 0.0)
    scale = max(noise, rest / (windows[first] - 2))
    return SeasonChange(
        first=int(first),
        earliest=earliest,
        latest=latest,
        share=1 + float(slope[first]),
        standard_error=math.sqrt(scale / float(varies[first])),
        statistic=float(gain[first]) / noise,
    )


def _series(deviation: ArrayLike, variance: ArrayLike, *, held: bool, until: int | None) -> _Series:
    """The defined windows, about their mean unless their level is held."""
    value, spread = np.broadcast_arrays(
        np.asarray(deviation, dtype=np.float64), np.asarray(variance, dtype=np.float64)
    )
    present = np.isfinite(value) & np.isfinite(spread) & (spread > 0)
    weight = np.where(present, divide(1, np.where(present, spread, 1)), 0)
    value = np.where(present, value, 0)
    places = np.flatnonzero(present)
    if not held and len(places):
        value = np.where(present, value - np.average(value, weights=weight), 0)
        places = places[1:]
    if until is not None:
        places = places[places <= until]
    return _Series(value, weight, present, places)


def _fit(
    series: _Series,
    score: Floats,
    count: Floats,
    square: Floats,
    correlation: float,
    *,
    cut: float,
    held: bool,
    beside: float,
    reach: Floats | Ints | int,
) -> _Fit:
    """The best date, given the weighted sums of shape x value, shape and shape^2 for each date.

    `reach` is the shape's value in the newest window.
    """
    places = series.candidates
    if not len(places):
        return _NO_FIT
    information = square if held else square - count**2 / series.weight.sum()
    noise = _noise(correlation)
    gain = score[places] ** 2 / information[places]
    at = int(gain.argmax())
    earliest, latest = _ends(places[gain >= max(gain[at], beside * noise) - cut * noise])
    first = places[at]
    end = np.broadcast_to(reach, score.shape)[places]
    return _Fit(
        first=int(first),
        earliest=earliest,
        latest=latest,
        size=float(score[first] / information[first]),
        statistic=float(gain[at]) / noise,
        evidence=_evidence(gain / noise, information[places] / end**2 / _typical(series)),
    )


def _ends(places: Ints) -> tuple[int | None, int | None]:
    """First and last of them, if there are any."""
    return (int(places[0]), int(places[-1])) if len(places) else (None, None)


def _evidence(statistic: Floats, windows: Floats) -> float:
    """Mean over the dates of likelihood ratio / sqrt(windows' worth of information), as logarithm.

    The approximation of Schwarz (1978) to the likelihood averaged over the size in the newest
    window, with a prior as wide as one window is unsure. Best fits alone are biased towards the
    step, whose many dates chase the noise: at equal errors on steps they find fewer ramps.
    """
    parts = statistic / 2 - np.log(windows) / 2
    top = float(parts.max())
    return top + math.log(float(np.exp(parts - top).mean()))


def _typical(series: _Series) -> float:
    """Mean weight of the windows that are there."""
    return float(series.weight[series.present].mean())


def _noise(correlation: float) -> float:
    """Long-run variance over that of a window."""
    rho = min(max(correlation, 0.0), LARGEST) if math.isfinite(correlation) else 0.0
    return float(long_run_inflation(rho))


def _from_here_on(parts: Floats) -> Floats:
    """The sum over each window and all later ones."""
    return np.cumsum(parts[::-1])[::-1]
