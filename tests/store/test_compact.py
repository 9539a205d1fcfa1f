from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from store.stored import DAY, NOW, label, move_all, prediction, sent
from wane.events.column import column
from wane.store import compact as compaction
from wane.store.compact import compact, merge, runs, unified
from wane.store.discard import discard, discard_strays
from wane.store.durable import write_durably
from wane.store.move import sweep
from wane.store.records import Kind, RawFile

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from wane.store.directory import DataDirectory
    from wane.store.records import Model
    from wane.store.sqlite import SqliteStore


def read(directory: DataDirectory, store: SqliteStore, kind: Kind) -> list[dict[str, Any]]:
    tables = [pq.read_table(directory.raw / file.name) for file in store.files(1, kind)]
    return [row for table in tables for row in table.to_pylist()]


def fill(directory: DataDirectory, store: SqliteStore, model: Model, values: list[Any]) -> None:
    for i, value in enumerate(values):
        store.append([sent(model, [prediction(f"{i}", x=value)], [label("0", i)])])
        move_all(store, directory.raw, model)


def test_small_neighbours_become_one_with_all_their_rows(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    fill(directory, store, model, [1, 2.5, None, True, 3])
    before = {kind: read(directory, store, kind) for kind in Kind}
    old = store.files(model.id)
    done = compact(store, directory.raw, model.id)
    assert len(done.old) == 10
    labels, predictions = store.files(model.id)
    assert labels.name.endswith("day=2026-11-26/000000000001-000000000010.parquet")
    assert (labels.rows, predictions.rows) == (5, 5)
    assert (directory.raw / labels.name).stat().st_size == labels.size
    for kind in Kind:
        assert read(directory, store, kind) == before[kind]
    assert store.retired() == tuple(sorted(file.name for file in old))
    assert all((directory.raw / file.name).exists() for file in old)
    assert compact(store, directory.raw, model.id).old == []


def test_retired_files_go_when_they_are_discarded(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    fill(directory, store, model, [1, 2, 3, 4])
    compact(store, directory.raw, model.id)
    (directory.raw / store.retired()[0]).unlink()
    assert sweep(store, directory.raw) == 0
    assert discard(store, directory.raw) == 8
    assert store.retired() == ()
    there = {path.relative_to(directory.raw).as_posix() for path in directory.raw.rglob("*.parq*")}
    assert there == {file.name for file in store.files(model.id)}
    assert discard(store, directory.raw) == 0


def test_a_crash_before_the_transaction_leaves_the_old_files(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    fill(directory, store, model, [1, 2, 3, 4])
    before = store.files(model.id)
    merge(before, directory.raw)
    assert sweep(store, directory.raw) == 2
    assert store.files(model.id) == before
    assert len(compact(store, directory.raw, model.id).old) == 8


def test_types_that_clash_stay_apart(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    fill(directory, store, model, [1, None, 2, 3, "a", "b", None, "c", 4])
    compact(store, directory.raw, model.id)
    rows = [file.rows for file in store.files(model.id, Kind.PREDICTION)]
    assert rows == [4, 4, 1]
    values = [row["x"] for row in read(directory, store, Kind.PREDICTION)]
    assert values == [1, None, 2, 3, "a", "b", None, "c", 4]


def test_a_damaged_file_is_noted_and_left_where_it_is(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    fill(directory, store, model, [1, 2, 3, 4, 5])
    lame = store.files(model.id, Kind.PREDICTION)[2]
    (directory.raw / lame.name).write_bytes(b"PAR1")
    done = compact(store, directory.raw, model.id)
    assert list(done.damaged) == [lame.name]
    assert [f.name for f in store.files(model.id) if f.damage] == [lame.name]
    assert len(store.files(model.id, Kind.LABEL)) == 1
    assert len(store.files(model.id, Kind.PREDICTION)) == 5
    assert not list(directory.raw.rglob(".unfinished-*"))


def raw_file(number: int, rows: int = 1, day: int = 0, damage: str = "") -> RawFile:
    name = f"1/predictions/day={day}/{number:012d}-{number:012d}.parquet"
    return RawFile(1, Kind.PREDICTION, (NOW + day * DAY).date(), name, rows, 9, damage)


def test_runs_are_of_small_neighbours_of_one_day() -> None:
    large = compaction.SMALL
    files = [
        *(raw_file(i) for i in (1, 2, 3, 4)),
        raw_file(5, large),
        *(raw_file(i) for i in (6, 7, 8)),
        raw_file(9, damage="torn"),
        *(raw_file(i, large - 1) for i in (10, 11, 12, 13, 14)),
        *(raw_file(i, day=1) for i in (2, 3, 4, 5)),
        *(raw_file(i, day=2) for i in (1, 2, 3)),
    ]
    found = [[int(file.name[-12 - 8 : -8]) for file in run] for run in runs(reversed(files))]
    assert found == [[1, 2, 3, 4], [10, 11, 12, 13, 14], [2, 3, 4, 5]]


def test_runs_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "MOST_FILES", 5)
    assert [len(run) for run in runs(raw_file(i) for i in range(14))] == [5, 5, 4]


VALUES = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | st.text(max_size=2)


@given(st.lists(st.lists(VALUES, min_size=1, max_size=3), min_size=1, max_size=4))
def test_what_fits_together_loses_nothing(parts: list[list[Any]]) -> None:
    arrays = [column(part) for part in parts]
    schema = unified([pa.schema({"x": array.type}) for array in arrays])
    kinds = {type(v) is str for array in arrays for v in array.to_pylist() if v is not None}
    assert (schema is None) == (len(kinds) == 2)
    if schema is not None:
        merged = [v for a in arrays for v in a.cast(schema.field("x").type).to_pylist()]
        assert merged == [value for array in arrays for value in array.to_pylist()]


def test_strays_go_with_the_rows_of_their_day(tmp_path: Path) -> None:
    for name in ("predictions/day=2026-11-01/a.parquet", "predictions/day=2026-11-20/b.parquet"):
        write_durably(tmp_path / name, lambda path: path.write_bytes(b"x"))
    assert discard_strays(tmp_path / "none", NOW.date()) == 0
    assert discard_strays(tmp_path, (NOW - 10 * DAY).date()) == 1
    assert [path.name for path in tmp_path.rglob("*.parquet")] == ["b.parquet"]
