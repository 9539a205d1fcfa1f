"""Every Arrow type as numbers and as texts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.profile.values import no_texts, to_numbers, to_texts

DAY_US = 86_400e6
NAN = float("nan")
NUMBERS: dict[str, tuple[pa.Array, list[float | None]]] = {
    "boolean": (pa.array([True, False, None]), [1, 0, None]),
    "int8": (pa.array([-128, 127, None], pa.int8()), [-128, 127, None]),
    "int16": (pa.array([1, None], pa.int16()), [1, None]),
    "int32": (pa.array([1, None], pa.int32()), [1, None]),
    "int64": (pa.array([2**62, None], pa.int64()), [2**62, None]),
    "uint8": (pa.array([255, None], pa.uint8()), [255, None]),
    "uint16": (pa.array([1, None], pa.uint16()), [1, None]),
    "uint32": (pa.array([2**32 - 1, None], pa.uint32()), [2**32 - 1, None]),
    "uint64": (pa.array([2**64 - 1, None], pa.uint64()), [2**64, None]),
    "float16": (pa.array(np.array([1.5, -2], np.float16)), [1.5, -2]),
    "float32": (pa.array([0.25, None], pa.float32()), [0.25, None]),
    "decimal128": (pa.array([Decimal("12.50"), None]), [12.5, None]),
    "decimal256": (pa.array([Decimal("12.50"), None], pa.decimal256(60, 2)), [12.5, None]),
    "decimal32": (pa.array([Decimal("1.5"), None], pa.decimal32(5, 1)), [1.5, None]),
    "date32": (pa.array([dt.date(1970, 1, 3), None]), [2 * DAY_US, None]),
    "date64": (pa.array([dt.date(1970, 1, 3)], pa.date64()), [2 * DAY_US]),
    "timestamp": (pa.array([2, None], pa.timestamp("s", "Europe/Vienna")), [2e6, None]),
    "dictionary": (pa.array([3, None, 3]).dictionary_encode(), [3, None, 3]),
    "dictionary of text": (pa.array(["3", None]).dictionary_encode(), [3, None]),
    "null in the dictionary": (
        pa.DictionaryArray.from_arrays(pa.array([0, 1, None], pa.int8()), pa.array([None, "3"])),
        [None, 3, None],
    ),
    "dictionary of views": (
        pa.DictionaryArray.from_arrays(pa.array([0, 0]), pa.array(["4"], pa.string_view())),
        [4, 4],
    ),
    "null": (pa.nulls(2), [None, None]),
    "run ends": (pa.RunEndEncodedArray.from_arrays([2, 3], [1.0, 2.0]), [1, 1, 2]),
    "extension": (
        pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, None], pa.int8())),
        [1, None],
    ),
    "empty": (pa.array([], pa.float64()), []),
    "empty text": (pa.array([], pa.string()), []),
    "empty dictionary": (pa.array([], pa.string()).dictionary_encode(), []),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_types_that_are_numbers(name: str) -> None:
    array, expected = NUMBERS[name]
    found = to_numbers(array)
    values = [NAN if value is None else float(value) for value in expected]
    np.testing.assert_array_equal(found.values, values)
    assert found.values.dtype == np.float64
    nulls = [value is None for value in expected]
    assert (found.nulls.tolist() if found.nulls is not None else None) == (
        nulls if any(nulls) else None
    )
    assert found.wrong is None


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()])
@pytest.mark.parametrize("encode", [False, True])
def test_texts_are_read_as_numbers_where_they_are(kind: pa.DataType, *, encode: bool) -> None:
    texts = ["1.5", " 2 ", "1e3", "-inf", "NaN", "", "n/a", "1,5", None, "1.5"]
    array = pa.array(texts, kind)
    found = to_numbers(array.dictionary_encode() if encode else array)
    np.testing.assert_array_equal(
        found.values, [1.5, 2, 1000, -np.inf, NAN, NAN, NAN, NAN, NAN, 1.5]
    )
    assert found.nulls is not None
    assert found.wrong is not None
    assert np.flatnonzero(found.nulls).tolist() == [8]
    assert np.flatnonzero(found.wrong).tolist() == [5, 6, 7]


OTHERS: dict[str, tuple[pa.Array, list[str | None]]] = {
    "binary": (pa.array([b"ab", None]), ["ab", None]),
    "binary that is no text": (pa.array([b"\xff"]), ["\ufffd"]),
    "binary view": (pa.array([b"ab", None], pa.binary_view()), ["ab", None]),
    "time": (pa.array([dt.time(1, 2), None]), ["01:02:00", None]),
    "duration": (pa.array([dt.timedelta(1), None]), ["1 day, 0:00:00", None]),
    "list": (pa.array([[1, 2], None]), ["[1, 2]", None]),
    "struct": (pa.array([{"a": 1}, None]), ["{'a': 1}", None]),
    "map": (pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int8())), ["[('a', 1)]", None]),
    "fixed list": (pa.array([[1, 2], None], pa.list_(pa.int8(), 2)), ["[1, 2]", None]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_types_that_are_no_numbers_are_marked_wrong_and_still_have_texts(name: str) -> None:
    array, texts = OTHERS[name]
    found = to_numbers(array)
    assert np.isnan(found.values).all()
    assert found.wrong is not None
    assert found.wrong.tolist() == [text is not None for text in texts]
    assert spelled(array) == texts


def spelled(array: pa.Array) -> list[str | None]:
    found = to_texts(array)
    assert found.codes.dtype == np.intp
    return [None if code < 0 else found.names[code] for code in found.codes.tolist()]


TEXTS = {
    "string": (pa.array(["a", None, "", "a"]), ["a", None, "", "a"]),
    "large string": (pa.array(["a", None], pa.large_string()), ["a", None]),
    "string view": (pa.array(["a", None], pa.string_view()), ["a", None]),
    "digits stay as they are": (pa.array(["007", "1.0"]), ["007", "1.0"]),
    "integers": (pa.array([7, None], pa.int16()), ["7", None]),
    "whole floats": (pa.array([7.0, 7.5, NAN, None]), ["7", "7.5", None, None]),
    "half floats": (pa.array(np.array([7], np.float16)), ["7"]),
    "decimals": (pa.array([Decimal("7.00"), Decimal("7.50")]), ["7", "7.50"]),
    "short decimals": (pa.array([Decimal("7.0"), None], pa.decimal32(5, 1)), ["7", None]),
    "booleans": (pa.array([True, False, None]), ["true", "false", None]),
    "dates": (pa.array([dt.date(2026, 11, 22), None]), ["2026-11-22", None]),
    "dictionary": (pa.array(["x", None, "x"]).dictionary_encode(), ["x", None, "x"]),
    "nulls": (pa.nulls(2), [None, None]),
    "run ends": (pa.RunEndEncodedArray.from_arrays([2, 3], ["a", "b"]), ["a", "a", "b"]),
    "empty": (pa.array([], pa.string()), []),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_every_type(name: str) -> None:
    array, expected = TEXTS[name]
    assert spelled(array) == expected


def test_a_slice_of_a_dictionary_reads_its_own_rows() -> None:
    array = pa.array(["1", "2", None, "4"]).dictionary_encode().slice(1, 2)
    np.testing.assert_array_equal(to_numbers(array).values, [2, NAN])
    assert spelled(array) == ["2", None]


def test_no_texts_is_a_column_of_nulls() -> None:
    assert no_texts(2).codes.tolist() == [-1, -1]


@given(values=st.lists(st.none() | st.floats(width=32), max_size=20))
def test_floats_come_through_unchanged(values: list[float | None]) -> None:
    for kind in (pa.float32(), pa.float64()):
        found = to_numbers(pa.array(values, kind)).values
        np.testing.assert_array_equal(found, [NAN if v is None else v for v in values])
