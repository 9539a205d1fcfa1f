"""Types of columns that are empty at first and filled later, as labels often are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wane.sources.connection import select_sql, text
from wane.sources.text_file import EMPTY, TEXT, UNKNOWN, TextFile
from wane.sources.wrong_cells import mostly

if TYPE_CHECKING:
    import duckdb

CANDIDATES = ("DOUBLE", "BOOLEAN", "TIMESTAMP")


def with_late_types(session: duckdb.DuckDBPyConnection, file: TextFile) -> TextFile:
    """The file with types for its unknown columns, from a pass over all rows if there are any.

    A column that is empty throughout stays unknown.
    """
    unknown = {name: cell for name, cell in file.cells.items() if cell.type == UNKNOWN}
    if not unknown:
        return file
    counts = [f"count(*) FILTER ({test})" for cell in unknown.values() for test in _tests(cell.sql)]
    (found,) = session.execute(select_sql(counts, file.relation)).fetchall()
    width = len(CANDIDATES) + 2
    late = {
        name: replace(cell, type=_type(found[index * width : (index + 1) * width]))
        for index, (name, cell) in enumerate(unknown.items())
    }
    return replace(file, cells={**file.cells, **late})


def _tests(sql: str) -> list[str]:
    """SQL: the cell is filled; with a leading zero; and reads as each of the candidates."""
    filled = f"WHERE trim({sql}) NOT IN ({', '.join(map(text, EMPTY))})"
    coded = f"{filled} AND regexp_matches({sql}, '^\\s*[-+]?0[0-9]')"
    return [filled, coded] + [
        f"{filled} AND TRY_CAST({sql} AS {candidate}) IS NOT NULL" for candidate in CANDIDATES
    ]


def _type(counts: tuple[int, ...]) -> str:
    filled, coded, *fits = counts
    if not filled:
        return UNKNOWN
    if coded:
        return TEXT
    found = dict(zip(CANDIDATES, fits, strict=True))
    whole = next((kind for kind, n in found.items() if n == filled), TEXT)
    return "DOUBLE" if whole == TEXT and mostly(found["DOUBLE"], filled) else whole
