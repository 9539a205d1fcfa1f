"""The routes by which events, references and reports of senders come in."""

from __future__ import annotations

import asyncio
import io
import re
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from wane.events.arrow import ARROW, decode_label_stream, decode_prediction_stream
from wane.events.decode import JSON, NDJSON, decode_labels, decode_predictions
from wane.events.inline import inline_labels
from wane.monitor.uuid7 import uuid7
from wane.server.access import allowed, service_of
from wane.server.body import read_body
from wane.server.keys import Caller, Scope
from wane.server.problem import Problem, described
from wane.server.space import check_space
from wane.store.durable import write_durably
from wane.store.records import Delivery, StoredReference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.events.validate import Rejection
    from wane.server.service import Service
    from wane.store.records import Model

MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
PARQUET = "application/vnd.apache.parquet"
LARGEST_REFERENCE = 512 << 20
MOST_REPORTED = 50
"""Reasons for dropped events that a sender may name."""
router = APIRouter(prefix="/v1/models/{name}")
Sender = Annotated[Caller, Depends(allowed(Scope.INGEST))]
ERRORS = described(400, 401, 403, 404, 413, 415, 422, 429, 503)


class Answer(msgspec.Struct):
    """What became of a batch."""

    accepted: int
    duplicate: int
    rejected: list[dict[str, Any]]


def _events(what: str) -> dict[str, Any]:
    """The bodies that are taken, for the OpenAPI document."""
    one = {"type": "object"}
    return {
        "requestBody": {
            "required": True,
            "description": what,
            "content": {
                JSON: {"schema": {"type": "array", "items": one}},
                NDJSON: {"schema": {"type": "string"}},
                ARROW: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    }


@router.post(
    "/predictions", responses=ERRORS, openapi_extra=_events("Predictions, one object each.")
)
async def predictions(request: Request, name: str, caller: Sender) -> Response:
    """Take predictions. They are on the disk when the answer comes."""
    service = service_of(request)
    model = _opened(service, caller, name)
    media = _media(request)
    body = await _body(service, request)
    policy = service.policy(model)
    decoded = (
        decode_prediction_stream(body, policy)
        if media == ARROW
        else decode_predictions(body, media, policy)
    )
    for event in decoded.events:
        if event.id is None:
            event.id = uuid7()
    answers = inline_labels(decoded.events)
    delivery = Delivery(model.id, policy.now, decoded.events)
    beside = Delivery(model.id, policy.now, labels=answers)
    return await _delivered(service, model, (delivery, beside), decoded.rejected)


@router.post("/labels", responses=ERRORS, openapi_extra=_events("Labels: id, label, timestamp."))
async def labels(request: Request, name: str, caller: Sender) -> Response:
    """Take labels, before or after their predictions; newer ones correct older ones."""
    service = service_of(request)
    model = _opened(service, caller, name)
    media = _media(request)
    body = await _body(service, request)
    policy = service.policy(model)
    decoded = (
        decode_label_stream(body, policy) if media == ARROW else decode_labels(body, media, policy)
    )
    delivery = Delivery(model.id, policy.now, labels=decoded.events)
    return await _delivered(service, model, (delivery,), decoded.rejected)


@router.put(
    "/reference",
    status_code=204,
    responses=ERRORS,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {PARQUET: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def reference(request: Request, name: str, caller: Sender) -> Response:
    """Compare a model with other data from now on: a Parquet file with the columns of events."""
    service = service_of(request)
    model = _opened(service, caller, name)
    check_space(service.directory.path)
    body = await read_body(request, LARGEST_REFERENCE)
    await asyncio.to_thread(keep_reference, service, model, body)
    return Response(status_code=204)


@router.post(
    "/client",
    status_code=204,
    responses=ERRORS,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "dropped": {
                                "type": "object",
                                "additionalProperties": {"type": "integer", "minimum": 0},
                            }
                        },
                    }
                }
            },
        }
    },
)
async def client(request: Request, name: str, caller: Sender) -> Response:
    """Take a sender's account of events it had to drop."""
    service = service_of(request)
    model = _opened(service, caller, name)
    body = await read_body(request)
    try:
        told = msgspec.json.decode(body, type=dict[str, dict[str, int]])
    except msgspec.DecodeError as error:
        raise Problem(
            400, "bad_request", f"expected {{dropped: {{reason: n}}}}: {error}"
        ) from error
    counts = {
        f"dropped_by_sender:{reason[:60]}": count
        for reason, count in list(told.get("dropped", {}).items())[:MOST_REPORTED]
        if 0 < count < 2**53
    }
    await asyncio.to_thread(service.store.count, model.id, counts, service.clock())
    return Response(status_code=204)


def keep_reference(service: Service, model: Model, body: bytes) -> None:
    """Store reference data, if they can be read.

    Raises:
        Problem: They are no Parquet file with rows.
    """
    try:
        metadata = pq.read_metadata(io.BytesIO(body))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Problem(400, "bad_reference", f"this is no Parquet file: {error}") from error
    if not metadata.num_rows or not metadata.num_columns:
        raise Problem(400, "bad_reference", "this reference has no rows")
    name = f"{model.id}/{uuid7()}.parquet"
    write_durably(service.directory.references / name, lambda path: path.write_bytes(body))
    given = StoredReference(name, metadata.num_rows, service.clock())
    service.store.put_reference(model.id, given)
    service.operator.wake(model.id)


def _opened(service: Service, caller: Caller, name: str) -> Model:
    """The model, made when it is new."""
    known = service.store.model(caller.tenant, name)
    if known is not None:
        return known
    if MODEL_NAME.fullmatch(name) is None:
        raise Problem(
            400,
            "bad_model_name",
            "a model's name has up to 100 letters, digits, dots, dashes and underscores, and "
            "begins with a letter or digit",
        )
    return service.store.open_model(caller.tenant, name, service.clock())


async def _body(service: Service, request: Request) -> bytes:
    """The body, unless the server must not take events now."""
    service.writer.check_room()
    check_space(service.directory.path)
    return await read_body(request)


def _media(request: Request) -> str:
    """Which of the types that are taken a body has; JSON where it does not say."""
    media = request.headers.get("content-type", JSON).split(";")[0].strip().lower()
    if media in (ARROW, NDJSON, JSON):
        return media
    if media in ("application/ndjson", "application/jsonl", "application/x-jsonlines"):
        return NDJSON
    if media == "application/x-www-form-urlencoded":  # what curl says unless told otherwise
        return JSON
    raise Problem(
        415, "unknown_type", f"Content-Type {media[:60]!r}: send {JSON}, {NDJSON} or {ARROW}"
    )


async def _delivered(
    service: Service,
    model: Model,
    deliveries: Sequence[Delivery],
    rejected: Sequence[Rejection],
) -> Response:
    """Wait until events are durable, and say what became of each; the first delivery is counted."""
    loop = asyncio.get_running_loop()
    waiting = [
        service.writer.submit(one, loop) for one in deliveries if one.predictions or one.labels
    ]
    receipts = await asyncio.gather(*waiting)
    if rejected:
        counts = Counter(f"rejected:{one.code}" for one in rejected)
        await asyncio.to_thread(service.store.count, model.id, counts, service.clock())
    answer = Answer(
        accepted=receipts[0].accepted if receipts else 0,
        duplicate=receipts[0].duplicate if receipts else 0,
        rejected=[asdict(one) for one in rejected],
    )
    return Response(msgspec.json.encode(answer), media_type=JSON)
