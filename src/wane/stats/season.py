"""What the day of the week or the hour of the day does to a stream, and its slow growth.

Windows follow each other without gaps (a missing one is nan), so the slot of window t is
t mod period: 7 for daily windows, 24 or 168 for hourly ones. All estimates are medians, so an
outage in the history does not become part of the season.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Bools, Floats, Ints, divide
from wane.stats.robust import mean, median, spread

FEWEST_CYCLES = 3
FEWEST_POOLED = 40
"""Windows by which it is told how much those of a slot vary, together with its neighbours."""
MOST_POOLED = 24
"""At most this part of a cycle is a neighbour, on either side."""
MEDIAN_EFFICIENCY = 0.37
"""What a window says of a variance by the median distance, over what it says by its square."""
TYPICAL = 10.0
"""Windows that the typical variance counts as, beside those of a slot."""


@dataclass(frozen=True, slots=True)
class Season:
    """Level, growth and slot effects of each stream.

    Attributes:
        level: [streams] value at window 0 without season.
        slope: [streams] growth a window; 0 unless asked for.
        slope_variance: [streams] of the slope.
        middle: Window about which the slope was estimated.
        effects: [streams, period] distance of each slot from the level, shrunk towards 0.
        effect_variance: [streams, period] what is left unknown of it.
        used: [streams] whether there is a season; where not, all effects are 0.
    """

    level: Floats
    slope: Floats
    slope_variance: Floats
    middle: float
    effects: Floats
    effect_variance: Floats
    used: Bools


def fit_season(
    values: ArrayLike, period: int, sampling_variance: ArrayLike = 0.0, *, growth: bool = False
) -> Season:
    """Slot medians shrunk by as much as their noise asks for.

    Empirical Bayes with the noise variance v of each slot's median taken as known (Efron & Morris,
    1975): slots vary with A = max(0, sum(effect^2 - v) / (slots - 1)), and an effect is kept to
    A / (A + v). Noise is the spread of differences one cycle apart, which no season touches;
    differences of sampling variance between slots are added to it. A slot needs three values.

    Args:
        values: [streams, windows], window 0 in slot 0, nan where missing. For volume pass
            logarithms, as its season and growth are factors.
        period: Windows a cycle, >= 1; 1 for no season.
        sampling_variance: Broadcasts to it, >= 0; a lower bound of the noise.
        growth: Whether to remove a straight line first.

    Returns:
        The season; not used where the stream's windows span fewer than three cycles or its slots
        differ no more than noise. The level is nan for a stream without windows.
    """
    series = np.asarray(values, dtype=np.float64)
    series = np.where(np.isfinite(series), series, np.nan)
    covered = _span(series) >= FEWEST_CYCLES * period
    slope, slope_variance = _growth(series, period) if growth else _none(series)
    flat = series - slope[:, None] * np.arange(series.shape[1])
    centre, raw, variance = _slots(flat, period, np.broadcast_to(sampling_variance, flat.shape))
    kept, used = _kept(raw, variance)
    used = used & covered
    kept = np.where(used[:, None], kept, 0)
    return Season(
        level=np.where(used, centre, median(flat)),
        slope=slope,
        slope_variance=slope_variance,
        middle=(series.shape[1] - 1) / 2,
        effects=kept * raw,
        effect_variance=kept * np.where(np.isfinite(variance), variance, 0),
        used=used,
    )


def effect_at(season: Season, windows: Ints) -> Floats:
    """The slot effect at the given windows [m], counted on from the fit: [streams, m]."""
    effect: Floats = season.effects[:, windows % season.effects.shape[1]]
    return effect


def expected_at(season: Season, windows: Ints) -> Floats:
    """Level, growth and slot effect at the given windows [m]: [streams, m]."""
    trend = season.level[:, None] + season.slope[:, None] * windows
    return np.asarray(trend + effect_at(season, windows))


def variance_at(season: Season, windows: Ints) -> Floats:
    """What slot effects and growth leave unknown at the given windows [m]: [streams, m].

    To be added to the predictive variance; without the level, whose error is that of the mean of
    the remaining series.
    """
    slot = season.effect_variance[:, windows % season.effect_variance.shape[1]]
    return np.asarray(slot + season.slope_variance[:, None] * (windows - season.middle) ** 2)


def unevenness(rest: ArrayLike, period: int) -> Floats:
    """How much more than others the windows of a slot vary, as days do more than nights.

    Squares of median distances, over their mean over all slots; slots of which too few windows are
    known are taken together with their neighbours, and the ratio is drawn to 1 as far as so few
    windows cannot tell it.

    Args:
        rest: [streams, windows] what the season leaves, window 0 in slot 0; nan where missing.
        period: Windows a cycle, >= 1.

    Returns:
        [streams, period] variance of a slot over the typical one, >= 1: a quiet slot counts as a
        typical one, since few windows make a slot quiet by chance.
    """
    cycles = _by_cycle(np.abs(np.asarray(rest, dtype=np.float64)), period)
    streams, count, _ = cycles.shape
    if period == 1 or count < FEWEST_CYCLES:
        return np.ones((streams, period))
    beside = min(math.ceil((FEWEST_POOLED / count - 1) / 2), period // MOST_POOLED)
    if beside > 0:
        around = np.concatenate([cycles[:, :, -beside:], cycles, cycles[:, :, :beside]], axis=2)
        pooled = np.lib.stride_tricks.sliding_window_view(around, 2 * beside + 1, axis=2)
        cycles = np.moveaxis(pooled, 3, 1).reshape(streams, -1, period)
    windows = MEDIAN_EFFICIENCY * (~np.isnan(cycles)).sum(axis=1)
    variance = median(cycles, axis=1) ** 2
    ratio = np.where(windows > 0, divide(variance, mean(variance)[:, None]), 1)
    drawn = (windows * np.nan_to_num(ratio, nan=1.0) + TYPICAL) / (windows + TYPICAL)
    return np.asarray(np.maximum(drawn, 1))


def _span(series: Floats) -> Ints:
    """Windows from the first to the last that is there, [streams]; 0 without any."""
    present = ~np.isnan(series)
    if not series.shape[1]:
        return np.zeros(len(series), dtype=np.intp)
    first, last = present.argmax(axis=1), present[:, ::-1].argmax(axis=1)
    return np.where(present.any(axis=1), series.shape[1] - first - last, 0)


def _none(series: Floats) -> tuple[Floats, Floats]:
    return np.zeros(len(series)), np.zeros(len(series))


def _growth(series: Floats, period: int) -> tuple[Floats, Floats]:
    """Slope and its variance from differences of whole cycles about two thirds of the way apart.

    Two thirds is where a difference of ends says most about a slope (Cox & Stuart, 1955); the
    windows of all differences are distinct, so a wild one spoils one difference only.
    """
    windows = series.shape[1]
    step = period if windows >= FEWEST_CYCLES * period else 1
    lag = max(step * math.ceil(2 * (windows // step) / 3), 1)
    rise = series[:, lag:] - series[:, :-lag]
    error = divide(math.pi / 2 * spread(rise) ** 2, (~np.isnan(rise)).sum(axis=1))
    return np.nan_to_num(median(rise) / lag), np.nan_to_num(error / lag**2)


def _slots(flat: Floats, period: int, sampling: Floats) -> tuple[Floats, Floats, Floats]:
    """Centre [streams], raw effects and the variances of those [streams, period].

    A slot with fewer than three values has effect 0 and variance inf.
    """
    cycles = _by_cycle(flat, period)
    count = (~np.isnan(cycles)).sum(axis=1)
    enough = count >= FEWEST_CYCLES
    slots = np.where(enough, median(cycles, axis=1), np.nan)
    centre = mean(slots)
    sampling = np.where(np.isnan(flat), np.nan, sampling)
    between = np.maximum(_noise(flat, period) - mean(sampling), 0)[:, None]
    noise = between + mean(_by_cycle(sampling, period), axis=1)
    variance = np.where(enough, math.pi / 2 * divide(noise, count), np.inf)
    return centre, np.nan_to_num(slots - centre[:, None]), variance


def _kept(raw: Floats, variance: Floats) -> tuple[Floats, Bools]:
    """Share of each effect that is kept [streams, period], and whether any is [streams]."""
    counts = np.isfinite(variance)
    slots = counts.sum(axis=1)
    noise = np.where(counts, variance, 0).sum(axis=1)
    excess = (raw**2).sum(axis=1) - noise * (1 - divide(1, slots))
    between = np.nan_to_num(np.maximum(divide(excess, np.maximum(slots - 1, 0)), 0))[:, None]
    return np.nan_to_num(divide(between, between + variance)), between[:, 0] > 0


def _noise(flat: Floats, period: int) -> Floats:
    """Variance of a window about its slot [streams], by differences one cycle apart."""
    return np.nan_to_num(spread(flat[:, period:] - flat[:, :-period]) ** 2 / 2)


def _by_cycle(series: Floats, period: int) -> Floats:
    """[streams, windows] as [streams, cycles, period], the last cycle filled up with nan."""
    cycles = -(-series.shape[1] // period)
    rest = cycles * period - series.shape[1]
    filled = np.pad(series, ((0, 0), (0, rest)), constant_values=np.nan)
    return filled.reshape(len(series), cycles, period)
