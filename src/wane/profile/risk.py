"""How far off a regression is likely to be on a row, by what its features are like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wane.stats.boosting import Trees

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Risk:
    """A model of |error|, fitted on the reference.

    Attributes:
        columns: Positions in the grid of the columns it goes by.
        codes: Of each of them, the code of each cell, in an order that means something.
        trees: Foretell |error| from codes.
    """

    columns: tuple[int, ...]
    codes: tuple[NDArray[np.uint8], ...]
    trees: Trees

    def of(self, cells: Mapping[int, NDArray[np.intp]]) -> NDArray[np.float64]:
        """|error| to expect of each row.

        Args:
            cells: [n] the cell of each row, by position of the column.
        """
        codes = [code[cells[at]] for at, code in zip(self.columns, self.codes, strict=True)]
        return self.trees.foretell(np.stack(codes))

    def to_json(self) -> dict[str, object]:
        """Plain values from which `from_json` makes the same model."""
        trees = self.trees
        return {
            "columns": list(self.columns),
            "codes": [code.tolist() for code in self.codes],
            "mean": trees.mean,
            "asked": trees.columns.tolist(),
            "above": trees.above.tolist(),
            "leaves": trees.leaves.tolist(),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Risk:
        """The inverse of `to_json`."""
        trees = Trees(
            float(plain["mean"]),
            np.array(plain["asked"], dtype=np.int64),
            np.array(plain["above"], dtype=np.int64),
            np.array(plain["leaves"], dtype=np.float64),
        )
        codes = tuple(np.array(code, dtype=np.uint8) for code in plain["codes"])
        return cls(tuple(plain["columns"]), codes, trees)
