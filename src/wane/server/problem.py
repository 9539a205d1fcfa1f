"""Errors as answers: one JSON shape, with a word for programs and a sentence for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from wane.errors import DataError, StoreError, UsageError

if TYPE_CHECKING:
    from starlette.responses import Response

    from wane.errors import WaneError


class Problem(Exception):  # noqa: N818  # it is what is answered, not what went wrong here
    """A request that is not carried out.

    Args:
        status: HTTP status.
        code: A word for programs.
        message: A sentence: what is wrong, and what to do.
        retry_after: Seconds after which asking again makes sense; None: it does not.
    """

    def __init__(
        self, status: int, code: str, message: str, *, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def response(self) -> Response:
        """The answer."""
        headers: dict[str, str] = {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        body = {"error": {"code": self.code, "message": self.message}}
        return JSONResponse(body, self.status, headers)


def problem_of(error: WaneError) -> Problem:
    """What is answered to an error of the library."""
    if isinstance(error, StoreError):
        return Problem(503, "store_unavailable", error.message, retry_after=5)
    if isinstance(error, UsageError | DataError):
        return Problem(400, "bad_request", error.message)
    return Problem(500, "internal", "an internal error; the server's log has more")


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The statuses of a route that is not carried out, for the OpenAPI document."""
    content = {"application/json": {"schema": SCHEMA}}
    return {status: {"description": WORDS[status], "content": content} for status in statuses}


def answered(
    *media: str, status: int = 200, what: str = "What was asked for."
) -> dict[int | str, dict[str, Any]]:
    """The types of the answer of a route, for the OpenAPI document."""
    return {status: {"description": what, "content": {name: {} for name in media}}}


SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}
WORDS = {
    400: "The request cannot be understood.",
    401: "No valid key.",
    403: "The key does not allow this.",
    404: "There is no such thing.",
    409: "It is being done already.",
    413: "The body is too large.",
    415: "The body is of a type that is not taken.",
    422: "A parameter is not valid.",
    429: "Too many requests; Retry-After says when to come back.",
    503: "Not now; Retry-After says when to come back.",
}
