"""How unusual new windows are beside what was learned, as a standard normal variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import scipy.stats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from wane.stats.natural_variation import NaturalVariation


def residuals(
    history: NaturalVariation, values: ArrayLike, sampling_variance: ArrayLike
) -> NDArray[np.float64]:
    """[streams, windows] the normal value with the tail of a t variable.

    Only tau^2 is estimated, so a window whose own sampling variance is large is known better than
    the history says (Satterthwaite, 1946).
    """
    known = (history.between_variance + history.mean_variance)[:, None]
    variance = known + np.asarray(sampling_variance)
    freedom = (
        history.degrees_of_freedom[:, None] * (variance / history.typical_variance[:, None]) ** 2
    )
    ratio = (np.asarray(values) - history.mean[:, None]) / np.sqrt(variance)
    tail = scipy.stats.t.sf(np.abs(ratio), freedom)
    return np.asarray(np.sign(ratio) * scipy.stats.norm.isf(tail))
