"""The OpenAPI document: what the routes say of themselves, and the types that they speak of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi.routing import APIRoute

from wane.config import Settings
from wane.events.event import Label, Prediction
from wane.report.json_report import json_schema
from wane.server import annotation_routes, health, ingest, key_routes, listing
from wane.server.access import Gate
from wane.server.problem import Refusal
from wane.server.sessions import COOKIE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import APIRouter

    from wane.server.keys import Scope

REF = "#/components/schemas/{name}"
SHOWN = (
    *(Prediction, Label, Refusal, health.Health),
    *(ingest.Taken, ingest.Account),
    *(key_routes.NewKey, key_routes.MadeKey, key_routes.Keys),
    *(listing.Models, listing.ModelPage, listing.NewSettings, listing.Asked, listing.Windows),
    *(listing.AllSeries, annotation_routes.Annotations, annotation_routes.NewAnnotation),
)
"""The types of bodies and answers; those that they consist of come with them."""
SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "wane_<id>_<secret>",
        "description": "An API key.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A person who signed in; for changes, only from pages of this server.",
    },
}


def complete(document: dict[str, Any], routers: tuple[APIRouter, ...]) -> dict[str, Any]:
    """The document of the framework with schemas, keys and scopes."""
    for path, method, route in _operations(routers):
        if not route.include_in_schema:
            continue
        operation = document["paths"][path][method]
        operation["operationId"] = route.name
        if operation["responses"].get("422", {}).get("description") == "Validation Error":
            del operation["responses"]["422"]  # added for every parameter, also for plain text
        scope = scope_of(route)
        if scope is not None:
            operation["security"] = [{name: []} for name in SECURITY]
            operation["description"] += f"\n\nScope: {scope.value}."
    document["components"] = {"schemas": _schemas(), "securitySchemes": SECURITY}
    return document


def scope_of(route: APIRoute) -> Scope | None:
    """The scope that a route needs; None where everybody may ask."""
    scopes = [one.call.scope for one in route.dependant.dependencies if isinstance(one.call, Gate)]
    return scopes[0] if scopes else None


def _operations(routers: tuple[APIRouter, ...]) -> Iterator[tuple[str, str, APIRoute]]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in route.methods or ():
                    yield route.path_format, method.lower(), route


def _schemas() -> dict[str, Any]:
    """The schemas of all types, by name."""
    _, schemas = msgspec.json.schema_components(SHOWN, ref_template=REF)
    settings = Settings.model_json_schema(ref_template=REF.replace("{name}", "{model}"))
    result = json.loads(json.dumps(json_schema()).replace("#/$defs/", "#/components/schemas/"))
    parts: dict[str, Any] = result["properties"]
    return {
        **schemas,
        **settings.pop("$defs", {}),
        "Settings": settings,
        **result["$defs"],
        "Conclusions": _without(result, "measurements"),
        "Alerts": _object({name: parts[name] for name in ("alerts", "pending", "withdrawn")}),
        "Measurements": _object(
            {"measurements": parts["measurements"], "left_out": {"type": "integer", "minimum": 0}}
        ),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _without(schema: dict[str, Any], name: str) -> dict[str, Any]:
    """The schema of an object that lacks a property."""
    properties = {key: value for key, value in schema["properties"].items() if key != name}
    return {**_object(properties), "additionalProperties": False}
