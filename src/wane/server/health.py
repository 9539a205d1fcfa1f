"""Is the server well? And figures about it for Prometheus."""

from __future__ import annotations

from typing import Literal

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from wane.server.access import Reader, service_of
from wane.server.answer import TEXT, answer, answers, answers_in
from wane.server.exposition import CONTENT_TYPE
from wane.server.problem import Problem, described
from wane.server.space import check_space

router = APIRouter(tags=["operation"])


class Health(msgspec.Struct, frozen=True):
    """How the server is."""

    status: Literal["alive", "ready"]


@router.get("/health/live", responses=answers(Health))
async def live() -> Response:
    """Whether the process answers."""
    return answer(Health("alive"))


@router.get("/health/ready", responses=answers(Health) | described(503))
def ready(request: Request) -> Response:
    """Whether events are taken: the store answers, the disk has room, the queue too."""
    service = service_of(request)
    service.store.keys()
    check_space(service.directory.path)
    try:
        service.writer.check_room()
    except Problem as full:
        raise Problem(503, full.code, full.message, retry_after=1) from full
    return answer(Health("ready"))


@router.get(
    "/metrics",
    responses=answers_in({CONTENT_TYPE.split(";")[0]: TEXT}) | described(401, 403, 429, 503),
    response_class=Response,
)
def metrics(request: Request, caller: Reader) -> Response:
    """Figures for Prometheus, of the models of the tenant."""
    service = service_of(request)
    text = service.exposition.text(caller.tenant, service.clock())
    return Response(text, media_type=CONTENT_TYPE)
