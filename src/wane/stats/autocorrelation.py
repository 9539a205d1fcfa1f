"""How much each window resembles the one before it, and what that does to means and variances.

Windows are taken as autoregressive of order one: the correlation of windows k apart is the k-th
power of that of neighbours.
"""

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Floats, divide
from wane.stats.robust import mean

FEWEST_WINDOWS = 8
# Beyond this a series of a few hundred windows cannot be told from a random walk.
LARGEST = 0.95


def lag_one(values: ArrayLike, fitted: int = 1) -> Floats:
    """Correlation of neighbouring windows, corrected for what fitting took away.

    The usual estimate r has the mean rho - (1 + 4 rho) / n once a mean is fitted (Marriott & Pope,
    1954) and rho - (2 + 4 rho) / n once a line is (van Giersbergen, 2005), so the answer is
    (n r + fitted) / (n - 4). Only pairs of neighbours that are both there count.

    Args:
        values: [streams, windows], nan where a window is missing.
        fitted: 1 for plain values, 2 for the residuals of a straight line.

    Returns:
        [streams] in [-0.95, 0.95]; nan for fewer than 8 windows, for none with a neighbour, and
        for a constant stream. Its standard error is about sqrt((1 - rho^2) / n).
    """
    residuals = np.asarray(values, dtype=np.float64)
    residuals = residuals - mean(residuals)[:, None]
    windows = (~np.isnan(residuals)).sum(axis=1)
    product = mean(residuals[:, 1:] * residuals[:, :-1])
    raw = divide(product * (windows - 1), windows * mean(residuals**2))
    enough = np.where(windows >= FEWEST_WINDOWS, windows, np.nan)
    return np.asarray(np.clip((enough * raw + fitted) / (enough - 4), -LARGEST, LARGEST))


def long_run_inflation(correlation: ArrayLike) -> Floats:
    """What `mean_inflation` comes to over many windows: (1 + rho) / (1 - rho).

    Args:
        correlation: rho of neighbours, in (-1, 1).

    Returns:
        Same shape, > 0; 1 for rho = 0.
    """
    rho = np.asarray(correlation, dtype=np.float64)
    return np.asarray((1 + rho) / (1 - rho))


def mean_inflation(correlation: ArrayLike, windows: ArrayLike) -> Floats:
    """Variance of a mean of `windows` correlated windows over that of as many independent ones.

    1 + 2 sum_{k < n} (1 - k/n) rho^k (Bayley & Hammersley, 1946), in closed form; n over it is the
    number of independent windows that would say as much.

    Args:
        correlation: rho of neighbours, in (-1, 1).
        windows: n >= 1.

    Returns:
        Broadcast shape, > 0; 1 for rho = 0, towards (1 + rho) / (1 - rho) for large n.
    """
    rho, n = np.asarray(correlation, dtype=np.float64), np.asarray(windows, dtype=np.float64)
    return (1 + rho) / (1 - rho) - divide(2 * rho * (1 - rho**n), n * (1 - rho) ** 2)


def variance_share(correlation: ArrayLike, windows: ArrayLike) -> Floats:
    """Mean of the sample variance of `windows` correlated windows over their true variance.

    (n - inflation) / (n - 1): correlated windows stay close to their own mean.

    Returns:
        Broadcast shape, in (0, 1] for rho >= 0; nan for fewer than two windows.
    """
    n = np.asarray(windows, dtype=np.float64)
    return divide(n - mean_inflation(correlation, n), np.maximum(n - 1, 0))


def variance_freedom(correlation: ArrayLike, windows: ArrayLike) -> Floats:
    """Degrees of freedom of the sample variance of `windows` correlated windows.

    (n - 1)(1 - rho^2) / (1 + rho^2) (Bayley & Hammersley, 1946, for large n).

    Returns:
        Broadcast shape; n - 1 for rho = 0, and 0 without windows.
    """
    square = np.asarray(correlation, dtype=np.float64) ** 2
    independent = np.maximum(np.asarray(windows, dtype=np.float64) - 1, 0)
    return np.asarray(independent * (1 - square) / (1 + square))
