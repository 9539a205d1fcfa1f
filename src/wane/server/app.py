"""The application: its routes, its errors, and the headers of every answer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.staticfiles import StaticFiles

from wane import __version__
from wane.errors import WaneError
from wane.server import alert_pages, annotation_routes, health, ingest, key_routes, listing, pages
from wane.server.document import complete
from wane.server.logged import one_line, traced
from wane.server.problem import Problem, internal, problem_of
from wane.server.references import PARQUET

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from wane.server.service import Service

LOG = logging.getLogger("wane.server")
ROUTERS = (
    ingest.router,
    listing.router,
    annotation_routes.router,
    key_routes.router,
    health.router,
    pages.router,
    alert_pages.router,
)
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
COMPRESSION_LEVEL = 5
LEAST_COMPRESSED = 1_024
"""Shorter answers go out as they are, in bytes."""
COMPRESSED_ALREADY = (*DEFAULT_EXCLUDED_CONTENT_TYPES, PARQUET)
CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}


class App(FastAPI):
    """FastAPI, with an OpenAPI document that says all there is to say."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            self.openapi_schema = complete(super().openapi(), ROUTERS)
        return self.openapi_schema


def create_app(service: Service) -> App:
    """The application that speaks for a service; starting and stopping that is the caller's."""
    app = App(
        title="wane",
        version=__version__,
        summary="See a model's performance wane before its users do.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(packages=[("wane.server", "static")]))
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(WaneError, _error)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(Compressed)
    app.add_middleware(Guard)  # added last, it sees every answer last
    return app


class Compressed:
    """What is read is compressed where the reader can unpack it; no secret is in such an answer.

    Answers to what is sent are short, and the way of events is not to be lengthened.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressing = GZipMiddleware(
            app, LEAST_COMPRESSED, COMPRESSION_LEVEL, exclude_content_types=COMPRESSED_ALREADY
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        reads = scope["type"] == "http" and scope["method"] == "GET"
        await (self._compressing if reads else self._app)(scope, receive, send)


class Guard:
    """What holds for every answer.

    It has headers that keep browsers from doing harm; HEAD is answered wherever GET is; and when
    something unforeseen happens, the answer is plain and the log has the rest.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        only_head = scope["method"] == "HEAD"
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message = {**message, "headers": [*message.get("headers", ()), *HEADERS]}
            elif only_head:
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        try:
            asked = {**scope, "method": "GET"} if only_head else scope
            await self._app(asked, receive, guarded)
        except ClientDisconnect:
            LOG.info("a body broke off in the middle")
            found = Problem(
                400, "incomplete_body", "the body broke off in the middle; send it again"
            )
        except Exception as error:
            LOG.error("unforeseen error: %s", traced(error))  # noqa: TRY400  # on one line
            if begun:
                raise
            found = internal()
        else:
            return
        await found.response()(scope, receive, guarded)


def _problem(request: Request, error: Exception) -> Response:
    found = error if isinstance(error, Problem) else internal()
    return pages.sign_in_instead(request, found) or found.response()


def _error(_request: Request, error: Exception) -> Response:
    found = problem_of(error) if isinstance(error, WaneError) else internal()
    LOG.log(logging.ERROR if found.status >= 500 else logging.INFO, "%s", one_line(error))
    return found.response()


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return internal().response()
    code, status = CODES.get(error.status_code, "http"), error.status_code
    headers = {"Allow": _methods(request)} if status == 405 else error.headers
    return Problem(status, code, str(error.detail), headers=headers).response()


def _methods(request: Request) -> str:
    """The methods of all routes of an address."""
    found = {
        method
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    return ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))


def _invalid(_request: Request, error: Exception) -> Response:
    found = error.errors()[:3] if isinstance(error, RequestValidationError) else []
    told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)
    return Problem(422, "invalid_parameter", told).response()
