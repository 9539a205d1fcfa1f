"""Quantiles of a numeric column from its cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.estimates import Estimates, estimates
from wane.profile.cells import NumericCells
from wane.stats.interval import Interval, normal_quantile
from wane.stats.quantile import quantile_from_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wane.profile.counters import Counters
    from wane.profile.grid import Grid


@dataclass(frozen=True, slots=True)
class ColumnCells:
    """The value cells of one numeric column in R windows.

    Attributes:
        counts: [R, K] weight by cell, without the missing cell.
        edges: [K - 1] interior edges.
        minimum: [R] smallest value.
        maximum: [R] largest value.
    """

    counts: NDArray[np.float64]
    edges: NDArray[np.float64]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]


def column_cells(counters: Counters, grid: Grid, position: int) -> ColumnCells:
    """The value cells of a numeric column.

    Raises:
        TypeError: The column is categorical.
    """
    cells = grid.columns[position].cells
    if not isinstance(cells, NumericCells):
        raise TypeError(f"column {grid.columns[position].name!r} is not numeric")
    start = grid.starts[position]
    counts = counters.cells[:, start : start + cells.value_cells].sum(axis=2)
    return ColumnCells(
        counts, cells.edges, counters.minimum[:, position], counters.maximum[:, position]
    )


def quantile(
    column: ColumnCells,
    probability: float,
    because: Sequence[tuple[NDArray[np.bool_], str]] = (),
) -> Estimates:
    """A quantile with the 95 % interval that order statistics give it."""
    n = column.counts.sum(axis=1)
    reach = normal_quantile(0.95) * np.sqrt(probability * (1 - probability) / np.maximum(n, 1.0))
    wanted = np.stack([probability - reach, np.full(len(n), probability), probability + reach], 1)
    found = quantile_from_cells(
        column.counts,
        np.concatenate([[-np.inf], column.edges]),
        np.concatenate([column.edges, [np.inf]]),
        np.clip(wanted, 0.0, 1.0),
        minimum=column.minimum,
        maximum=column.maximum,
    )
    limits = Interval(found[:, 0], found[:, 2])
    empty = (n == 0, "no values in this window")
    return estimates(found[:, 1], n, interval=limits, because=[*because, empty])
