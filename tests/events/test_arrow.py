from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from events.sent import NOW, POLICY, codes, policy, predictions, stream
from wane.errors import SourceError
from wane.events.arrow import decode_label_stream, decode_prediction_stream
from wane.events.policy import Privacy

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS: list[dict[str, Any]] = [
    {"id": "a", "prediction": 1, "score": 0.5, "scores": {"x": 0.5}, "features": {"age": 3}},
    {"id": "b", "prediction": 0, "features": {"age": 4, "name": "n"}},
]
TABLE = pa.table(
    {
        "id": ["a", "b"],
        "prediction": [1, 0],
        "score": [0.5, None],
        "scores.x": [0.5, None],
        "age": [3, 4],
        "name": pa.array([None, "n"]).dictionary_encode(),
    }
)


def features(array: pa.Array) -> list[Any]:
    decoded = decode_prediction_stream(stream(pa.table({"x": array})), POLICY)
    return [event.features.get("x") for event in decoded.events]


def test_a_stream_says_what_json_says() -> None:
    assert decode_prediction_stream(stream(TABLE), POLICY) == predictions(ROWS)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([1, None, -3], pa.int8()), [1, None, -3]),
        (pa.array([1.5, float("nan"), float("inf")]), [1.5, None, None]),
        (pa.array([Decimal("1.50")]), [1.5]),
        (pa.array([True, None]), [True, None]),
        (pa.array(["a", None], pa.large_string()), ["a", None]),
        (pa.array([1, 2, 1]).dictionary_encode(), [1, 2, 1]),
        (pa.array([5, 2**64 - 1], pa.uint64()), [5.0, 2.0**64]),
        (pa.array([dt.date(2026, 11, 26)]), ["2026-11-26"]),
        (pa.nulls(2), [None, None]),
    ],
)
def test_types_that_json_has_too(array: pa.Array, expected: list[Any]) -> None:
    found = features(array)
    assert found == expected
    assert [type(value) for value in found] == [type(value) for value in expected]


@pytest.mark.parametrize("array", [pa.array([[1]]), pa.array([b"x"]), pa.array([{"a": 1}])])
def test_types_that_cannot_be_kept(array: pa.Array) -> None:
    with pytest.raises(SourceError, match="column 'x' cannot be kept"):
        features(array)


def test_times_of_any_unit_and_zone() -> None:
    at = dt.datetime(2026, 11, 26, 9)  # noqa: DTZ001 - also without a zone
    for kind in (pa.timestamp("s"), pa.timestamp("ns"), pa.timestamp("us", "Europe/Vienna")):
        times = pa.array([at.replace(tzinfo=dt.UTC) if kind.tz else at], kind)
        (event,) = decode_prediction_stream(stream(pa.table({"timestamp": times})), POLICY).events
        assert event.timestamp == at.replace(tzinfo=dt.UTC)


def test_a_bad_row_costs_no_other() -> None:
    table = pa.table({"id": ["a", "", "c"], "latency": [1.0, 1.0, -1.0]})
    decoded = decode_prediction_stream(stream(table), POLICY)
    assert [event.id for event in decoded.events] == ["a"]
    assert codes(decoded) == {1: "invalid_field", 2: "negative"}


def test_labels() -> None:
    table = pa.table({"id": ["a", "b", None], "label": ["yes", None, "no"]})
    decoded = decode_label_stream(stream(table), POLICY)
    assert [(e.id, e.label, e.timestamp) for e in decoded.events] == [("a", "yes", NOW)]
    assert codes(decoded) == {1: "invalid_field", 2: "invalid_field"}


def test_private_columns() -> None:
    private = policy(private={"name": Privacy.DROP, "age": Privacy.HMAC}, secret=b"s")
    event = decode_prediction_stream(stream(TABLE), private).events[1]
    assert "name" not in event.features
    assert event.features["age"] != 4


def too_long() -> pa.Table:
    return pa.table({"x": pa.nulls(10_001)})


def too_wide() -> pa.Table:
    return pa.table({f"f{i}": [1] for i in range(6_001)})


def too_many_cells() -> pa.Table:
    return pa.table({f"f{i}": pa.nulls(10_000) for i in range(1_001)})


def too_large() -> pa.Table:
    texts = pa.array(["x" * 60_000])
    return pa.table({"x": pa.DictionaryArray.from_arrays(pa.array([0] * 10_000), texts)})


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (too_long, "too many rows: expected at most 10,000"),
        (too_wide, "too many columns"),
        (too_many_cells, "too many cells"),
        (too_large, "too many bytes"),
    ],
)
def test_streams_that_would_unpack_to_too_much(table: Callable[[], pa.Table], told: str) -> None:
    with pytest.raises(SourceError, match=told):
        decode_prediction_stream(stream(table()), POLICY)


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_compressed_buffers_are_refused(codec: str) -> None:
    for table in (TABLE, pa.table({"x": pa.array(["a"] * 9).dictionary_encode()})):
        with pytest.raises(SourceError, match="compressed"):
            decode_prediction_stream(stream(table, codec), POLICY)


def test_a_name_that_occurs_twice_is_refused() -> None:
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"])
    with pytest.raises(SourceError, match="'x' occurs twice"):
        decode_prediction_stream(stream(twice), POLICY)


def test_a_time_beyond_counting_is_refused() -> None:
    table = pa.table({"timestamp": pa.array([10**15], pa.timestamp("s"))})
    with pytest.raises(SourceError, match="out of bounds"):
        decode_prediction_stream(stream(table), POLICY)


def test_damaged_streams_are_refused_or_read_and_nothing_else() -> None:
    chance = random.Random(1)  # noqa: S311 - any damage will do
    whole = stream(TABLE)
    for _ in range(2_000):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        cut = chance.choice([len(damaged), chance.randrange(len(damaged))])
        try:
            decode_prediction_stream(bytes(damaged[:cut]), POLICY)
        except SourceError:
            continue


@pytest.mark.parametrize("name", ["features", "scores"])
@pytest.mark.parametrize("place", [0, 1])
def test_a_column_with_the_name_of_an_object_is_refused_as_in_json(name: str, place: int) -> None:
    """Wherever it stands among the columns: the rows are rejected, and nothing breaks."""
    columns = {"age": pa.array([3]), name: pa.array([1.5])}
    names = sorted(columns, key=lambda one: (one == name) is (place == 1))
    found = decode_prediction_stream(stream(pa.table({one: columns[one] for one in names})), POLICY)
    assert found == predictions([{"features": {"age": 3, name: 1.5}}])
    assert codes(found)
