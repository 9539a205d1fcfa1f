"""Parquet files, read with pyarrow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wane.sources.columns import (
    batch_rows,
    bounded_sample,
    checked,
    lay_out,
    pick,
    select,
    unique_names,
)
from wane.sources.description import Description
from wane.sources.parquet_statistics import statistics_ranges
from wane.sources.reading import no_rows, reading
from wane.sources.source import SAMPLE_ROWS
from wane.sources.survey import even

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

EXPECTED = "a Parquet file"
BUFFER_BYTES = 67_108_864
"""Read buffers of all columns together; a row group is never held compressed as a whole."""
DICTIONARY_BYTES = 1_310_720
"""A column chunk beyond this, plus 3 bytes a value, has outgrown its dictionary page."""
WHOLE_GROUPS = 8
"""Up to so many row groups the sample is spread within them; beyond, it is their first rows."""
SAMPLED_GROUPS = 64


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
                buffer_size=max(16_384, min(262_144, BUFFER_BYTES // max(len(columns), 1))),
            ) as file,
        ):
            for batch in file.iter_batches(rows, row_groups=groups, columns=columns):
                yield pick(_renamed(checked(batch), originals), fields)


class ParquetSource:
    """One or more Parquet files with the same columns, in the order of their names."""

    def __init__(self, name: str, paths: Sequence[str]) -> None:
        self._name = name
        self._files = [ParquetFile.look(path) for path in paths]
        self._layout = lay_out([(file.path, file.schema) for file in self._files])

    @property
    def name(self) -> str:
        """What to call the source in messages."""
        return self._name

    def fields(self) -> Mapping[str, pa.DataType]:
        """See `Source.fields`."""
        return self._layout.fields

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Description:
        """See `Source.describe`. Decodes about `sample_rows` rows, or a few whole row groups."""
        rows = sum(file.metadata.num_rows for file in self._files)
        if rows == 0:
            raise no_rows(self._name)
        fields = self._layout.fields
        parts = list(self._sampled(fields, bounded_sample(sample_rows, len(fields)), rows))
        if not parts:
            raise no_rows(
                self._name, "The footer tells of rows that are not there: write it again."
            )
        sample = even(pa.concat_tables(parts).unify_dictionaries(), sample_rows)
        return Description(
            self._name, rows, sample.combine_chunks(), self._ranges(), self._layout.notes
        )

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Source.batches`."""
        fields = select(self._layout.fields, columns, where=self._name)
        for file in self._files:
            yield from file.batches(fields, batch_rows(len(fields)))

    def rejected(self) -> tuple[tuple[str, int], ...]:
        """No row of a Parquet file is rejected alone."""
        return ()

    def notes(self) -> tuple[str, ...]:
        """See `Source.notes`."""
        return self._layout.notes

    def _sampled(
        self, fields: Mapping[str, pa.DataType], wanted: int, rows: int
    ) -> Iterator[pa.Table]:
        """Tables of the sample, in stream order; together about `wanted` rows."""
        groups = [
            (file, group, file.metadata.row_group(group).num_rows)
            for file in self._files
            for group in range(file.metadata.num_row_groups)
        ]
        within = len(groups) <= WHOLE_GROUPS or rows <= wanted
        if not within and len(groups) > SAMPLED_GROUPS:
            chosen = np.arange(SAMPLED_GROUPS) * len(groups) // SAMPLED_GROUPS
            groups = [groups[index] for index in chosen]
        total = sum(size for _, _, size in groups)
        for file, group, size in groups:
            share = min(size, math.ceil(wanted * size / total)) if total else 0
            if share:
                stream = file.batches(fields, batch_rows(len(fields)) if within else share, [group])
                if within:
                    yield from _spread(stream, size, share)
                else:
                    yield from map(pa.table, islice(stream, 1))

    def _ranges(self) -> dict[str, tuple[float, float]]:
        with reading(self._name, expected=EXPECTED, foreign=(ValueError,)):
            found = [statistics_ranges(file.metadata, file.schema) for file in self._files]
        shared = [name for name in self._layout.fields if all(name in each for each in found)]
        ranges = {
            name: (min(each[name][0] for each in found), max(each[name][1] for each in found))
            for name in shared
        }
        return {name: pair for name, pair in ranges.items() if all(map(math.isfinite, pair))}


def _renamed(batch: pa.RecordBatch, originals: Mapping[str, str]) -> pa.RecordBatch:
    """A batch under unique names. Of a name that occurs twice, Parquet reads every column."""
    if len(set(batch.schema.names)) == batch.num_columns:
        return batch
    told_apart = {
        original: iter([name for name in originals if originals[name] == original])
        for original in set(batch.schema.names)
    }
    return batch.rename_columns([next(told_apart[name]) for name in batch.schema.names])


def _spread(batches: Iterable[pa.RecordBatch], rows: int, wanted: int) -> Iterator[pa.Table]:
    """`wanted` of `rows` rows, evenly spread, taken from each batch as it passes."""
    positions = np.arange(wanted) * rows // wanted
    start = 0
    for batch in batches:
        inside = positions[(positions >= start) & (positions < start + batch.num_rows)] - start
        yield pa.table(batch.take(pa.array(inside)))
        start += batch.num_rows


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
