from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.sources.columns import conform, lay_out, listed, monitored_type, unique_names


@given(st.lists(st.sampled_from(["x", "x (2)", "y", "x (3)", ""]), max_size=8))
def test_names_become_unique_and_first_ones_stay(names: list[str]) -> None:
    unique = unique_names(names)
    assert len(set(unique)) == len(names)
    assert [name for name in dict.fromkeys(names) if name not in unique] == []


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.int64()),
        pa.struct({"a": pa.int64()}),
        pa.map_(pa.string(), pa.int64()),
        pa.binary(),
        pa.time64("us"),
        pa.duration("s"),
    ],
)
def test_types_that_are_not_monitored(kind: pa.DataType) -> None:
    assert monitored_type(kind) is None
    layout = lay_out([("log", pa.schema({"x": pa.int64(), "odd": kind}))])
    assert list(layout.fields) == ["x"]
    assert layout.notes == (f"column 'odd' holds {kind}, which is not monitored",)


@pytest.mark.parametrize(
    ("array", "target", "values"),
    [
        (pa.array([1, None]), pa.float64(), [1.0, None]),
        (pa.array(["a", None]).dictionary_encode(), pa.string(), ["a", None]),
        (pa.array(["a", "b"]), pa.dictionary(pa.int32(), pa.string()), ["a", "b"]),
        (pa.array([1, 2]).dictionary_encode(), pa.int64(), [1, 2]),
        (pa.RunEndEncodedArray.from_arrays([2, 3], [7, 8]), pa.int64(), [7, 7, 8]),
        (pa.array(["a"], pa.string_view()), pa.string(), ["a"]),
        (pa.array(["a"]), pa.int64(), [None]),
        (pa.array([[1]]), pa.int64(), [None]),
        (pa.nulls(2), pa.string(), [None, None]),
        (pa.array([True]), pa.float64(), [1.0]),
    ],
)
def test_conform(array: pa.Array, target: pa.DataType, values: list[object]) -> None:
    found = conform(array, target)
    assert found.type == target
    assert found.to_pylist() == values


def test_long_lists_are_cut() -> None:
    assert listed(["a", "b"]) == "'a', 'b'"
    assert listed(["a", "b", "c"], shown=2) == "'a', 'b' and 1 more"


def test_every_file_may_add_columns_where_that_is_asked() -> None:
    first = pa.schema({"x": pa.int64(), "empty": pa.null(), "odd": pa.string()})
    second = pa.schema({"y": pa.string(), "empty": pa.bool_(), "odd": pa.int64()})
    layout = lay_out([("a", first), ("b", second), ("c", pa.schema({}))], any_file=True)
    assert layout.fields == {
        "x": pa.int64(),
        "empty": pa.bool_(),
        "odd": pa.string(),
        "y": pa.string(),
    }
    assert layout.notes == ("column 'odd' holds string in a and int64 in b: missing there",)
