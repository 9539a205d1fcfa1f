"""Arrow IPC files (.arrow, .feather, .ipc), in the file or the stream format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from wane.sources.columns import batch_rows, bounded_sample, checked, lay_out, pick, select
from wane.sources.description import Description
from wane.sources.reading import no_rows, reading
from wane.sources.source import SAMPLE_ROWS
from wane.sources.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

EXPECTED = "an Arrow IPC file or stream"
MAGIC = b"ARROW1"


@dataclass(frozen=True, slots=True)
class ArrowFile:
    """One file and its schema."""

    path: str
    schema: pa.Schema

    @classmethod
    def look(cls, path: str) -> ArrowFile:
        """Read the schema.

        Raises:
            SourceError: The file is not Arrow IPC, or damaged.
        """
        with reading(path, expected=EXPECTED), pa.memory_map(path) as file, _open(file) as reader:
            return cls(path, reader.schema)

    def batches(self, fields: Mapping[str, pa.DataType], rows: int) -> Iterator[pa.RecordBatch]:
        """Stream the columns `fields`, at most `rows` at a time."""
        with (
            reading(self.path, expected=EXPECTED),
            pa.memory_map(self.path) as file,
            _open(file) as reader,
        ):
            for batch in _stored(reader):
                picked = pick(checked(batch), fields)
                for start in range(0, batch.num_rows, rows):
                    yield picked.slice(start, rows)


class ArrowSource:
    """One or more Arrow IPC files with the same columns, in the order of their names."""

    def __init__(self, name: str, paths: Sequence[str]) -> None:
        self._name = name
        self._files = [ArrowFile.look(path) for path in paths]
        self._layout = lay_out([(file.path, file.schema) for file in self._files])

    @property
    def name(self) -> str:
        """What to call the source in messages."""
        return self._name

    def fields(self) -> Mapping[str, pa.DataType]:
        """See `Source.fields`."""
        return self._layout.fields

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Description:
        """See `Source.describe`. Reads every row once."""
        fields = self._layout.fields
        seen = survey(self.batches(list(fields)), fields, bounded_sample(sample_rows, len(fields)))
        if seen.rows == 0:
            raise no_rows(self._name)
        return Description(self._name, seen.rows, seen.sample, seen.ranges, self.notes())

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Source.batches`."""
        fields = select(self._layout.fields, columns, where=self._name)
        for file in self._files:
            yield from file.batches(fields, batch_rows(len(fields)))

    def rejected(self) -> tuple[tuple[str, int], ...]:
        """No row of an Arrow file is rejected alone."""
        return ()

    def notes(self) -> tuple[str, ...]:
        """See `Source.notes`."""
        return self._layout.notes


def _open(file: pa.MemoryMappedFile) -> pa.RecordBatchFileReader | pa.RecordBatchStreamReader:
    magic = file.read(len(MAGIC))
    file.seek(0)
    return pa.ipc.open_file(file) if magic == MAGIC else pa.ipc.open_stream(file)


def _stored(
    reader: pa.RecordBatchFileReader | pa.RecordBatchStreamReader,
) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, pa.RecordBatchFileReader):
        yield from (reader.get_batch(index) for index in range(reader.num_record_batches))
    else:
        yield from reader
