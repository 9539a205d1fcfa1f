"""Data quality from profiles, against what was planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from streams import measured, reason, value
from wane.metrics.quality import (
    NO_RANGE,
    NO_REFERENCE,
    NO_REFERENCE_VALUES,
    NO_ROWS,
    NO_VALUES,
    UNKNOWN_NAMES,
)
from wane.profile.names import LIMIT
from wane.schema import Column, Kind, Schema, Task
from wane.window import Every

NUMBER = Schema(task=Task.NONE, features=(Column("x", Kind.NUMERIC),))
CATEGORY = Schema(task=Task.NONE, features=(Column("x", Kind.CATEGORICAL),))


def table(values: object, **more: object) -> pa.Table:
    return pa.table({"x": values, **more})


REFERENCE = table(np.linspace(1, 5, 300))


def test_what_can_be_wrong_with_numbers() -> None:
    values = pa.array(["0", "9", "7.5", "2", "3", "nan", "inf", "n/a", "", None])
    found = measured(table(values), NUMBER, REFERENCE)
    expected = {
        "missing_share": 0.1,
        "nan_share": 0.2,
        "wrong_type_share": 0.2,
        "out_of_range_share": 0.3,
        "constant": 0,
    }
    for key, share in expected.items():
        assert value(found, key, "x") == pytest.approx(share), key
    series = found.get("missing_share", "x")
    assert series is not None
    assert (series.n[0], series.reference) == (10, 0)
    assert series.low[0] < 0.1 < series.high[0] < 0.41


def test_a_list_in_a_numeric_column_is_of_the_wrong_type() -> None:
    found = measured(table([[1], None, [2], [3]]), NUMBER, REFERENCE)
    assert value(found, "wrong_type_share", "x") == 0.75
    assert value(found, "missing_share", "x") == 0.25
    assert reason(found, "constant", "x") == NO_VALUES


def test_nothing_can_be_out_of_the_range_of_no_values() -> None:
    for reference in (table(pa.nulls(3, pa.float64())), table(["a", "b"]), pa.table({"y": [1]})):
        assert reason(measured(REFERENCE, NUMBER, reference), "out_of_range_share", "x") == NO_RANGE


def test_scores_outside_zero_and_one_are_impossible() -> None:
    schema = Schema(task=Task.BINARY, score="x", classes=("0", "1"), features=())
    scores = table([0.0, 1.0, -0.1, 1.1, float("nan"), None, float("inf"), 0.5, 0.4, 0.3])
    found = measured(scores, schema, table([0.1, 0.9]))
    assert value(found, "invalid_share", "x") == 0.2
    assert value(found, "nan_share", "x") == 0.2
    assert value(found, "missing_share", "x") == 0.1
    assert value(found, "out_of_range_share", "x") == 0.2  # 0 and 1; the others are no scores


@pytest.mark.parametrize("task", [Task.RANKING, Task.REGRESSION])
def test_scores_that_are_no_probabilities_may_have_any_value(task: Task) -> None:
    schema = Schema(task=task, score="x", features=())
    found = measured(table([-7.0, 12.0, 3.0]), schema, table([-20.0, 50.0]))
    assert value(found, "invalid_share", "x") == 0
    assert value(found, "out_of_range_share", "x") == 0


@pytest.mark.parametrize(
    ("values", "constant"),
    [([3.0, 3.0, None], 1), ([3.0, 4.0], 0), ([0.0, -0.0], 1), ([3.0, float("nan")], 1)],
)
def test_constant_numbers(values: list[float], constant: float) -> None:
    assert value(measured(table(values), NUMBER, REFERENCE), "constant", "x") == constant


@pytest.mark.parametrize(
    ("values", "constant"),
    [
        (["a", "a", None], 1),
        (["a", "b"], 0),
        (["new", "new"], 1),
        (["new", "newer"], 0),
        (["a", "new"], 0),
    ],
)
def test_constant_categories_are_told_apart_by_name(values: list[str], constant: float) -> None:
    found = measured(table(values), CATEGORY, table(["a", "b"]))
    assert value(found, "constant", "x") == constant


@pytest.mark.parametrize(
    ("schema", "nothing"),
    [
        (NUMBER, pa.nulls(3)),
        (NUMBER, pa.array([float("nan")] * 3)),
        (CATEGORY, pa.nulls(3)),
        (CATEGORY, pa.array([float("nan")] * 3)),
    ],
)
def test_a_column_without_values(schema: Schema, nothing: pa.Array) -> None:
    found = measured(table(nothing), schema, REFERENCE)
    assert reason(found, "constant", "x") == NO_VALUES
    shares = [
        value(found, key, "x") for key in ("missing_share", "nan_share") if found.get(key, "x")
    ]
    assert sum(shares) == 1


def test_a_column_that_is_gone_is_missing() -> None:
    for schema in (NUMBER, CATEGORY):
        found = measured(pa.table({"y": [1, 2]}), schema, REFERENCE)
        assert value(found, "missing_share", "x") == 1


def test_unseen_categories_by_name() -> None:
    reference = table(["a"] * 50 + ["b"] * 30 + [f"rare {i}" for i in range(150)])
    now = table(["a", "b", "rare 149", "rare 7", "new", "new", "newer", None])
    found = measured(now, CATEGORY, reference)
    assert value(found, "unseen_share", "x") == pytest.approx(3 / 8)
    assert value(found, "new_categories", "x") == 2
    same = measured(reference, CATEGORY, reference)
    assert value(same, "unseen_share", "x") == value(same, "new_categories", "x") == 0


def test_unseen_shares_of_weighted_rows() -> None:
    schema = replace(CATEGORY, weight="w")
    reference = table(["a", "b"], w=[1.0, 1.0])
    found = measured(table(["a", "new"], w=[1.0, 7.0]), schema, reference)
    assert value(found, "unseen_share", "x") == pytest.approx(7 / 8)


def test_more_new_names_than_are_kept() -> None:
    now = table(["a"] * 10_000 + [f"new {i}" for i in range(10_000)])
    found = measured(now, CATEGORY, table(["a", "b"]))
    assert value(found, "unseen_share", "x") == 0.5
    assert value(found, "new_categories", "x") == LIMIT


def test_a_share_of_new_names_among_too_many_is_estimated_from_the_kept() -> None:
    known = [f"old {i}" for i in range(900)]
    now = table([*known, *[f"new {i}" for i in range(2_700)]])
    found = measured(now, CATEGORY, table(known))
    assert value(found, "unseen_share", "x") == pytest.approx(0.75, abs=0.05)


def test_a_reference_with_too_many_names_knows_none_to_be_new() -> None:
    users = [f"user {i}" for i in range(5_000)]
    found = measured(table(users[:10]), CATEGORY, table(users))
    assert reason(found, "unseen_share", "x") == UNKNOWN_NAMES
    assert reason(found, "new_categories", "x") == UNKNOWN_NAMES


def test_without_a_reference_nothing_is_unseen() -> None:
    found = measured(table(["a", "b"]), CATEGORY)
    assert reason(found, "unseen_share", "x") == NO_REFERENCE
    assert value(found, "missing_share", "x") == 0


def test_a_reference_without_the_column_or_the_labels_makes_nothing_unseen() -> None:
    for reference in (table(pa.nulls(2)), pa.table({"y": [1]})):
        found = measured(table(["a", "b"]), CATEGORY, reference)
        assert reason(found, "unseen_share", "x") == NO_REFERENCE_VALUES
    schema = Schema(task=Task.BINARY, prediction="p", label="x", classes=("0", "1"), features=())
    unlabelled = table(pa.nulls(2), p=[0, 1])
    found = measured(table([0, 1], p=[0, 1]), schema, unlabelled)
    assert reason(found, "unseen_share", "x") == NO_REFERENCE_VALUES
    assert reason(found, "psi", "x") == "the reference has no values of this column"


def test_a_window_without_rows_of_a_segment() -> None:
    schema = replace(CATEGORY, segments=("s",))
    now = table(["a", "b"], s=["one", "two"])
    found = measured(now, schema, now, every=Every.parse("1 rows"))
    for key in ("missing_share", "unseen_share", "new_categories"):
        series = found.get(key, "x", "s=one")
        assert series is not None
        assert series.reasons == (None, NO_ROWS), key
    constant = found.get("constant", "x", "s=one")
    assert constant is not None
    assert constant.reasons == (None, NO_VALUES)


def test_labels_that_have_not_come_are_not_missing_data() -> None:
    schema = Schema(task=Task.REGRESSION, prediction="p", label="x", features=())
    found = measured(table([1.0, None], p=[1.0, 2.0]), schema)
    assert found.get("missing_share", "x") is None
    assert found.get("missing_share", "p") is not None
