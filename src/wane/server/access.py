"""Who asks, and may they? Programs send a key, people have a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from wane.server.keys import Caller, Scope
from wane.server.problem import Problem
from wane.server.sessions import COOKIE

if TYPE_CHECKING:
    from wane.server.service import Service

SAFE = {"GET", "HEAD", "OPTIONS"}


def service_of(request: Request) -> Service:
    """The running service."""
    service: Service = request.app.state.service
    return service


@dataclass(frozen=True, slots=True)
class Gate:
    """A dependency: the caller, if a key or session is there and grants the scope.

    Attributes:
        scope: What is needed.
    """

    scope: Scope

    async def __call__(self, request: Request) -> Caller:
        """Who asks; asynchronous only so that it costs no change of threads.

        Raises:
            Problem: 401, 403, 429.
        """
        found = identified(request)
        if found is None:
            raise Problem(
                401, "no_key", "send a key: `Authorization: Bearer wane_...`, or sign in at /login"
            )
        service = service_of(request)
        service.rate.take(found.key, service.seconds())
        if not found.may(self.scope):
            raise Problem(
                403, "scope", f"this key does not have the scope {self.scope.value!r}; use another"
            )
        return found


Sender = Annotated[Caller, Depends(Gate(Scope.INGEST))]
"""The caller of a route that needs this scope; likewise the other two."""
Reader = Annotated[Caller, Depends(Gate(Scope.READ))]
Administrator = Annotated[Caller, Depends(Gate(Scope.ADMIN))]


def identified(request: Request) -> Caller | None:
    """Who asks: by a key, else by a session.

    A session counts for changes only when the request comes from our own pages.
    """
    service = service_of(request)
    header = request.headers.get("authorization", "")
    if header:
        kind, _, key = header.partition(" ")
        return service.caller(key.strip()) if kind.lower() == "bearer" else None
    caller = service.signed_in(request.cookies.get(COOKIE))
    if caller is not None and request.method not in SAFE:
        check_origin(request)
    return caller


def check_origin(request: Request) -> None:
    """Refuse changes that another site's page asks for.

    Raises:
        Problem: 403.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = site in ("same-origin", "none")
    if site is None and origin is not None:
        own = _place(origin) == request.headers.get("host")
    if not own:
        raise Problem(403, "foreign_origin", "this change was not asked for by a page of ours")


def _place(origin: str) -> str | None:
    """Host and port of an origin; None where it is none."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None
