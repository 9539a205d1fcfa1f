"""Sample weights."""

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Floats, divide


def effective_size(weight_sum: ArrayLike, weight_square_sum: ArrayLike) -> Floats:
    """Rows of equal weight that would say as much: (sum w)^2 / sum w^2 (Kish, 1965).

    Args:
        weight_sum: Sum of the weights, >= 0.
        weight_square_sum: Sum of their squares.

    Returns:
        Broadcast shape, in rows: n for equal weights, less otherwise; 0 without rows.
    """
    total = np.asarray(weight_sum, dtype=np.float64)
    return np.nan_to_num(divide(total**2, weight_square_sum))
