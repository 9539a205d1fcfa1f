"""Frames in memory: pandas, Polars, pyarrow, DuckDB, or a dict of arrays."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from wane.errors import SourceError
from wane.sources.columns import Layout, batch_rows, lay_out, pick, select, unique_names
from wane.sources.frame_columns import UNREADABLE, Readable, read_frame, read_mapping
from wane.sources.laid_source import LaidSource
from wane.sources.reading import reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EXPECTED = "a frame that speaks the Arrow PyCapsule protocol, or a mapping of column -> array"


class FrameSource(LaidSource):
    """A table in memory. Its columns are used as they are, copied only where the type changes.

    A `RecordBatchReader` can be read only once, so it is first written to a private temporary
    file, which is then mapped: memory does not grow with its rows.
    """

    if_empty = "Pass a frame with data."

    def __init__(self, frame: object, name: str = "frame") -> None:
        with reading(name, expected=EXPECTED, foreign=UNREADABLE):
            one_shot = isinstance(frame, pa.RecordBatchReader)
            found = Readable(self._spooled(frame)) if one_shot else _readable(frame)
        table = found.table
        layout = lay_out([(name, table.schema)])
        super().__init__(name, Layout(layout.fields, (*found.notes, *layout.notes)))
        self._table = table.rename_columns(unique_names(table.column_names))

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Source.batches`."""
        fields = select(self.fields(), columns, where=self.name)
        names = self._table.column_names
        table = self._table.select([names.index(name) for name in fields])
        for batch in table.to_batches(batch_rows(len(fields))):
            yield pick(batch, fields)

    def _spooled(self, reader: pa.RecordBatchReader) -> pa.Table:
        scratch = tempfile.mkdtemp(prefix="wane-")
        weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        path = str(Path(scratch) / "rows.arrow")
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
        return pa.ipc.open_file(pa.memory_map(path)).read_all()


def _readable(frame: object) -> Readable:
    if isinstance(frame, pa.Table):
        return Readable(frame)
    if isinstance(frame, Mapping):
        return read_mapping(frame)
    if hasattr(frame, "__arrow_c_stream__"):
        return read_frame(frame)
    if hasattr(frame, "__arrow_c_array__"):
        return Readable(pa.table(pa.record_batch(frame)))
    raise SourceError(
        "this object is not a table",
        expected=EXPECTED,
        got=type(frame).__name__,
        hint="Pass a path, a pandas or Polars frame, a pyarrow table or a dict of arrays.",
    )
