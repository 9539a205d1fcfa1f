"""One file of JSON objects, one a line (or a JSON array of objects)."""

from __future__ import annotations

import json
from collections import Counter
from functools import reduce
from typing import TYPE_CHECKING

from wane.sources.connection import literal_path, select_sql, text
from wane.sources.late_keys import find_late_keys
from wane.sources.reading import no_rows
from wane.sources.text_file import EMPTY, TEXT, UNKNOWN, Cell, TextFile, joint_type
from wane.sources.wrong_cells import mostly

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

LOOKED_AT_ROWS = 20_480
EXACT_INTEGER = 2**53
NESTED = "nested"
MISSING = "missing"
"""A word such as "n/a": a text among texts, nothing among numbers."""


def look_at_ndjson(session: duckdb.DuckDBPyConnection, path: str) -> TextFile:
    """Find the keys of all objects, and their types from the first objects that have them.

    Strings stay text, numbers are floats except integers too long for them, and a key with values
    of several kinds is read as text, unless they are numbers but for a few.

    Args:
        session: A connection that may read the file.
        path: The file; .gz and .zst are read as they are.

    Raises:
        SourceError: No object has a key.
    """
    objects = (
        f"read_json_objects({text(literal_path(path))}, format = 'auto', ignore_errors = true)"
    )
    look = select_sql(["json"], objects, f"LIMIT {LOOKED_AT_ROWS}")
    rows = session.execute(look).fetchall()
    seen = _kinds(line for (line,) in rows)
    notes: tuple[str, ...] = ()
    if len(rows) == LOOKED_AT_ROWS:
        late = find_late_keys(session, objects, seen, LOOKED_AT_ROWS)
        counts = _kinds(late.examples)
        seen |= {key: counts.get(key, Counter()) for key in late.keys}
        notes = late.notes
    if not seen:
        raise no_rows(path, "Write one JSON object a line.")
    kinds = {key: _type(counts) for key, counts in seen.items()}
    notes += tuple(
        f"column {key!r} holds JSON objects or lists, which are not monitored"
        for key, kind in kinds.items()
        if kind == NESTED
    )
    flat = {key: kind for key, kind in kinds.items() if kind != NESTED}
    return _text_file(path, objects, flat, notes)


def _text_file(
    path: str, objects: str, kinds: Mapping[str, str], notes: tuple[str, ...]
) -> TextFile:
    pointers = ", ".join(text(_pointer(key)) for key in kinds)
    items = [
        f"json_extract_string(json, [{pointers}]) AS cells",
        "coalesce(json_type(json), '') <> 'OBJECT' AS broken",
    ]
    relation = f"({select_sql(items, objects)})"
    cells = {
        key: Cell(f"cells[{index}]", kind) for index, (key, kind) in enumerate(kinds.items(), 1)
    }
    return TextFile(path, relation, cells, row_is_broken="broken", notes=notes)


def _pointer(key: str) -> str:
    """JSON pointer (RFC 6901) of a key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _kinds(lines: Iterable[str | None]) -> dict[str, Counter[str]]:
    """Key -> how many values of each kind it has."""
    kinds: dict[str, Counter[str]] = {}
    for line in lines:
        found = json.loads(line) if line is not None else None
        for key, value in found.items() if isinstance(found, dict) else ():
            kinds.setdefault(key, Counter())[_kind(value)] += 1
    return kinds


def _kind(value: object) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, int):
        return "DOUBLE" if abs(value) <= EXACT_INTEGER else "BIGINT"
    if isinstance(value, float):
        return "DOUBLE"
    if isinstance(value, str):
        return MISSING if value.strip() in EMPTY else TEXT
    return NESTED


def _type(counts: Counter[str]) -> str:
    """The type that holds the values, but for a few among numbers."""
    if counts[NESTED]:
        return NESTED
    filled = counts.total() - counts[UNKNOWN] - counts[MISSING]
    if filled and mostly(counts["DOUBLE"] + counts["BIGINT"], filled):
        return "BIGINT" if counts["BIGINT"] else "DOUBLE"
    return reduce(joint_type, (TEXT if kind == MISSING else kind for kind in counts), UNKNOWN)
