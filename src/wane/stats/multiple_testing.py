"""Many tests on one date: which of them to believe.

Tests run along axis 0 (streams), so a whole [streams, windows] array is judged window by window.
A test that is nan was not made: it does not count and stays nan.
"""

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Floats, Ints


def benjamini_hochberg(p_values: ArrayLike) -> Floats:
    """Adjusted p-values that keep the false discovery rate (Benjamini & Hochberg, 1995).

    Rejecting those <= alpha keeps the expected share of false ones among the rejected at alpha,
    for tests that are independent or positively dependent.

    Args:
        p_values: [streams, ...] in [0, 1].

    Returns:
        Same shape, in [0, 1]; each is the smallest alpha at which its test is rejected.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, axis=0)
    rank = np.arange(1.0, len(p) + 1).reshape(-1, *(1,) * (p.ndim - 1))
    scaled = np.take_along_axis(p, order, axis=0) * _tests(p) / rank
    lowest = np.fmin.accumulate(scaled[::-1], axis=0)[::-1]
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, lowest, axis=0)
    return np.where(np.isnan(p), np.nan, np.minimum(adjusted, 1))


def _tests(p: Floats) -> Ints:
    """Number of tests made, [...]."""
    return np.asarray((~np.isnan(p)).sum(axis=0))
