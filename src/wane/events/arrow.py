"""Arrow streams to events: what frames are sent as."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from wane.errors import SourceError
from wane.events.bounded import read_stream
from wane.events.decode import LONGEST_REASON, MOST_ROWS, Decoded, checked
from wane.events.event import RESERVED, SCORES, Label, Prediction
from wane.events.privacy import protect
from wane.events.table import TIME
from wane.events.validate import Rejection, fault_of_label, fault_of_prediction

if TYPE_CHECKING:
    from wane.events.policy import Policy

ARROW = "application/vnd.apache.arrow.stream"
Event = TypeVar("Event", Prediction, Label)
MOST_WHOLE = 2**63 - 1
NESTED = ("features", "scores")
"""Objects of a JSON body, which a flat row has no columns for."""
PLAIN = (
    pa.types.is_integer,
    pa.types.is_boolean,
    pa.types.is_null,
    pa.types.is_string,
    pa.types.is_large_string,
)


def decode_prediction_stream(body: bytes, policy: Policy) -> Decoded[Prediction]:
    """The predictions in an Arrow IPC stream.

    Args:
        body: Role columns under the names of the roles, scores per class as "scores.<class>";
            every other column is a feature.
        policy: What the model takes.

    Raises:
        SourceError: The bytes are no Arrow stream, or a column's type cannot be kept.
    """
    rows = [_prediction(row) for row in _rows(body)]
    decoded = checked(_typed(rows, Prediction), fault_of_prediction, policy)
    for event in decoded.events:
        protect(event, policy)
    return decoded


def decode_label_stream(body: bytes, policy: Policy) -> Decoded[Label]:
    """The labels in an Arrow IPC stream with the columns id, label and, if known, timestamp."""
    return checked(_typed(_rows(body), Label), fault_of_label, policy)


def _rows(body: bytes) -> list[dict[str, Any]]:
    """The rows as plain values, without those that are missing."""
    try:
        table = read_stream(body, MOST_ROWS)
        columns = [_plain(name, table[name]) for name in table.column_names]
        lists = [column.to_pylist() for column in columns]
    except (pa.ArrowException, ValueError, OverflowError, OSError, struct.error) as error:
        raise SourceError(
            "this body is no Arrow IPC stream", got=str(error)[:LONGEST_REASON]
        ) from error
    names = table.column_names
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in zip(*lists, strict=True)
    ]


def _plain(name: str, array: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column in a type that JSON has too; NaN is missing.

    Raises:
        SourceError: There is none.
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _plain(name, array.cast(kind.value_type))
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers = array.cast(pa.float64())
        return pc.if_else(pc.is_finite(numbers), numbers, None)
    if pa.types.is_timestamp(kind) and name == "timestamp":
        times = array if kind.tz else array.cast(pa.timestamp(kind.unit, "UTC"))
        return pc.cast(times, options=pc.CastOptions(TIME, allow_time_truncate=True))
    if pa.types.is_uint64(kind) and (pc.max(array).as_py() or 0) > MOST_WHOLE:
        return array.cast(pa.float64(), safe=False)
    if pa.types.is_temporal(kind):
        return array.cast(pa.string())
    if any(test(kind) for test in PLAIN):
        return array
    raise SourceError(
        f"column {name!r} cannot be kept",
        expected="numbers, booleans, texts or times",
        got=str(kind),
        hint="Leave it out, or make several columns of it.",
    )


def _prediction(row: dict[str, Any]) -> dict[str, Any]:
    """A flat row as the object of a JSON body."""
    roles: dict[str, Any] = {}
    features: dict[str, Any] = {}
    scores: dict[str, Any] = {}
    for name, value in row.items():
        if name.startswith(SCORES):
            scores[name.removeprefix(SCORES)] = value
        elif name in NESTED:
            features[name] = value  # is refused by its name, as in JSON
        elif name in RESERVED:
            roles[name] = value
        else:
            features[name] = value
    return {**roles, "features": features, "scores": scores}


def _typed(rows: list[dict[str, Any]], kind: type[Event]) -> list[Event | Rejection]:
    found: list[Event | Rejection] = []
    for index, row in enumerate(rows):
        try:
            found.append(msgspec.convert(row, kind))
        except msgspec.ValidationError as error:
            found.append(Rejection(index, "invalid_field", str(error)[:LONGEST_REASON]))
    return found
