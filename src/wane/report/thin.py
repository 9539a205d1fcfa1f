"""Fewer points for the same picture: of each stretch, the lowest and the highest stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def thin(values: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Indices of the points to draw, in order.

    Args:
        values: Shape [n]; NaN where undefined.
        most: About how many points may stay.

    Returns:
        All of them when n <= most; else the first minimum and maximum of each of most / 2
        stretches, and one point of a stretch that is wholly undefined, so that its gap stays.
    """
    n = len(values)
    if n <= most:
        return np.arange(n, dtype=np.int64)
    kept = [0, n - 1]
    for part in np.array_split(np.arange(n), max(1, most // 2)):
        inside = values[part]
        if np.isnan(inside).all():
            kept.append(int(part[0]))
        else:
            kept += [int(part[np.nanargmin(inside)]), int(part[np.nanargmax(inside)])]
    return np.unique(np.array(kept, dtype=np.int64))
