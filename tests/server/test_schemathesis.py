"""Requests that schemathesis makes from the OpenAPI document, right ones and wrong ones.

No answer may be a fault of ours, or of a status, type or shape that the document does not know;
wrong requests are refused; and nothing is answered to whom shows no key.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.transport.serialization import Binary

from server.served import NOW, OURS, Served, serving
from wane.report.parts import CONCLUSIONS, MEASUREMENTS, NEWEST, REPORT, SUMMARY
from wane.server.keys import Scope
from wane.server.rate import RateLimit
from wane.server.references import PARQUET
from wane.store.records import Evaluated

EXAMPLES = 10
KEPT = Path(__file__).parents[2] / "docs" / "openapi.json"
LABELS = [
    f"{method.upper()} {path}"
    for path, methods in json.loads(KEPT.read_text("utf-8"))["paths"].items()
    for method in methods
]
CONFIG = schemathesis.Config.from_dict({"generation": {"deterministic": True}})
BATCHES = ("/predictions", "/labels")
"""Their rows are refused one by one, in an answer that is 200."""
Operation = APIOperation[Any, Any, Any, Any]
load_all_checks()
NO_REASON = {"positive_data_acceptance", "max_response_time", "negative_data_rejection"}
EVERY: list[Any] = [CHECKS.get_one(n) for n in CHECKS.get_all_names() if n not in NO_REASON]
STRICT = [*EVERY, CHECKS.get_one("negative_data_rejection")]


@schemathesis.serializer(PARQUET)
def _as_it_is(_context: object, value: object) -> bytes:
    return value.data if isinstance(value, Binary) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def asked(watched: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A service with a model that has the results of another one's evaluation."""
    path = tmp_path_factory.mktemp("asked") / "data"
    with serving(path, rate=RateLimit(per_second=1e9, burst=1e9)) as served:
        theirs, store = watched.service.store, served.service.store
        (evaluated,) = theirs.models(OURS)
        plan = theirs.plan(evaluated.id)
        assert plan is not None
        parts = {
            name: found.body
            for name in (CONCLUSIONS, MEASUREMENTS, NEWEST, REPORT, SUMMARY)
            if (found := theirs.result(evaluated.id, name)) is not None
        }
        model = store.open_model(OURS, "churn", NOW)
        store.evaluated(model.id, Evaluated(plan.id, {}, (), {}, parts), NOW)
        yield served


@pytest.fixture(scope="module")
def operations(asked: Served) -> dict[str, Operation]:
    """The operations of the document, by method and path."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", asked.app, config=CONFIG)
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    return {operation.label: operation for operation in found}


@pytest.mark.parametrize(
    ("label", "mode"),
    [
        (label, mode)
        for label in LABELS
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or not label.startswith("GET /health")  # nothing to mar
    ],
)
def test_every_request_is_answered_as_the_document_says(
    asked: Served, operations: dict[str, Operation], label: str, mode: GenerationMode
) -> None:
    operation = operations[label]
    checks = EVERY if operation.path.endswith(BATCHES) else STRICT
    headers = {"Authorization": f"Bearer {asked.key(Scope.ADMIN)}"}
    names = st.booleans() if mode is GenerationMode.POSITIVE else st.just(False)

    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=[*HealthCheck])
    @given(case=operation.as_strategy(generation_mode=mode), known=names)
    def ask(case: schemathesis.Case[Any], known: bool) -> None:  # noqa: FBT001
        if known and "name" in case.path_parameters:
            case.path_parameters["name"] = "churn"
        case.call_and_validate(headers=headers, checks=checks)

    ask()
