"""Frames and files as parcels: an Arrow stream for events, Parquet for a reference."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wane.errors import SourceError, UsageError
from wane.monitor.counts import Drop
from wane.monitor.layout import lay_out
from wane.monitor.parcel import Form, Kind, Parcel
from wane.monitor.wire import as_sent, identified, timed
from wane.sources.request import Request, locate, open_frame, open_request
from wane.sources.wrong_cells import numbers_only

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from wane.monitor.layout import Layout
    from wane.sources.source import Source

LARGEST_ROWS = 10_000
LARGEST_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user said of a frame.

    Attributes:
        data: A path, a glob, a directory, a list of these, or any frame.
        roles: Role -> column; None where not told.
        scores: Class -> column.
        features: Columns that are features; None: all others.
    """

    data: object
    roles: Mapping[str, str | None]
    scores: Mapping[object, str] | None = None
    features: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a frame, ready to go.

    Attributes:
        parcel: None when nothing of it can be sent.
        nulled: Values that could not be sent.
        dropped: Reason -> rows that could not be sent.
        notes: Sentences for the user.
    """

    parcel: Parcel | None
    nulled: int = 0
    dropped: Mapping[Drop, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def prediction_pieces(asked: Asked, *, version: str | None, now: dt.datetime) -> Iterator[Piece]:
    """Predictions, in parcels of at most 10,000 rows and 8 MB.

    Args:
        asked: The frame.
        version: The version of rows without one.
        now: The time of rows without one.

    Raises:
        DataError: The frame cannot be read or does not have the columns.
    """
    source, layout = _opened(asked)
    yield from _told(source, layout)
    for batch in _batches(source, layout):
        arrays, nulled = _as_sent(batch)
        told = identified(timed(arrays, batch.num_rows, now), batch.num_rows, version)
        yield from _pieces(Kind.PREDICTIONS, pa.RecordBatch.from_pydict(told), nulled)
    yield from _unreadable(source)


def label_pieces(asked: Asked, *, now: dt.datetime) -> Iterator[Piece]:
    """Labels, in parcels of at most 10,000 rows and 8 MB; rows without id or label are dropped.

    Args:
        asked: The frame, with the roles id, label and perhaps timestamp.
        now: When labels became known that do not say.

    Raises:
        DataError: The frame cannot be read or does not have the columns.
    """
    source, layout = _opened(asked)
    for role in ("id", "label"):
        if role not in layout.columns:
            raise UsageError(
                f"these labels have no {role}",
                expected=f"{role}=column",
                got=f"columns {', '.join(list(source.fields())[:12])}",
            )
    yield from _told(source, layout)
    for batch in _batches(source, layout):
        arrays, nulled = _as_sent(batch)
        told = timed(arrays, batch.num_rows, now)
        has_id, has_label = pc.is_valid(told["id"]), _is_label(told["label"])
        dropped = Counter(
            {
                Drop.NO_ID: pc.sum(pc.invert(has_id)).as_py() or 0,
                Drop.NO_LABEL: pc.sum(pc.and_not(has_id, has_label)).as_py() or 0,
            }
        )
        rows = pa.RecordBatch.from_pydict(told).filter(pc.and_(has_id, has_label))
        yield Piece(None, dropped=+dropped)
        yield from _pieces(Kind.LABELS, rows, nulled)
    yield from _unreadable(source)


def reference_piece(asked: Asked) -> Piece:
    """A reference as one Parquet file.

    Raises:
        DataError: The frame cannot be read, has no rows, or does not have the columns.
    """
    source, layout = _opened(asked)
    sink = pa.BufferOutputStream()
    writer: pq.ParquetWriter | None = None
    nulled = rows = 0
    for batch in _batches(source, layout):
        arrays, lost = _as_sent(batch)
        table = pa.RecordBatch.from_pydict(arrays)
        writer = writer or pq.ParquetWriter(sink, table.schema)
        writer.write_batch(table)
        nulled += lost
        rows += table.num_rows
    if writer is None or not rows:
        raise SourceError(
            f"the reference {source.name} has no rows",
            expected="at least one row",
            hint="Give the rows the model was trained or tested on.",
        )
    writer.close()
    parcel = Parcel(Kind.REFERENCE, Form.PARQUET, (sink.getvalue().to_pybytes(),))
    return Piece(parcel, nulled, notes=(*source.notes(), *layout.notes))


def _opened(asked: Asked) -> tuple[Source, Layout]:
    source = _source(asked.data)
    layout = lay_out(
        list(source.fields()),
        asked.roles,
        scores=asked.scores,
        features=asked.features,
        where=source.name,
    )
    return source, layout


def _source(data: object) -> Source:
    many = data if isinstance(data, list | tuple) else [data]
    paths = [os.fspath(each) for each in many if isinstance(each, str | os.PathLike)]
    if not paths or len(paths) < len(many):
        return open_frame(data)
    found = [locate(path) for path in paths]
    kinds = {kind for _, kind in found}
    if len(kinds) > 1:
        raise SourceError(
            f"{', '.join(paths)} are of different formats",
            expected="one format",
            got=" and ".join(sorted(kinds)),
        )
    files = tuple(path for some, _ in found for path in some)
    return open_request(Request(files, kinds.pop(), name=paths[0]))


def _is_label(array: pa.Array) -> pa.Array:
    """Where there is a label: a value, and no NaN or infinity."""
    if pa.types.is_floating(array.type):
        return pc.fill_null(pc.is_finite(array), False)
    return pc.is_valid(array)


def _batches(source: Source, layout: Layout) -> Iterator[pa.RecordBatch]:
    """The columns of the layout under their names on the wire."""
    columns = list(layout.columns.values())
    for batch in numbers_only(source.batches(columns), source.fields()):
        yield batch.rename_columns(list(layout.columns))


def _as_sent(batch: pa.RecordBatch) -> tuple[dict[str, pa.Array], int]:
    sent = {
        name: as_sent(name, array)
        for name, array in zip(batch.schema.names, batch.columns, strict=True)
    }
    return {name: each.array for name, each in sent.items()}, sum(s.nulled for s in sent.values())


def _pieces(kind: Kind, batch: pa.RecordBatch, nulled: int) -> Iterator[Piece]:
    yield Piece(None, nulled)
    for start in range(0, batch.num_rows, LARGEST_ROWS):
        yield from _halved(kind, batch.slice(start, LARGEST_ROWS))


def _halved(kind: Kind, batch: pa.RecordBatch) -> Iterator[Piece]:
    """The rows in one parcel, or in as many halves of halves as it takes."""
    rows = batch.num_rows
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    body = sink.getvalue().to_pybytes()
    if len(body) <= LARGEST_BYTES:
        yield Piece(Parcel(kind, Form.ARROW, (body,), rows))
    elif rows == 1:
        yield Piece(None, dropped={Drop.ROW_TOO_LARGE: 1})
    else:
        yield from _halved(kind, batch.slice(0, rows // 2))
        yield from _halved(kind, batch.slice(rows // 2))


def _told(source: Source, layout: Layout) -> Iterator[Piece]:
    yield Piece(None, notes=(*source.notes(), *layout.notes))


def _unreadable(source: Source) -> Iterator[Piece]:
    rows = sum(rows for _, rows in source.rejected())
    if rows:
        yield Piece(None, dropped={Drop.UNREADABLE: rows})
