"""The share of positives in new rows, if only that share has changed (label shift)."""

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Floats, divide

ROUNDS = 50


def shifted_prior(
    share: ArrayLike, rows: ArrayLike, prior: ArrayLike, rounds: int = ROUNDS
) -> Floats:
    """Share of positives by expectation-maximisation (Saerens, Latinne & Decaestecker, 2002).

    What a score says of a row is taken to hold as long as positives are as frequent as they were;
    how scores of positives and of negatives are spread is taken to stay.

    Args:
        share: [..., S] chance of a positive by score cell, in (0, 1), when `prior` of all are.
        rows: [..., S] new rows by cell.
        prior: [...] in (0, 1).
        rounds: Of the iteration, which starts from the prior.

    Returns:
        [...] in [0, 1]; nan without rows.
    """
    counts = np.asarray(rows, dtype=np.float64)
    before = np.asarray(prior, dtype=np.float64)
    total = counts.sum(axis=-1)
    found = np.where(total > 0, before, np.nan)
    for _ in range(rounds):
        chance = with_prior(share, before[..., None], found[..., None])
        found = divide((counts * chance).sum(axis=-1), total)
    return found


def with_prior(share: ArrayLike, prior: ArrayLike, new: ArrayLike) -> Floats:
    """Chance of a positive when the share of positives is `new` instead of `prior` (Bayes)."""
    chance, before, now = (np.asarray(a, dtype=np.float64) for a in (share, prior, new))
    positive = chance * (now / before)
    return divide(positive, positive + (1 - chance) * ((1 - now) / (1 - before)))
