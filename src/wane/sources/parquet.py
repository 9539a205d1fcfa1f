"""Parquet files, read with pyarrow."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pyarrow as pa

from wane.sources.columns import batch_rows, bounded_sample, lay_out, select
from wane.sources.description import Description
from wane.sources.laid_source import LaidSource
from wane.sources.parquet_file import EXPECTED, ParquetFile
from wane.sources.parquet_sample import sample_of
from wane.sources.parquet_statistics import statistics_ranges
from wane.sources.reading import no_rows, reading
from wane.sources.source import SAMPLE_ROWS
from wane.sources.survey import even

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class ParquetSource(LaidSource):
    """One or more Parquet files with the same columns, in the order of their names."""

    def __init__(self, name: str, paths: Sequence[str], *, any_file: bool = False) -> None:
        """Read the footers.

        Args:
            name: What to call the files in messages.
            paths: At least one.
            any_file: Whether a column counts that any of them has; else those of the first do.

        Raises:
            SourceError: A file is not Parquet, or damaged.
        """
        self._files = [ParquetFile.look(path) for path in paths]
        files = [(file.path, file.schema) for file in self._files]
        super().__init__(name, lay_out(files, any_file=any_file))

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Description:
        """See `Source.describe`; of a large file the sample is the first rows of row groups."""
        rows = sum(file.metadata.num_rows for file in self._files)
        if rows == 0:
            raise no_rows(self.name)
        fields = self.fields()
        parts = sample_of(self._files, fields, bounded_sample(sample_rows, len(fields)))
        if not parts:
            raise no_rows(self.name, "The footer tells of rows that are not there: write it again.")
        sample = even(pa.concat_tables(parts).unify_dictionaries(), sample_rows)
        return Description(self.name, rows, sample.combine_chunks(), self._ranges(), self.notes())

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Source.batches`."""
        fields = select(self.fields(), columns, where=self.name)
        for file in self._files:
            yield from file.batches(fields, batch_rows(len(fields)))

    def _ranges(self) -> dict[str, tuple[float, float]]:
        with reading(self.name, expected=EXPECTED, foreign=(ValueError,)):
            found = [statistics_ranges(file.metadata, file.schema) for file in self._files]
        shared = [name for name in self.fields() if all(name in each for each in found)]
        ranges = {
            name: (min(each[name][0] for each in found), max(each[name][1] for each in found))
            for name in shared
        }
        return {name: pair for name, pair in ranges.items() if all(map(math.isfinite, pair))}
