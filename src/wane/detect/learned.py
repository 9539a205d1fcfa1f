"""What streams do when nothing is wrong, learnt from their own earlier windows."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
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
from wane.stats.season import Season, expected_at, fit_season, variance_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.intp]

Part = TypeVar("Part", Season, NaturalVariation)
FEWEST_WINDOWS = 14
"""Fewer windows say too little about how much windows differ (methods, section 3)."""
FEWEST_CYCLES = 2
"""And so do fewer cycles: a first weekend is no fault."""
WILD = 5.0
"""Windows this many robust deviations from what their slot usually shows are not learnt from."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What S streams do, by the windows of a history.

    Attributes:
        start: Place in the calendar of the season's window 0.
        season: Level, growth and slot effects.
        variation: Of what the season leaves; see `stats.natural_variation`.
        cautious_between: [S] upper limit of the variance between windows.
        row_variance: [S] variance of one row where values are shares of rows; else nan.
        correlation: [S] of neighbouring windows, >= 0, raised by its error.
        known: [S] whether the history is long enough.
    """

    start: int
    season: Season
    variation: NaturalVariation
    cautious_between: Floats
    row_variance: Floats
    correlation: Floats
    known: Bools

    def expected(self, windows: Ints) -> Floats:
        """[S, m] what windows [m] of the calendar should show."""
        line = expected_at(self.season, windows - self.start)
        return np.asarray(line + self.variation.mean[:, None])

    def sampling(self, noise: Floats, rows: Floats) -> Floats:
        """[S, m] sampling variances: as measured, or by the rows of a share."""
        return _sampling(self.row_variance, noise, rows)

    def variance(self, windows: Ints, sampling: Floats, least: Floats) -> Floats:
        """[S, m] variance of windows about `expected`; between windows at least `least` [S]."""
        between = np.maximum(self.variation.between_variance, least)
        unknown = variance_at(self.season, windows - self.start)
        return np.asarray((between + self.variation.mean_variance)[:, None] + unknown + sampling)


def fewest_windows(period: int, *, growing: bool = False) -> int:
    """Windows below which a stream is still learning.

    What may grow is traffic, and traffic without its season says little: it waits for that.
    """
    return max(FEWEST_WINDOWS, (SEASON_CYCLES if growing else FEWEST_CYCLES) * period)


def learn(
    values: Floats,
    noise: Floats,
    rows: Floats,
    *,
    start: int,
    period: int,
    counted: Bools,
    growing: bool = False,
) -> Learned:
    """Learn from a history of windows in which nothing was wrong, as far as is known.

    Args:
        values: [S, H] of the windows from `start` on; nan where missing or left out.
        noise: [S, H] sampling variances, not used where `counted`.
        rows: [S, H].
        start: Place of the first window in the calendar.
        period: Windows a cycle.
        counted: [S] whether values are shares of rows.
        growing: Whether steady growth is nothing unusual.
    """
    row_variance = np.where(counted, _row_variance(values, rows), np.nan)
    sampling = _sampling(row_variance, noise, rows)
    season = fit_season(values, period, sampling, growth=growing)
    rest = values - expected_at(season, np.arange(values.shape[1]))
    rest = np.where(np.abs(rest) > WILD * _scale(rest, sampling)[:, None], np.nan, rest)
    windows = (~np.isnan(rest)).sum(axis=1)
    correlation = _correlation(rest, windows)
    spent = np.where(season.used, period - 1, 0) + growing
    variation = _less(natural_variation(rest, sampling, correlation), spent)
    return Learned(
        start=start,
        season=season,
        variation=variation,
        cautious_between=cautious_between_variance(variation),
        row_variance=row_variance,
        correlation=correlation,
        known=(windows >= fewest_windows(period, growing=growing)) & np.isfinite(variation.mean),
    )


def held(before: Learned, after: Learned, where: Bools) -> Learned:
    """New limits, but for the streams `where` [S] the old ones.

    Growth is carried on from the new start; how unsure it is, is told as from the new middle.
    """
    moved = before.season.slope * (after.start - before.start)
    season = replace(before.season, level=before.season.level + moved, middle=after.season.middle)
    return Learned(
        start=after.start,
        season=_chosen(season, after.season, where),
        variation=_chosen(before.variation, after.variation, where),
        cautious_between=np.where(where, before.cautious_between, after.cautious_between),
        row_variance=np.where(where, before.row_variance, after.row_variance),
        correlation=np.where(where, before.correlation, after.correlation),
        known=np.where(where, before.known, after.known),
    )


def _chosen(before: Part, after: Part, where: Bools) -> Part:
    """The arrays [S, ...] of one value or the other, stream by stream."""
    chosen = {}
    for field in fields(after):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if np.ndim(new):
            mask = where.reshape(-1, *(1,) * (np.ndim(new) - 1))
            chosen[field.name] = np.where(mask, old, new)
    return replace(after, **chosen)


def _row_variance(values: Floats, rows: Floats) -> Floats:
    """P (1 - p) [S] of the pooled share, half a row added to both sides so that it is never 0."""
    there = np.isfinite(values)
    total = np.where(there, rows, 0).sum(axis=1)
    share = (np.where(there, values * rows, 0).sum(axis=1) + 0.5) / (total + 1)
    share = np.clip(share, 0, 1)
    return np.asarray(share * (1 - share))


def _sampling(row_variance: Floats, noise: Floats, rows: Floats) -> Floats:
    by_rows = divide(row_variance[:, None], rows)
    return np.where(np.isnan(row_variance)[:, None], noise, by_rows)


def _scale(rest: Floats, sampling: Floats) -> Floats:
    """[S] robust deviation of the windows; inf where most of them do not differ at all."""
    scale = np.maximum(spread(rest), np.sqrt(median(np.where(np.isnan(rest), np.nan, sampling))))
    return np.where(scale > 0, scale, np.inf)


def _correlation(rest: Floats, windows: NDArray[np.intp]) -> Floats:
    """Of neighbouring windows, raised by its standard error: too low would cry wolf."""
    found = lag_one(rest)
    error = np.sqrt(divide(1 - found**2, windows))
    return np.clip(np.nan_to_num(found + error), 0, LARGEST)


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
