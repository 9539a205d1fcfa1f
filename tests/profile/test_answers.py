"""The outcome of each row, by task."""

from __future__ import annotations

import pyarrow as pa
import pytest

from wane.profile.answers import Answers, read_answers
from wane.profile.lay_grid import lay_grid
from wane.schema import Schema, Task

NAN, INF = float("nan"), float("inf")


def answers(schema: Schema, **columns: object) -> Answers:
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    return read_answers(table.to_batches()[0], schema, lay_grid(table, schema, None))


def test_binary_outcomes() -> None:
    schema = Schema(task=Task.BINARY, prediction="p", label="y", classes=("0", "1"), features=())
    found = answers(schema, p=[0, 0, 0, 1, 1, 1, None, 7], y=[0, 1, None, 0, 1, None, 1, 1])
    assert found.outcome.tolist() == [0, 1, 2, 3, 4, 5, 6, 6]
    assert found.labelled.tolist() == [True, True, False, True, True, False, False, False]


def test_a_score_at_the_threshold_is_positive() -> None:
    schema = Schema(
        task=Task.BINARY, score="s", label="y", classes=("0", "1"), features=(), threshold=0.3
    )
    found = answers(schema, s=[0.29, 0.3, 1.0, NAN, None], y=[0, 0, 1, 1, 1])
    assert found.predicted.tolist() == [0, 1, 1, -1, -1]


@pytest.mark.parametrize(("count", "expected"), [(3, [4, 3, 5, 9, 6]), (21, [1, 0, 2, 3, 0])])
def test_multiclass_outcomes_leave_the_class_out_where_there_are_many(
    count: int, expected: list[int]
) -> None:
    classes = tuple(f"c{i}" for i in range(count))
    schema = Schema(task=Task.MULTICLASS, prediction="p", label="y", classes=classes, features=())
    found = answers(schema, p=["c1", "c1", "c1", None, "c2"], y=["c1", "c0", None, "c1", "c1"])
    assert found.outcome.tolist() == expected


def test_the_most_probable_class() -> None:
    scores = {"a": "pa", "b": "pb"}
    schema = Schema(
        task=Task.MULTICLASS, scores=scores, label="y", classes=("a", "b", "c"), features=()
    )
    found = answers(schema, pa=[0.9, None, None], pb=[0.1, 0.2, NAN], y=["a", "a", "a"])
    assert found.predicted.tolist() == [0, 1, -1]
    assert found.labelled.tolist() == [True, True, False]


def test_regression_outcomes() -> None:
    schema = Schema(task=Task.REGRESSION, prediction="p", label="y", features=())
    found = answers(schema, p=[1.0, 2.0, INF, None], y=[3.0, None, 1.0, 1.0])
    assert found.outcome.tolist() == [0, 1, 1, 1]
    assert found.error is not None
    assert found.truth is not None
    assert (found.error.tolist(), found.truth.tolist()) == ([-2, 0, 0, 0], [3, 0, 0, 0])


@pytest.mark.parametrize("task", [Task.NONE, Task.RANKING])
def test_without_predictions_there_is_one_outcome(task: Task) -> None:
    found = answers(Schema(task=task, features=()), x=[1, 2])
    assert (found.outcome.tolist(), found.predicted.tolist()) == ([0, 0], [-1, -1])
