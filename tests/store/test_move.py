from __future__ import annotations

import datetime as dt
import errno
import os
from typing import TYPE_CHECKING

import duckdb
import pyarrow.parquet as pq
import pytest

from store.stored import DAY, HOUR, NOW, label, move_all, prediction, rows_in_files, sent
from wane.errors import StoreError
from wane.store.durable import write_durably
from wane.store.move import prepare, sweep
from wane.store.records import UNREADABLE, Kind

if TYPE_CHECKING:
    from wane.store.directory import DataDirectory
    from wane.store.records import Model
    from wane.store.sqlite import SqliteStore


def test_raw_files_can_be_read_without_wane(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    midnight = NOW.replace(hour=0)
    events = [
        prediction("a", midnight, age=41, country="NL"),
        prediction("b", midnight - dt.timedelta(microseconds=1), age=2.5),
        prediction("c", midnight, country=None),
    ]
    store.append([sent(model, events, [label("a", "yes"), label("b", "no")], NOW + HOUR)])
    move_all(store, directory.raw, model)
    found = duckdb.sql(
        f"""SELECT p.id, p.day, p.timestamp AT TIME ZONE 'UTC', age, country, label
        FROM read_parquet('{directory.raw}/{model.id}/predictions/*/*.parquet',
            hive_partitioning = true, union_by_name = true) p
        LEFT JOIN '{directory.raw}/{model.id}/labels/*/*.parquet' l USING (id) ORDER BY p.id"""  # noqa: S608 - our own paths
    )
    assert found is not None
    rows = found.fetchall()
    bare = midnight.replace(tzinfo=None)
    assert rows == [
        ("a", NOW.date(), bare, 41.0, "NL", "yes"),
        ("b", (NOW - DAY).date(), bare - dt.timedelta(microseconds=1), 2.5, None, "no"),
        ("c", NOW.date(), bare, None, None, None),
    ]


def test_labels_lie_in_the_order_they_came(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    for value in (3, 1, 2):
        store.append([sent(model, labels=[label("a", value)])])
    store.append([sent(model, [prediction("a")])])
    move_all(store, directory.raw, model)
    (file,) = store.files(model.id, Kind.LABEL)
    table = pq.read_table(directory.raw / file.name)
    assert table.column_names == ["id", "label", "label_time", "received"]
    assert table["label"].to_pylist() == [3, 1, 2]


def test_the_same_move_writes_the_same_files(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    store.append([sent(model, [prediction("a"), prediction("b")])])
    first, second = (prepare(store, directory.raw, model.id) for _ in range(2))
    assert first == second
    assert len(list(directory.raw.rglob("*.parquet"))) == 1


def test_a_crash_before_the_transaction_leaves_the_events_in_the_inbox(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    store.append([sent(model, [prediction("a")])])
    prepare(store, directory.raw, model.id)
    assert sweep(store, directory.raw) == 1
    assert not list(directory.raw.rglob("*.parquet"))
    assert len(store.inbox(model.id, 9)) == 1
    move_all(store, directory.raw, model)
    assert sweep(store, directory.raw) == 0
    assert rows_in_files(store, model, Kind.PREDICTION) == 1


def test_files_that_nobody_knows_are_kept_aside(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    store.append([sent(model, [prediction("a")])])
    move_all(store, directory.raw, model)
    (file,) = store.files(model.id)
    name = f"{model.id}/predictions/day=2026-11-20/000000000007-000000000009.parquet"
    write_durably(directory.raw / name, lambda path: path.write_bytes(b"rows"))
    write_durably(directory.raw / "x.parquet", lambda path: path.write_bytes(b""))
    unfinished = (directory.raw / name).with_name(".unfinished-x.parquet")
    unfinished.write_bytes(b"half")
    store.replace_files(model.id, [file], [])
    assert sweep(store, directory.raw) == 3
    assert (directory.stray / name).read_bytes() == b"rows"
    assert not unfinished.exists()
    assert (directory.raw / file.name).exists()


def test_a_batch_that_cannot_be_read_holds_nobody_up(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    for key in "abc":
        store.append([sent(model, [prediction(key)])])
    torn = b'[{"id":"b","timest'
    with store._writing() as write:
        write.execute("UPDATE inbox SET body = ? WHERE sequence = 2", (torn,))
    move_all(store, directory.raw, model)
    assert store.inbox(model.id, 9) == ()
    assert rows_in_files(store, model, Kind.PREDICTION) == 2
    aside = directory.stray / f"{model.id}/inbox/000000000002.predictions.json"
    assert aside.read_bytes() == torn
    assert store.counts(model.id) == {UNREADABLE: 1}


def test_a_full_disk_leaves_the_events_in_the_inbox(
    directory: DataDirectory, store: SqliteStore, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append([sent(model, [prediction("a"), prediction("b", NOW - DAY)])])
    written = []

    def full(handle: int) -> None:
        written.append(handle)
        if len(written) > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        move_all(store, directory.raw, model)
    monkeypatch.undo()
    assert len(store.inbox(model.id, 9)) == 1
    assert store.files(model.id) == ()
    sweep(store, directory.raw)
    move_all(store, directory.raw, model)
    assert rows_in_files(store, model, Kind.PREDICTION) == 2


def test_a_clock_that_goes_back_changes_no_order(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    store.append([sent(model, [prediction("a")], at=NOW)])
    for step, value in enumerate((1, 2, 3)):
        store.append([sent(model, labels=[label("a", value)], at=NOW - step * HOUR)])
    move_all(store, directory.raw, model, most=1)
    tables = [pq.read_table(directory.raw / f.name) for f in store.files(model.id, Kind.LABEL)]
    assert [table["label"].to_pylist() for table in tables] == [[1], [2], [3]]
