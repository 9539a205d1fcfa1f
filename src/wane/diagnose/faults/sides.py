"""What checks look at: the rows before and now, column by column."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.cells import CategoryCells, NumericCells
from wane.profile.counters import Moment, Total
from wane.profile.grid import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wane.profile.grid import Grid, GridColumn
    from wane.profile.profile import Profile

QUANTILES = np.linspace(0.01, 0.99, 39)
MOST_COLUMNS = 2_000
"""Columns that are looked at."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a column on one side.

    Attributes:
        n: Rows with a number, in weight.
        mean: Of them; nan without any.
        deviation: Standard deviation.
        low: Smallest; +inf without any.
        high: Largest.
    """

    n: float
    mean: float
    deviation: float
    low: float
    high: float


@dataclass(frozen=True)
class Sides:
    """The same columns before and now.

    Attributes:
        grid: Of both profiles.
        before: The reference.
        now: The newest rows.
        segments: Name of a segment -> its rows before and now.
    """

    grid: Grid
    before: Profile
    now: Profile
    segments: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> tuple[float, float]:
        """Weight of the rows on each side."""
        first, last = (float(p.counters.totals[Total.WEIGHT]) for p in (self.before, self.now))
        return first, last

    @cached_property
    def features(self) -> tuple[int, ...]:
        """Positions of the features."""
        return self.grid.of_part(Part.FEATURE)[:MOST_COLUMNS]

    @cached_property
    def numeric(self) -> tuple[int, ...]:
        """Those that hold numbers."""
        return tuple(at for at in self.features if self.grid.columns[at].numeric)

    @cached_property
    def categorical(self) -> tuple[int, ...]:
        """Those that hold categories."""
        return tuple(at for at in self.features if not self.grid.columns[at].numeric)

    def column(self, at: int) -> GridColumn:
        """A column."""
        return self.grid.columns[at]

    def numbers(self, at: int) -> tuple[Numbers, Numbers]:
        """The numbers of a column before and now."""
        return self._numbers(self.before, at), self._numbers(self.now, at)

    def quantiles(self, at: int) -> tuple[np.ndarray, np.ndarray]:
        """[39] quantiles of the numbers of a column before and now, the outermost 1 % left out."""
        first, last = (self._quantiles(p, at) for p in (self.before, self.now))
        return first, last

    def shares(self, at: int, moment: Moment) -> tuple[float, float]:
        """Share of the rows for which something holds, before and now."""
        counts = (float(p.counters.moments[at, moment]) for p in (self.before, self.now))
        first, last = (n / rows if rows else 0.0 for n, rows in zip(counts, self.rows, strict=True))
        return first, last

    def cells(self, at: int) -> tuple[np.ndarray, np.ndarray]:
        """Weight by cell before and now."""
        part = slice(int(self.grid.starts[at]), int(self.grid.starts[at + 1]))
        first, last = (p.counters.cells[part].sum(axis=1) for p in (self.before, self.now))
        return first, last

    def categories(self, at: int) -> tuple[Mapping[str, float], Mapping[str, float]]:
        """Share of the rows by category before and now, those without a cell among them."""
        first, last = (self._categories(p, at) for p in (self.before, self.now))
        return first, last

    def _numbers(self, profile: Profile, at: int) -> Numbers:
        counters, cells = profile.counters, self.grid.columns[at].cells
        if not isinstance(cells, NumericCells):
            return Numbers(0.0, math.nan, math.nan, math.inf, -math.inf)
        start = int(self.grid.starts[at])
        n = float(counters.cells[start : start + cells.value_cells].sum())
        total, squares = (float(counters.moments[at, m]) for m in (Moment.SUM, Moment.SUM_SQUARES))
        if not n or not math.isfinite(total) or not math.isfinite(squares):
            return Numbers(n, math.nan, math.nan, math.inf, -math.inf)
        mean = total / n
        deviation = math.sqrt(max(squares / n - mean**2, 0.0))
        low, high = float(counters.minimum[at]), float(counters.maximum[at])
        return Numbers(n, mean, deviation if low < high else 0.0, low, high)

    def _quantiles(self, profile: Profile, at: int) -> np.ndarray:
        """By cell, whose numbers are all taken to be their mean."""
        cells = self.grid.columns[at].cells
        if not isinstance(cells, NumericCells):
            return np.full(len(QUANTILES), math.nan)
        part = slice(int(self.grid.starts[at]), int(self.grid.starts[at]) + cells.value_cells)
        rows = profile.counters.cells[part].sum(axis=1)
        filled = rows > 0
        if not filled.any():
            return np.full(len(QUANTILES), math.nan)
        middle = np.cumsum(rows[filled]) - rows[filled] / 2
        means = profile.counters.cell_sums[part][filled] / rows[filled]
        return np.asarray(np.interp(QUANTILES, middle / rows.sum(), means))

    def _categories(self, profile: Profile, at: int) -> dict[str, float]:
        cells = self.grid.columns[at].cells
        if not isinstance(cells, CategoryCells):
            return {}
        start = int(self.grid.starts[at])
        counted = profile.counters.cells[start : start + cells.other].sum(axis=1)
        rows = float(profile.counters.totals[Total.WEIGHT]) or 1.0
        found = dict(zip(cells.categories, (counted / rows).tolist(), strict=True))
        names = profile.names.get(at)
        if names is not None:
            found |= {name: count / rows for name, count in names.counts.items()}
        return {name: share for name, share in found.items() if share}
