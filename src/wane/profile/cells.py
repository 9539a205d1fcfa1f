"""Cells: the fixed, monotone grid on which one column is counted.

Counting a value must cost a few nanoseconds, so a value is first mapped to one of a few thousand
*fine* bins by arithmetic alone, and the fine bins are looked up in a table of cells. The edges of
cells therefore lie on fine bins. Three monotone maps are tried, cheapest first:

* `linear`: one multiply-add;
* `log`: the bits of the float, which grow with the logarithm of the distance from an origin;
* `logit`: linear on log(p / (1 - p)), for probabilities;

and, where none of them can tell the reference's quantiles apart, `search`: a binary search, exact
but several times slower.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

FINE_BINS = 8_192
INT32_REACH = 2.0**31 - 1
LOG_SHIFT = 46
"""Bits of a float64 dropped by the `log` map: 52 - 46 = 6 bits of mantissa, 64 bins an octave."""


class Map(StrEnum):
    """How values are brought to fine bins."""

    LINEAR = "linear"
    LOG = "log"
    LOGIT = "logit"
    SEARCH = "search"


@dataclass(frozen=True)
class NumericCells:
    """Cells of a numeric column: K open-ended intervals, then one cell for missing values.

    Cell i holds edges[i-1] <= x < edges[i]; the first and last reach to infinity. Values that are
    null, NaN, infinite or no number at all go to cell K.

    Attributes:
        edges: [K-1], strictly increasing.
        map: How values reach their fine bin.
        scale: `linear` and `logit`: fine bin = floor(scale * x + offset).
        offset: See scale; `log`: the origin that is subtracted first.
        base: `log`: the bit pattern of fine bin 0.
        fine_edges: [K-1] the first fine bin of cells 1 .. K-1 (empty for `search`).
        low: Smallest value of the reference; +inf when it had none.
        high: Largest value of the reference; -inf when it had none.
    """

    edges: NDArray[np.float64]
    map: Map
    scale: float = 1.0
    offset: float = 0.0
    base: int = 0
    fine_edges: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    low: float = np.inf
    high: float = -np.inf

    @property
    def size(self) -> int:
        """Number of cells, the missing cell included."""
        return len(self.edges) + 2

    @property
    def value_cells(self) -> int:
        """Number of cells that hold numbers."""
        return len(self.edges) + 1

    @cached_property
    def _table(self) -> NDArray[np.intp]:
        """Cell of each fine bin."""
        last = int(self.fine_edges[-1]) if len(self.fine_edges) else 0
        table = np.zeros(last + 2, dtype=np.intp)
        np.add.at(table, self.fine_edges, 1)
        return np.cumsum(table)

    def index(
        self, values: NDArray[np.float64], low: float = -np.inf, high: float = np.inf
    ) -> NDArray[np.intp]:
        """Cell of each value; all values must be finite.

        Args:
            values: [n] finite numbers.
            low: No value is smaller, where that is known: it saves a pass over the values.
            high: No value is larger.

        Returns:
            [n] in 0 .. value_cells - 1.
        """
        if self.map is Map.SEARCH or not len(self.edges):
            return np.searchsorted(self.edges, values, side="right")
        with np.errstate(over="ignore"):  # values near the largest float end in an outer cell
            fine: NDArray[np.signedinteger] = (
                self._log_bins(values, low)
                if self.map is Map.LOG
                else self._even_bins(values, low, high)
            )
        return self._table.take(fine, mode="clip")

    def _log_bins(self, values: NDArray[np.float64], low: float) -> NDArray[np.int64]:
        """Fine bin of each value on the bits of its distance from the origin."""
        distance = values - self.offset if self.offset else values + 0.0
        fine = ordered_bits(distance, positive=low > self.offset)
        fine -= self.base
        return fine

    def _even_bins(self, values: NDArray[np.float64], low: float, high: float) -> NDArray[np.int32]:
        """Fine bin of each value, all of one width on its own scale or that of log-odds."""
        linear = self.map is Map.LINEAR
        scaled = values * self.scale if linear else log_odds(values) * self.scale
        scaled += self.offset
        reach = self.scale * max(-low, high) if linear else 0.0  # log-odds are held within 36
        if not reach + abs(self.offset) < INT32_REACH:
            np.clip(scaled, 0.0, float(len(self._table) - 1), out=scaled)
        return scaled.astype(np.int32)

    def to_json(self) -> dict[str, object]:
        """Plain values from which `from_json` makes the same cells."""
        return {
            "edges": self.edges.tolist(),
            "map": self.map.value,
            "scale": self.scale,
            "offset": self.offset,
            "base": self.base,
            "fine_edges": self.fine_edges.tolist(),
            "range": [self.low, self.high] if self.low <= self.high else None,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> NumericCells:
        """The inverse of `to_json`."""
        limits: Any = plain["range"] or (np.inf, -np.inf)
        return cls(
            edges=np.array(plain["edges"], dtype=np.float64),
            map=Map(str(plain["map"])),
            scale=float(plain["scale"]),
            offset=float(plain["offset"]),
            base=int(plain["base"]),
            fine_edges=np.array(plain["fine_edges"], dtype=np.int64),
            low=float(limits[0]),
            high=float(limits[1]),
        )


@dataclass(frozen=True)
class CategoryCells:
    """Cells of a categorical column: the named categories, then `other`, then missing.

    Attributes:
        categories: The reference's most frequent values, as text, most frequent first.
    """

    categories: tuple[str, ...]

    @property
    def size(self) -> int:
        """Number of cells, `other` and missing included."""
        return len(self.categories) + 2

    @property
    def other(self) -> int:
        """Cell of values that are not among the categories."""
        return len(self.categories)

    @property
    def missing(self) -> int:
        """Cell of nulls."""
        return len(self.categories) + 1

    @cached_property
    def cell_of(self) -> dict[str, int]:
        """Cell of each named category."""
        return {name: cell for cell, name in enumerate(self.categories)}

    def to_json(self) -> dict[str, object]:
        """Plain values from which `from_json` makes the same cells."""
        return {"categories": list(self.categories)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> CategoryCells:
        """The inverse of `to_json`."""
        return cls(tuple(plain["categories"]))


Cells = NumericCells | CategoryCells


def ordered_bits(values: NDArray[np.float64], *, positive: bool = False) -> NDArray[np.int64]:
    """The leading bits of each float, as integers in the order of the floats; -0.0 is below 0.

    Args:
        values: [n] numbers.
        positive: None is below 0, which makes it cheaper.
    """
    bits = values.view(np.int64)
    if positive:
        return bits >> LOG_SHIFT
    flipped = bits ^ ((bits >> 63) & np.int64(0x7FFF_FFFF_FFFF_FFFF))
    flipped >>= LOG_SHIFT
    return flipped


def from_ordered_bits(keys: NDArray[np.int64]) -> NDArray[np.float64]:
    """The smallest float of each key of `ordered_bits`."""
    bits = keys << LOG_SHIFT
    flipped = bits ^ ((bits >> 63) & np.int64(0x7FFF_FFFF_FFFF_FFFF))
    return flipped.view(np.float64)


def log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """log(p / (1 - p)), held within +-36, where float64 still tells 1 - p from 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(probabilities) - np.log1p(-probabilities)
    return np.asarray(np.clip(odds, -36.0, 36.0), dtype=np.float64)
