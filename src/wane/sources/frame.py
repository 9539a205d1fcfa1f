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
from wane.sources.columns import batch_rows, bounded_sample, lay_out, pick, select, unique_names
from wane.sources.description import Description
from wane.sources.reading import no_rows, reading
from wane.sources.source import SAMPLE_ROWS
from wane.sources.survey import survey

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EXPECTED = "a frame that speaks the Arrow PyCapsule protocol, or a mapping of column -> array"


class FrameSource:
    """A table in memory. Its columns are used as they are, copied only where the type changes.

    A `RecordBatchReader` can be read only once, so it is first written to a private temporary
    file, which is then mapped: memory does not grow with its rows.
    """

    def __init__(self, frame: object, name: str = "frame") -> None:
        self._name = name
        with reading(name, expected=EXPECTED, foreign=(TypeError, ValueError)):
            one_shot = isinstance(frame, pa.RecordBatchReader)
            table = self._spooled(frame) if one_shot else _as_table(frame)
        self._layout = lay_out([(name, table.schema)])
        self._table = table.rename_columns(unique_names(table.column_names))

    @property
    def name(self) -> str:
        """What to call the source in messages."""
        return self._name

    def fields(self) -> Mapping[str, pa.DataType]:
        """See `Source.fields`."""
        return self._layout.fields

    def describe(self, sample_rows: int = SAMPLE_ROWS) -> Description:
        """See `Source.describe`."""
        fields = self._layout.fields
        seen = survey(self.batches(list(fields)), fields, bounded_sample(sample_rows, len(fields)))
        if seen.rows == 0:
            raise no_rows(self._name, "Pass a frame with data.")
        return Description(self._name, seen.rows, seen.sample, seen.ranges, self.notes())

    def batches(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """See `Source.batches`."""
        fields = select(self._layout.fields, columns, where=self._name)
        names = self._table.column_names
        table = self._table.select([names.index(name) for name in fields])
        for batch in table.to_batches(batch_rows(len(fields))):
            yield pick(batch, fields)

    def rejected(self) -> tuple[tuple[str, int], ...]:
        """No row of a frame is rejected."""
        return ()

    def notes(self) -> tuple[str, ...]:
        """See `Source.notes`."""
        return self._layout.notes

    def _spooled(self, reader: pa.RecordBatchReader) -> pa.Table:
        scratch = tempfile.mkdtemp(prefix="wane-")
        weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        path = str(Path(scratch) / "rows.arrow")
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
        return pa.ipc.open_file(pa.memory_map(path)).read_all()


def _as_table(frame: object) -> pa.Table:
    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, Mapping):
        arrays = [_as_array(values) for values in frame.values()]
        return pa.table(arrays, names=[str(name) for name in frame])
    if hasattr(frame, "__arrow_c_stream__"):
        return pa.RecordBatchReader.from_stream(frame).read_all()
    if hasattr(frame, "__arrow_c_array__"):
        return pa.table(pa.record_batch(frame))
    raise SourceError(
        "this object is not a table",
        expected=EXPECTED,
        got=type(frame).__name__,
        hint="Pass a path, a pandas or Polars frame, a pyarrow table or a dict of arrays.",
    )


def _as_array(values: object) -> pa.Array | pa.ChunkedArray:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values
    if hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__"):
        return pa.chunked_array(values)
    return pa.array(values, from_pandas=True)
