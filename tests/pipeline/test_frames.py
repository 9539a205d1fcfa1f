"""Frames of every kind, and files, give the same result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import wane
from pipeline.logs import LOG, TRAIN, check
from sound import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FRAMES: dict[str, Callable[[pa.Table], object]] = {
    "pandas": lambda table: table.to_pandas(),
    "polars": pl.from_arrow,
    "duckdb": duckdb.from_arrow,
    "lists": lambda table: table.to_pydict(),
    "arrays": lambda table: {name: table[name].to_numpy() for name in table.column_names},
    "reader": lambda table: table.to_reader(),
    "batch": lambda table: table.combine_chunks().to_batches()[0],
}


@pytest.fixture(scope="module")
def expected() -> pa.Table:
    schema = wane.Schema(segments=("channel",))
    return check(LOG, reference=TRAIN, schema=schema).measurements.to_arrow()


@pytest.mark.parametrize("kind", FRAMES)
def test_every_frame_gives_the_same_result(kind: str, expected: pa.Table) -> None:
    schema, make = wane.Schema(segments=("channel",)), FRAMES[kind]
    found = check(make(LOG), reference=make(TRAIN), schema=schema)
    assert found.measurements.to_arrow().equals(expected)


def assert_same(left: pa.Table, right: pa.Table) -> None:
    """Sums that are taken in another order differ by rounding."""
    for name in right.column_names:
        if pa.types.is_floating(right[name].type):
            found, wanted = left[name].to_numpy(), right[name].to_numpy()
            np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)
        else:
            assert left[name].equals(right[name])


def test_files_give_the_same_result_as_frames(expected: pa.Table, tmp_path: Path) -> None:
    pq.write_table(LOG, tmp_path / "log.parquet", row_group_size=77)
    pq.write_table(TRAIN, tmp_path / "train.parquet")
    schema = wane.Schema(segments=("channel",))
    file = check(tmp_path / "log.parquet", reference=tmp_path / "train.parquet", schema=schema)
    mixed = check(LOG, reference=str(tmp_path / "train.parquet"), schema=schema)
    assert_same(file.measurements.to_arrow(), expected)
    assert mixed.measurements.to_arrow().equals(expected)
    assert (file.model, mixed.model) == ("log", "model")


def test_a_result_shows_and_saves_itself(tmp_path: Path) -> None:
    result = check(LOG, reference=TRAIN)
    shown(result)
    assert result.to_html(tmp_path / "r.html") == (tmp_path / "r.html").read_text(encoding="utf-8")
    with pytest.raises(wane.UsageError, match="cannot write"):
        result.to_html(tmp_path / "none" / "r.html")
    table = result.measurements
    for rows in (table.to_pandas(), table.to_polars(), pl.DataFrame(table), pa.table(table)):
        assert len(rows) == len(table)
    relation = duckdb.from_arrow(pa.table(table))
    assert relation.count("*").fetchall() == [(len(table),)]


def test_pandas_with_its_own_types() -> None:
    frame = LOG.to_pandas()
    frame["channel"] = frame["channel"].astype("category")
    frame["label"] = frame["label"].astype("Int64")
    frame["timestamp"] = frame["timestamp"].dt.tz_convert("Europe/Vienna")
    assert check(frame).summary == check(LOG).summary
    assert isinstance(check(frame).measurements.to_pandas(), pd.DataFrame)


def test_a_bad_column_of_pandas_costs_only_itself() -> None:
    frame = LOG.to_pandas()
    frame["bad"] = [object() for _ in range(len(frame))]
    found = check(frame)
    assert found.summary == check(LOG).summary
    assert any(note.startswith("column 'bad' cannot be read (") for note in found.notes)
