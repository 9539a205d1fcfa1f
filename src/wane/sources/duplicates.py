"""Ids that occur more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from wane.errors import SourceError
from wane.sources.connection import connection
from wane.sources.feed import FOREIGN, Feed
from wane.sources.identity import id_text
from wane.sources.reading import first_line
from wane.sources.source import MEMORY_LIMIT_BYTES

if TYPE_CHECKING:
    from wane.sources.source import Source


def count_duplicate_ids(
    source: Source, id_column: str, memory_limit_bytes: int = MEMORY_LIMIT_BYTES
) -> int:
    """Rows beyond the first of each id; rows without an id do not count. 0 for an empty source.

    Raises:
        SourceError: The source cannot be read.
        SchemaError: The source has no such column.
    """
    schema = pa.schema([("id", pa.string())])
    feed = Feed(
        (
            pa.RecordBatch.from_arrays([id_text(batch.column(0))], schema=schema)
            for batch in source.batches([id_column])
        ),
        schema,
    )
    try:
        with connection(memory_limit_bytes) as session:
            session.register("rows", feed.reader())
            found = session.execute(
                "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM rows "
                "WHERE id IS NOT NULL GROUP BY id)"
            ).fetchall()
    except FOREIGN as error:
        raise feed.failure or SourceError(
            f"the ids of {source.name} cannot be counted", got=first_line(error)
        ) from error
    return int(found[0][0])
