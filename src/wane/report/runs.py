"""Unbroken stretches of windows: where a line may be drawn without bridging a gap."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.window import Window


def runs(stretch: NDArray[np.int64], wanted: NDArray[np.bool_]) -> tuple[tuple[int, int], ...]:
    """Half-open index ranges of neighbours that are wanted and of one stretch.

    Args:
        stretch: Shape [n]; which unbroken stretch each window belongs to.
        wanted: Shape [n].
    """
    found: list[tuple[int, int]] = []
    for index in (int(i) for i in np.flatnonzero(wanted)):
        if found and found[-1][1] == index and stretch[index] == stretch[index - 1]:
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return tuple(found)


def stretches(windows: tuple[Window, ...]) -> NDArray[np.int64]:
    """Number of missing pieces of time (or rows) before each window; equal within a stretch."""
    breaks = [after.start > before.end for before, after in pairwise(windows)]
    return np.cumsum([False, *breaks][: len(windows)]).astype(np.int64)
