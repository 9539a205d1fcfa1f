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
