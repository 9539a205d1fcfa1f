"""The grid: everything that must agree before two profiles can be added."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from wane.profile.cells import CategoryCells, Cells, NumericCells
from wane.profile.risk import Risk
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

CLASSES_APART = 20
"""With more classes than this, features are split by right and wrong only, not by class."""


class Part(StrEnum):
    """Why a column is counted."""

    FEATURE = "feature"
    SCORE = "score"
    PREDICTION = "prediction"
    LABEL = "label"
    RESIDUAL = "residual"
    RISK = "risk"
    LATENCY = "latency"
    VERSION = "version"
    ITEM = "item"


MADE = (Part.RESIDUAL, Part.RISK)
"""Parts whose columns are made of others, and are not read."""


@dataclass(frozen=True)
class GridColumn:
    """One counted column: its name, why it is counted, and its cells."""

    name: str
    part: Part
    cells: Cells

    @property
    def numeric(self) -> bool:
        """Whether the cells are intervals."""
        return isinstance(self.cells, NumericCells)


@dataclass(frozen=True, slots=True)
class SegmentCells:
    """A segment column and the values that are segments of their own; the rest are pooled."""

    column: str
    values: tuple[str, ...]

    def names(self) -> tuple[str, ...]:
        """Names of the segments, in the order of their codes: values, pooled rest, missing."""
        return tuple(f"{self.column}={value}" for value in (*self.values, POOLED, MISSING))


POOLED = "(other)"
MISSING = "(missing)"


@dataclass(frozen=True)
class Grid:
    """Fixed by the reference; profiles of different grids never merge.

    Attributes:
        task: What kind of answers are counted.
        classes: Classification: names of the classes, (negative, positive) for binary.
        columns: The counted columns; their cells lie one after the other.
        segments: The segments that have profiles of their own.
        split: Whether feature cells are split by outcome (switched off for very wide tables).
        threshold: Binary: score at and above which a row without prediction is positive.
        top_k: Ranking: list lengths.
        risk: Regression: how far off rows are likely to be; None where that is not known.
    """

    task: Task
    classes: tuple[str, ...]
    columns: tuple[GridColumn, ...]
    segments: tuple[SegmentCells, ...] = ()
    split: bool = True
    threshold: float = 0.5
    top_k: tuple[int, ...] = ()
    risk: Risk | None = None

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """[C+1] first cell of each column; the last entry is the number of cells."""
        sizes = [column.cells.size for column in self.columns]
        return np.concatenate([[0], np.cumsum(sizes, dtype=np.intp)]).astype(np.intp)

    @property
    def outcomes(self) -> int:
        """Number of outcomes that cells are split by: see `profile.answers`."""
        if not self.split:
            return 1
        match self.task:
            case Task.BINARY:
                return 7
            case Task.MULTICLASS:
                return 3 * len(self.classes) + 1 if len(self.classes) <= CLASSES_APART else 4
            case Task.REGRESSION:
                return 2
            case _:
                return 1

    def bounded(self, column: GridColumn) -> bool:
        """Whether the column is a probability, so that values outside [0, 1] are impossible."""
        return column.part is Part.SCORE and self.task not in (Task.RANKING, Task.REGRESSION)

    @cached_property
    def segment_order(self) -> dict[str | None, int]:
        """Place of each segment in a ledger; the whole model, None, comes first."""
        names = [name for cells in self.segments for name in cells.names()]
        return {None: -1, **{name: place for place, name in enumerate(names)}}

    @cached_property
    def id(self) -> str:
        """A fingerprint of everything that decides where a row is counted."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def of_part(self, part: Part) -> tuple[int, ...]:
        """Positions of the columns counted for that reason."""
        return tuple(i for i, column in enumerate(self.columns) if column.part is part)

    def one(self, part: Part) -> int | None:
        """Position of the only column of that part, or None."""
        found = self.of_part(part)
        return found[0] if found else None

    def to_json(self) -> dict[str, object]:
        """Plain values from which `from_json` makes the same grid."""
        return {
            "task": self.task.value,
            "classes": list(self.classes),
            "columns": [
                {"name": c.name, "part": c.part.value, "numeric": c.numeric, **c.cells.to_json()}
                for c in self.columns
            ],
            "segments": [[s.column, list(s.values)] for s in self.segments],
            "split": self.split,
            "threshold": self.threshold,
            "top_k": list(self.top_k),
            **({} if self.risk is None else {"risk": self.risk.to_json()}),
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Grid:
        """The inverse of `to_json`."""
        columns = tuple(
            GridColumn(
                c["name"],
                Part(c["part"]),
                (NumericCells if c["numeric"] else CategoryCells).from_json(c),
            )
            for c in plain["columns"]
        )
        return cls(
            task=Task(str(plain["task"])),
            classes=tuple(plain["classes"]),
            columns=columns,
            segments=tuple(
                SegmentCells(column, tuple(values)) for column, values in plain["segments"]
            ),
            split=bool(plain["split"]),
            threshold=float(plain["threshold"]),
            top_k=tuple(plain["top_k"]),
            risk=Risk.from_json(plain["risk"]) if "risk" in plain else None,
        )
