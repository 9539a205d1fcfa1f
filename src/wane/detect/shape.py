"""What kind of change a finding is, and since when: spike, step, ramp, or a broken season."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from wane.stats.autocorrelation import LARGEST, lag_one
from wane.stats.interval import normal_quantile, student_quantile
from wane.stats.onset import Onset, Ramp, SeasonChange, onset, ramp, season_change
from wane.stats.trend import FEWEST_WINDOWS, trend

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from wane.stats.array import Bools, Floats

LONGEST_SPIKE = 2
"""A finding that ends after more windows is no spike."""
SHORTEST_RAMP = 4
"""Fewer windows look like a line too easily."""
RAMP_MARGIN = 1.0
"""Log evidence by which a ramp must beat a step; with it 1 in 40 steps of 4 standard deviations and
10 windows is called a ramp."""
SURE_MARGIN = 3.0
"""Log evidence of 20 to 1, which is called strong (Kass & Raftery, 1995)."""
SEASON_ERRORS = 3.0
"""Standard errors that a season must be away from intact before it is called broken."""
TREND_P_VALUE = 0.01
"""A table is called gradual on less than this probability of a series without a trend."""
FITTED = 3
"""Parameters of a step or ramp off an unknown level: the level, the size and the date."""
ROUNDING = 1e-12
"""Residuals below this share of the variance are rounding."""


class Shape(StrEnum):
    """How a series left its expected level. Recovery is a fact about a finding, not a shape."""

    SPIKE = "spike"
    STEP = "step"
    RAMP = "ramp"
    SEASON = "season broken"


@dataclass(frozen=True, slots=True)
class Shaped:
    """A finding with its shape, its date and its size.

    Attributes:
        shape: What kind of change it is.
        first: Index of its first window.
        earliest: First window that it may have begun at.
        latest: Last such window.
        before: Mean of what was expected in its windows; nan where none has a value.
        now: Mean of its values; for a ramp `before` plus what the line has come to, no further than
            any of the values.
        windows: From its first to its last, gaps included.
        sure: Whether the shape is not going to change: other shapes explain the windows 20 times
            less well, and what may still end as a spike is none.
    """

    shape: Shape
    first: int
    earliest: int
    latest: int
    before: float
    now: float
    windows: int
    sure: bool


@dataclass(frozen=True, slots=True)
class Gradual:
    """A steady decline or growth of a short series.

    Attributes:
        shaped: The ramp; `before` is the level of the first windows.
        slope: Theil-Sen slope over all windows, in units a window.
        low: Lower end of its interval.
        high: Upper end.
        p_value: Probability that a series without a trend looks as steady.
    """

    shaped: Shaped
    slope: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The windows that a change is looked for in; arrays [windows].

    Attributes:
        deviation: Value less what was expected; nan where a window is missing.
        level: What was expected.
        variance: Of the window when nothing is wrong.
        there: Whether the window is not missing.
    """

    deviation: Floats
    level: Floats
    variance: Floats
    there: Bools


@dataclass(frozen=True, slots=True)
class _Fits:
    """The series as a step and as a ramp, and as a broken season where that can be told."""

    step: Onset
    ramp: Ramp
    season: SeasonChange | None = None

    @property
    def ramp_evidence(self) -> float:
        """Log evidence for a ramp over a step."""
        return self.ramp.evidence - self.step.evidence


def classify(
    values: ArrayLike,
    expected: ArrayLike,
    variance: ArrayLike,
    *,
    last: int,
    raised: int,
    ended: bool = False,
    since: int = 0,
    correlation: float = 0.0,
    effects: ArrayLike | None = None,
    period: int = 1,
) -> Shaped:
    """Tell what kind of change a finding is.

    What ended after at most two windows is a spike; so is what has lasted one window so far, until
    the next window comes in and it is classified again. A season is broken when at least one whole
    period has passed and the values follow less than half of its effects, surely not all of them.
    What is left is a ramp if a line explains it clearly better than a step, else a step. Where
    there is no telling, it is a step that is not sure.

    Args:
        values: [windows] of one series, oldest first, nan where a window is missing.
        expected: [windows] level and season as they were before the change.
        variance: [windows] of each window about it when nothing is wrong, > 0.
        last: Index of the last window that belongs to the finding.
        raised: Index of the window that raised the alarm, at most `last`; the change began no
            later.
        ended: Whether the finding is over.
        since: First window that the change may have begun at: where the quiet stretch begins that
            the limits were learned from, or the end of the finding before. At most `raised`.
        correlation: Of neighbouring windows, in [0, 1).
        effects: [windows] what the season adds to the expected values; None without a season.
        period: Windows a cycle of it.

    Returns:
        The shape. Without any defined window the finding dates from `raised`, and has no levels.
    """
    stretch = _stretch(values, expected, variance, slice(since, last + 1))
    within = None if effects is None else np.asarray(effects, dtype=np.float64)[since : last + 1]
    fits = _fits(stretch, correlation, within, period, until=raised - since)
    shape, change = _shape(fits, stretch, raised - since, ended=ended)
    first, earliest, latest = _date(shape, change, fits, raised - since)
    before, moved = _levels(stretch, change)
    return Shaped(
        shape=shape,
        first=since + first,
        earliest=since + earliest,
        latest=since + latest,
        before=before,
        now=before + moved,
        windows=len(stretch.there) - first,
        sure=_sure(shape, fits, len(stretch.there) - first, ended=ended),
    )


def gradual(
    values: ArrayLike,
    variance: ArrayLike | None = None,
    *,
    tolerance: float = 0.0,
    confidence: float = 0.95,
) -> Gradual | None:
    """Whether a short table without learned limits declines or grows steadily, and since when.

    It does if correlated noise is most unlikely to look so steady (see `stats.trend`), the change
    over the table is worth a word, and a line off the level of the first windows explains the
    table clearly better than one sudden step does. At least one window is taken as before the
    change, so its date is the second or a later one.

    Fires on at most 2 % of autoregressive series without a trend for correlations up to 0.6: 1.9 %
    of 10 windows at 0.6, 0.6 % of 60.

    Args:
        values: [windows] of one series, oldest first, nan where a window is missing.
        variance: Of each window about its level; taken from the residuals where it is not known.
        tolerance: Least change from the first to the last window that matters, >= 0.
        confidence: Of both intervals, of the slope and of the date.

    Returns:
        The ramp; None if there is none, as in fewer than 4 windows. It is sure if a step explains
        the table 20 times less well. Time and memory grow with n^2.
    """
    series = np.asarray(values, dtype=np.float64)
    spread = np.broadcast_to(
        1.0 if variance is None else np.asarray(variance, dtype=np.float64),
        series.shape,
    )
    series = np.where(np.isfinite(series) & np.isfinite(spread) & (spread > 0), series, np.nan)
    if np.isfinite(series).sum() < FEWEST_WINDOWS:
        return None
    fits, correlation = _fits_of_table(series, spread, confidence, known=variance is not None)
    found = trend(series[None], confidence, correlation)
    slope, low, high = float(found.slope[0]), float(found.low[0]), float(found.high[0])
    steady = found.p_value[0] < TREND_P_VALUE and low * high > 0
    matters = abs(slope) * (len(series) - 1) >= tolerance
    if not (steady and matters and fits.ramp_evidence >= RAMP_MARGIN):
        return None
    first, earliest, latest = _date(Shape.RAMP, fits.ramp, fits, 0)
    risen = _curve(fits.ramp, len(series))
    there = np.isfinite(series)
    before = float(np.average((series - risen)[there], weights=1 / spread[there]))
    shaped = Shaped(
        shape=Shape.RAMP,
        first=first,
        earliest=earliest,
        latest=latest,
        before=before,
        now=before + float(risen[-1]),
        windows=len(series) - first,
        sure=fits.ramp_evidence >= SURE_MARGIN,
    )
    return Gradual(shaped, slope, low, high, float(found.p_value[0]))


def _stretch(values: ArrayLike, expected: ArrayLike, variance: ArrayLike, part: slice) -> _Stretch:
    """The windows of a part, those without a value, a level and a variance as missing."""
    value, level, noise = (
        np.broadcast_to(np.asarray(given, dtype=np.float64), np.shape(values))[part]
        for given in (values, expected, variance)
    )
    there = np.isfinite(value) & np.isfinite(level) & np.isfinite(noise) & (noise > 0)
    deviation = np.where(there, value - np.where(there, level, 0), np.nan)
    return _Stretch(deviation, level, noise, there)


def _fits(
    stretch: _Stretch, correlation: float, effects: Floats | None, period: int, until: int
) -> _Fits:
    deviation, noise = stretch.deviation, stretch.variance
    fits = _step_and_ramp(deviation, noise, correlation, until=until)
    if effects is None or period <= 1:
        return fits
    season = season_change(deviation, effects, noise, period, correlation, until=until)
    return replace(fits, season=season)


def _step_and_ramp(
    deviation: Floats,
    variance: Floats,
    correlation: float,
    confidence: float = 0.95,
    *,
    held: bool = True,
    until: int | None = None,
) -> _Fits:
    """Both, with the dates of either that the other one does not rule out.

    Their intervals together hold the date whichever is true: where the two are hard to tell
    apart, that of the wrong one alone misses it one time in five.
    """
    step = onset(deviation, variance, correlation, confidence, held=held, until=until)
    better = step.statistic
    line = ramp(deviation, variance, correlation, confidence, held=held, until=until, beside=better)
    if line.statistic > step.statistic:
        better = line.statistic
        step = onset(
            deviation, variance, correlation, confidence, held=held, until=until, beside=better
        )
    return _Fits(step, line)


def _shape(
    fits: _Fits, stretch: _Stretch, raised: int, *, ended: bool
) -> tuple[Shape, Onset | Ramp | SeasonChange]:
    """The shape, and the fit that dates it."""
    first = raised if fits.step.first is None else fits.step.first
    windows = len(stretch.there) - first
    if fits.season is not None and _broken(fits.season, fits):
        return Shape.SEASON, fits.season
    if windows <= (LONGEST_SPIKE if ended else 1):
        return Shape.SPIKE, fits.step
    since_ramp = stretch.there[fits.ramp.first or 0 :]
    if since_ramp.sum() >= SHORTEST_RAMP and fits.ramp_evidence >= RAMP_MARGIN:
        return Shape.RAMP, fits.ramp
    return Shape.STEP, fits.step


def _broken(season: SeasonChange, fits: _Fits) -> bool:
    """Whether the values no longer follow the season, and neither step nor ramp looks like it."""
    surely = season.share < 0.5 and 1 - season.share > SEASON_ERRORS * season.standard_error
    other = max(fits.step.statistic, fits.ramp.statistic)
    return surely and season.statistic - other > SEASON_ERRORS**2


def _date(
    shape: Shape, change: Onset | Ramp | SeasonChange, fits: _Fits, raised: int
) -> tuple[int, int, int]:
    """The first window and the interval; that of step and ramp is one, as either may be true."""
    first = raised if change.first is None else change.first
    dated = (change,) if shape is Shape.SEASON else (fits.step, fits.ramp)
    ends = [end for fit in dated for end in (fit.earliest, fit.latest) if end is not None]
    return first, min([first, *ends]), max([first, *ends])


def _levels(stretch: _Stretch, change: Onset | Ramp | SeasonChange) -> tuple[float, float]:
    """Mean of what was expected since the change, and how far the series has moved from it."""
    own = stretch.there & (np.arange(len(stretch.there)) >= (change.first or 0))
    if not own.any():
        return math.nan, math.nan
    weight = 1 / stretch.variance[own]
    before = float(np.average(stretch.level[own], weights=weight))
    if isinstance(change, Ramp):
        now = before + float(_curve(change, len(own))[-1])
        values = (stretch.level + stretch.deviation)[own]
        return before, float(np.clip(now, values.min(), values.max())) - before
    return before, float(np.average(stretch.deviation[own], weights=weight))


def _sure(shape: Shape, fits: _Fits, windows: int, *, ended: bool) -> bool:
    """See `Shaped`; a season is called broken only when that is sure."""
    if shape is Shape.RAMP:
        return fits.ramp_evidence >= SURE_MARGIN
    if shape is Shape.STEP:
        return windows > LONGEST_SPIKE and -fits.ramp_evidence >= SURE_MARGIN
    return shape is Shape.SEASON or ended


def _curve(change: Onset | Ramp, windows: int) -> Floats:
    """A step or ramp in each window, 0 before it begins."""
    since = np.maximum(np.arange(windows) - (change.first or 0) + 1, 0)
    if isinstance(change, Ramp):
        return np.asarray(change.slope * since)
    return np.asarray(change.level * (since > 0))


def _fits_of_table(
    series: Floats, spread: Floats, confidence: float, *, known: bool
) -> tuple[_Fits, float]:
    """Step and ramp off the level of the first windows, and an upper estimate of the correlation.

    Variance and correlation are those of the residuals about the better of the two. Residuals
    about a line through the whole table would be correlated wherever the table begins with a
    level, and no late decline would be found.
    """
    step, line = onset(series, spread, held=False), ramp(series, spread, held=False)
    better = step if step.statistic > line.statistic else line
    rest = _about_mean(series - _curve(better, len(series)), spread)
    windows = int(np.isfinite(series).sum())
    unexplained = float(np.nansum(rest**2))
    least = ROUNDING * float(np.nansum(_about_mean(series, spread) ** 2))
    rho = float(lag_one(rest[None], FITTED)[0]) if unexplained > least else 0.0
    if not known:
        # few residuals leave their variance unsure, and so the date
        freedom = windows - FITTED
        wider = student_quantile(freedom, confidence) / normal_quantile(confidence)
        spread = spread * max(unexplained, least) / freedom * wider**2
    fits = _step_and_ramp(series, spread, rho, confidence, held=False)
    cautious = rho + math.sqrt((1 - rho**2) / windows)
    return fits, LARGEST if math.isnan(rho) else min(max(cautious, 0.0), LARGEST)


def _about_mean(series: Floats, spread: Floats) -> Floats:
    """Distance from the weighted mean in standard deviations."""
    there = np.isfinite(series)
    return np.asarray(
        (series - np.average(series[there], weights=1 / spread[there])) / np.sqrt(spread)
    )
