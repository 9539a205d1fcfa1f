"""Errors as answers: one JSON shape, with a word for programs and a sentence for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response

from wane.errors import DataError, StoreError, UsageError
from wane.server.answer import JSON, Responses, reference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wane.errors import WaneError


class Told(msgspec.Struct, frozen=True):
    """What is wrong.

    Attributes:
        code: A word for programs.
        message: A sentence: what is wrong, and what to do.
    """

    code: str
    message: str


class Refusal(msgspec.Struct, frozen=True):
    """The request is not carried out."""

    error: Told


class Problem(Exception):  # noqa: N818  # it is what is answered, not what went wrong here
    """A request that is not carried out.

    Args:
        status: HTTP status.
        code: A word for programs.
        message: A sentence: what is wrong, and what to do.
        retry_after: Seconds after which asking again makes sense; None: it does not.
        headers: Other headers of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
        self.headers = headers or {}

    def response(self) -> Response:
        """The answer."""
        headers = {**self.headers, "Cache-Control": "no-store"}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        body = msgspec.json.encode(Refusal(Told(self.code, _encodable(self.message))))
        return Response(body, self.status, headers, JSON)


def internal() -> Problem:
    """What is answered when it is our fault."""
    return Problem(500, "internal", "an internal error; the server's log has more")


def behind() -> Problem:
    """What is answered while more comes in than can be written."""
    return Problem(429, "queue_full", "the server is behind; send this again later", retry_after=1)


def problem_of(error: WaneError) -> Problem:
    """What is answered to an error of the library.

    What the store says names paths of the server, which is for its log alone.
    """
    if isinstance(error, StoreError):
        return Problem(
            503,
            "store_unavailable",
            "the server cannot read or write its data now; its log says why. Send this again later",
            retry_after=5,
        )
    if isinstance(error, UsageError | DataError):
        return Problem(400, "bad_request", error.message)
    return internal()


def described(*statuses: int) -> Responses:
    """The statuses of a route that is not carried out, for the OpenAPI document."""
    content = {JSON: {"schema": reference(Refusal.__name__)}}
    return {
        status: {"description": WORDS[status], "content": content}
        | ({"headers": HEADERS[status]} if status in HEADERS else {})
        for status in statuses
    }


def _encodable(text: str) -> str:
    """The text without halves of surrogate pairs, which UTF-8 does not have."""
    return text.encode("utf-8", "replace").decode()


WORDS = {
    400: "The request cannot be understood.",
    401: "No valid key.",
    403: "The key does not allow this.",
    404: "There is no such thing.",
    408: "The body came too slowly.",
    409: "What is there already stands against it.",
    413: "The body is too large.",
    415: "The body is of a type that is not taken.",
    422: "A parameter is not valid.",
    429: "Too many requests.",
    503: "Not now.",
}
_LATER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
HEADERS = {
    401: {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}}},
    429: _LATER,
    503: _LATER,
}
