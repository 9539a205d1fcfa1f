"""Read all of a source, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wane.sources.source import Source


def whole(source: Source, *columns: str) -> dict[str, list[Any]]:
    """The named columns (all, when none is named) as lists."""
    names = columns or tuple(source.fields())
    found: dict[str, list[Any]] = {name: [] for name in names}
    for batch in source.batches(names):
        assert batch.schema.names == list(names)
        for name in names:
            found[name] += batch.column(name).to_pylist()
    return found
