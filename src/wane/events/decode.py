"""Bodies to events: JSON arrays and lines. A bad row is rejected and never costs its batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from wane.errors import SourceError
from wane.events.event import Label, Prediction
from wane.events.privacy import protect
from wane.events.validate import Rejection, fault_of_label, fault_of_prediction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wane.events.policy import Policy
    from wane.events.validate import Fault

Event = TypeVar("Event", Prediction, Label)
JSON = "application/json"
NDJSON = "application/x-ndjson"
MOST_ROWS = 10_000
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Decoded(Generic[Event]):
    """The rows of a batch.

    Attributes:
        events: Those that can be taken, in order.
        indexes: Their places in the batch.
        rejected: The others.
    """

    events: list[Event]
    indexes: list[int]
    rejected: list[Rejection]


@dataclass(frozen=True, slots=True)
class _Reader(Generic[Event]):
    """How one kind of event is read."""

    one: msgspec.json.Decoder[Event]
    many: msgspec.json.Decoder[list[Event]]
    fault: Callable[[Event, Policy], Fault | None]


PREDICTIONS = _Reader(
    msgspec.json.Decoder(Prediction), msgspec.json.Decoder(list[Prediction]), fault_of_prediction
)
LABELS = _Reader(msgspec.json.Decoder(Label), msgspec.json.Decoder(list[Label]), fault_of_label)
RAW = msgspec.json.Decoder(list[msgspec.Raw])


def decode_predictions(body: bytes, media: str, policy: Policy) -> Decoded[Prediction]:
    """The predictions in a body; private columns are hashed or gone.

    Args:
        body: A JSON array of objects, a single object, or one object a line.
        media: JSON or NDJSON.
        policy: What the model takes.

    Raises:
        SourceError: The body as a whole cannot be read.
    """
    decoded = _decode(body, media, PREDICTIONS, policy)
    if policy.private:
        for event in decoded.events:
            protect(event, policy)
    return decoded


def decode_labels(body: bytes, media: str, policy: Policy) -> Decoded[Label]:
    """The labels in a body; see `decode_predictions`."""
    return _decode(body, media, LABELS, policy)


def checked(
    rows: Sequence[Event | Rejection],
    fault: Callable[[Event, Policy], Fault | None],
    policy: Policy,
) -> Decoded[Event]:
    """Sort rows into those that can be taken and those that cannot."""
    decoded: Decoded[Event] = Decoded([], [], [])
    for index, row in enumerate(rows):
        if isinstance(row, Rejection):
            decoded.rejected.append(row)
        elif found := fault(row, policy):
            decoded.rejected.append(Rejection(index, found.code, found.reason))
        else:
            decoded.events.append(row)
            decoded.indexes.append(index)
    return decoded


def _decode(body: bytes, media: str, reader: _Reader[Event], policy: Policy) -> Decoded[Event]:
    rows = _lines(body, reader) if media == NDJSON else _array(body, reader)
    if len(rows) > MOST_ROWS:
        raise SourceError(
            "this batch is too long", expected=f"at most {MOST_ROWS:,} rows", got=f"{len(rows):,}"
        )
    return checked(rows, reader.fault, policy)


def _array(body: bytes, reader: _Reader[Event]) -> Sequence[Event | Rejection]:
    """All rows at once, which is quick; one by one where that fails, to find the bad ones."""
    if body.lstrip()[:1] == b"{":
        body = b"[" + body + b"]"
    try:
        return reader.many.decode(body)
    except (msgspec.ValidationError, UnicodeDecodeError):
        return _one_by_one([bytes(row) for row in _raw(body)], reader)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _unreadable(error) from error


def _raw(body: bytes) -> list[msgspec.Raw]:
    try:
        return RAW.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _unreadable(error) from error


def _lines(body: bytes, reader: _Reader[Event]) -> Sequence[Event | Rejection]:
    try:
        return reader.one.decode_lines(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _one_by_one([line for line in body.split(b"\n") if line.strip()], reader)


def _one_by_one(rows: Sequence[bytes], reader: _Reader[Event]) -> list[Event | Rejection]:
    found: list[Event | Rejection] = []
    for index, row in enumerate(rows):
        try:
            found.append(reader.one.decode(row))
        except msgspec.ValidationError as error:
            found.append(Rejection(index, "invalid_field", str(error)[:LONGEST_REASON]))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            found.append(Rejection(index, "malformed", str(error)[:LONGEST_REASON]))
    return found


def _unreadable(error: Exception) -> SourceError:
    return SourceError(
        "this body is not JSON",
        expected="an array of objects, or with application/x-ndjson one object a line",
        got=str(error)[:LONGEST_REASON],
    )
