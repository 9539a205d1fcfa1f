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

    def points(self, apart: float = 6) -> NDArray[np.float64]:
        """Points all over it, as an obstacle to other labels. Shape [n, 2]."""
        x = np.linspace(self.left, self.left + self.width, 2 + int(self.width / apart))
        y = np.linspace(self.top, self.top + self.height, 2 + int(self.height / apart))
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


class Labels:
    """The labels of one drawing: each avoids what is drawn, and the labels before it."""

    def __init__(self, obstacles: NDArray[np.float64]) -> None:
        self._obstacles = obstacles
        self.top = 0.0
        """How far up the labels reach; below 0 where they stand above the drawing."""

    def place(self, places: Sequence[Box]) -> Box:
        """The freest of the places, which is taken from now on."""
        box = free_place(places, self._obstacles)
        self.avoid(box.points())
        self.top = min(self.top, box.top)
        return box

    def avoid(self, points: NDArray[np.float64]) -> None:
        """Keep later labels off these points as well. Shape [n, 2]."""
        self._obstacles = np.vstack([self._obstacles, points])


def free_place(places: Sequence[Box], obstacles: NDArray[np.float64]) -> Box:
    """The first of the places that covers the fewest obstacles [n, 2]; at least one place."""
    return min(places, key=lambda place: place.holds(obstacles))
