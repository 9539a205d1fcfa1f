"""The application: its routes, its errors, and the headers of every answer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from wane import __version__
from wane.errors import WaneError
from wane.server import health, ingest, key_routes, listing, pages
from wane.server.problem import Problem, problem_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from wane.server.service import Service

LOG = logging.getLogger("wane.server")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
CODES = {404: "not_found", 405: "method_not_allowed"}


def create_app(service: Service) -> FastAPI:
    """The application that speaks for a service; starting and stopping that is the caller's."""
    app = FastAPI(
        title="wane",
        version=__version__,
        summary="See a model's performance wane before its users do.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    for router in (ingest.router, listing.router, key_routes.router, health.router, pages.router):
        app.include_router(router)
    app.mount("/static", StaticFiles(packages=[("wane.server", "static")]))
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(WaneError, _error)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unforeseen)
    app.add_middleware(Headers)
    return app


class Headers:
    """Gives every answer the headers that keep browsers from doing harm."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def _problem(request: Request, error: Exception) -> Response:
    found = error if isinstance(error, Problem) else Problem(500, "internal", "internal error")
    return pages.sign_in_instead(request, found) or found.response()


def _error(_request: Request, error: Exception) -> Response:
    LOG.warning("%s", error)
    found = problem_of(error) if isinstance(error, WaneError) else None
    return (found or Problem(500, "internal", "internal error")).response()


def _http(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = str(error.detail) if isinstance(error, HTTPException) else "internal error"
    return Problem(status, CODES.get(status, "http"), detail).response()


def _invalid(_request: Request, error: Exception) -> Response:
    found = error.errors()[:3] if isinstance(error, RequestValidationError) else []
    told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)
    return Problem(422, "invalid_parameter", told).response()


def _unforeseen(_request: Request, error: Exception) -> Response:
    LOG.error("unforeseen error", exc_info=error)
    return Problem(500, "internal", "an internal error; the server's log has more").response()
