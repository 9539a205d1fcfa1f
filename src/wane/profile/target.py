"""Where the rows of one batch are counted to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.profile.groups import Groups
    from wane.profile.tally import Tally


@dataclass(frozen=True, slots=True)
class Target:
    """A tally, and which of its rows each row of the batch adds to.

    Attributes:
        tally: The counters.
        groups: The partition of the batch.
        rows: [G] row of the tally for each group.
        outcome: [n] outcome of each row, in 0 .. tally.outcomes - 1.
        weights: [n] sample weights; None when every row weighs 1.
    """

    tally: Tally
    groups: Groups
    rows: NDArray[np.intp]
    outcome: NDArray[np.intp]
    weights: NDArray[np.float64] | None

    def weigh(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Values, numbers or truths, times the sample weights: [n]."""
        if self.weights is None:
            return values.astype(np.float64, copy=False)
        return np.asarray(values * self.weights, dtype=np.float64)
