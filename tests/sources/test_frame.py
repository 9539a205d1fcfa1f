from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from sources.whole import whole
from wane.errors import SourceError
from wane.sources.frame import FrameSource

DATA = {"x": [1.5, None, 3.0], "s": ["a", None, "b"], "n": [1, 2, 3]}
TABLE = pa.table(DATA)


@pytest.mark.parametrize(
    "frame",
    [
        TABLE,
        TABLE.to_batches()[0],
        pa.RecordBatchReader.from_batches(TABLE.schema, TABLE.to_batches()),
        pl.DataFrame(DATA),
        pl.DataFrame(DATA, schema_overrides={"s": pl.Categorical}),
        pd.DataFrame(DATA),
        pd.DataFrame(DATA).astype({"s": "category", "n": "Int64"}),
        DATA,
        {"x": pl.Series([1.5, None, 3.0]), "s": pa.array(DATA["s"]), "n": np.array([1, 2, 3])},
    ],
    ids=lambda frame: type(frame).__module__.split(".")[0] + "." + type(frame).__name__,
)
def test_every_kind_of_frame(frame: Any) -> None:  # noqa: ANN401 - this is the point
    source = FrameSource(frame)
    for _ in range(2):
        assert whole(source) == DATA
    description = source.describe()
    assert description.name == "frame"
    assert description.rows == 3
    assert description.ranges == {"x": (1.5, 3.0), "n": (1, 3)}
    assert description.sample.to_pydict() == DATA


def test_a_duckdb_relation() -> None:
    with duckdb.connect() as session:
        source = FrameSource(session.sql("SELECT 1.5::DOUBLE AS x, 'a' AS s"))
        assert whole(source) == {"x": [1.5], "s": ["a"]}


def test_a_large_frame_is_cut_and_sampled_evenly() -> None:
    source = FrameSource({"x": np.arange(200_000), "s": pl.Series(["a", "b"] * 100_000)})
    assert max(batch.num_rows for batch in source.batches(["x"])) <= 65_536
    sample = source.describe(sample_rows=100).sample.column("x").to_pylist()
    assert len(sample) == 100
    steps = np.diff(sample)
    assert steps.min() >= 1_024
    assert steps.max() <= 3_072


def test_columns_of_one_name() -> None:
    source = FrameSource(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"]))
    assert whole(source, "x (2)") == {"x (2)": [2]}
    assert source.notes() == ("column 'x' occurs more than once: the next is 'x (2)'",)


class Thing:
    """What Arrow has no type for."""


BAD_COLUMNS = {
    "objects": [Thing(), Thing(), None],
    "huge": [2**70, 1, 2],
    "no text": ["\ud800", "a", "b"],
    "text and objects": ["a", Thing(), 1],
}


@pytest.mark.parametrize("kind", BAD_COLUMNS)
@pytest.mark.parametrize("make", [dict, pd.DataFrame])
def test_a_column_that_cannot_be_read_costs_only_itself(make: Any, kind: str) -> None:  # noqa: ANN401 - any kind of frame
    bad = pd.Series(BAD_COLUMNS[kind], dtype=object)
    source = FrameSource(make({"x": [1.5, 2.5, 3.5], "bad": bad, "s": ["a", None, "b"]}))
    assert whole(source) == {"x": [1.5, 2.5, 3.5], "s": ["a", None, "b"]}
    (note,) = source.describe().notes
    assert note.startswith("column 'bad' cannot be read (")
    assert note.endswith(") and is left out")


@pytest.mark.parametrize("make", [dict, pd.DataFrame])
def test_texts_and_numbers_are_read_as_text(make: Any) -> None:  # noqa: ANN401 - any kind of frame
    mixed = pd.Series([1, "a", None, 2.0, float("nan"), np.int64(3), True], dtype=object)
    source = FrameSource(make({"n": range(7), "mixed": mixed}))
    assert whole(source) == {
        "n": list(range(7)),
        "mixed": ["1", "a", None, "2", None, "3", "true"],
    }
    assert source.notes() == ("column 'mixed' mixes texts and numbers and is read as text",)


def test_the_index_of_pandas_survives_a_bad_column() -> None:
    columns = {"x": [1.0, 2.0], "bad": [Thing(), Thing()]}
    times = pd.date_range("2026-01-01", periods=2, name="at")
    found = whole(FrameSource(pd.DataFrame(columns, index=times)))
    assert found == {"x": [1.0, 2.0], "at": times.to_pydatetime().tolist()}
    source = FrameSource(pd.DataFrame(columns, index=pd.Index([1, "a"], dtype=object)))
    assert whole(source) == {"x": [1.0, 2.0]}
    assert [note.split()[1] for note in source.notes()] == ["index", "'bad'"]


def test_a_name_that_pandas_has_twice() -> None:
    source = FrameSource(pd.DataFrame([[1, 2, 3.5]], columns=["x", "x", "y"]))
    assert whole(source) == {"y": [3.5]}
    assert "column 'x' cannot be read (Duplicate column names" in source.notes()[0]


def test_a_frame_without_a_column_that_can_be_read() -> None:
    with pytest.raises(SourceError, match="frame cannot be read"):
        FrameSource(pd.DataFrame({"x": [Thing()]}))


def test_ranges_leave_out_what_is_not_finite() -> None:
    frame = {"x": [float("inf"), 1.0, float("nan")], "y": [float("nan")] * 3}
    assert FrameSource(frame).describe().ranges == {"x": (1.0, 1.0)}


@pytest.mark.parametrize("thing", [3, "text", [1, 2], {"x": [1, 2], "y": [1]}, {"x": object()}])
def test_what_is_no_table(thing: object) -> None:
    with pytest.raises(SourceError):
        FrameSource(thing)


def test_no_rows() -> None:
    with pytest.raises(SourceError, match="frame has no rows"):
        FrameSource(TABLE.slice(0, 0)).describe()
