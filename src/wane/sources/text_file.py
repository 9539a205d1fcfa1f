"""What CSV and NDJSON files have in common: every cell is a text until it is cast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.sources.connection import text

if TYPE_CHECKING:
    from collections.abc import Mapping

EMPTY = (
    *("", " ", "-", "NA", "na", "N/A", "n/a", "NaN", "nan", "NAN"),
    *("null", "NULL", "Null", "None", "none"),
)
"""Spellings of a missing value in a column that is not text."""
UNKNOWN = ""
"""Type of a column that has no value in the part that was looked at."""
TEXT = "VARCHAR"
BROKEN_QUOTE = "line with a broken quote"
TOO_LONG = "line longer than 2 MB"


@dataclass(frozen=True, slots=True)
class Cell:
    """How one column is read.

    Attributes:
        sql: SQL of the cell as text.
        type: DuckDB type it is cast to; `UNKNOWN` or `TEXT` are read as text.
        format: strptime format of dates and timestamps that are not ISO 8601.
    """

    sql: str
    type: str
    format: str | None = None

    def value(self) -> str:
        """SQL of the value: null where the cell is empty or does not parse."""
        if self.type in {UNKNOWN, TEXT}:
            return self.sql
        read = self.sql if self.format is None else f"try_strptime({self.sql}, {text(self.format)})"
        return f"TRY_CAST({read} AS {self.type})"

    def unread(self) -> str:
        """SQL of the text of a cell that has no value: empty, missing in words, or broken."""
        return f"CASE WHEN {self.value()} IS NULL THEN {self.sql} END"


@dataclass(frozen=True, slots=True)
class TextFile:
    """One file, looked at.

    Attributes:
        path: The file.
        relation: SQL of its rows, to stand after FROM.
        cells: Column name -> how it is read.
        row_is_broken: SQL that is true for a row that could not be parsed.
        rejects: SQL of (reason, rows) left out while reading, to be asked after the rows.
        whole_lines: SQL of how many lines have all their cells if quotes mean nothing; None
            where a line cannot swallow others.
        notes: Sentences for the user.
    """

    path: str
    relation: str
    cells: Mapping[str, Cell]
    row_is_broken: str = "false"
    rejects: str | None = None
    whole_lines: str | None = None
    notes: tuple[str, ...] = ()


def joint_type(one: str, other: str) -> str:
    """The type that holds the values of both."""
    if other in {one, UNKNOWN}:
        return one
    if one == UNKNOWN:
        return other
    if {one, other} == {"BIGINT", "DOUBLE"}:
        return "BIGINT"
    if {one, other} == {"DATE", "TIMESTAMP"}:
        return "TIMESTAMP"
    return TEXT
