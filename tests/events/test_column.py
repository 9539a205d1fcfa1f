from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.test_decode import SCALARS
from wane.events.column import column


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([], pa.null(), []),
        ([None, None], pa.null(), [None, None]),
        ([True, None], pa.bool_(), [True, None]),
        ([1, None, 3], pa.int64(), [1, None, 3]),
        ([True, 2], pa.int64(), [1, 2]),
        ([1, 2.5], pa.float64(), [1.0, 2.5]),
        ([True, 2.5], pa.float64(), [1.0, 2.5]),
        (["a", None], pa.string(), ["a", None]),
        (["a", 1, 2.0, 2.5, True, None], pa.string(), ["a", "1", "2", "2.5", "true", None]),
        ([2**63 - 1, -(2**63)], pa.int64(), [2**63 - 1, -(2**63)]),
        ([2**63 - 1, 0.5], pa.float64(), [2.0**63, 0.5]),
    ],
)
def test_the_narrowest_type_that_holds_all(
    values: list[Any], kind: pa.DataType, expected: list[Any]
) -> None:
    array = column(values)
    assert array.type == kind
    assert array.to_pylist() == expected


@given(st.lists(SCALARS))
def test_nothing_goes_missing(values: list[Any]) -> None:
    array = column(values)
    assert [value is None for value in array.to_pylist()] == [value is None for value in values]


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]))))
def test_texts_come_back(values: list[Any]) -> None:
    assert column(values).to_pylist() == values


@given(st.lists(st.none() | st.floats(allow_nan=False)))
def test_numbers_come_back(values: list[Any]) -> None:
    assert column(values).to_pylist() == values


def test_values_are_written_the_way_classes_are_named() -> None:
    assert column([True, 1, 1.0, 1.5, 1e300, "x"]).to_pylist() == [
        *("true", "1", "1", "1.5"),
        str(int(1e300)),
        "x",
    ]
