from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.sent import NOW, POLICY, codes, labels, policy, prediction_lines, predictions
from wane.errors import SourceError
from wane.events.decode import JSON, NDJSON, decode_labels, decode_predictions
from wane.events.event import RESERVED
from wane.schema import Task

FULL: dict[str, Any] = {
    "id": "a",
    "timestamp": "2026-11-26T10:00:00+01:00",
    "prediction": 1,
    "score": 0.75,
    "scores": {"no": 0.25, "yes": None},
    "label": False,
    "latency": 0.01,
    "error": "timeout",
    "version": "12",
    "weight": 2,
    "query": "q",
    "item": 7,
    "rank": 1,
    "relevance": 0.5,
    "features": {"age": 41, "country": "NL", "vip": True, "income": None},
}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda name: name not in RESERVED and not name.startswith("scores.")
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": NAMES, "prediction": SCALARS, "features": st.dictionaries(NAMES, SCALARS)}
    ),
    max_size=5,
)


def test_every_field_arrives() -> None:
    (event,) = predictions([FULL]).events
    assert event.timestamp == dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC)
    expected = {name: value for name, value in FULL.items() if name != "timestamp"}
    assert {name: getattr(event, name) for name in expected} == expected


def test_an_array_a_single_object_and_lines_say_the_same() -> None:
    text = json.dumps(FULL).encode()
    array = predictions(b"[" + text + b"]")
    assert predictions(b"  " + text + b"\n") == array
    assert prediction_lines(text, b"", b"  ") == array
    assert prediction_lines(text + b"\r", text + b"\r").events == array.events * 2


def test_an_empty_array_and_an_empty_file_have_no_rows() -> None:
    assert predictions(b"[]").events == []
    assert prediction_lines(b"").events == []


def test_a_time_without_a_zone_is_utc_and_a_missing_one_is_now() -> None:
    bare, missing = predictions([{"timestamp": "2026-11-26T09:00:00"}, {}]).events
    assert bare.timestamp == dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC)
    assert missing.timestamp == NOW


@given(ROWS)
def test_plain_values_arrive_as_they_were_sent(rows: list[dict[str, Any]]) -> None:
    array = predictions(rows)
    assert array.rejected == []
    assert [
        {"id": e.id, "prediction": e.prediction, "features": e.features} for e in array.events
    ] == rows
    assert prediction_lines(*(json.dumps(row).encode() for row in rows)) == array


@given(ROWS)
def test_a_bad_row_costs_no_other(rows: list[dict[str, Any]]) -> None:
    bad = {"id": 3}
    mixed = [each for row in rows for each in (row, bad)]
    decoded = predictions(mixed)
    assert decoded.indexes == list(range(0, 2 * len(rows), 2))
    assert codes(decoded) == dict.fromkeys(range(1, 2 * len(rows), 2), "invalid_field")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"id": ""}, "invalid_field"),
        ({"id": "x" * 257}, "invalid_field"),
        ({"id": None, "colour": 1}, "invalid_field"),
        ({"features": {"a": [1]}}, "invalid_field"),
        ({"features": {"a": {"b": 1}}}, "invalid_field"),
        ({"features": {"": 1}}, "invalid_field"),
        ({"features": {"a": 2**63}}, "invalid_field"),
        ({"features": {"a": -(10**400)}}, "invalid_field"),
        ({"features": {"a": "x" * 65_537}}, "invalid_field"),
        ({"score": "0.5"}, "invalid_field"),
        ({"timestamp": 1_764_000_000}, "invalid_field"),
        ({"timestamp": "yesterday"}, "invalid_field"),
        ({"timestamp": "2026-11-27T12:00:01Z"}, "future_timestamp"),
        ({"timestamp": "9999-12-31T23:59:59-23:59"}, "future_timestamp"),
        ({"timestamp": "2026-10-27T11:59:59Z"}, "old_timestamp"),
        ({"timestamp": "0001-01-01T00:00:00+23:59"}, "old_timestamp"),
        ({"latency": -0.1}, "negative"),
        ({"weight": -1}, "negative"),
        ({"features": {f"f{i}": i for i in range(5_001)}}, "too_many_features"),
        ({"features": {"received": 1}}, "reserved_name"),
        ({"features": {"prediction": 1}}, "reserved_name"),
        ({"features": {"scores.no": 1}}, "reserved_name"),
        (None, "invalid_field"),
        ([], "invalid_field"),
        ("a", "invalid_field"),
    ],
)
def test_rows_that_cannot_be_taken(row: object, code: str) -> None:
    decoded = predictions([{"id": "before"}, row, {"id": "after"}])
    assert codes(decoded) == {1: code}
    assert [event.id for event in decoded.events] == ["before", "after"]
    assert 0 < len(decoded.rejected[0].reason) <= 300
    lines = prediction_lines(b'{"id":"before"}', json.dumps(row).encode(), b'{"id":"after"}')
    assert lines == decoded


@pytest.mark.parametrize("score", [-0.01, 1.01])
def test_a_score_is_a_probability_where_the_task_says_so(score: float) -> None:
    for row in ({"score": score}, {"scores": {"a": score}}):
        assert codes(predictions([row], task=Task.BINARY)) == {0: "not_a_probability"}
        assert codes(predictions([row], task=Task.RANKING)) == {}
        assert codes(predictions([row])) == {}


def test_features_that_nobody_named() -> None:
    decoded = predictions(
        [{"features": {"a": 1}}, {"features": {"b": 1}}, {"features": {"A": 1}}],
        columns=frozenset({"a"}),
    )
    assert codes(decoded) == {1: "unknown_feature", 2: "unknown_feature"}


def test_any_name_is_a_name() -> None:
    names = ['a"; drop table x; --', "Age", "age", "a\nb", "ID", "'", "%s", "\x00"]
    (event,) = predictions([{"features": dict.fromkeys(names, 1)}]).events
    assert list(event.features) == names


def test_of_a_key_that_occurs_twice_the_last_counts() -> None:
    (event,) = predictions(b'[{"id":"a","id":"b","features":{"x":1,"x":2}}]').events
    assert (event.id, event.features) == ("b", {"x": 2})


def test_bytes_that_are_no_utf8_cost_their_row() -> None:
    assert codes(predictions(b'[{"id":"\xff"},{"id":"b"}]')) == {0: "malformed"}
    assert codes(prediction_lines(b'{"id":"\xff"}', b'{"id":"b"}')) == {0: "malformed"}


@pytest.mark.parametrize(
    "line",
    [
        b'{"id":"\\ud800"}',
        b'{"features":{"\\udfff":1}}',
        b'{"score":NaN}',
        b'{"score":Infinity}',
        b'{"id":"a"',
        b'{"features":{"a":' + b"[" * 100_000,
        b"{'id':'a'}",
    ],
)
def test_what_is_no_json_costs_a_line_but_a_whole_array(line: bytes) -> None:
    decoded = prediction_lines(b'{"id":"a"}', line, b'{"id":"b"}')
    assert [event.id for event in decoded.events] == ["a", "b"]
    assert list(codes(decoded)) == [1]
    with pytest.raises(SourceError, match="not JSON"):
        predictions(b'[{"id":"a"},' + line + b"]")


@pytest.mark.parametrize(
    "body", [b"", b"3", b"null", b"[" * 100_000, b'{"a":' * 50_000, b'[{"id":"a"}] x', b"\xff\xfe["]
)
def test_bodies_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(SourceError, match="not JSON"):
        predictions(body)
    with pytest.raises(SourceError, match="not JSON"):
        labels(body)


def test_a_batch_has_at_most_10_000_rows() -> None:
    assert len(predictions(b"[" + b"{}," * 9_999 + b"{}]").events) == 10_000
    for media, body in ((JSON, b"[" + b"{}," * 10_000 + b"{}]"), (NDJSON, b"{}\n" * 10_001)):
        with pytest.raises(SourceError, match="10,000"):
            decode_predictions(body, media, POLICY)


def test_labels() -> None:
    decoded = labels(
        [
            {"id": "a", "label": 1},
            {"id": "b", "label": "yes", "timestamp": "2020-01-01T00:00:00Z"},
            {"id": "c", "label": None},
            {"id": "d"},
            {"label": 1},
            {"id": "e", "label": 2**63},
            {"id": "f", "label": 1, "timestamp": "0001-01-01T00:00:00+23:59"},
            {"id": "g", "label": 1, "timestamp": "2026-11-28T00:00:00Z"},
            {"id": "h", "label": 1, "labels": 2},
        ]
    )
    assert [(e.id, e.label) for e in decoded.events] == [("a", 1), ("b", "yes")]
    assert decoded.events[0].timestamp == NOW
    assert codes(decoded) == {
        **dict.fromkeys((2, 3, 4, 5, 8), "invalid_field"),
        6: "old_timestamp",
        7: "future_timestamp",
    }


def test_labels_as_lines() -> None:
    decoded = decode_labels(b'{"id":"a","label":0}\n{"id":3}', NDJSON, policy())
    assert [event.id for event in decoded.events] == ["a"]
    assert codes(decoded) == {1: "invalid_field"}
