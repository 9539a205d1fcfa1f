"""Rows in the order of one column, sorted on disk where memory does not suffice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from wane.errors import SourceError
from wane.sources.columns import batch_rows, pick
from wane.sources.connection import connection
from wane.sources.feed import FOREIGN, Feed
from wane.sources.reading import first_line
from wane.sources.source import MEMORY_LIMIT_BYTES
from wane.sources.wrong_cells import numbers_only

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wane.sources.source import Source


def sorted_batches(
    source: Source,
    columns: Sequence[str],
    by: str,
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
) -> Iterator[pa.RecordBatch]:
    """The columns of a source, rows with equal values of `by` one after the other.

    Raises:
        SourceError: The source cannot be read or sorted.
    """
    fields = source.fields()
    names = list(dict.fromkeys(columns))
    kinds = {name: _plain(fields[name]) for name in names}
    schema = pa.schema([(f"c{index}", kind) for index, kind in enumerate(kinds.values())])
    batches = numbers_only(source.batches(names), fields)
    feed = Feed((pick(batch, kinds) for batch in batches), schema)
    try:
        with connection(memory_limit_bytes) as session:
            session.register("rows", feed.reader())
            ordered = session.table("rows").order(f"c{names.index(by)}")
            for batch in ordered.to_arrow_reader(batch_rows(len(names))):
                yield pick(batch.rename_columns(names), kinds)
    except FOREIGN as error:
        raise feed.failure or SourceError(
            f"{source.name} cannot be sorted by {by!r}", got=first_line(error)
        ) from error


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
