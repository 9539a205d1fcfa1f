"""One file of JSON objects, one a line (or a JSON array of objects)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from wane.sources.connection import literal_path, select_sql, text
from wane.sources.reading import no_rows
from wane.sources.text_file import TEXT, UNKNOWN, Cell, TextFile, joint_type

if TYPE_CHECKING:
    import duckdb

LOOKED_AT_ROWS = 20_480
EXACT_INTEGER = 2**53
NESTED = "nested"


def look_at_ndjson(session: duckdb.DuckDBPyConnection, path: str) -> TextFile:
    """Find the keys and their types from the first objects.

    A key that first occurs later is not read. Strings stay text, numbers are floats except
    integers too long for them, and a key with values of several kinds is read as text.

    Args:
        session: A connection that may read the file.
        path: The file; .gz and .zst are read as they are.

    Raises:
        SourceError: No object among the first rows.
    """
    objects = (
        f"read_json_objects({text(literal_path(path))}, format = 'auto', ignore_errors = true)"
    )
    look = select_sql(["json"], objects, f"LIMIT {LOOKED_AT_ROWS}")
    rows = session.execute(look).fetchall()
    kinds: dict[str, str] = {}
    for (line,) in rows:
        found = json.loads(line) if line is not None else None
        for key, value in found.items() if isinstance(found, dict) else ():
            kinds[key] = _joint(kinds.get(key, UNKNOWN), _kind(value))
    if not kinds:
        raise no_rows(path, "Write one JSON object a line.")
    notes = [
        f"column {key!r} holds JSON objects or lists, which are not monitored"
        for key, kind in kinds.items()
        if kind == NESTED
    ]
    flat = {key: kind for key, kind in kinds.items() if kind != NESTED}
    pointers = ", ".join(text(_pointer(key)) for key in flat)
    items = [
        f"json_extract_string(json, [{pointers}]) AS cells",
        "coalesce(json_type(json), '') <> 'OBJECT' AS broken",
    ]
    relation = f"({select_sql(items, objects)})"
    cells = {
        key: Cell(f"cells[{index}]", kind) for index, (key, kind) in enumerate(flat.items(), 1)
    }
    return TextFile(path, relation, cells, row_is_broken="broken", notes=tuple(notes))


def _pointer(key: str) -> str:
    """JSON pointer (RFC 6901) of a key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _kind(value: object) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, int):
        return "DOUBLE" if abs(value) <= EXACT_INTEGER else "BIGINT"
    if isinstance(value, float):
        return "DOUBLE"
    return NESTED if isinstance(value, dict | list) else TEXT


def _joint(one: str, other: str) -> str:
    return NESTED if NESTED in {one, other} else joint_type(one, other)
