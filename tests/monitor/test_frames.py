from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from wane.errors import SourceError, UsageError
from wane.monitor.columns import Columns
from wane.monitor.frames import (
    LARGEST_BYTES,
    LARGEST_ROWS,
    Asked,
    Piece,
    label_pieces,
    prediction_pieces,
    reference_piece,
)
from wane.monitor.value import plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

NOW = dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC)
ROLES: dict[str, str | None] = dict.fromkeys(Columns.__annotations__)
DATA = {"key": ["a", "b", "c"], "p": [0.25, 0.5, None], "x": [1, 2, 3], "c": ["u", None, "v"]}


def asked(data: object, **told: Any) -> Asked:  # noqa: ANN401 - roles, scores, features
    scores, features = told.pop("scores", None), told.pop("features", None)
    return Asked(data, {**ROLES, **told}, scores, features)


def predictions(data: object, of: str | None = None, **told: Any) -> list[Piece]:  # noqa: ANN401
    return list(prediction_pieces(asked(data, **told), version=of, now=NOW))


def labels(data: object, **told: str) -> list[Piece]:
    roles = {"id": None, "label": None, "timestamp": None, **told}
    return list(label_pieces(Asked(data, roles, features=()), now=NOW))


def table(pieces: Iterable[Piece]) -> pa.Table:
    parts = [piece.parcel for piece in pieces if piece.parcel is not None]
    return pa.concat_tables(pa.ipc.open_stream(part.body()).read_all() for part in parts)


def dropped(pieces: Iterable[Piece]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for piece in pieces:
        found.update(piece.dropped)
    return dict(found)


def nulled(pieces: Iterable[Piece]) -> int:
    return sum(piece.nulled for piece in pieces)


@pytest.mark.parametrize(
    "frame",
    [
        DATA,
        pa.table(DATA),
        pd.DataFrame(DATA),
        pl.DataFrame(DATA),
        pd.DataFrame(DATA).astype({"c": "category"}),
        pa.RecordBatchReader.from_batches(pa.table(DATA).schema, pa.table(DATA).to_batches()),
    ],
    ids=["dict", "pyarrow", "pandas", "polars", "categories", "reader"],
)
def test_any_frame(frame: object) -> None:
    sent = table(predictions(frame, of="12", id="key", score="p"))
    assert sent.to_pydict() == {
        "id": ["a", "b", "c"],
        "score": [0.25, 0.5, None],
        "x": [1, 2, 3],
        "c": ["u", None, "v"],
        "timestamp": [NOW] * 3,
        "version": ["12"] * 3,
    }
    assert sent.schema.field("timestamp").type == pa.timestamp("us", "UTC")
    assert not any(pa.types.is_dictionary(kind) for kind in sent.schema.types)


def test_files(tmp_path: Path) -> None:
    pq.write_table(pa.table(DATA), tmp_path / "a.parquet")
    pq.write_table(pa.table(DATA), tmp_path / "b.parquet")
    pa.csv.write_csv(pa.table(DATA), tmp_path / "c.csv")
    both = [tmp_path / "a.parquet", str(tmp_path / "b.parquet")]
    for path, rows in ((both, 6), (tmp_path / "*.parquet", 6), (str(tmp_path / "c.csv"), 3)):
        sent = table(predictions(path, id="key", score="p"))
        assert sent["id"].to_pylist() == [*"abcabc"][:rows]
    with pytest.raises(SourceError, match="different formats"):
        predictions([*both, tmp_path / "c.csv"])


def test_rows_without_an_id_get_one() -> None:
    sent = table(predictions({"id": [1.0, None, 2.0], "x": [1, 2, 3]}))["id"].to_pylist()
    assert (sent[0], sent[2]) == ("1", "2")
    assert UUID(sent[1]).version == 7
    made = table(predictions({"x": range(3)}))["id"].to_pylist()
    assert len(set(made)) == 3


def test_an_id_that_cannot_be_sent_is_replaced_and_counted() -> None:
    pieces = predictions({"id": ["x" * 257, "", "a"], "x": [1, 2, 3]})
    sent = table(pieces)["id"].to_pylist()
    assert [UUID(each).version for each in sent[:2]] == [7, 7]
    assert sent[2] == "a"
    assert nulled(pieces) == 1


def test_times() -> None:
    given = ["2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00", "never", None]
    pieces = predictions({"at": given, "x": range(4)}, timestamp="at")
    new_year = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert table(pieces)["timestamp"].to_pylist() == [new_year, new_year, NOW, NOW]
    assert nulled(pieces) == 1
    for way in (
        np.array(["2026-01-01"], "datetime64[ns]"),
        pa.array([new_year.date()]),
        [1_767_225_600],
        [1_767_225_600_000.0],
    ):
        assert table(predictions({"timestamp": way}))["timestamp"].to_pylist() == [new_year]


@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Tokyo"])
def test_times_that_are_features_are_the_text_that_log_sends(zone: str | None) -> None:
    moments = ["2026-01-01T00:00:00.000000", "2026-01-01T12:30:00.000005", None]
    given = pd.Series(pd.to_datetime(moments))
    times = given.dt.tz_localize(zone)
    sent = table(predictions(pd.DataFrame({"when": times, "day": given.dt.date})))
    assert sent["when"].to_pylist() == [plain(each) for each in times]
    assert sent["day"].to_pylist() == ["2026-01-01", "2026-01-01", None]


def test_versions_of_rows_win_over_that_of_the_monitor() -> None:
    sent = table(predictions({"v": [3, None], "x": [1, 2]}, "12", version="v"))
    assert sent["version"].to_pylist() == ["3", "12"]


def test_numbers_of_roles_are_floats_and_errors_are_flags() -> None:
    data = {"s": ["0.5", "high", None], "ms": [1, 2, 3], "e": [0, 1, None], "t": ["", "x", None]}
    pieces = predictions(data, score="s", latency="ms", error="e")
    sent = table(pieces)
    assert sent["score"].to_pylist() == [0.5, None, None]
    assert sent.schema.field("latency").type == pa.float64()
    assert sent["error"].to_pylist() == [False, True, None]
    assert nulled(pieces) == 1
    assert table(predictions(data, error="t"))["error"].to_pylist() == ["", "x", None]


def test_what_frames_hold_that_is_not_monitored_is_told() -> None:
    pieces = predictions({"x": [1], "deep": [{"a": 1}], "weight": [80]})
    assert "deep" not in table(pieces).column_names
    told = " ".join(note for piece in pieces for note in piece.notes)
    assert "'deep'" in told
    assert "'weight'" in told


def test_long_texts_are_null_and_counted() -> None:
    pieces = predictions({"x": ["y" * 65_537, "z"], "n": [1, 2]})
    assert table(pieces)["x"].to_pylist() == [None, "z"]
    assert nulled(pieces) == 1


def test_parcels_are_bounded_in_rows() -> None:
    pieces = predictions({"x": np.arange(25_000)})
    assert [p.parcel.rows for p in pieces if p.parcel] == [LARGEST_ROWS, LARGEST_ROWS, 5_000]
    assert table(pieces)["x"].to_pylist() == list(range(25_000))


def test_parcels_are_bounded_in_bytes() -> None:
    pieces = predictions({"x": ["y" * 10_000] * 3_000, "n": range(3_000)})
    parcels = [piece.parcel for piece in pieces if piece.parcel]
    assert max(parcel.size for parcel in parcels) <= LARGEST_BYTES
    assert sum(parcel.rows for parcel in parcels) == 3_000
    assert table(pieces)["n"].to_pylist() == list(range(3_000))


def test_a_row_that_fits_no_parcel_is_dropped() -> None:
    wide = {f"x{i}": ["y" * 65_000, "z"] for i in range(130)}
    pieces = predictions(wide)
    assert table(pieces)["x0"].to_pylist() == ["z"]
    assert dropped(pieces) == {"row too large": 1}


def test_lines_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    (tmp_path / "log.ndjson").write_text('{"x": 1}\n{"x": \n{"x": 2}\n')
    pieces = predictions(tmp_path / "log.ndjson")
    assert table(pieces)["x"].to_pylist() == [1, 2]
    assert dropped(pieces) == {"unreadable": 1}


def test_no_rows_are_no_parcel() -> None:
    assert [piece.parcel for piece in predictions({"x": pa.array([], pa.int64())})] == [None]


def test_labels() -> None:
    pieces = labels({"id": [1, 2], "label": ["a", "b"], "x": [0, 0]})
    assert table(pieces).to_pydict() == {
        "id": ["1", "2"],
        "label": ["a", "b"],
        "timestamp": [NOW, NOW],
    }


def test_labels_without_id_or_label_are_dropped() -> None:
    data = {"k": ["a", None, "", "d", "e"], "y": [1.0, 0.0, None, None, float("nan")]}
    pieces = labels(data, id="k", label="y")
    assert table(pieces)["id"].to_pylist() == ["a"]
    assert dropped(pieces) == {"no id": 2, "no label": 2}


@pytest.mark.parametrize("name", ["id", "label"])
def test_labels_need_both_columns(name: str) -> None:
    with pytest.raises(UsageError, match="have no"):
        labels({name: [1]})


def test_a_reference_is_parquet_with_the_same_names() -> None:
    piece = reference_piece(asked(DATA, id="key", score="p"))
    assert piece.parcel is not None
    read = pq.read_table(pa.BufferReader(piece.parcel.body()))
    assert read.column_names == ["score", "id", "x", "c"]
    assert read.num_rows == 3
    assert piece.parcel.rows == 0


def test_a_reference_without_rows_is_none() -> None:
    with pytest.raises(SourceError, match="no rows"):
        reference_piece(asked({"x": pa.array([], pa.int64())}))


def test_a_large_reference_is_whole() -> None:
    piece = reference_piece(asked({"x": np.arange(200_000), "c": ["a", "b"] * 100_000}))
    assert piece.parcel is not None
    read = pq.read_table(pa.BufferReader(piece.parcel.body()))
    assert read["x"].to_pylist() == list(range(200_000))
