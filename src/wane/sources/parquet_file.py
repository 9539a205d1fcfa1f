"""One Parquet file: its footer, and its rows in bounded batches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from wane.sources.columns import checked, pick, unique_names
from wane.sources.reading import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

EXPECTED = "a Parquet file"
BUFFER_BYTES = 67_108_864
"""Read buffers of all columns together; a row group is never held compressed as a whole."""
LARGEST_BUFFER = 262_144
"""Fresh memory costs more than a read that is four times as long saves."""
DICTIONARY_BYTES = 1_310_720
"""A column chunk beyond this, plus 3 bytes a value, has outgrown its dictionary page."""


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """One file and its footer."""

    path: str
    metadata: pq.FileMetaData
    schema: pa.Schema
    dictionaries: tuple[str, ...]

    @classmethod
    def look(cls, path: str) -> ParquetFile:
        """Read the footer.

        Raises:
            SourceError: The file is not Parquet, or damaged.
        """
        with reading(path, expected=EXPECTED), pq.ParquetFile(path) as file:
            metadata = file.metadata
            dictionaries = _dictionary_columns(metadata)
        with reading(path, expected=EXPECTED):
            options = {"metadata": metadata, "read_dictionary": list(dictionaries)}
            with pq.ParquetFile(path, **options) as file:
                return cls(path, metadata, file.schema_arrow, dictionaries)

    def batches(
        self,
        fields: Mapping[str, pa.DataType],
        rows: int,
        groups: Sequence[int] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Stream the columns `fields`, `rows` at a time, from the row groups given (None: all)."""
        originals = dict(zip(unique_names(self.schema.names), self.schema.names, strict=True))
        columns = list(dict.fromkeys(originals[name] for name in fields if name in originals))
        with (
            reading(self.path, expected=EXPECTED),
            pq.ParquetFile(
                self.path,
                metadata=self.metadata,
                read_dictionary=list(self.dictionaries),
                pre_buffer=False,
                page_checksum_verification=True,
                buffer_size=max(16_384, min(LARGEST_BUFFER, BUFFER_BYTES // max(len(columns), 1))),
            ) as file,
        ):
            threads = pa.cpu_count() > 1  # handing columns to a pool of one only costs
            for batch in file.iter_batches(
                rows, row_groups=groups, columns=columns, use_threads=threads
            ):
                yield pick(_renamed(checked(batch), originals), fields)


def _renamed(batch: pa.RecordBatch, originals: Mapping[str, str]) -> pa.RecordBatch:
    """A batch under unique names. Of a name that occurs twice, Parquet reads every column."""
    if len(set(batch.schema.names)) == batch.num_columns:
        return batch
    told_apart = {
        original: iter([name for name in originals if originals[name] == original])
        for original in set(batch.schema.names)
    }
    return batch.rename_columns([next(told_apart[name]) for name in batch.schema.names])


def _dictionary_columns(metadata: pq.FileMetaData) -> tuple[str, ...]:
    """Columns of text that are dictionary encoded throughout the first row group."""
    if not metadata.num_row_groups:
        return ()
    group = metadata.row_group(0)
    chunks = [group.column(index) for index in range(group.num_columns)]
    return tuple(
        chunk.path_in_schema
        for chunk in chunks
        if chunk.physical_type == "BYTE_ARRAY"
        and chunk.has_dictionary_page
        and chunk.total_uncompressed_size <= DICTIONARY_BYTES + 3 * chunk.num_values
    )
