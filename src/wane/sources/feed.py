"""Record batches on their way into DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import duckdb
import pyarrow as pa

from wane.errors import WaneError

if TYPE_CHECKING:
    from collections.abc import Iterable

FOREIGN = (duckdb.Error, pa.ArrowException, OSError)
"""What DuckDB raises, at once or while its results are streamed."""


class Feed:
    """An iterator of batches that keeps the error of ours that DuckDB would wrap as text."""

    def __init__(self, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
        self._batches = iter(batches)
        self._schema = schema
        self.failure: WaneError | None = None

    def reader(self) -> pa.RecordBatchReader:
        """The batches as a stream with the names of the schema, to be registered in DuckDB."""
        return pa.RecordBatchReader.from_batches(self._schema, self)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> pa.RecordBatch:
        try:
            batch = next(self._batches)
        except WaneError as error:
            self.failure = error
            raise
        return pa.RecordBatch.from_arrays(batch.columns, schema=self._schema)
