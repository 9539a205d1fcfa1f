"""Evidence that a loss has risen above what is tolerated, valid at any time of looking.

Shiryaev-Roberts e-detector (Shin, Ramdas & Rinaldo, 2022, arXiv 2203.03532): a bet on each window
that loses on average as long as the mean loss is at most theta, and a sum M = (M + 1) L over all
windows at which the rise may have begun. If L has a mean of at most 1 given the past, the mean
number of windows until M >= A is at least A; windows need not be independent. Several bets run
beside each other and their average counts, as it is not known how large the rise will be. All in
logarithms, as ten million rows overflow anything else.

Days that differ by themselves break the premise. Dividing log L by the window's design effect
(`natural_variation.design_effect`) restores the false-alarm rate by calibration; it is then no
longer a theorem.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Bools, Floats

BINARY_BETS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
NORMAL_BETS = (0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0)
# A bet of 1 / theta would lose everything to a single row without a loss.
LARGEST_STAKE = 0.9


@dataclass(frozen=True, slots=True)
class Run:
    """An e-detector carried over a block of windows.

    Attributes:
        log_value: [streams, windows] natural logarithm of M, averaged over the bets.
        alarm: [streams, windows] whether it reached the threshold; it restarts after that.
        state: [streams, bets] to continue from.
    """

    log_value: Floats
    alarm: Bools
    state: Floats


def binary_evidence(
    losses: ArrayLike, rows: ArrayLike, tolerated: ArrayLike, *, design_effect: ArrayLike = 1.0
) -> Floats:
    """Log evidence log L of windows of 0/1 losses, for each bet.

    k log(1 + lambda (1 - theta)) + (n - k) log(1 - lambda theta), over the design effect
    (Waudby-Smith & Ramdas, 2024, with lambda held fixed inside a window); lambda in `BINARY_BETS`,
    at most 0.9 / theta.

    Args:
        losses: k, rows with a loss, in [0, n].
        rows: n; nan or 0 where a window is missing.
        tolerated: theta in [0, 1], the reference's mean loss plus the tolerance.
        design_effect: >= 1; 1 for independent rows.

    Returns:
        [..., bets] with the arguments' broadcast shape before it; nan where a window is missing.
    """
    k, n, theta, effect = _columns(losses, rows, tolerated, design_effect)
    bet = np.array(BINARY_BETS) * np.ones_like(theta)
    capped = bet * theta > LARGEST_STAKE
    bet = np.where(capped, LARGEST_STAKE / np.where(capped, theta, 1), bet)
    evidence = k * np.log1p(bet * (1 - theta)) + (n - k) * np.log1p(-bet * theta)
    return np.where(n > 0, evidence / effect, np.nan)


def normal_evidence(excess: ArrayLike, *, design_effect: ArrayLike = 1.0) -> Floats:
    """Log evidence log L of windows of a nearly normal loss, for each bet.

    lambda x - lambda^2 / 2, over the design effect: the likelihood ratio of a mean of lambda
    against one of 0 for unit normal x, lambda in `NORMAL_BETS`. For metrics that are no mean of
    bounded losses, such as an AUC or an F1.

    Args:
        excess: x, the loss less what is tolerated, in standard deviations of the window; nan
            where a window is missing.
        design_effect: >= 1; 1 for independent windows.

    Returns:
        [..., bets]; nan where a window is missing.
    """
    x, effect = _columns(excess, design_effect)
    bet = np.array(NORMAL_BETS)
    return np.asarray((bet * x - bet**2 / 2) / effect)


def log_average(evidence: ArrayLike) -> Floats:
    """Natural logarithm of the average over bets [..., bets]: [...].

    Of `Run.state` it is the detector's value; of one window's evidence, its e-value.
    """
    values = np.asarray(evidence, dtype=np.float64)
    return np.asarray(np.logaddexp.reduce(values, axis=-1) - np.log(values.shape[-1]))


def start(streams: int, bets: int = len(BINARY_BETS)) -> Floats:
    """State [streams, bets] of a detector that has seen nothing, log 0."""
    return np.full((streams, bets), -np.inf)


def step(state: Floats, evidence: Floats) -> Floats:
    """State after one window: log((M + 1) L) for each bet; a missing window changes nothing.

    Args:
        state: [streams, bets].
        evidence: [streams, bets] log L of the window, nan where it is missing.

    Returns:
        [streams, bets].
    """
    return np.where(np.isnan(evidence), state, np.logaddexp(state, 0) + evidence)


def run(state: Floats, evidence: ArrayLike, log_threshold: ArrayLike) -> Run:
    """Carries the detector over a block of windows and restarts it after each alarm.

    Args:
        state: [streams, bets].
        evidence: [streams, windows, bets] log L, nan where a window is missing.
        log_threshold: log A, [streams] or one for all; A is the mean number of windows between
            false alarms of one stream at the least.

    Returns:
        The run; window by window the same as in blocks.
    """
    bets = np.asarray(evidence, dtype=np.float64)
    limit = np.asarray(log_threshold, dtype=np.float64)
    log_value = np.empty(bets.shape[:2])
    alarm = np.zeros(bets.shape[:2], dtype=np.bool_)
    for window in range(bets.shape[1]):
        state = step(state, bets[:, window])
        log_value[:, window] = log_average(state)
        alarm[:, window] = log_value[:, window] >= limit
        state = np.where(alarm[:, window, None], -np.inf, state)
    return Run(log_value, alarm, state)


def _columns(*values: ArrayLike) -> tuple[Floats, ...]:
    """The broadcast arrays with an axis of length 1 for the bets."""
    arrays = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values))
    return tuple(array[..., None] for array in arrays)
