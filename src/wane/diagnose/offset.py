"""Would adding a constant to the predictions bring back what was lost? From sums of errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.profile.counters import Error
from wane.schema import Task

if TYPE_CHECKING:
    from wane.profile.grid import Grid
    from wane.profile.profile import Profile

LEAST_ROWS = 500
"""Of fewer labelled rows the mean error is a guess."""


@dataclass(frozen=True, slots=True)
class OffsetGain:
    """The constant that would have made predictions right on average, and what it would bring.

    Attributes:
        offset: To be added to predictions.
        rmse: With it.
        current: Root mean squared error of the answers as they were, on the same rows.
        before: The same of the reference.
        z: Standard errors that the offset is from none.
        rows: Labelled rows.
    """

    offset: float
    rmse: float
    current: float
    before: float
    z: float
    rows: float

    @property
    def regains(self) -> float:
        """Share of what was lost that it brings back; 0 where nothing was."""
        lost = self.current - self.before
        return (self.current - self.rmse) / lost if lost > 0 else 0.0


def offset_gain(grid: Grid, before: Profile | None, now: Profile) -> OffsetGain | None:
    """What moving all predictions of a regression by their mean error would bring.

    Returns:
        None for other tasks, without a reference, and for fewer than 500 labelled rows on a side.
    """
    if grid.task is not Task.REGRESSION or before is None:
        return None
    then, sums = (profile.counters.errors.sum(axis=0) for profile in (before, now))
    rows = float(sums[Error.WEIGHT])
    if min(rows, float(then[Error.WEIGHT])) < LEAST_ROWS:
        return None
    mean, square = float(sums[Error.SUM]) / rows, float(sums[Error.SQUARES]) / rows
    base = float(then[Error.SQUARES] / then[Error.WEIGHT])
    variance = square - mean**2
    if not (math.isfinite(square) and math.isfinite(base)) or variance <= 0:
        return None
    z = abs(mean) / math.sqrt(variance / rows)
    return OffsetGain(-mean, math.sqrt(variance), math.sqrt(square), math.sqrt(base), z, rows)
