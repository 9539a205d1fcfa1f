"""The usable values of a numeric column: finite, and where it must be, a probability."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.profile.cells import NumericCells
    from wane.profile.values import Numbers


@dataclass(frozen=True, slots=True)
class Usable:
    """The values that are counted in cells.

    Attributes:
        values: [n] with 0 where a value is not usable.
        low: Smallest usable value, +inf when there is none.
        high: Largest usable value, -inf when there is none.
        mask: [n] which values are usable; None when all are.
        outside: [n] which are no probability, though they should be; None when all are.
    """

    values: NDArray[np.float64]
    low: float
    high: float
    mask: NDArray[np.bool_] | None = None
    outside: NDArray[np.bool_] | None = None


def usable_values(numbers: Numbers, *, probability: bool) -> Usable:
    """Set the other values aside; a column without any costs two reductions and no copy.

    Args:
        numbers: [n] the column.
        probability: Values outside [0, 1] are not usable.
    """
    values = numbers.values
    low, high = _ends(values)  # not finite as soon as one value is not
    fine = math.isfinite(low) and math.isfinite(high)
    if fine and not (probability and (low < 0 or high > 1)):
        return Usable(values, low, high)
    mask, outside = np.isfinite(values), None
    if probability:
        with np.errstate(invalid="ignore"):
            outside = (values < 0) | (values > 1)
        mask &= ~outside
    clean = values.copy()
    clean[~mask] = 0.0
    return Usable(clean, *_ends(values[mask]), mask, outside)


@dataclass(frozen=True, slots=True)
class Placed:
    """A numeric column of a batch: as read, its usable values, and the cell of each row."""

    numbers: Numbers
    usable: Usable
    cell: NDArray[np.intp]

    @property
    def known(self) -> NDArray[np.float64]:
        """[n] the usable values, NaN elsewhere."""
        mask, values = self.usable.mask, self.usable.values
        return values if mask is None else np.where(mask, values, np.nan)


def place(numbers: Numbers, cells: NumericCells, *, probability: bool) -> Placed:
    """Find the cells of a column.

    Args:
        numbers: [n] the column.
        cells: Its cells.
        probability: Values outside [0, 1] are not usable.
    """
    usable = usable_values(numbers, probability=probability)
    return Placed(numbers, usable, _cells_of(usable, cells))


def _cells_of(usable: Usable, cells: NumericCells) -> NDArray[np.intp]:
    """[n] cell of each value; that of missing values where a value is not usable."""
    index = cells.index(usable.values, usable.low, usable.high)
    if usable.mask is not None:
        index[~usable.mask] = cells.value_cells
    return index


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    return (float(values.min()), float(values.max())) if len(values) else (np.inf, -np.inf)
