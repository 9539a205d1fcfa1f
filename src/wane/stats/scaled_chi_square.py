"""What a drift statistic does when nothing is wrong, learned from its own history.

Day-to-day variation makes statistics of quiet days larger and more spread than rows alone would.
A sum of squares of correlated normal variables is nearly a multiple of a chi-square variable, so
two moments describe it. Where the history is too short there is `noise.psi_p_value` with a
tolerance, which for a chi-square distance X2 is the same non-central test.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # its `special` is slow to load, and so is left to load on first use
from numpy.typing import ArrayLike

from wane.stats.array import Floats, divide
from wane.stats.robust import mean, median

FEWEST_WINDOWS = 14
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class ScaledChiSquare:
    """The distribution of scale x chi-square; arrays [streams].

    Attributes:
        scale: a > 0.
        degrees_of_freedom: nu > 0.
    """

    scale: Floats
    degrees_of_freedom: Floats


def fit_scaled_chi_square(
    history: ArrayLike, fewest_windows: int = FEWEST_WINDOWS
) -> ScaledChiSquare:
    """Matches mean and variance (Satterthwaite, 1946; Box, 1954).

    a = var / (2 mean), nu = 2 mean^2 / var. The variance of a stream is drawn half-way to what the
    median of var / mean^2 over all streams would give it, as a few windows say little about a
    variance.

    Args:
        history: [streams, windows] statistics >= 0 of quiet windows, nan where missing.
        fewest_windows: Streams with fewer are left undefined.

    Returns:
        The fit; nan for a stream with too few windows or with statistics that are all 0,
        and for all where none varies.
    """
    statistic = np.asarray(history, dtype=np.float64)
    windows = (~np.isnan(statistic)).sum(axis=1)
    statistic = np.where((windows >= fewest_windows)[:, None], statistic, np.nan)
    centre = mean(statistic)
    square = mean((statistic - centre[:, None]) ** 2)
    ratio = divide(square * divide(windows, np.maximum(windows - 1, 0)), centre**2)
    ratio = (ratio + median(ratio)) / 2
    ratio = np.where(ratio > ROUNDING, ratio, np.nan)
    return ScaledChiSquare(centre * ratio / 2, divide(2, ratio))


def historical_p_value(null: ScaledChiSquare, statistic: ArrayLike) -> Floats:
    """Probability that a quiet window gives as large a statistic or a larger one.

    Args:
        null: Of [streams].
        statistic: [streams, windows] >= 0.

    Returns:
        [streams, windows] in [0, 1]; nan where the null or the statistic is.
    """
    scaled = divide(statistic, null.scale[:, None])
    return np.asarray(scipy.special.chdtrc(null.degrees_of_freedom[:, None], scaled))
