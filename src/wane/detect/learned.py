"""What streams do when nothing is wrong, learned from their own earlier windows."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from wane.stats.array import divide
from wane.stats.autocorrelation import LARGEST, lag_one
from wane.stats.natural_variation import (
    NaturalVariation,
    cautious_between_variance,
    natural_variation,
)
from wane.stats.robust import median, spread
from wane.stats.season import FEWEST_CYCLES as SEASON_CYCLES
from wane.stats.season import Season, expected_at, fit_season, unevenness, variance_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wane.detect.streams import Streams

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.intp]

Part = TypeVar("Part", "Learned", Season, NaturalVariation)
FEWEST_WINDOWS = 14
"""Fewer windows say too little about how much windows differ (methods, section 3)."""
LEAST_SHARE = 6.0
LEAST_RELATIVE, LEAST_ABSOLUTE = 1e-6, 1e-12
BORROWED = 20.0
"""Windows that the correlation typical of all streams counts as."""
OFTEN = 3
NEWS = 1.5
"""Times what was seen `OFTEN` times that a window must be away, or a chart must have risen, to be
news: of what recurs none is as large as the last."""
WILD = 5.0
"""Windows this many robust deviations from what their slot usually shows are not learned from."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What S streams do, by the windows of a history.

    Attributes:
        start: Place in the calendar of the season's window 0.
        season: Level, growth and slot effects.
        unevenness: [S, period] times what is typical that windows of a slot vary, >= 1.
        variation: Of what the season leaves; see `stats.natural_variation`.
        cautious_between: [S] upper limit of the variance between windows.
        row_variance: [S] variance of one row; nan where it is not known.
        most_variance: [S] the largest but for a few that windows learned from had; nan where not
            known.
        correlation: [S] of neighbouring windows, >= 0, raised by its error: too low would cry wolf.
        likely_correlation: [S] the same without that.
        known: [S] whether the history is long enough.
        seen: [S, 2] distance from what is expected, upward and downward, that has been seen
            `OFTEN` times: what happened so often is no news.
        risen: [S, 2] height that CUSUM charts have reached `OFTEN` times; 0 until it is told.
    """

    start: int
    season: Season
    unevenness: Floats
    variation: NaturalVariation
    cautious_between: Floats
    row_variance: Floats
    most_variance: Floats
    correlation: Floats
    likely_correlation: Floats
    known: Bools
    seen: Floats
    risen: Floats

    def expected(self, windows: Ints) -> Floats:
        """[S, m] what windows [m] of the calendar should show."""
        line = expected_at(self.season, windows - self.start)
        return np.asarray(line + self.variation.mean[:, None])

    def sampling(self, noise: Floats, rows: Floats) -> Floats:
        """[S, m] sampling variances: by the rows of a window, or as measured."""
        return _sampling(self.row_variance, self.most_variance, noise, rows)

    def least_between(self, tolerance: Floats) -> Floats:
        """[S] variance between windows that is taken at the least.

        What never varied may vary by a part of the tolerance [S], or else by little.
        """
        level = np.abs(np.nan_to_num(self.season.level + self.variation.mean))
        floor = np.maximum(LEAST_RELATIVE * level, LEAST_ABSOLUTE)
        return np.asarray(np.maximum(tolerance / LEAST_SHARE, floor) ** 2)

    def variance(self, windows: Ints, sampling: Floats, tolerance: Floats) -> Floats:
        """[S, m] variance of windows about `expected`, given what is tolerated [S]."""
        between = np.maximum(self.variation.between_variance, self.least_between(tolerance))
        unknown = variance_at(self.season, windows - self.start)
        slots = (windows - self.start) % self.unevenness.shape[1]
        uneven = (self.unevenness[:, slots] - 1) * self.variation.typical_variance[:, None]
        known = (between + self.variation.mean_variance)[:, None] + sampling
        return np.asarray(known + unknown + np.nan_to_num(uneven))


def fewest_windows(periods: Sequence[int]) -> int:
    """Windows below which a stream is still learning: as many as show its shortest season."""
    return max(FEWEST_WINDOWS, SEASON_CYCLES * periods[0])


def learn(
    values: Floats,
    noise: Floats,
    rows: Floats,
    *,
    start: int,
    periods: Sequence[int],
    counted: Bools,
    growing: bool = False,
    told: Floats | None = None,
) -> Learned:
    """Learn from a history of windows in which nothing was wrong, as far as is known.

    Args:
        values: [S, H] of the windows from `start` on; nan where missing or left out.
        noise: [S, H] sampling variances, not used where `counted`.
        rows: [S, H].
        start: Place of the first window in the calendar.
        periods: Windows a cycle, shortest season first; the longest that the history covers three
            times is learned.
        counted: [S] whether values are shares of rows.
        growing: Whether steady growth is nothing unusual.
        told: [S, H] values of windows that are left out, but as alarms that came and went are no
            news either; nan for all others.
    """
    row_variance = np.where(counted, _share_variance(values, rows), _pooled(noise, rows))
    most = np.where(counted, row_variance, _most(values, noise, rows))
    sampling = _sampling(row_variance, most, noise, rows)
    season = _season(values, sampling, periods, growing=growing)
    expected = expected_at(season, np.arange(values.shape[1]))
    rest = values - expected
    known = rest if told is None else np.where(np.isnan(values), told, values) - expected
    seen = np.stack([_seen(known), _seen(-known)], axis=1)
    uneven = unevenness(rest, _covered(values, periods))
    scale = _scale(rest, sampling)[:, None] * np.sqrt(_laid_out(uneven, values.shape[1]))
    rest = np.where(np.abs(rest) > WILD * scale, np.nan, rest)
    windows = (~np.isnan(rest)).sum(axis=1)
    likely, cautious = _correlation(rest, windows)
    spent = np.where(season.used, periods[0] - 1, 0) + growing
    variation = _less(natural_variation(rest, sampling, cautious), spent)
    return Learned(
        start=start,
        season=season,
        unevenness=_laid_out(uneven, periods[-1]),
        variation=variation,
        cautious_between=cautious_between_variance(variation),
        row_variance=row_variance,
        most_variance=most,
        correlation=cautious,
        likely_correlation=likely,
        known=(windows >= fewest_windows(periods)) & np.isfinite(variation.mean),
        seen=seen - np.stack([variation.mean, -variation.mean], axis=1),
        risen=np.zeros_like(seen),
    )


def learn_from(
    streams: Streams,
    history: slice,
    left_out: Bools,
    rows: Ints | slice = slice(None),
    told: Floats | None = None,
) -> Learned:
    """Learn from some windows of streams.

    Args:
        streams: All windows so far.
        history: The windows to learn from; `start` and `stop` are given.
        left_out: [rows, history] those among them that are not learned from.
        rows: Which streams; by default all.
        told: See `learn`.
    """
    return learn(
        np.where(left_out, np.nan, streams.values[rows, history]),
        streams.noise[rows, history],
        streams.rows[rows, history],
        start=history.start,
        periods=streams.periods,
        counted=streams.counted[rows],
        growing=streams.growing,
        told=told,
    )


def _seen(rest: Floats) -> Floats:
    """[S] the largest distance but for a few larger ones; 0 in a history of fewer windows."""
    if rest.shape[1] < OFTEN:
        return np.zeros(len(rest))
    there = np.where(np.isnan(rest), -np.inf, rest)
    return np.asarray(np.maximum(np.partition(there, -OFTEN, axis=1)[:, -OFTEN], 0))


def _season(values: Floats, sampling: Floats, periods: Sequence[int], *, growing: bool) -> Season:
    """The longest season that the history covers, laid out over the longest there is."""
    season = fit_season(values, _covered(values, periods), sampling, growth=growing)
    return replace(
        season,
        effects=_laid_out(season.effects, periods[-1]),
        effect_variance=_laid_out(season.effect_variance, periods[-1]),
    )


def _covered(values: Floats, periods: Sequence[int]) -> int:
    """The longest period that the history covers, or the shortest there is."""
    covered = [period for period in periods if values.shape[1] >= SEASON_CYCLES * period]
    return covered[-1] if covered else periods[0]


def _laid_out(slots: Floats, windows: int) -> Floats:
    """[S, windows] what slots [S, period] say of windows from slot 0 on."""
    return np.asarray(slots[:, np.arange(windows) % slots.shape[1]])


def held(before: Learned, after: Learned, where: Bools) -> Learned:
    """New limits, but for the streams `where` [S] the old ones.

    Growth is carried on from the new start; how unsure it is, is told as from the new middle.
    """
    moved = before.season.slope * (after.start - before.start)
    season = replace(before.season, level=before.season.level + moved, middle=after.season.middle)
    return _chosen(replace(before, season=season), after, where)


def _chosen(before: Part, after: Part, where: Bools) -> Part:
    """The arrays [S, ...] of one value or the other, stream by stream, those of its parts too."""
    chosen = {}
    for field in fields(after):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if is_dataclass(new):
            chosen[field.name] = _chosen(old, new, where)
        elif np.ndim(new):
            mask = where.reshape(-1, *(1,) * (np.ndim(new) - 1))
            chosen[field.name] = np.where(mask, old, new)
    return replace(after, **chosen)


def _share_variance(values: Floats, rows: Floats) -> Floats:
    """P (1 - p) [S] of the pooled share, half a row added to both sides so that it is never 0."""
    there = np.isfinite(values)
    total = np.where(there, rows, 0).sum(axis=1)
    share = (np.where(there, values * rows, 0).sum(axis=1) + 0.5) / (total + 1)
    share = np.clip(share, 0, 1)
    return np.asarray(share * (1 - share))


def _pooled(noise: Floats, rows: Floats) -> Floats:
    """Typical variance of one row [S], nan where it is not known."""
    return median(np.where((noise > 0) & (rows > 0), noise * rows, np.nan))


def _most(values: Floats, noise: Floats, rows: Floats) -> Floats:
    """The largest variance of one row in a window, but for a few larger ones [S].

    nan where fewer windows have a value: one alone may be what was wrong.
    """
    if values.shape[1] < OFTEN:
        return np.full(len(values), np.nan)
    there = np.where((noise > 0) & (rows > 0) & ~np.isnan(values), noise * rows, -np.inf)
    most = np.partition(there, -OFTEN, axis=1)[:, -OFTEN]
    return np.where(np.isfinite(most), most, np.nan)


def _sampling(row_variance: Floats, most: Floats, noise: Floats, rows: Floats) -> Floats:
    """[S, m] sampling variances.

    A window's own variance of a row would grow with its value, and so hide what is wrong with it.
    But where single rows can weigh much, some windows are far less sure than most: so a window's
    own counts as far as that of any window before did.
    """
    typical = row_variance[:, None]
    own = np.where(np.isfinite(noise), noise * rows, typical)
    held = np.clip(own, typical, np.fmax(most, row_variance)[:, None])
    by_rows = divide(held, rows)
    return np.where(np.isnan(typical), noise, by_rows)


def _scale(rest: Floats, sampling: Floats) -> Floats:
    """[S] robust deviation of the windows; inf where most of them do not differ at all."""
    scale = np.maximum(spread(rest), np.sqrt(median(np.where(np.isnan(rest), np.nan, sampling))))
    return np.where(scale > 0, scale, np.inf)


def _correlation(rest: Floats, windows: Ints) -> tuple[Floats, Floats]:
    """Of neighbouring windows [S]: the likely one, and that raised by its standard error.

    A few windows say little about it, so it is drawn to what is typical of all streams, which
    counts as up to `BORROWED` windows.
    """
    found = lag_one(rest)
    found = np.where(np.isnan(found) & (windows >= FEWEST_WINDOWS), 0, found)  # never varied
    typical = float(np.nan_to_num(median(found)))
    borrowed = BORROWED * (1 - 1 / max(len(found), 1))
    own = np.where(np.isnan(found), 0, windows)
    weight = np.maximum(own + borrowed, 1)
    likely = (own * np.nan_to_num(found) + borrowed * typical) / weight
    error = np.sqrt((1 - likely**2) / weight)
    return np.clip(likely, 0, LARGEST), np.clip(likely + error, 0, LARGEST)


def _less(variation: NaturalVariation, spent: NDArray[np.intp]) -> NaturalVariation:
    """The variation once the season has taken its degrees of freedom."""
    before = np.maximum(variation.windows - 1, 1)
    left = np.maximum(before - spent, 1) / before
    sampling = variation.typical_variance - variation.between_variance
    typical = variation.typical_variance / left
    return replace(
        variation,
        between_variance=np.maximum(typical - sampling, 0),
        typical_variance=typical,
        degrees_of_freedom=np.asarray(variation.degrees_of_freedom * left),
    )
