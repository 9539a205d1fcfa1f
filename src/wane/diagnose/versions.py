"""Is a new version of the model worse than the one before, on the rows of the same time?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.diagnose.outcome_cells import METRICS, side_of_cells
from wane.profile.cells import CategoryCells
from wane.profile.grid import Part

if TYPE_CHECKING:
    from wane.profile.grid import Grid
    from wane.profile.profile import Profile

LEAST_ROWS = 100
"""Labelled rows that each version must have."""
SURE = 3.0
"""Standard errors by which one must be worse."""


@dataclass(frozen=True, slots=True)
class VersionChange:
    """Two versions that answered rows of the same time.

    Attributes:
        old: The version that the reference knows.
        new: The one it does not know.
        old_value: Accuracy of the old one; of regressions MAE.
        new_value: The same of the new one.
        z: Standard errors by which the new one is better; negative where it is worse.
        metric: "accuracy" or "mae".
    """

    old: str
    new: str
    old_value: float
    new_value: float
    z: float
    metric: str = "accuracy"

    @property
    def is_worse(self) -> bool:
        """Whether the new version is worse beyond chance."""
        return self.z < -SURE


def version_change(grid: Grid, before: Profile | None, now: Profile) -> VersionChange | None:
    """The new version with most labelled rows against the old one.

    The old version is judged by its rows of now, or where it answers none any more by those of the
    reference.

    Returns:
        None where no version is new, for rankings, and for few labels.
    """
    position = grid.one(Part.VERSION)
    metric = METRICS.get(grid.task)
    if position is None or before is None or metric is None:
        return None
    cells = grid.columns[position].cells
    if not isinstance(cells, CategoryCells) or not grid.split:
        return None
    then, after = (_answers(profile, grid, position) for profile in (before, now))
    new_rows, new_total, new_squares = after[cells.other]
    known = {name: at for at, name in enumerate(cells.categories)}
    if not known or new_rows < LEAST_ROWS:
        return None
    old = max(known, key=lambda name: (after[known[name]][0], then[known[name]][0]))
    sides = after if after[known[old]][0] >= LEAST_ROWS else then
    old_rows, old_total, old_squares = sides[known[old]]
    if old_rows < LEAST_ROWS:
        return None
    names = now.names.get(position)
    new = max(names.counts, key=lambda name: names.counts[name]) if names and names.counts else "?"
    p, q = old_total / old_rows, new_total / new_rows
    variance = max(old_squares / old_rows - p**2, 0.0) / old_rows
    variance += max(new_squares / new_rows - q**2, 0.0) / new_rows
    better = p - q if metric == "mae" else q - p
    z = better / math.sqrt(variance) if variance else 0.0
    return VersionChange(old, new, p, q, z, metric)


def _answers(profile: Profile, grid: Grid, position: int) -> list[tuple[float, float, float]]:
    """Labelled rows, and the sums of what is averaged and its squares, by cell of the version."""
    part = slice(int(grid.starts[position]), int(grid.starts[position + 1]))
    side = side_of_cells(profile, grid.task, part)
    return list(zip(*(of.tolist() for of in side), strict=True))
