"""Arrow IPC files (.arrow, .feather, .ipc), in the file or the stream format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from wane.sources.columns import batch_rows, checked, lay_out, pick, select
from wane.sources.laid_source import LaidSource
from wane.sources.reading import reading

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


class ArrowSource(LaidSource):
    """One or more Arrow IPC files with the same columns, in the order of their names."""

    def __init__(self, name: str, paths: Sequence[str]) -> None:
        self._files = [ArrowFile.look(path) for path in paths]
        super().__init__(name, lay_out([(file.path, file.schema) for file in self._files]))

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Source.batches`."""
        fields = select(self.fields(), columns, where=self.name)
        for file in self._files:
            yield from file.batches(fields, batch_rows(len(fields)))


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
