from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from wane.classes import class_codes, class_text


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
