from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from store.stored import NOW, label, prediction, sent
from wane.errors import StoreError
from wane.store import migrations
from wane.store.sqlite import LONE_LABELS, OLD_EVENTS, PARKED, TIMES, SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(path)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (f"{TIMES} (?, ?)", (1, "a", "b")),
        (f"{PARKED} AND id IN (?, ?)", (1, "a", "b")),
        (OLD_EVENTS, (1, "a", 0, 9)),
        (LONE_LABELS, (1, "a", 0, 9)),
        ("SELECT 1 FROM inbox WHERE model = ? ORDER BY sequence LIMIT ?", (1, 9)),
    ],
)
def test_queries_use_an_index_and_sort_nothing(
    store: SqliteStore, path: Path, query: str, values: tuple[object, ...]
) -> None:
    del store
    with sqlite3.connect(path) as looking:
        steps = [row[3] for row in looking.execute(f"EXPLAIN QUERY PLAN {query}", values)]
    looking.close()
    assert steps
    assert not [step for step in steps if step.startswith("SCAN") or "TEMP B-TREE" in step]


def test_what_was_accepted_is_there_when_opened_again(path: Path) -> None:
    first = SqliteStore(path)
    model = first.open_model("default", "churn", NOW)
    first.append([sent(model, [prediction("a")], [label("a")])])
    first.close()
    second = SqliteStore(path)
    assert len(second.inbox(model.id, 9)) == 2
    second.close()


def test_a_commit_waits_for_the_disk(store: SqliteStore) -> None:
    writer = store._writer
    assert writer is not None
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert writer.execute("PRAGMA synchronous").fetchone() == (2,)


def test_closing_writes_the_log_back(path: Path) -> None:
    store = SqliteStore(path)
    model = store.open_model("default", "churn", NOW)
    store.append([sent(model, [prediction("a")])])
    store.inbox(model.id, 9)
    store.close()
    assert sorted(each.name for each in path.parent.iterdir()) == ["state.db"]


def test_readers_see_no_half_of_a_transaction(store: SqliteStore) -> None:
    model = store.open_model("default", "churn", NOW)
    seen, ending = [], threading.Event()

    def look() -> None:
        while not ending.is_set():
            seen.append(len(store.inbox(model.id, 9_999)))

    reader = threading.Thread(target=look)
    reader.start()
    for i in range(30):
        store.append([sent(model, [prediction(f"{i}-{j}")]) for j in range(10)])
    ending.set()
    reader.join()
    assert {count % 10 for count in seen} <= {0}
    assert seen == sorted(seen)


def test_a_transaction_that_fails_leaves_nothing(store: SqliteStore) -> None:
    model = store.open_model("default", "churn", NOW)
    bad = sent(model, [prediction("b"), prediction("\ud800")])
    with pytest.raises(UnicodeEncodeError):
        store.append([sent(model, [prediction("a")]), bad])
    assert store.inbox(model.id, 9) == ()
    assert store.times_of(model.id, ["a", "b"]) == {}
    assert store.append([sent(model, [prediction("a")])])[0].accepted == 1


def test_a_reader_beside_the_writer_sees_all_and_writes_nothing(
    store: SqliteStore, path: Path
) -> None:
    model = store.open_model("default", "churn", NOW)
    beside = SqliteStore(path, read_only=True)
    store.append([sent(model, [prediction("a")])])
    assert len(beside.inbox(model.id, 9)) == 1
    with pytest.raises(StoreError, match="reading only"):
        beside.append([sent(model, [prediction("b")])])
    with pytest.raises(StoreError, match="readonly"):
        beside._rows("DELETE FROM inbox")
    beside.close()


def test_a_full_disk_costs_the_batch_alone(store: SqliteStore) -> None:
    model = store.open_model("default", "churn", NOW)
    store.append([sent(model, [prediction("a")])])
    writer = store._writer
    assert writer is not None
    (pages,) = writer.execute("PRAGMA page_count").fetchone()
    writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    big = [prediction(f"big-{i}", text="x" * 1_000) for i in range(100)]
    with pytest.raises(StoreError, match="full"):
        store.append([sent(model, big)])
    assert len(store.inbox(model.id, 9)) == 1
    assert store.times_of(model.id, ["a", "big-0"]).keys() == {"a"}
    writer.execute("PRAGMA max_page_count = 1000000")
    assert store.append([sent(model, big)])[0].accepted == 100


@pytest.mark.parametrize("body", [b"this is no database, and was never one" * 99, b""])
def test_a_file_that_is_no_store(path: Path, body: bytes) -> None:
    path.write_bytes(body)
    if body:
        with pytest.raises(StoreError, match="not a database"):
            SqliteStore(path)
    else:
        SqliteStore(path).close()


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    for read_only in (False, True):
        with pytest.raises(StoreError, match="cannot be used"):
            SqliteStore(tmp_path / "no" / "state.db", read_only=read_only).models()


def test_a_store_of_a_newer_release_is_left_alone(path: Path) -> None:
    SqliteStore(path).close()
    with sqlite3.connect(path) as newer:
        newer.execute(f"PRAGMA user_version = {len(migrations.STEPS) + 1}")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer release"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_an_older_store_is_copied_and_brought_up_to_date(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = SqliteStore(path)
    first.open_model("default", "churn", NOW)
    first.close()
    version = len(migrations.STEPS)
    step = "CREATE TABLE added (x INTEGER); INSERT INTO added VALUES (1);"
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    second = SqliteStore(path)
    assert second._rows("SELECT x FROM added") == [(1,)]
    assert second._rows("PRAGMA user_version") == [(version + 1,)]
    second.close()
    copy = SqliteStore(path.with_name(f"state.before-version-{version + 1}.db"), read_only=True)
    assert [model.name for model in copy.models()] == ["churn"]
    assert copy._rows("PRAGMA user_version") == [(version,)]
    copy.close()


def test_a_step_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SqliteStore(path).close()
    version = len(migrations.STEPS)
    step = "CREATE TABLE added (x INTEGER); SELECT nonsense;"
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    with pytest.raises(StoreError, match="nonsense"):
        SqliteStore(path)
    monkeypatch.undo()
    store = SqliteStore(path)
    assert store._rows("PRAGMA user_version") == [(version,)]
    with pytest.raises(StoreError, match="no such table"):
        store._rows("SELECT x FROM added")
    store.close()


def test_a_copy_is_whole_and_replaces_nothing(store: SqliteStore, tmp_path: Path) -> None:
    model = store.open_model("default", "churn", NOW)
    store.append([sent(model, [prediction("a")])])
    copy = tmp_path / "copy.db"
    store.backup(copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    opened = SqliteStore(copy)
    assert len(opened.inbox(model.id, 9)) == 1
    opened.close()
    with pytest.raises(StoreError, match=r"copy\.db"):
        store.backup(copy)
    with pytest.raises(StoreError, match="nowhere"):
        store.backup(tmp_path / "nowhere" / "copy.db")
