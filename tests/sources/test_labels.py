from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sources.whole import whole
from wane.errors import SchemaError
from wane.sources.frame import FrameSource
from wane.sources.labels import LabelledSource


def joined(
    rows: dict[str, Any],
    labels: dict[str, Any],
    *,
    id_column: str = "id",
    label: str = "y",
    label_time: str | None = None,
) -> LabelledSource:
    return LabelledSource(
        FrameSource(rows),
        FrameSource(labels, "labels"),
        id_column=id_column,
        label=label,
        label_time=label_time,
    )


def test_every_row_is_kept_in_its_order() -> None:
    source = joined(
        {"id": [3, 1, 2, 1, None], "x": [1, 2, 3, 4, 5]}, {"id": [1, 3], "y": ["a", "c"]}
    )
    assert whole(source) == {
        "id": [3, 1, 2, 1, None],
        "x": [1, 2, 3, 4, 5],
        "y": ["c", "a", None, "a", None],
    }
    assert whole(source, "y", "x")["y"] == ["c", "a", None, "a", None]
    assert whole(source, "y") == {"y": ["c", "a", None, "a", None]}
    assert source.notes() == ()


def test_the_labels_may_call_the_id_otherwise() -> None:
    source = LabelledSource(
        FrameSource({"id": [2, 1], "x": [5, 6]}),
        FrameSource({"pid": [1, 2], "y": ["a", "b"]}, "labels"),
        id_column="pid",
        label="y",
        own_id="id",
    )
    assert whole(source) == {"id": [2, 1], "x": [5, 6], "y": ["b", "a"]}
    assert whole(source, "y") == {"y": ["b", "a"]}


@pytest.mark.parametrize(
    ("ids", "label_ids"),
    [([1, 2], ["2", "1"]), ([1.0, 2.0], [2, 1]), (["1", "2"], [2.0, 1.0])],
)
def test_ids_are_compared_as_text(ids: list[Any], label_ids: list[Any]) -> None:
    assert whole(joined({"id": ids}, {"id": label_ids, "y": [20, 10]}), "y") == {"y": [10, 20]}


def test_of_several_labels_the_last_counts() -> None:
    source = joined({"id": [1, 2]}, {"id": [1, 1, 1, 2], "y": ["a", "b", None, "c"]})
    assert whole(source, "y") == {"y": ["b", "c"]}
    assert source.notes() == ("labels: 1 of 3 rows repeat an id; the last counts",)


@pytest.mark.parametrize(
    "times",
    [
        ["2026-01-03", "2026-01-01", None],
        [1767398400, 1767225600, None],
        np.array([3, 1, 2]) * 10**9,
    ],
)
def test_of_several_labels_the_newest_counts(times: Any) -> None:  # noqa: ANN401 - any times
    labels = {"id": [1, 1, 1], "y": ["new", "old", "no time"], "at": times}
    source = joined({"id": [1]}, labels, label_time="at")
    assert whole(source, "y", "at")["y"] == ["new"]
    assert source.notes() == ("labels: 2 of 3 rows repeat an id; the newest counts",)


def test_ids_that_match_nothing_are_told() -> None:
    source = joined({"id": [1, 2]}, {"id": [2, 8, 9, None], "y": [0, 1, 1, 1]})
    assert whole(source, "y") == {"y": [None, 0]}
    assert source.notes() == ("labels: 2 of 3 ids match no row of frame",)
    assert source.describe().notes == source.notes()


def test_a_column_of_the_same_name_is_replaced() -> None:
    assert whole(joined({"id": [1], "y": [5]}, {"id": [1], "y": [7]})) == {"id": [1], "y": [7]}


def test_many_rows() -> None:
    chance = np.random.default_rng(0)
    ids = chance.integers(0, 200_000, 200_000)
    order = chance.permutation(200_000)
    source = joined({"id": ids, "x": np.arange(200_000)}, {"id": order, "y": order * 2})
    found = whole(source, "x", "y")
    assert found["x"] == list(range(200_000))
    assert found["y"] == (ids * 2).tolist()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"id_column": "key"}, "labels has no column 'key'"),
        ({"label": "truth"}, "labels has no column 'truth'"),
        ({"label_time": "when"}, "labels has no column 'when'"),
    ],
)
def test_columns_that_are_missing(options: dict[str, str], said: str) -> None:
    with pytest.raises(SchemaError, match=said):
        joined({"id": [1]}, {"id": [1], "y": [1]}, **options)
    with pytest.raises(SchemaError, match="frame has no column 'id'"):
        joined({"x": [1]}, {"id": [1], "y": [1]})
