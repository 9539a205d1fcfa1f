"""Bodies as senders make them, and a policy that takes them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from wane.events.decode import JSON, NDJSON, Decoded, decode_labels, decode_predictions
from wane.events.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.events.event import Label, Prediction

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
POLICY = Policy(NOW, NOW - dt.timedelta(days=30), NOW + dt.timedelta(days=1))


def policy(**changes: Any) -> Policy:  # noqa: ANN401 - fields of any type
    """The policy with other fields."""
    return replace(POLICY, **changes)


def predictions(rows: Sequence[object] | bytes, **changes: Any) -> Decoded[Prediction]:  # noqa: ANN401
    """Rows as a JSON array, decoded."""
    body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    return decode_predictions(body, JSON, policy(**changes))


def prediction_lines(*lines: bytes) -> Decoded[Prediction]:
    """Lines as NDJSON, decoded."""
    return decode_predictions(b"\n".join(lines), NDJSON, POLICY)


def labels(rows: Sequence[object] | bytes, media: str = JSON) -> Decoded[Label]:
    """Labels as a JSON array, decoded."""
    body = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    return decode_labels(body, media, POLICY)


def stream(table: pa.Table, compression: str | None = None) -> bytes:
    """A table as an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def codes(decoded: Decoded[Any]) -> dict[int, str]:
    """Index -> code of the rows that were not taken."""
    return {row.index: row.code for row in decoded.rejected}
