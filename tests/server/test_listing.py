import csv
import datetime as dt
import io
import json
from typing import Any

import httpx
import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from server.served import NOW, OURS, THEIRS, Served, row, told
from wane.events.arrow import ARROW
from wane.metrics.tidy import to_objects
from wane.report.json_report import json_schema
from wane.server import listing
from wane.server.keys import Scope
from wane.server.references import PARQUET

URL = "/v1/models/churn"
NEWEST_DAY = "2026-11-25T00:00:00Z"


def get(served: Served, path: str = "", **query: Any) -> httpx.Response:  # noqa: ANN401
    return served.client.get(URL + path, params=query, headers=served.headers(Scope.READ))


def test_models_are_listed_with_their_verdicts(watched: Served) -> None:
    answer = watched.client.get("/v1/models", headers=watched.headers(Scope.READ))
    (model,) = answer.json()["models"]
    assert model["name"] == "churn"
    assert model["sentence"]
    assert dt.datetime.fromisoformat(model["evaluated"]) == NOW
    assert dt.datetime.fromisoformat(model["newest_window_end"]) == NOW.replace(hour=0)
    assert get(watched).json().items() >= model.items()


def test_a_model_is_shown_with_its_settings_and_counters(watched: Served) -> None:
    found = get(watched).json()
    assert found["settings"]["rules"][0]["rule"] == "latency_p50 > 0.001"
    assert found["settings_version"] == 2
    assert (found["counts"], found["parked_labels"]) == ({}, 0)
    assert (found["reference"], found["failure"]) == (None, None)


def test_a_model_that_was_never_evaluated_says_so(served: Served) -> None:
    served.client.post(f"{URL}/predictions", json=[row(1)], headers=served.headers(Scope.INGEST))
    found = get(served).json()
    assert (found["state"], found["sentence"], found["evaluated"]) == ("no data", None, None)
    for path in ("/conclusions", "/alerts", "/report", "/measurements"):
        assert told(get(served, path)) == (404, "not_evaluated")
    assert get(served, "/windows").json() == {"windows": []}


def test_windows_are_listed_oldest_first(watched: Served) -> None:
    found = get(watched, "/windows").json()["windows"]
    starts = [dt.datetime.fromisoformat(one["window_start"]) for one in found]
    days = [NOW.replace(hour=0) - dt.timedelta(days=n) for n in range(12, 0, -1)]
    assert starts == days
    assert {one["revision"] for one in found} == {1}


def test_conclusions_are_those_of_check(watched: Served) -> None:
    found = get(watched, "/conclusions").json()
    schema = json_schema()
    schema["required"].remove("measurements")
    jsonschema.validate(found, schema)
    alerts = get(watched, "/alerts").json()
    assert alerts == {name: found[name] for name in ("alerts", "pending", "withdrawn")}
    assert alerts["alerts"]


def test_the_report_is_a_file_to_keep(watched: Served) -> None:
    answer = get(watched, "/report")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-disposition"] == 'attachment; filename="churn.html"'
    assert answer.text.lstrip().startswith("<!doctype html>")


def test_measurements_are_the_same_in_every_form(watched: Served) -> None:
    shown = get(watched, "/measurements").json()
    assert shown["left_out"] == 0
    rows = shown["measurements"]
    assert len(rows) > 100
    parquet = get(watched, "/measurements", format="parquet")
    assert parquet.headers["content-type"] == PARQUET
    table = pq.read_table(io.BytesIO(parquet.content))
    assert to_objects(table) == rows
    arrow = get(watched, "/measurements", format="arrow")
    assert arrow.headers["content-type"] == ARROW
    with pa.ipc.open_stream(arrow.content) as stream:
        assert stream.read_all().equals(table)
    text = get(watched, "/measurements", format="csv")
    assert text.headers["content-type"].startswith("text/csv")
    assert len(list(csv.DictReader(io.StringIO(text.text)))) == len(rows)


@pytest.mark.parametrize(
    ("query", "column", "values"),
    [
        ({"metric": "volume"}, "metric", {"volume"}),
        ({"metric": ["volume", "accuracy"]}, "metric", {"volume", "accuracy"}),
        ({"column": "x"}, "column", {"x"}),
        ({"metric": "nothing"}, "metric", set()),
        ({"segment": "channel=web"}, "segment", set()),
        ({"metric": "volume", "last": "47h"}, "window_start", {NEWEST_DAY}),
        ({"metric": "volume", "last": "1min"}, "window_start", set()),
        ({"metric": "volume", "since": "2026-11-25T01:00:00+01:00"}, "window_start", {NEWEST_DAY}),
        ({"metric": "volume", "since": "2026-11-25T00:00:01Z"}, "window_start", set()),
        ({"until": "2026-11-14T23:00:00-01:00"}, "window_start", {"2026-11-14T00:00:00Z"}),
        ({"until": "2026-11-14T23:59:59Z"}, "window_start", set()),
    ],
)
def test_measurements_are_narrowed(
    watched: Served, query: dict[str, Any], column: str, values: set[str]
) -> None:
    rows = get(watched, "/measurements", **query).json()["measurements"]
    assert {one[column] for one in rows} == values


def test_json_has_a_bound_and_says_what_is_left_out(
    watched: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = get(watched, "/measurements").json()["measurements"]
    monkeypatch.setattr(listing, "MOST_ROWS", 10)
    shown = get(watched, "/measurements").json()
    assert shown == {"measurements": every[:10], "left_out": len(every) - 10}


@pytest.mark.parametrize("path", ["", "/windows", "/conclusions", "/alerts", "/measurements"])
def test_models_of_others_are_as_good_as_none(watched: Served, path: str) -> None:
    theirs = watched.headers(Scope.ADMIN, tenant=THEIRS)
    assert told(watched.client.get(URL + path, headers=theirs)) == (404, "unknown_model")
    ours = watched.client.get("/v1/models", headers=theirs).json()["models"]
    assert [one["name"] for one in ours] == ["secret"]


def put(served: Served, settings: object) -> httpx.Response:
    return served.client.put(f"{URL}/settings", json=settings, headers=served.headers(Scope.ADMIN))


def test_settings_hold_from_now_on(served: Served) -> None:
    given = {"every": "1h", "service": {"grace": "30min"}}
    assert put(served, given).json() == {"settings": given, "settings_version": 2}
    assert put(served, given).json()["settings_version"] == 2
    assert put(served, {}).json() == {"settings": {}, "settings_version": 3}
    assert get(served).json()["settings"] == {}


@pytest.mark.parametrize(
    "settings",
    [
        [],
        {"evry": "1h"},
        {"every": 1},
        {"service": {"keep_rows": "forever"}},
        {"service": {"private": {"x": "encrypt"}}},
    ],
)
def test_settings_that_are_none_change_nothing(served: Served, settings: object) -> None:
    assert told(put(served, settings)) == (400, "bad_settings")
    assert served.service.store.models() == ()


def test_settings_count_from_the_next_event_on(served: Served) -> None:
    headers = served.headers(Scope.INGEST)
    old = row(1, timestamp=(NOW - dt.timedelta(days=5)).isoformat())
    put(served, {"service": {"keep_rows": "2d"}})
    first = served.client.post(f"{URL}/predictions", json=[old], headers=headers).json()
    assert [one["code"] for one in first["rejected"]] == ["old_timestamp"]
    put(served, {"service": {"keep_rows": "10d"}})
    assert served.client.post(f"{URL}/predictions", json=[old], headers=headers).json() == {
        "accepted": 1,
        "duplicate": 0,
        "rejected": [],
    }


def test_a_failure_is_shown_until_it_is_over(served: Served) -> None:
    served.client.post(f"{URL}/predictions", json=[row(1)], headers=served.headers(Scope.INGEST))
    model = served.service.store.model(OURS, "churn")
    assert model is not None
    served.service.operator._failed(model, NOW, RuntimeError("something"))
    found = get(served).json()
    assert found["failure"]["message"] == "RuntimeError: something"
    assert found["counts"] == {"evaluation_failed": 1}


def test_an_evaluation_can_be_asked_for(served: Served) -> None:
    served.service.store.open_model(OURS, "churn", NOW)
    answer = served.client.post(f"{URL}/evaluate", headers=served.headers(Scope.ADMIN))
    assert (answer.status_code, json.loads(answer.content)) == (202, {"status": "asked"})


def test_every_series_is_listed_with_its_newest_value(watched: Served) -> None:
    found = get(watched, "/series").json()
    assert found["left_out"] == 0
    volume = next(one for one in found["series"] if one["metric"] == "volume")
    assert (volume["value"], volume["column"], volume["segment"]) == (60, None, None)
    undefined = [one for one in found["series"] if one["value"] is None]
    assert all(one["reason"] for one in undefined)
    missing = watched.client.get("/v1/models/no/series", headers=watched.headers(Scope.READ))
    assert told(missing) == (404, "unknown_model")
