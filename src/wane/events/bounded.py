"""Arrow streams that say what they hold before it is unpacked.

A stream of some megabytes can unpack to gigabytes: compressed buffers expand, columns can share
bytes, and a dictionary's texts are repeated for each row. So compressed buffers are refused (a body
is compressed as a whole, within bounds), and what is left is measured before values are made.
"""

from __future__ import annotations

import struct
from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from wane.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 256_000_000
MOST_CELLS = 10_000_000
MOST_COLUMNS = 6_000
DICTIONARY, RECORDS = 2, 3
"""Kinds of messages (arrow/format/Message.fbs, union MessageHeader)."""


def read_stream(body: bytes, most_rows: int) -> pa.Table:
    """The table in an Arrow IPC stream.

    Args:
        body: The stream.
        most_rows: It may not have more.

    Raises:
        SourceError: It is too long, too wide or too large, or its buffers are compressed.
        pyarrow.ArrowException: It is no stream.
        struct.error: As above.
    """
    with pa.ipc.open_stream(body) as reader:
        _check("columns", len(reader.schema.names), MOST_COLUMNS)
        repeated = [name for name, times in Counter(reader.schema.names).items() if times > 1]
        if repeated:
            raise SourceError(f"column {min(repeated)!r} occurs twice", expected="one of each name")
        if any(map(_is_compressed, _messages(body))):
            raise SourceError(
                "the buffers of this stream are compressed",
                expected="a stream without compression of its own",
                hint="Compress the body as a whole: Content-Encoding zstd or gzip.",
            )
        batches, rows = [], 0
        for batch in reader:
            rows += batch.num_rows
            _check("rows", rows, most_rows)
            batches.append(batch)
        table = pa.Table.from_batches(batches, reader.schema)
    table.validate(full=True)
    _check("cells", table.num_rows * table.num_columns, MOST_CELLS)
    _check("bytes", sum(map(_unpacked_bytes, table.columns)), MOST_BYTES)
    return table


def _check(what: str, found: int, most: int) -> None:
    if found > most:
        raise SourceError(
            f"this batch has too many {what}",
            expected=f"at most {most:,}",
            got=f"{found:,} or more",
            hint="Send it in parts.",
        )


def _unpacked_bytes(column: pa.ChunkedArray) -> int:
    """Bytes of a column once a dictionary's texts stand in every row."""
    kind = column.type
    if not pa.types.is_dictionary(kind) or not (
        pa.types.is_string(kind.value_type) or pa.types.is_large_string(kind.value_type)
    ):
        return int(column.nbytes)
    return sum(
        pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py() or 0
        for chunk in column.chunks
    )


def _messages(body: bytes) -> Iterator[pa.ipc.Message]:
    reader = pa.ipc.MessageReader.open_stream(body)
    while True:
        try:
            yield reader.read_next_message()
        except StopIteration:
            return


def _is_compressed(message: pa.ipc.Message) -> bool:
    """Whether the buffers of a message are compressed (RecordBatch.compression is set)."""
    data = message.metadata.to_pybytes()
    (root,) = struct.unpack_from("<I", data)
    kind_at, header_at = _field(data, root, 1), _field(data, root, 2)
    if kind_at is None or header_at is None or data[kind_at] not in (DICTIONARY, RECORDS):
        return False
    table = _follow(data, header_at)
    if data[kind_at] == DICTIONARY:
        records_at = _field(data, table, 1)
        if records_at is None:
            return False
        table = _follow(data, records_at)
    return _field(data, table, 3) is not None


def _field(data: bytes, table: int, number: int) -> int | None:
    """Where a field of a FlatBuffers table lies; None when it is not set."""
    (back,) = struct.unpack_from("<i", data, table)
    (size,) = struct.unpack_from("<H", data, table - back)
    if 4 + 2 * number >= size:
        return None
    (offset,) = struct.unpack_from("<H", data, table - back + 4 + 2 * number)
    return table + offset if offset else None


def _follow(data: bytes, at: int) -> int:
    (offset,) = struct.unpack_from("<I", data, at)
    return int(at + offset)
