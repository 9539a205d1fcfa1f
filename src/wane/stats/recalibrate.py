"""Recalibration on recent outcomes: by how much log-odds, or sums, are off of late."""

import numpy as np
import scipy  # its `special` is slow to load, and so is left to load on first use
from numpy.typing import ArrayLike

from wane.stats.array import Floats

LATELY = 6
"""Outcomes that are looked back upon."""
PRIOR_INFORMATION = 4.0
"""Of no offset: as much as sixteen rows of an even chance."""
PRIOR_ROWS = 16.0
"""The same of sums, which are taken to be as expected in so many more rows."""
STEPS = 6
LARGEST_STEP = 1.0
SMALLEST_STEP = 1e-8
"""After a smaller one Newton's method is done."""


def recent_offsets(
    log_odds: ArrayLike, positives: ArrayLike, rows: ArrayLike, lately: int = LATELY
) -> Floats:
    """Logistic regression of the labels before each window on an offset to the log-odds.

    The intercept of Cox's calibration (1958), with a normal prior of mean 0, by Newton's method.

    Args:
        log_odds: [R, S] expected, finite.
        positives: [R, S] rows labelled positive.
        rows: [R, S] labelled rows; windows without any are passed over.
        lately: Windows with labels that are looked back upon.

    Returns:
        [R] offsets, each by the windows before it alone; 0 for those that have none before them.
    """
    odds, hits, sizes = (np.asarray(a, dtype=np.float64) for a in (log_odds, positives, rows))
    known = np.flatnonzero(sizes.sum(axis=1) > 0)
    offsets = np.zeros(len(odds))
    groups, where = np.unique(np.searchsorted(known, np.arange(len(odds))), return_inverse=True)
    found = np.zeros(len(groups))
    for at, end in enumerate(groups.tolist()):
        past = known[max(0, end - lately) : end]
        if len(past):
            found[at] = _offset(odds[past], hits[past].sum(), sizes[past], found[max(0, at - 1)])
    offsets[:] = found[where]
    return offsets


def _offset(log_odds: Floats, positives: float, rows: Floats, start: float) -> float:
    """The offset under which as many positives are expected as there were, but for the prior."""
    offset = start
    for _ in range(STEPS):
        chance = scipy.special.expit(log_odds + offset)
        slope = positives - float((rows * chance).sum()) - PRIOR_INFORMATION * offset
        information = float((rows * chance * (1 - chance)).sum()) + PRIOR_INFORMATION
        step = float(np.clip(slope / information, -LARGEST_STEP, LARGEST_STEP))
        offset += step
        if abs(step) < SMALLEST_STEP:
            break
    return offset


def recent_factors(
    found: ArrayLike, expected: ArrayLike, rows: ArrayLike, lately: int = LATELY
) -> Floats:
    """By which factor sums of late were larger than expected.

    Args:
        found: [R] sums of what was found in the rows of each window, >= 0.
        expected: [R] sums of what was expected of these rows, >= 0.
        rows: [R] how many there are; windows without any are passed over.
        lately: Windows with rows that are looked back upon.

    Returns:
        [R] factors, each by the windows before it alone, as if sixteen more rows had been as
        expected; 1 for those that have none before them.
    """
    sums = [np.asarray(a, dtype=np.float64) for a in (found, expected, rows)]
    known = np.flatnonzero(sums[2] > 0)
    factors = np.ones(len(sums[0]))
    ends = np.searchsorted(known, np.arange(len(factors)))
    for end in np.unique(ends).tolist():
        past = known[max(0, end - lately) : end]
        hit, wanted, size = (part[past].sum() for part in sums)
        if wanted > 0:
            prior = PRIOR_ROWS * wanted / size
            factors[ends == end] = (hit + prior) / (wanted + prior)
    return factors
