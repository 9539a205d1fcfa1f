"""The routes by which people, and what deploys for them, say what happened to a model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response  # noqa: TC002 - FastAPI resolves the annotations

from wane.diagnose.annotation import annotations_of
from wane.errors import ConfigError
from wane.server.access import Administrator, Reader, Sender, service_of
from wane.server.answer import JSON, answer, answers, reference, takes
from wane.server.body import read_body
from wane.server.problem import Problem, described
from wane.store.records import StoredAnnotations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wane.server.keys import Caller
    from wane.server.service import Service

router = APIRouter(prefix="/v1/models", tags=["annotations"])
Body = TypeVar("Body")
LARGEST = 1 << 18
MOST = 1_000
"""Annotations of a model."""
CHANGES = described(400, 401, 403, 404, 408, 409, 413, 415, 429, 503)


class NewAnnotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What happened.

    Attributes:
        text: 1 to 200 characters.
        at: When, in ISO 8601; left out: now.
    """

    text: str
    at: str | None = None


class Annotations(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people said of a model: time in ISO 8601 -> what happened then."""

    annotations: dict[str, str]


@router.get(
    "/{name}/annotations", responses=answers(Annotations) | described(401, 403, 404, 429, 503)
)
def said(request: Request, name: str, caller: Reader) -> Response:
    """What people said of a model."""
    service = service_of(request)
    return answer(Annotations(_told(service, service.model(caller, name).id)))


@router.post(
    "/{name}/annotations",
    status_code=201,
    responses=answers(Annotations, 201) | CHANGES,
    openapi_extra=takes({JSON: reference("NewAnnotation")}, "What happened, and when."),
)
async def annotate(request: Request, name: str, caller: Sender) -> Response:
    """Say that something happened to a model: a deploy, a retrain. It is drawn in its chart."""
    service = service_of(request)
    new = await _read(request, NewAnnotation)
    model = await asyncio.to_thread(service.model, caller, name)
    at = service.clock().isoformat() if new.at is None else new.at
    told = {**await asyncio.to_thread(_told, service, model.id), at: new.text}
    return answer(await asyncio.to_thread(_kept, service, caller, name, told), 201)


@router.put(
    "/{name}/annotations",
    responses=answers(Annotations) | CHANGES,
    openapi_extra=takes({JSON: reference("Annotations")}, "All that is to be known."),
)
async def say_all(request: Request, name: str, caller: Administrator) -> Response:
    """Say all that happened to a model, in place of what was said before."""
    new = await _read(request, Annotations)
    service = service_of(request)
    return answer(await asyncio.to_thread(_kept, service, caller, name, new.annotations))


async def _read(request: Request, kind: type[Body]) -> Body:
    body = await read_body(request, LARGEST)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "bad_annotation", f"this says nothing that happened: {error}") from error


def _told(service: Service, model: int) -> dict[str, str]:
    known = service.store.annotations(model)
    return {} if known is None else dict(known.told)


def _kept(service: Service, caller: Caller, name: str, told: Mapping[str, str]) -> Annotations:
    """Keep what is said, and have the model looked at again.

    Raises:
        Problem: There is no such model, too much is said, or a time or a text cannot be used.
    """
    model = service.model(caller, name)
    if len(told) > MOST:
        raise Problem(400, "bad_annotation", f"a model has at most {MOST} annotations")
    try:
        annotations_of(told)
    except ConfigError as error:
        raise Problem(400, "bad_annotation", error.message) from error
    service.store.annotate(model.id, StoredAnnotations(told, service.clock()))
    service.operator.wake(model.id)
    return Annotations(dict(told))
