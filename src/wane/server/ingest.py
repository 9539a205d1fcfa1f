"""The routes by which events, references and reports of senders come in."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from wane.errors import StoreError
from wane.events.arrow import ARROW, decode_label_stream, decode_prediction_stream
from wane.events.decode import MOST_ROWS, NDJSON, decode_labels, decode_predictions
from wane.events.inline import inline_labels
from wane.events.validate import Rejection  # noqa: TC001  # msgspec reads the annotations
from wane.monitor.uuid7 import uuid7
from wane.server.access import Sender, service_of
from wane.server.answer import (
    BINARY,
    JSON,
    TEXT,
    Responses,
    answer,
    answers,
    done,
    reference,
    takes,
)
from wane.server.body import read_body
from wane.server.problem import Problem, described
from wane.server.references import PARQUET, keep, receive, rows_of
from wane.store.lost import count_lost
from wane.store.records import Delivery, Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO, Any

    from wane.events.policy import Policy
    from wane.server.keys import Caller
    from wane.server.service import Service
    from wane.store.records import Model

OTHER_NDJSON = ("application/ndjson", "application/jsonl", "application/x-jsonlines")
FORM = "application/x-www-form-urlencoded"
"""What curl says of a body unless it is told otherwise."""
LARGEST_ACCOUNT = 100_000
"""Bytes of what a sender says it lost."""
MOST_REPORTED = 50
"""Reasons for lost events that a sender may name at once."""
router = APIRouter(prefix="/v1/models/{name}", tags=["sending"])
ERRORS: Responses = described(400, 401, 403, 408, 409, 413, 415, 429, 503)


class Taken(msgspec.Struct, frozen=True):
    """What became of a batch; what is accepted is on the disk.

    Attributes:
        accepted: Events that are kept now.
        duplicate: Events that were known already, and changed nothing.
        rejected: Rows that are not taken, and why.
    """

    accepted: int
    duplicate: int
    rejected: tuple[Rejection, ...]


class Account(msgspec.Struct, frozen=True):
    """What a sender lost.

    Attributes:
        dropped: Reason -> events, not negative.
    """

    dropped: dict[
        Annotated[str, msgspec.Meta(max_length=100)],
        Annotated[int, msgspec.Meta(ge=0, le=2**53)],
    ] = {}


def _batch(row: str, what: str) -> dict[str, Any]:
    """The bodies that are taken, for the OpenAPI document."""
    one = reference(row)
    rows = {"type": "array", "items": one, "maxItems": MOST_ROWS}
    return takes({JSON: {"anyOf": [rows, one]}, NDJSON: TEXT, ARROW: BINARY}, what)


@dataclass(frozen=True, slots=True)
class _Batch:
    """A body that came in.

    Attributes:
        service: Who took it.
        model: Whose events it has; None when that is new.
        policy: What the model takes.
        media: ARROW, NDJSON or JSON.
        body: The bytes.
    """

    service: Service
    model: Model | None
    policy: Policy
    media: str
    body: bytes


@router.post(
    "/predictions",
    responses=answers(Taken) | ERRORS,
    openapi_extra=_batch("Prediction", "Predictions; a row that is wrong costs no other."),
)
async def predictions(request: Request, name: str, caller: Sender) -> Response:
    """Take predictions. They are on the disk when the answer comes."""
    batch = await _batch_of(request, caller, name)
    decoded = (
        decode_prediction_stream(batch.body, batch.policy)
        if batch.media == ARROW
        else decode_predictions(batch.body, batch.media, batch.policy)
    )
    for event in decoded.events:
        if event.id is None:
            event.id = uuid7()
    known_labels = inline_labels(decoded.events)
    model = await _model_of(batch, caller, name)
    now = batch.policy.now
    deliveries = (
        Delivery(model.id, now, decoded.events),
        Delivery(model.id, now, labels=known_labels),
    )
    return await _delivered(batch, model, deliveries, decoded.rejected)


@router.post(
    "/labels",
    responses=answers(Taken) | ERRORS,
    openapi_extra=_batch("Label", "Labels; a row that is wrong costs no other."),
)
async def labels(request: Request, name: str, caller: Sender) -> Response:
    """Take labels, before or after their predictions; newer ones correct older ones."""
    batch = await _batch_of(request, caller, name)
    decoded = (
        decode_label_stream(batch.body, batch.policy)
        if batch.media == ARROW
        else decode_labels(batch.body, batch.media, batch.policy)
    )
    model = await _model_of(batch, caller, name)
    delivery = Delivery(model.id, batch.policy.now, labels=decoded.events)
    return await _delivered(batch, model, (delivery,), decoded.rejected)


@router.put(
    "/reference",
    status_code=204,
    responses=done() | ERRORS,
    openapi_extra=takes({PARQUET: BINARY}, "A Parquet file with the columns of events."),
)
async def give_reference(request: Request, name: str, caller: Sender) -> Response:
    """Compare a model with other data from now on."""
    service = service_of(request)
    service.known(caller, name)
    service.intake.check_space(service.clock())
    with _scratch(service) as file:
        await receive(request, file)
        rows = await asyncio.to_thread(rows_of, file)
        model = await asyncio.to_thread(service.opened, caller, name)
        await asyncio.to_thread(keep, service, model, file, rows)
    return Response(status_code=204)


@router.post(
    "/client",
    status_code=204,
    responses=done() | ERRORS,
    openapi_extra=takes({JSON: reference("Account")}, "Events lost, by reason."),
)
async def client(request: Request, name: str, caller: Sender) -> Response:
    """Take a sender's account of events it had to drop."""
    service = service_of(request)
    service.known(caller, name)
    body = await read_body(request, LARGEST_ACCOUNT)
    try:
        told = msgspec.json.decode(body, type=Account)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(
            400, "bad_request", f"expected {{dropped: {{reason: n}}}}: {error}"
        ) from error
    if len(told.dropped) > MOST_REPORTED:
        raise Problem(400, "bad_request", f"name at most {MOST_REPORTED} reasons at once")
    model = await asyncio.to_thread(service.opened, caller, name)
    await asyncio.to_thread(count_lost, service.store, model.id, told.dropped, service.clock())
    return Response(status_code=204)


def _scratch(service: Service) -> IO[bytes]:
    """A file without a name on the disk of the data, which a crash leaves nothing of."""
    try:
        return tempfile.TemporaryFile(dir=service.directory.references)
    except OSError as error:
        raise StoreError("a reference cannot be written", got=str(error)) from error


async def _batch_of(request: Request, caller: Caller, name: str) -> _Batch:
    """The body, unless the server must not take events now."""
    service = service_of(request)
    service.known(caller, name)
    media = _media(request)
    service.writer.check_room()
    service.intake.check_space(service.clock())
    body = await read_body(request, arriving=service.arriving)
    model, policy = service.intake.of(caller.tenant, name, service.clock())
    return _Batch(service, model, policy, media, body)


async def _model_of(batch: _Batch, caller: Caller, name: str) -> Model:
    """The model; it is made once there is a body that could be read."""
    if batch.model is not None:
        return batch.model
    return await asyncio.to_thread(batch.service.opened, caller, name)


def _media(request: Request) -> str:
    """Which of the types that are taken a body has; JSON where it does not say."""
    media = request.headers.get("content-type", JSON).split(";")[0].strip().lower()
    if media in (ARROW, NDJSON, JSON):
        return media
    if media in OTHER_NDJSON:
        return NDJSON
    if media == FORM:
        return JSON
    raise Problem(
        415, "unknown_type", f"Content-Type {media[:60]!r}: send {JSON}, {NDJSON} or {ARROW}"
    )


async def _delivered(
    batch: _Batch,
    model: Model,
    deliveries: Sequence[Delivery],
    rejected: Sequence[Rejection],
) -> Response:
    """Wait until events are durable, and say what became of each; the first delivery is counted."""
    service = batch.service
    taken = Receipt(0, 0)
    given = [one for one in deliveries if one.predictions or one.labels]
    if given:
        loop = asyncio.get_running_loop()
        taken, *_ = await service.writer.submit(given, len(batch.body), loop)
    if rejected:
        counts = Counter(f"rejected:{one.code}" for one in rejected)
        await asyncio.to_thread(service.store.count, model.id, counts, service.clock())
    return answer(Taken(taken.accepted, taken.duplicate, tuple(rejected)))
