"""Is the server well? And figures about it for Prometheus."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from wane.server.access import allowed, service_of
from wane.server.exposition import CONTENT_TYPE, exposition
from wane.server.keys import Caller, Scope
from wane.server.problem import Problem, answered, described
from wane.server.space import check_space

router = APIRouter()
Reader = Annotated[Caller, Depends(allowed(Scope.READ))]


@router.get("/health/live")
def live() -> Response:
    """Whether the process answers."""
    return JSONResponse({"status": "alive"})


@router.get("/health/ready", responses=described(503))
def ready(request: Request) -> Response:
    """Whether events are taken: the store answers, the disk has room, the queue too."""
    service = service_of(request)
    service.store.keys()
    check_space(service.directory.path)
    try:
        service.writer.check_room()
    except Problem as full:
        raise Problem(503, full.code, full.message, retry_after=1) from full
    return JSONResponse({"status": "ready", "failing_models": len(service.operator.failures)})


@router.get(
    "/metrics",
    responses=answered(CONTENT_TYPE.split(";")[0]) | described(401, 403, 429, 503),
    response_class=Response,
)
def metrics(request: Request, caller: Reader) -> Response:
    """Figures for Prometheus, of the models of the tenant."""
    return Response(exposition(service_of(request), caller.tenant), media_type=CONTENT_TYPE)
