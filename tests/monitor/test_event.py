from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.monitor.event import LabelEvent, PredictionEvent
from wane.monitor.roles import RESERVED, ROLES, unfit_name

NOW = 1_700_000_000_123_456_789
NOW_TEXT = "2023-11-14T22:13:20.123456Z"
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=50),
)
NAMES = st.text(min_size=1, max_size=30).filter(lambda name: unfit_name(name) is None)


def event(
    features: dict[Any, object] | None = None, **roles: object
) -> tuple[dict[str, Any], tuple[str, ...]]:
    line = PredictionEvent("a", NOW, roles, features).line()
    assert line.body.endswith(b"\n")
    assert line.body.count(b"\n") == 1
    return json.loads(line.body), line.lost


@given(features=st.dictionaries(NAMES, SCALARS, max_size=8), prediction=SCALARS)
def test_any_scalar_row_comes_back(features: dict[Any, object], prediction: object) -> None:
    sent, lost = event(features, prediction=prediction)
    assert lost == ()
    assert sent["features"] == features
    assert sent.get("prediction") == prediction
    types = {name: type(value) for name, value in features.items()}
    assert {name: type(value) for name, value in sent["features"].items()} == types


@given(name=st.text(st.characters(), min_size=1), value=st.text(st.characters()))
def test_any_text_is_sent_as_utf_8_also_with_half_characters(name: str, value: str) -> None:
    line = PredictionEvent("a", NOW, {}, {f"_{name}": value}).line()
    line.body.decode("utf-8")
    json.loads(line.body)


def test_different_half_characters_stay_different() -> None:
    one, other = (LabelEvent(text, NOW, 1).line().body for text in ("\ud800", "\ud801"))
    assert one != other


def test_what_is_not_told_is_left_out() -> None:
    assert event() == ({"id": "a", "timestamp": NOW_TEXT}, ())


def test_every_role_is_sent() -> None:
    roles = {
        "prediction": "yes",
        "score": 1,
        "scores": {"yes": 0.75, 0: 0.25, True: None},
        "label": True,
        "latency": 0.5,
        "error": 0,
        "version": 3,
        "weight": 2,
        "query": 5,
        "item": "b",
        "rank": 1,
        "relevance": 0.5,
        "timestamp": "2026-01-01T00:00:00+02:00",
    }
    sent, lost = event({"x": 1}, **roles)
    assert lost == ()
    assert sent == {
        **roles,
        "id": "a",
        "timestamp": "2025-12-31T22:00:00Z",
        "scores": {"yes": 0.75, "0": 0.25},
        "error": False,
        "version": "3",
        "features": {"x": 1},
    }
    assert set(sent) == {*ROLES, "features"}


@pytest.mark.parametrize("name", [*sorted(RESERVED), "scores.yes", "", "x" * 257])
def test_a_feature_with_an_impossible_name_is_left_out_and_told(name: str) -> None:
    sent, lost = event({name: 1, "x": 2})
    assert sent["features"] == {"x": 2}
    assert len(lost) == 1
    assert "name" in lost[0]
    assert len(lost[0]) < 300


def test_names_that_are_no_text_become_one_once() -> None:
    sent, lost = event({1: "a", "1": "b", (2,): "c", 2.0: "d"})
    assert sent["features"] == {"1": "a", "2": "d"}
    assert len(lost) == 2


def test_a_value_that_cannot_be_sent_is_missing_and_told() -> None:
    sent, lost = event({"x": object(), "y": math.inf, "z": {"deep": 1}}, score="high", error=[])
    assert sent["features"] == {"x": None, "y": None, "z": None}
    assert "score" not in sent
    assert "error" not in sent
    assert len(lost) == 5


@pytest.mark.parametrize("scores", [[0.5], {"a": "x"}, {"": 0.5}, {"b" * 300: 0.5}])
def test_scores_that_are_none_are_told(scores: object) -> None:
    sent, lost = event(scores=scores)
    assert sent["scores"] == {}
    assert len(lost) == 1


@pytest.mark.parametrize(
    ("timestamp", "sent"),
    [
        (1_700_000_000, "2023-11-14T22:13:20Z"),
        (1_700_000_000_000, "2023-11-14T22:13:20Z"),
        (1_700_000_000_000_000, "2023-11-14T22:13:20Z"),
        (1_700_000_000_000_000_000, "2023-11-14T22:13:20Z"),
        ("2026-01-01", "2026-01-01T00:00:00Z"),
        (None, NOW_TEXT),
        (math.nan, NOW_TEXT),
    ],
)
def test_times_are_read(timestamp: object, sent: str) -> None:
    assert event(timestamp=timestamp) == ({"id": "a", "timestamp": sent}, ())


@pytest.mark.parametrize("timestamp", ["yesterday", True, [], 1e300, "x" * 70_000])
def test_times_that_are_none_are_told_and_the_call_s_time_is_sent(timestamp: object) -> None:
    sent, lost = event(timestamp=timestamp)
    assert sent["timestamp"] == NOW_TEXT
    assert len(lost) == 1


def test_a_label() -> None:
    line = LabelEvent("a", NOW, label=False, timestamp="2026-01-01T00:00:00Z").line()
    assert json.loads(line.body) == {
        "id": "a",
        "label": False,
        "timestamp": "2026-01-01T00:00:00Z",
    }
