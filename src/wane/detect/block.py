"""Windows that are judged by the same limits: all that does not depend on what happened before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import scipy  # its `special` is slow to load, and so is left to load on first use

from wane.detect.learned import NEWS
from wane.stats import e_detector
from wane.stats.array import divide
from wane.stats.autocorrelation import long_run_inflation
from wane.stats.cusum import REFERENCE_VALUE
from wane.stats.natural_variation import design_effect, row_correlation
from wane.stats.season import effect_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.detect.learned import Learned
    from wane.detect.limits import Limits
    from wane.detect.streams import Streams

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

WILDEST = 4.0
"""Deviations that one window counts as at most, in what adds up over windows."""
TAIL = 1e-3
"""Where a t variable is made to meet a normal one for the CUSUM."""


@dataclass(frozen=True, slots=True)
class Block:
    """Distances and evidence of m windows; [S, m] unless said otherwise.

    Attributes:
        distance: Distance from what is expected, in deviations.
        tolerated: What is tolerated, in the same.
        limit: [S] the distance of a spike.
        beyond: Distance on the harmful side from the base and what is tolerated, in deviations;
            nan without a base.
        no_news: [2, S, m] the distance up to which a window is no news, as it was seen often.
        chart: [2, S] height from which on a chart is an alarm.
        steps: [2, S, m] what the CUSUM charts add.
        provable: [P] streams with a reference that a loss can be proven against.
        evidence: [P, m, bets] of a loss; nan where a window is missing.
        memory: [S] variance of sums of windows over that of independent ones.
    """

    distance: Floats
    tolerated: Floats
    beyond: Floats
    limit: Floats
    no_news: Floats
    chart: Floats
    steps: Floats
    provable: Ints
    evidence: Floats
    memory: Floats


def block_of(
    streams: Streams, learned: Learned, base: Floats, windows: Ints, limits: Limits
) -> Block:
    """Judge windows [m] of the calendar by limits that are learned.

    Args:
        streams: All windows so far.
        learned: The limits.
        base: [S] level that a loss is proven against.
        windows: Their places.
        limits: What the budget allows.
    """
    at = _Distances.of(streams, learned, windows)
    freedom = np.maximum(learned.variation.degrees_of_freedom, 1)
    usual = base[:, None] + effect_at(learned.season, windows - learned.start)
    loss = streams.harm[:, None] * (at.known - usual)
    provable = np.flatnonzero(learned.known & (streams.harm != 0) & np.isfinite(base))
    return Block(
        distance=at.distance,
        tolerated=at.tolerated,
        beyond=divide(loss - streams.tolerance[:, None], at.deviation),
        limit=scipy.special.stdtrit(freedom, 1 - limits.spike),
        no_news=NEWS * divide(learned.seen.T[:, :, None], at.deviation),
        chart=chart_limit(learned, limits),
        steps=_steps(learned, at),
        provable=provable,
        evidence=_evidence(
            streams,
            learned,
            windows,
            provable,
            level=usual[provable],
            sampling=at.sampling[provable],
        ),
        memory=long_run_inflation(learned.correlation),
    )


def chart_steps(streams: Streams, learned: Learned, windows: Ints) -> Floats:
    """[2, S, m] what the CUSUM charts would add in windows [m] of the calendar."""
    return _steps(learned, _Distances.of(streams, learned, windows))


def chart_limit(learned: Learned, limits: Limits) -> Floats:
    """[2, S] height from which on a chart is an alarm: above the budget's, and news."""
    return np.maximum(limits.chart, NEWS * learned.risen.T)


@dataclass(frozen=True, slots=True)
class _Distances:
    """How far windows lie from what is expected; [S, m] each.

    Attributes:
        known: Values; nan where limits are not known.
        sampling: Sampling variances.
        deviation: What a window may stray by when nothing is wrong.
        distance: From what is expected, in deviations.
        tolerated: What is tolerated, in the same.
    """

    known: Floats
    sampling: Floats
    deviation: Floats
    distance: Floats
    tolerated: Floats

    @classmethod
    def of(cls, streams: Streams, learned: Learned, windows: Ints) -> _Distances:
        sampling = learned.sampling(streams.noise[:, windows], streams.rows[:, windows])
        deviation = np.sqrt(learned.variance(windows, sampling, streams.tolerance))
        known = np.where(learned.known[:, None], streams.values[:, windows], np.nan)
        distance = divide(known - learned.expected(windows), deviation)
        tolerance = np.broadcast_to(streams.tolerance[:, None], deviation.shape)
        return cls(known, sampling, deviation, distance, divide(tolerance, deviation))


def _steps(learned: Learned, at: _Distances) -> Floats:
    """[2, S, m] what charts add.

    One window, however wild, is a spike and no lasting shift.
    """
    beyond = np.stack([at.distance, -at.distance]) - at.tolerated
    variation = learned.variation
    freedom = np.maximum(variation.degrees_of_freedom, 1)
    scale = scipy.special.stdtrit(freedom, 1 - TAIL) / -scipy.special.ndtri(TAIL)
    scale = scale * np.sqrt(long_run_inflation(learned.correlation))
    unsure = np.sqrt(divide(variation.mean_variance, variation.typical_variance))
    slack = REFERENCE_VALUE + np.nan_to_num(unsure)
    return np.asarray(np.minimum(beyond, WILDEST) / scale[:, None] - slack[:, None])


def _evidence(
    streams: Streams,
    learned: Learned,
    windows: Ints,
    rows: Ints,
    *,
    level: Floats,
    sampling: Floats,
) -> Floats:
    """[P, m, bets] evidence of streams [P] that they lose more than is tolerated from level [P, m].

    Shares of rows by their counts, other metrics by their distance in standard deviations; both
    tempered by what windows vary beyond their rows, and by their memory.
    """
    values, n = streams.values[np.ix_(rows, windows)], streams.rows[np.ix_(rows, windows)]
    least = learned.least_between(streams.tolerance)[rows]
    # one caution is enough: in how much windows vary, or in how long they remember
    between = np.maximum(learned.cautious_between[rows], least)
    memory = long_run_inflation(learned.likely_correlation[rows])
    harm, tolerance, counted = streams.harm[rows], streams.tolerance[rows], streams.counted[rows]
    evidence = np.empty((*values.shape, len(e_detector.BINARY_BETS)))
    if counted.any():
        loss, worse = (
            np.where(harm[counted, None] > 0, part, 1 - part)
            for part in (values[counted], level[counted])
        )
        rho = row_correlation(between, learned.row_variance[rows])[counted]
        evidence[counted] = e_detector.binary_evidence(
            np.nan_to_num(loss) * n[counted],
            np.where(np.isnan(loss), np.nan, n[counted]),
            np.clip(worse + tolerance[counted, None], 0, 1),
            design_effect=design_effect(n[counted], rho[:, None]) * memory[counted, None],
        )
    if not counted.all():
        deviation = np.sqrt(between[:, None] + sampling)
        beyond = harm[:, None] * (values - level) - tolerance[:, None]
        excess = np.minimum(divide(beyond, deviation)[~counted], WILDEST)
        evidence[~counted] = e_detector.normal_evidence(
            excess, design_effect=memory[~counted, None]
        )
    return evidence
