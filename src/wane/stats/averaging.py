"""How much to believe each of several predictors, by how well they did of late."""

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Floats

FORGETTING = 0.9
"""Evidence of the window before counts so much: of ten windows back a third is left."""


def averaging_weights(
    log_likelihood: ArrayLike, prior: ArrayLike, forgetting: float = FORGETTING
) -> Floats:
    """Weights of dynamic model averaging (Raftery, Karny & Ettler, 2010), before each outcome.

    What was learned fades with every outcome, so that another predictor can become the best one;
    its place is taken by the prior.

    Args:
        log_likelihood: [R, M] of each outcome under each predictor, in order of time; nan in all
            predictors where there is no outcome, which changes nothing.
        prior: [M] weights before the first outcome, > 0, adding up to 1.
        forgetting: In [0, 1].

    Returns:
        [R, M] weights for each outcome by those before it alone; each row adds up to 1.
    """
    gained = np.asarray(log_likelihood, dtype=np.float64)
    first = np.log(np.asarray(prior, dtype=np.float64))
    weights, now = np.empty_like(gained), first.copy()
    for at, gain in enumerate(gained):
        weight = np.exp(now - now.max())
        weights[at] = weight / weight.sum()
        if not np.isnan(gain).any():
            now = forgetting * now + (1 - forgetting) * first + gain
            now -= now.max()
    return weights
