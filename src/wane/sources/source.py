"""The one interface of everything that rows can be read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from wane.sources.description import Description

SAMPLE_ROWS = 65_536
MEMORY_LIMIT_BYTES = 536_870_912
"""Of each DuckDB instance, unless another limit is given."""


class Source(Protocol):
    """Rows that can be looked at and then streamed, more than once."""

    @property
    def name(self) -> str:
        """What to call the source in messages."""
        ...

    def fields(self) -> Mapping[str, pa.DataType]:
        """Name -> type of the columns that can be read, without reading rows."""
        ...

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Description:
        """Columns, an evenly spread sample of at most `sample_rows` rows, and ranges.

        Raises:
            SourceError: The source cannot be read or has no rows.
        """
        ...

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Stream the named columns, in this order, in bounded memory and in stream order.

        Types are those of `fields`. Only where some cells of a number column are none, the
        column may come as text for that batch: `to_numbers` then tells wrong from missing, and
        `numbers_only` brings it back to its type.

        Raises:
            SourceError: The source cannot be read.
            SchemaError: A column does not exist.
        """
        ...

    def rejected(self) -> tuple[tuple[str, int], ...]:
        """(reason, rows) that could not be parsed; complete once `batches` was consumed."""
        ...

    def notes(self) -> tuple[str, ...]:
        """Sentences for the user; complete once `batches` was consumed."""
        ...
