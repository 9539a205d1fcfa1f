"""DuckDB as a disposable engine: in memory, fenced in, thrown away after each use."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from wane.sources.source import MEMORY_LIMIT_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

THREADS = 2


@contextmanager
def connection(
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES, paths: Sequence[str] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can read `paths` and nothing else, and whose settings are locked.

    What does not fit in memory goes to a private temporary directory that is removed at the end.
    """
    with tempfile.TemporaryDirectory(prefix="wane-") as scratch:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": THREADS,
            "memory_limit": f"{memory_limit_bytes}B",
            "temp_directory": scratch,
            "autoinstall_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
            "preserve_insertion_order": True,
        }
        with duckdb.connect(":memory:", config=settings) as session:
            session.execute("SET TimeZone = 'UTC'")
            if paths:
                session.execute(f"SET allowed_paths = [{', '.join(map(text, paths))}]")
            session.execute("SET enable_external_access = false")
            session.execute("SET lock_configuration = true")
            yield session


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier: column names are data."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as a quoted SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def literal_path(path: str) -> str:
    """A path in which no character acts as a wildcard."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)


def select_sql(items: Iterable[str], relation: str, tail: str = "") -> str:
    """A SELECT from parts that are already SQL: names and values were quoted by the above."""
    return " ".join(["SELECT", ", ".join(items), "FROM", relation, tail]).strip()
