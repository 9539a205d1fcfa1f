"""Cells of a column in a few groups that people can read: ranges of numbers, categories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.cells import NumericCells

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.profile.cells import Cells

RANGES = 8
NAMED = 8
OTHER, MISSING = "(other)", "(missing)"


@dataclass(frozen=True, slots=True)
class CellGroup:
    """Cells of a column and what to call their values.

    Attributes:
        label: The category, or the range of values: "12 to 30", "below 12", "30 or more".
        cells: Positions among the cells of the column.
    """

    label: str
    cells: NDArray[np.intp]


def cell_groups(
    cells: Cells, rows: NDArray[np.float64], named: int = NAMED
) -> tuple[CellGroup, ...]:
    """Groups of about equally many rows of a numeric column; the largest categories, and the rest.

    Args:
        cells: Of the column.
        rows: [cells.size] by which groups are made.
        named: Categories that are groups of their own.

    Returns:
        In order of the values, or of size; groups without rows are left out.
    """
    if isinstance(cells, NumericCells):
        return _ranges(cells, rows)
    order = np.argsort(-rows[: cells.other], kind="stable")
    largest = [
        CellGroup(cells.categories[at], np.array([at]))
        for at in order[:named].tolist()
        if rows[at] > 0
    ]
    rest = np.append(order[named:], cells.other)
    return (*largest, *_there(OTHER, rest, rows), *_there(MISSING, np.array([cells.missing]), rows))


def _ranges(cells: NumericCells, rows: NDArray[np.float64]) -> tuple[CellGroup, ...]:
    """Neighbouring cells, cut where an eighth of the rows more lies below."""
    last = cells.value_cells
    running = np.cumsum(rows[:last])
    if not last or not running[-1]:
        return _there(MISSING, np.array([last]), rows)
    wanted = running[-1] * np.arange(1, RANGES) / RANGES
    ends = np.unique(np.append(np.searchsorted(running, wanted) + 1, last))
    starts = np.concatenate([[0], ends[:-1]])
    found: list[CellGroup] = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        group = np.arange(start, end)
        found += _there(_range(cells, start, end, last), group, rows)
    return (*found, *_there(MISSING, np.array([last]), rows))


def _range(cells: NumericCells, start: int, end: int, last: int) -> str:
    """The values of cells from start to before end, in words."""
    low = None if start == 0 else f"{cells.edges[start - 1]:.4g}"
    high = None if end == last else f"{cells.edges[end - 1]:.4g}"
    if low is None:
        return "all values" if high is None else f"below {high}"
    return f"{low} or more" if high is None else f"{low} to {high}"


def _there(label: str, cells: NDArray[np.intp], rows: NDArray[np.float64]) -> tuple[CellGroup, ...]:
    return (CellGroup(label, cells),) if rows[cells].sum() > 0 else ()
