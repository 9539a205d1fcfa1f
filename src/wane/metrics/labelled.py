"""What every task says about rows that have no label or no prediction."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from wane.profile.counters import Total

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNLABELLED = "no labels in this window"
UNPREDICTED = "no predictions in this window"
WEIGHTLESS = "the labelled rows of this window have no weight"


class Labelled:
    """The part that the counters of all tasks share; they provide `totals`, [R, len(Total)]."""

    totals: NDArray[np.float64]

    @cached_property
    def labelled(self) -> NDArray[np.float64]:
        """[R] labelled rows."""
        return self.totals[:, Total.LABELLED]

    @cached_property
    def missing(self) -> list[tuple[NDArray[np.bool_], str]]:
        """Why nothing can be said that needs labels."""
        return [
            (self.totals[:, Total.PREDICTED] == 0, UNPREDICTED),
            (self.labelled == 0, UNLABELLED),
            (self.totals[:, Total.LABELLED_WEIGHT] == 0, WEIGHTLESS),
        ]
