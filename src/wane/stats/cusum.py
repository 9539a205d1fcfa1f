"""Cumulative sum chart: small shifts that last add up, single large ones are forgotten.

Takes residuals that are standard normal when nothing is wrong (`natural_variation`); for a fall
pass them with their sign turned round.
"""

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Floats

# Expected overshoot of normal steps over both boundaries, 2 x 0.583 (Siegmund, 1985).
OVERSHOOT = 1.166
REFERENCE_VALUE = 0.5
_ROUNDS = 200


def cusum(
    residuals: ArrayLike, state: ArrayLike = 0.0, reference_value: ArrayLike = REFERENCE_VALUE
) -> Floats:
    """The one-sided chart max(0, C + z - k) after each window (Page, 1954).

    Window by window the same as in blocks, to the last bit. Does not restart: give a stream that
    alarmed the state 0.

    Args:
        residuals: z, [streams, windows], standardised; nan leaves the chart where it is.
        state: [streams] the chart before the first window: 0, a head start, or the last column
            of an earlier block.
        reference_value: k, half of the shift that should be found soonest, in standard deviations;
            [streams] or one for all. The error of an estimated mean adds up as a shift does, so
            add its standard error, in the same unit, where the history is short.

    Returns:
        [streams, windows] >= 0; the last column is the next state.
    """
    z = np.asarray(residuals, dtype=np.float64)
    drift = np.broadcast_to(np.asarray(reference_value, dtype=np.float64), len(z))
    steps = np.where(np.isnan(z), 0, z - drift[:, None])
    chart = np.empty_like(steps)
    current = np.broadcast_to(np.asarray(state, dtype=np.float64), len(steps))
    for window in range(steps.shape[1]):
        current = np.maximum(current + steps[:, window], 0)
        chart[:, window] = current
    return chart


def often_reached(steps: ArrayLike, often: int) -> Floats:
    """The height that so many separate excursions of the chart from 0 have reached.

    Args:
        steps: [streams, windows] what the chart adds, z - k; nan leaves it where it is, and -inf
            ends an excursion.
        often: How many excursions, at least 1.

    Returns:
        [streams] >= 0; 0 where there were fewer.
    """
    adds = np.where(np.isnan(steps), 0, steps)
    streams, windows = adds.shape
    if not adds.size:
        return np.zeros(streams)
    most = np.maximum(adds, 0).sum(axis=1, keepdims=True)
    total = np.cumsum(np.maximum(adds, -most - 1), axis=1)  # down to 0 is down to 0
    chart = total - np.minimum(np.minimum.accumulate(total, axis=1), 0)
    begun = chart == 0
    begun[:, 0] = True
    first = np.flatnonzero(begun)
    top = np.maximum.reduceat(chart.ravel(), first)
    stream = first // windows
    order = np.lexsort((-top, stream))
    place = np.searchsorted(stream, np.arange(streams)) + often - 1
    there = place < np.searchsorted(stream, np.arange(streams), side="right")
    return np.where(there, top[order[np.minimum(place, len(top) - 1)]], 0.0)


def average_run_length(
    threshold: ArrayLike,
    shift: ArrayLike = 0.0,
    reference_value: float = REFERENCE_VALUE,
    head_start: float = 0.0,
) -> Floats:
    """Mean number of windows until the one-sided chart passes `threshold`.

    Brownian motion with drift d = shift - k between a reflecting floor and b = h + 1.166
    (Siegmund, 1985, there for a start at the floor):
    (exp(-2 d b) - exp(-2 d u)) / (2 d^2) + (b - u) / d, with u = head start x b. Within 1.5 % of
    exact values for h >= 3 and k = 0.5 without a head start, 7 % with one of a half.

    Args:
        threshold: h > 0, in standard deviations.
        shift: Mean of the residuals.
        reference_value: k > 0.
        head_start: Start of the chart as a share of the threshold, in [0, 1); 0.5 is the fast
            initial response of Lucas & Crosier (1982).

    Returns:
        Broadcast shape, in windows. A two-sided chart alarms twice as often when nothing is wrong.
    """
    bound = np.asarray(threshold, dtype=np.float64) + OVERSHOOT
    drift = np.asarray(shift, dtype=np.float64) - reference_value
    start = head_start * bound
    # At a drift of 0 the formula is a difference of large numbers; its limit is needed there.
    still = np.abs(drift) < 1e-4
    drift = np.where(still, 1.0, drift)
    with np.errstate(over="ignore"):
        tails = np.exp(-2 * drift * bound) - np.exp(-2 * drift * start)
    return np.where(still, bound**2 - start**2, tails / (2 * drift**2) + (bound - start) / drift)


def threshold(
    run_length: ArrayLike, reference_value: float = REFERENCE_VALUE, head_start: float = 0.0
) -> Floats:
    """The threshold whose `average_run_length` without a shift is `run_length`.

    Solves exp(y) = 2 k^2 A + exp(s y) + (1 - s) y for y = 2 k b by iteration of its logarithm.

    Args:
        run_length: A, mean windows between false alarms of one stream and one side, from 10 up.
        reference_value: k > 0.
        head_start: s, as in `average_run_length`.

    Returns:
        h of the same shape, at least 0.
    """
    wanted = 2 * reference_value**2 * np.asarray(run_length, dtype=np.float64)
    bound = np.log1p(wanted)
    for _ in range(_ROUNDS):
        bound = np.log(wanted + np.exp(head_start * bound) + (1 - head_start) * bound)
    return np.maximum(bound / (2 * reference_value) - OVERSHOOT, 0)
