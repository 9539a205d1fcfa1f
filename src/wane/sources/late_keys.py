"""Keys of JSON objects that first occur after the part of the file that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.sources.columns import listed
from wane.sources.connection import select_sql, text

if TYPE_CHECKING:
    from collections.abc import Collection

    import duckdb

MOST_LATE_KEYS = 1_000
"""Each key is a column, and columns cost memory: rarer ones are told and not read."""
TOLD = 5


@dataclass(frozen=True, slots=True)
class LateKeys:
    """Keys beyond those that are known.

    Attributes:
        keys: Those that are to be read, most frequent first.
        examples: Some objects that have one of them, as text.
        notes: A sentence about those that are not read.
    """

    keys: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_late_keys(
    session: duckdb.DuckDBPyConnection, objects: str, known: Collection[str], looked_at: int
) -> LateKeys:
    """Look through the keys of every object.

    Args:
        session: A connection that may read the file.
        objects: SQL of the rows, each an object `json`.
        known: Keys that were found in the first rows.
        looked_at: How many these were; at most so many examples are returned.
    """
    every = f"({select_sql(['unnest(json_keys(json)) AS key'], objects)})"
    unknown = f"WHERE key NOT IN ({_texts(known)})" if known else ""
    items = ["key", "count(*) AS n", "count(*) OVER ()", "sum(count(*)) OVER ()"]
    tail = f"{unknown} GROUP BY key ORDER BY n DESC, key LIMIT {MOST_LATE_KEYS + TOLD}"
    rows = session.execute(select_sql(items, every, tail)).fetchall()
    if not rows:
        return LateKeys()
    counted = {key: n for key, n, *_ in rows}
    keys, rest = list(counted)[:MOST_LATE_KEYS], list(counted)[MOST_LATE_KEYS:]
    having = f"WHERE list_has_any(json_keys(json), [{_texts(keys)}]) LIMIT {looked_at}"
    examples = session.execute(select_sql(["json"], objects, having)).fetchall()
    unread = rows[0][2] - len(keys), rows[0][3] - sum(counted[key] for key in keys)
    told = (
        f"{unread[0]:,} keys that first occur after {looked_at:,} rows are not read "
        f"({unread[1]:,} values; for example {listed(rest)})"
    )
    return LateKeys(tuple(keys), tuple(line for (line,) in examples), (told,) if rest else ())


def _texts(values: Collection[str]) -> str:
    return ", ".join(map(text, values))
