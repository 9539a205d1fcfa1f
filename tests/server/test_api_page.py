"""docs/api.md says what the code does."""

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from server.served import OURS, Served, routes
from wane.events import decode, event, validate
from wane.server import body, rate, references
from wane.server.exposition import MOST_SERIES
from wane.server.keys import Scope
from wane.server.listing import MOST_ROWS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "api.md").read_text("utf-8")
CODES = re.compile(r"""(?:Problem|_too_large)\(\s*(?:\d{3},\s*"(\w+)")""")


def test_every_code_of_a_problem_is_told_and_no_other() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "src/wane/server").glob("*.py")]
    programs = [text for text in sources if "include_in_schema=False" not in text]
    made = {code for text in programs for code in CODES.findall(text)}
    made |= {"bad_request", "not_found", "method_not_allowed"}
    table = TEXT.split("| status |")[1].split("\n\n")[0]
    told = {
        code
        for line in table.splitlines()[2:]
        for code in re.findall(r"`(\w+)`", line.split("|")[2])
    }
    assert told == made


def test_every_route_for_programs_is_told() -> None:
    paths = {path for _, path, route in routes() if route.include_in_schema}
    missing = {path for path in paths if path not in TEXT.replace("churn", "{name}")}
    assert missing == {"/v1/keys/{key_id}", "/v1/models/{name}/evaluate"}


def test_every_scope_is_told() -> None:
    assert all(f"| `{scope}` |" in TEXT for scope in Scope)


def test_every_field_of_a_prediction_is_told() -> None:
    assert [f for f in event.Prediction.__struct_fields__ if f"`{f}`" not in TEXT] == []


@pytest.mark.parametrize(
    "bound",
    [
        f"{body.LARGEST >> 20} MB as sent",
        f"{body.LARGEST_UNPACKED >> 20} MB unpacked",
        f"within {body.SLOWEST_SECONDS:g} s",
        f"{decode.MOST_ROWS:,} rows",
        f"{validate.MOST_FEATURES:,} features",
        f"{rate.PER_SECOND:,.0f} requests a second, {rate.BURST:,.0f} at once",
        f"up to {references.LARGEST >> 20} MB",
        f"{MOST_ROWS:,} rows and says how many",
        f"beyond {MOST_SERIES:,} of a model",
    ],
)
def test_every_bound_is_the_one_that_holds(bound: str) -> None:
    assert bound in TEXT


def test_every_series_is_told(watched: Served) -> None:
    text = watched.service.exposition.text(OURS, watched.clock()).decode()
    names = {
        sample.name for family in text_string_to_metric_families(text) for sample in family.samples
    }
    told = set(re.findall(r"`(wane_[a-z_]+)`", TEXT.split("## Watching it")[1]))
    assert names == told - {"wane_events_lost_total"}  # nothing was lost


def test_the_example_of_a_batch_is_what_happens(served: Served) -> None:
    sent, answered = re.search(  # type: ignore[union-attr]
        r"churn/predictions .*? -d '(.*?)'\n\n(.*?)\n\n", TEXT, re.DOTALL
    ).groups()
    answer = served.client.post(
        "/v1/models/churn/predictions", content=sent, headers=served.headers(Scope.INGEST)
    )
    assert re.sub(r"\s", "", answer.text) == re.sub(r"\s", "", answered)


@pytest.mark.parametrize("path", ["labels", "client", "settings"])
def test_the_other_examples_are_taken(served: Served, path: str) -> None:
    found = re.search(rf"churn/{path} .*? -d '(.*?)'\n", TEXT, re.DOTALL)
    assert found is not None
    method = "PUT" if path == "settings" else "POST"
    answer = served.client.request(
        method, f"/v1/models/churn/{path}", content=found[1], headers=served.headers(Scope.ADMIN)
    )
    assert answer.status_code in (200, 204), answer.text
