from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pydantic import BaseModel

from wane.monitor.rows import LARGE, as_answers, as_columns, as_row, as_rows


@dataclass
class Applicant:
    age: int
    name: str


class Body(BaseModel):
    age: int
    name: str


Pair = namedtuple("Pair", ["age", "name"])  # noqa: PYI024 - what users have
ROW = {"age": 30, "name": "Ada"}


@pytest.mark.parametrize(
    "given",
    [ROW, Applicant(30, "Ada"), Body(age=30, name="Ada"), Pair(30, "Ada"), pd.Series(ROW)],
    ids=lambda given: type(given).__name__,
)
def test_a_row(given: object) -> None:
    assert as_row(given) == ROW
    assert as_rows(given) == [ROW]


@pytest.mark.parametrize("given", [[1, 2], (1, 2), np.array([1, 2]), pl.Series([1, 2])])
def test_a_row_without_names(given: object) -> None:
    assert as_row(given) == {"f0": 1, "f1": 2}
    assert as_row(given, ["a"]) == {"a": 1, "f1": 2}


@pytest.mark.parametrize("given", [None, 1, "text", object(), Applicant, [[1, 2]], [{}]])
def test_what_is_no_row(given: object) -> None:
    assert as_row(given) is None


@pytest.mark.parametrize(
    "given",
    [
        [{"x": 1}, {"x": 2}],
        pd.DataFrame({"x": [1, 2]}),
        pl.DataFrame({"x": [1, 2]}),
        pa.table({"x": [1, 2]}),
    ],
)
def test_rows_with_names(given: object) -> None:
    assert as_rows(given) == [{"x": 1}, {"x": 2}]


@pytest.mark.parametrize("given", [[[1, 2], [3, 4]], np.array([[1, 2], [3, 4]]), [(1, 2), (3, 4)]])
def test_rows_without_names(given: object) -> None:
    assert as_rows(given, ["a", "b"]) == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


@pytest.mark.parametrize("given", [None, 1, "text", object(), [{"x": 1}, 2]])
def test_what_are_no_rows(given: object) -> None:
    assert as_rows(given) is None


@pytest.mark.parametrize("way", [pd.DataFrame, pl.DataFrame, pa.table])
def test_many_rows_stay_columns(way: type) -> None:
    columns = as_columns(way({"x": range(LARGE)}))
    assert columns is not None
    assert list(columns) == ["x"]
    assert as_columns(way({"x": range(LARGE - 1)})) is None


def test_columns_are_copies_of_what_can_change() -> None:
    matrix, frame = np.zeros((LARGE, 2)), pd.DataFrame({"x": np.zeros(LARGE)})
    columns = {**(as_columns(matrix, ["a"]) or {}), **(as_columns(frame) or {})}
    matrix[:] = 1
    frame.loc[:, "x"] = 1
    assert list(columns) == ["a", "f1", "x"]
    assert [np.sum(column) for column in columns.values()] == [0, 0, 0]  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("result", "rows", "answers"),
    [
        (1, 1, [{"prediction": 1}]),
        ("yes", 1, [{"prediction": "yes"}]),
        (None, 1, [{"prediction": None}]),
        ([1], 1, [{"prediction": 1}]),
        (np.array([1]), 1, [{"prediction": 1}]),
        (np.array([1, 0]), 2, [{"prediction": 1}, {"prediction": 0}]),
        (pd.Series([1, 0]), 2, [{"prediction": 1}, {"prediction": 0}]),
        (pl.Series(["a", "b"]), 2, [{"prediction": "a"}, {"prediction": "b"}]),
        ({"prediction": 1, "score": 0.5}, 1, [{"prediction": 1, "score": 0.5}]),
        ([{"score": 0.5}, {"score": 0.6}], 2, [{"score": 0.5}, {"score": 0.6}]),
        ({"answer": 1}, 1, None),
        (1, 2, None),
        ([1, 2, 3], 2, None),
        ([[0.1, 0.9]], 1, None),
        (object(), 1, None),
        ([1, object()], 2, None),
    ],
)
def test_answers(result: object, rows: int, answers: object) -> None:
    assert as_answers(result, rows) == answers
