"""Answers as JSON, and what the OpenAPI document says of them: both from one type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json"
BINARY = {"type": "string", "format": "binary"}
TEXT = {"type": "string"}
Responses = dict[int | str, dict[str, Any]]


def answer(value: msgspec.Struct, status: int = 200) -> Response:
    """A value as JSON. Numbers that JSON does not have become null."""
    return Response(msgspec.json.encode(value), status, media_type=JSON)


def answers(kind: type[msgspec.Struct], status: int = 200) -> Responses:
    """That a route answers with values of a type; see `document.SHOWN`."""
    return answers_in({JSON: reference(kind.__name__)}, status, _sentence(kind))


def answers_in(
    content: Mapping[str, Mapping[str, Any]], status: int = 200, what: str = "What was asked for."
) -> Responses:
    """That a route answers in these types of content, each with its schema."""
    described = {media: {"schema": dict(schema)} for media, schema in content.items()}
    return {status: {"description": what, "content": described}}


def done() -> Responses:
    """That a route answers without a body."""
    return {204: {"description": "It is done."}}


def takes(content: Mapping[str, Mapping[str, Any]], what: str) -> dict[str, Any]:
    """The bodies that a route takes, each type with its schema."""
    described = {media: {"schema": dict(schema)} for media, schema in content.items()}
    return {"requestBody": {"required": True, "description": what, "content": described}}


def reference(name: str) -> dict[str, str]:
    """A schema that stands among the components of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def _sentence(kind: type) -> str:
    """The first line of what a type says of itself."""
    return (kind.__doc__ or "").strip().splitlines()[0]
