"""The OpenAPI document: whole, true, and the one that is kept in the repository."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from server.served import Served, routes
from wane.server.document import scope_of
from wane.server.keys import Scope

KEPT = Path(__file__).parents[2] / "docs" / "openapi.json"
Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture
def document(watched: Served) -> dict[str, Any]:
    return watched.app.openapi()


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def references(value: object) -> Iterator[str]:
    """Every `$ref` in a value."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_document_kept_is_the_one_that_is_served(document: dict[str, Any]) -> None:
    """Write it again with `cd tests; python -m server.write_openapi`."""
    assert json.loads(KEPT.read_text("utf-8")) == document


def test_everybody_may_read_it(watched: Served, document: dict[str, Any]) -> None:
    assert watched.client.get("/openapi.json").json() == document


def test_every_route_for_programs_is_in_it(document: dict[str, Any]) -> None:
    found = {(method.upper(), path) for method, path, _ in operations(document)}
    shown = {(method, path) for method, path, route in routes() if route.include_in_schema}
    assert found == shown
    assert all(path.startswith(("/v1/", "/health/", "/metrics")) for _, path in found)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    names = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert found <= names
    assert len(found) > 20


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_gated_operations_say_their_scope_and_how_to_show_a_key(document: dict[str, Any]) -> None:
    scopes = {(method.lower(), path): scope_of(route) for method, path, route in routes()}
    for method, path, operation in operations(document):
        scope = scopes[method, path]
        statuses = set(operation["responses"])
        if scope is None:
            assert "security" not in operation
            assert not statuses & {"401", "403", "429"}
        else:
            assert {"bearer": []} in operation["security"]
            assert f"Scope: {scope.value}." in operation["description"]
            assert {"401", "403", "429", "503"} <= statuses
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_every_body_is_described(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        assert ("requestBody" in operation) == (
            method in ("post", "put") and not path.endswith("/evaluate")
        )
        for status, response in operation["responses"].items():
            content = response.get("content", {})
            assert bool(content) == (status != "204")
            assert all(one["schema"] for one in content.values())


def test_answers_are_what_the_document_says(watched: Served, document: dict[str, Any]) -> None:
    headers = watched.headers(Scope.ADMIN)
    checked = 0
    for method, path, operation in operations(document):
        if method != "get":
            continue
        for name in ("churn", "absent"):
            answer = watched.client.get(path.replace("{name}", name), headers=headers)
            said = operation["responses"][str(answer.status_code)]["content"]
            media = answer.headers["content-type"].split(";")[0]
            assert media in said
            if media == "application/json":
                jsonschema.validate(
                    answer.json(), {**said[media]["schema"], "components": document["components"]}
                )
                checked += 1
    assert checked > 10
