from __future__ import annotations

import json
import math
from dataclasses import replace

import jsonschema
import pytest

from report.build_result import ALL, Recorder, days, declining, late, series
from wane.report import json_report, text
from wane.report.json_report import as_object, measurement_objects


@pytest.mark.parametrize("name", [name for name in ALL if name != "large"])
def test_every_kind_of_result_is_valid(name: str) -> None:
    rendered = json_report.render(ALL[name]())
    validator = jsonschema.Draft202012Validator(json_report.json_schema())
    assert list(validator.iter_errors(json.loads(rendered))) == []
    assert "NaN" not in rendered
    assert "Infinity" not in rendered


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_report.json_schema())


def test_the_keys_are_those_of_the_issue() -> None:
    found = as_object(declining())
    assert list(found) == [
        *("schema_version", "verdict", "rows", "reference", "alerts", "pending", "summary"),
        *(
            "findings",
            "detection",
            "provisional",
            "withdrawn",
            "decomposition",
            "localised",
            "faults",
        ),
        "measurements",
    ]
    assert list(found["verdict"]) == [
        *("state", "sentence", "advice", "action", "reasons", "numbers", "evidence")
    ]
    assert list(found["rows"]) == ["read", "used", "rejected"]
    assert list(found["measurements"][0]) == [
        *("window_start", "window_end", "segment", "metric", "column", "value", "low", "high"),
        *("n", "reference_value", "reason"),
    ]
    assert list(found["alerts"][0]) == [
        *("rule", "metric", "column", "segment", "severity", "window_start", "window_end"),
        *("value", "threshold", "n", "reason"),
    ]
    assert list(found["summary"]["accuracy"]) == ["first", "last", "change", "mean"]


def test_windows_that_wait_for_labels_are_listed() -> None:
    found = as_object(late())
    assert found["provisional"] == [f"2026-10-{day}T00:00:00Z" for day in (27, 28, 29, 30)]
    assert as_object(declining())["provisional"] == []


def test_what_is_pending_is_listed_everywhere() -> None:
    result = declining()
    waits = replace(result.alerts[-1], asked=3, reason="accuracy is low, so far")
    result = replace(result, pending=(waits,))
    (found,) = as_object(result)["pending"]
    assert (found["asked"], found["reason"]) == (3, "accuracy is low, so far")
    validator = jsonschema.Draft202012Validator(json_report.json_schema())
    assert list(validator.iter_errors(json.loads(json_report.render(result)))) == []
    assert "accuracy is low, so far" in " ".join(text.render(result).split())
    assert "but not for long enough yet" in result.to_html()


def test_times_are_utc_with_z() -> None:
    found = as_object(series())
    assert found["measurements"][0]["window_start"] == "2025-01-01T00:00:00Z"
    assert found["measurements"][0]["window_end"] == "2025-01-02T00:00:00Z"
    assert found["alerts"][-1]["window_start"] == "2025-01-10T00:00:00Z"


def test_row_windows_are_integers() -> None:
    first = as_object(ALL["by_rows"]())["measurements"][0]
    assert isinstance(first["window_start"], int)
    assert first["window_end"] > first["window_start"]


def test_undefined_and_infinite_values_are_null_with_a_reason() -> None:
    recorder = Recorder(days(3))
    recorder.add("mape", [math.nan, math.inf, 1.0], reason="a label is zero")
    found = list(measurement_objects(recorder.measurements()))
    assert [one["value"] for one in found] == [None, None, 1.0]
    assert [one["reason"] for one in found] == ["a label is zero", "the value is infinite", None]
    assert found[0]["reference_value"] is None
