"""The level that a loss is proven against: the reference, as far as it is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from wane.stats.array import divide
from wane.stats.autocorrelation import long_run_inflation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.detect.learned import Learned
    from wane.detect.limits import Limits
    from wane.detect.state import State
    from wane.detect.streams import Streams

    Floats = NDArray[np.float64]

FEWEST_OF_REFERENCE = 8
"""Windows of a reference that say how much windows of it vary."""


def bounded_by_reference(streams: Streams, state: State, learned: Learned, limits: Limits) -> State:
    """The state, with what the windows of the reference say of natural variation.

    A loss that begins before limits are known would otherwise pass for variation, and hide itself.
    """
    between = learned.cautious_between
    enough = np.isfinite(between) & (learned.variation.windows >= FEWEST_OF_REFERENCE)
    noise = np.nan_to_num(streams.reference_noise)
    variance = np.maximum(learned.variation.mean_variance, noise)
    variance = np.where(streams.reference_noise == 0, 0, variance)  # known exactly
    base = _harmful_bound(streams, learned, streams.reference, variance, limits)
    return replace(
        state,
        base=np.where(enough & (streams.harm != 0), base, state.base),
        most_between=np.where(enough, between, np.inf),
        most_correlation=np.where(enough, learned.likely_correlation, np.inf),
    )


def base_of(streams: Streams, state: State, learned: Learned, limits: Limits) -> Floats:
    """[S] the level that a loss is proven against, set once limits are first known.

    The reference, or without one the first level that was learned. A reference is the mean of so
    many windows' rows, and windows differ.
    """
    variation = learned.variation
    given = np.isfinite(streams.reference)
    sampling = variation.typical_variance - variation.between_variance
    windows = np.maximum(divide(sampling, streams.reference_noise), 1)
    windows = np.where(streams.reference_noise == 0, np.inf, windows)  # known exactly
    memory = long_run_inflation(learned.likely_correlation)
    own = streams.reference_noise + variation.between_variance * memory / windows
    variance = np.where(given & np.isfinite(own), own, variation.mean_variance)
    level = np.where(given, streams.reference, learned.season.level + variation.mean)
    provable = learned.known & (streams.harm != 0) & (given | ~streams.adopts)
    bound = _harmful_bound(streams, learned, level, variance, limits)
    return np.where(np.isnan(state.base) & provable, bound, state.base)


def _harmful_bound(
    streams: Streams, learned: Learned, level: Floats, variance: Floats, limits: Limits
) -> Floats:
    """[S] the level moved to the harmful side by as much as it is unsure."""
    unsure = limits.unsure(learned.variation.degrees_of_freedom) * np.sqrt(variance)
    return np.asarray(level + streams.harm * unsure)
