from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from sources.whole import whole
from wane.profile.values import to_numbers
from wane.sources.frame import FrameSource
from wane.sources.labels import LabelledSource
from wane.sources.sorted import sorted_batches
from wane.sources.sql import SqlSource
from wane.sources.text import TextSource
from wane.sources.wrong_cells import mostly, numbers_only, with_wrong_cells

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = [0.1 + 0.2, -1e-9, 123_456_789_012_345.0, float("inf"), -0.0, None, None]
WRONG = [None] * 6 + ["#REF!"]


def test_numbers_survive_beside_wrong_cells() -> None:
    array = with_wrong_cells(pa.array(NUMBERS), pa.array(WRONG, pa.string()))
    assert array.to_pylist()[2] == "123456789012345"
    found = to_numbers(array)
    assert found.values[:5].tolist() == NUMBERS[:5]
    assert found.nulls is not None
    assert found.nulls.tolist() == [False] * 5 + [True, False]
    assert found.wrong is not None
    assert found.wrong.tolist() == [False] * 6 + [True]
    batch = pa.RecordBatch.from_arrays([array, array], names=["x", "s"])
    (back,) = numbers_only([batch], {"x": pa.float64(), "s": pa.string()})
    assert back.column("x").equals(pa.array(NUMBERS))
    assert back.column("s").equals(array)


@pytest.mark.parametrize(
    "numbers", [pa.array([1.5, None]), pa.array([2**60, None]), pa.array([1.7e9, None])]
)
def test_what_is_not_touched(numbers: pa.Array) -> None:
    nothing = pa.nulls(2, pa.string())
    assert with_wrong_cells(numbers, nothing) is numbers
    exact = with_wrong_cells(numbers, pa.array([None, "x"]))
    assert (exact is numbers) == (numbers[0].as_py() != 1.5)


@pytest.mark.parametrize(
    ("numbers", "filled", "expected"),
    [(0, 0, False), (5, 5, True), (99, 100, False), (100, 101, True), (0, 100, False)],
)
def test_mostly(numbers: int, filled: int, expected: object) -> None:
    assert mostly(numbers, filled) is expected


@pytest.fixture
def log(tmp_path: Path) -> TextSource:
    """Ids 0 to 299, x half of them, but for a wrong cell of each."""
    rows = [f"{index},{index / 2}" for index in range(300)]
    rows[4], rows[7] = "four,2.0", "7,seven"
    path = tmp_path / "log.csv"
    path.write_text("id,x\n" + "\n".join(rows))
    return TextSource("log", [str(path)], "csv")


def test_a_filter_sees_numbers(log: TextSource) -> None:
    source = SqlSource(log, "x >= 2 AND x < 5", [("double", "2 * x")])
    assert whole(source) == {
        "id": [None, 5.0, 6.0, 8.0, 9.0],
        "x": [2.0, 2.5, 3.0, 4.0, 4.5],
        "double": [4.0, 5.0, 6.0, 8.0, 9.0],
    }
    assert len(source.notes()) == 2


def test_sorting_sees_numbers(log: TextSource) -> None:
    batches = list(sorted_batches(log, ["x", "id"], "id"))
    found = [value for batch in batches for value in batch.column("x").to_pylist()]
    assert found.count(None) == 1
    assert sorted(value for value in found if value is not None)[:3] == [0.0, 0.5, 1.0]


def test_labels_are_joined_to_and_from_columns_with_wrong_cells(log: TextSource) -> None:
    labels = FrameSource({"id": ["four", "7", "8"], "y": [1, 2, 3]})
    source = LabelledSource(log, labels, id_column="id", label="y")
    found = whole(source)
    assert [found["y"][row] for row in (3, 4, 7, 8)] == [None, 1, 2, 3]
    assert found["x"][7] == "seven"
    assert source.describe().sample.column("x").to_pylist()[6:9] == [3.0, None, 4.0]
    rows = FrameSource({"id": ["four", "7", "8"]})
    joined = LabelledSource(rows, log, id_column="id", label="x")
    assert whole(joined)["x"] == [2.0, None, 4.0]
