from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from wane.classes import MISSING, canonical_class, class_codes, class_text, dictionary_encoded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        (-3.0, "-3"),
        (0.5, "0.5"),
        (True, "true"),
        (np.bool_(False), "false"),
        (np.int8(7), "7"),
        (Decimal("2.00"), "2"),
        (Decimal("2.5"), "2.5"),
        (float("inf"), "inf"),
        ("007", "007"),
        ("Yes", "Yes"),
        (None, None),
        (float("nan"), None),
    ],
)
def test_text(value: object, text: str | None) -> None:
    assert class_text(value) == text


@pytest.mark.parametrize(
    "array",
    [
        pa.array([1, 0, None, 2]),
        pa.array([1.0, 0.0, float("nan"), 2.0]),
        pa.array(["1", "0", None, "2"]),
        pa.array(["1", "0", None, "2"], pa.large_string()),
        pa.array(["1.0", " 0 ", None, "2"]),
        pa.array([Decimal(1), Decimal(0), None, Decimal(2)]),
        pa.array(["1", "0", None, "2"]).dictionary_encode(),
        pa.chunked_array([["1", "0"], [None, "2"]]),
    ],
)
def test_codes_of_every_type(array: pa.Array) -> None:
    codes = class_codes(array, ("0", "1"))
    assert codes.dtype == np.int64
    assert codes.tolist() == [1, 0, -1, -2]


@pytest.mark.parametrize("classes", [("0", "1"), ("false", "true")])
def test_booleans_and_zero_one_are_the_same_answer(classes: tuple[str, str]) -> None:
    for array in (
        pa.array([True, False, None]),
        pa.array([1, 0, None]),
        pa.array(["True", "FALSE", None]),
    ):
        assert class_codes(array, classes).tolist() == [1, 0, -1]


def test_codes_without_rows_and_without_values() -> None:
    assert class_codes(pa.array([], pa.string()), ("a",)).tolist() == []
    assert class_codes(pa.nulls(2), ("a",)).tolist() == [-1, -1]


@pytest.mark.parametrize("blank", ["", " "])
def test_an_empty_text_is_no_class_unless_it_is_named_one(blank: str) -> None:
    labels = pa.array(["1", blank, "0"])
    assert class_codes(labels, ("0", "1")).tolist() == [1, MISSING, 0]
    assert class_codes(labels, ("0", "1", blank)).tolist() == [1, 2, 0]


def test_bytes_are_utf_8_text() -> None:
    assert class_text(b"na\xc3\xafve") == "naïve"
    assert class_text(b"\xff") == "\ufffd"
    assert class_codes(pa.array([b"a", None]), ("a",)).tolist() == [0, -1]


@pytest.mark.parametrize(
    "array",
    [
        pa.array(["1", None], pa.string_view()),
        pa.array([Decimal(1), None], pa.decimal32(3, 0)),
        pa.RunEndEncodedArray.from_arrays([1, 2], pa.array(["1", None])),
        pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, None], pa.int8())),
        pa.array([1, None], pa.float16()),
        pa.array([1, None], pa.uint64()),
    ],
    ids=lambda array: str(array.type),
)
def test_rarer_types(array: pa.Array) -> None:
    assert class_codes(array, ("0", "1")).tolist() == [1, -1]


def test_values_that_can_be_no_class_are_unknown() -> None:
    for array in (pa.array([[1], None]), pa.array([{"a": 1}, None])):
        assert class_codes(array, ("0", "1")).tolist() == [-2, -1]


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("1.0", "1"),
        ("-3.00", "-3"),
        ("TRUE", "true"),
        (" false", "false"),
        ("1.5", "1.5"),
        ("v1.0", "v1.0"),
    ],
)
def test_canonical(text: str, canonical: str) -> None:
    assert canonical_class(text) == canonical


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        (pa.int8(), [-128, 127, 0, -128]),
        (pa.int64(), [-(2**63), -(2**63) + 255]),
        (pa.uint64(), [2**64 - 1, 2**64 - 200]),
        (pa.int64(), [0, 256]),
        (pa.int32(), [5, None, 5]),
        (pa.int32(), []),
    ],
)
def test_whole_numbers_come_back_from_their_dictionary(
    kind: pa.DataType, numbers: list[int | None]
) -> None:
    encoded = dictionary_encoded(pa.array(numbers, kind))
    assert encoded.dictionary.type == kind
    assert encoded.to_pylist() == numbers
