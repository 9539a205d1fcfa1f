"""Where to put a label so that it hides as little as possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    left: float
    top: float
    width: float
    height: float

    def holds(self, points: NDArray[np.float64], margin: float = 4) -> int:
        """How many of the points [n, 2] lie inside, or closer than `margin`."""
        x, y = points[:, 0], points[:, 1]
        inside = (x >= self.left - margin) & (x <= self.left + self.width + margin)
        inside &= (y >= self.top - margin) & (y <= self.top + self.height + margin)
        return int(np.count_nonzero(inside))


def free_place(places: Sequence[Box], obstacles: NDArray[np.float64]) -> Box:
    """The first of the places that covers the fewest obstacles [n, 2]; at least one place."""
    return min(places, key=lambda place: place.holds(obstacles))
