from __future__ import annotations

import datetime as dt
import json
import os
from typing import TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from events.sent import stream
from store.stored import DAY, NOW
from wane.errors import StoreError
from wane.events.event import Label, Prediction
from wane.events.policy import Policy
from wane.monitor.directory import DirectoryTransport
from wane.monitor.parcel import Form, Kind, Parcel
from wane.store.spool import REFUSED, Picked, pick_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wane.store.directory import DataDirectory
    from wane.store.records import Delivery, Model, Receipt
    from wane.store.sqlite import SqliteStore


def policy(_: Model) -> Policy:
    return Policy(NOW, NOW - 30 * DAY, NOW + DAY)


def leave(directory: DataDirectory, kind: Kind, form: Form, body: bytes) -> None:
    sent = DirectoryTransport(directory.path, "churn").send(Parcel(kind, form, (body,)))
    assert type(sent).__name__ == "Accepted"


def lines(*rows: dict[str, object]) -> bytes:
    return b"\n".join(json.dumps(row).encode() for row in rows)


def waiting(directory: DataDirectory) -> list[str]:
    return [path.name for path in (directory.spool / "churn").iterdir()]


def in_inbox(store: SqliteStore) -> list[str]:
    (model,) = store.models()
    return [
        event["id"]
        for batch in store.inbox(model.id, 99)
        for event in msgspec.json.decode(batch.body)
    ]


def test_an_empty_spool(directory: DataDirectory, store: SqliteStore) -> None:
    assert pick_up(store, directory, policy, NOW) == Picked()
    (directory.spool / "churn").mkdir()
    assert pick_up(store, directory, policy, NOW) == Picked()
    assert store.models() == ()


def test_files_are_taken_in_the_order_they_were_written(
    directory: DataDirectory, store: SqliteStore
) -> None:
    leave(directory, Kind.LABELS, Form.NDJSON, lines({"id": "a", "label": 1}))
    leave(directory, Kind.PREDICTIONS, Form.NDJSON, lines({"id": "a"}, {"id": "b", "label": 0}))
    leave(directory, Kind.PREDICTIONS, Form.ARROW, stream(pa.table({"id": ["c"], "x": [1.0]})))
    leave(directory, Kind.LABELS, Form.ARROW, stream(pa.table({"id": ["c"], "label": [1]})))
    picked = pick_up(store, directory, policy, NOW)
    assert (picked.files, picked.accepted, picked.duplicate) == (4, 6, 0)
    assert in_inbox(store) == ["a", "a", "b", "b", "c", "c"]
    assert waiting(directory) == []
    assert pick_up(store, directory, policy, NOW) == Picked()


def test_a_crash_between_keeping_and_deleting_changes_nothing(
    directory: DataDirectory, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(directory, Kind.PREDICTIONS, Form.NDJSON, lines({}, {"id": 3}, {"label": 1}))
    leave(directory, Kind.PREDICTIONS, Form.ARROW, stream(pa.table({"x": [1.0, 2.0]})))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.unlink", killed)
    with pytest.raises(KeyboardInterrupt):
        pick_up(store, directory, policy, NOW)
    monkeypatch.undo()
    first = in_inbox(store)
    picked = pick_up(store, directory, policy, NOW)
    assert (picked.accepted, picked.duplicate) == (2, 3)
    everything = in_inbox(store)
    assert everything[: len(first)] == first
    assert len(everything) == 5
    assert len(set(everything)) == 4  # a label has the id of its prediction


def test_rows_that_are_not_taken_are_counted(directory: DataDirectory, store: SqliteStore) -> None:
    rows = lines({"id": "a"}, {"id": 1}, {"id": "b", "timestamp": "2020-01-01T00:00:00Z"})
    leave(directory, Kind.PREDICTIONS, Form.NDJSON, rows)
    picked = pick_up(store, directory, policy, NOW)
    assert picked.rejected == {"invalid_field": 1, "old_timestamp": 1}
    (model,) = store.models()
    assert store.counts(model.id) == {"rejected:invalid_field": 1, "rejected:old_timestamp": 1}


def test_what_senders_dropped_is_counted(directory: DataDirectory, store: SqliteStore) -> None:
    report = {"dropped": {"queue_full": 7, "none": 0, "x" * 99: 1}}
    leave(directory, Kind.CLIENT, Form.JSON, json.dumps(report).encode())
    pick_up(store, directory, policy, NOW)
    (model,) = store.models()
    assert store.counts(model.id) == {
        "dropped_by_sender:queue_full": 7,
        f"dropped_by_sender:{'x' * 60}": 1,
    }


def test_a_reference(directory: DataDirectory, store: SqliteStore, tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": [1.0, 2.0]}), tmp_path / "r.parquet")
    body = (tmp_path / "r.parquet").read_bytes()
    leave(directory, Kind.REFERENCE, Form.PARQUET, body)
    (name,) = waiting(directory)
    assert pick_up(store, directory, policy, NOW).files == 1
    (model,) = store.models()
    given = store.reference(model.id)
    assert given is not None
    assert (given.name, given.rows) == (f"{model.id}/{name.partition('.')[0]}.parquet", 2)
    assert (directory.references / given.name).read_bytes() == body


@pytest.mark.parametrize(
    ("what", "body", "told"),
    [
        ("predictions.arrow", b"no stream", "no Arrow IPC stream"),
        ("predictions.ndjson", b"{}\n" * 10_001, "too long"),
        ("reference.parquet", b"PAR1", "no Parquet file"),
        ("client.json", b'{"dropped": []}', "report cannot be read"),
        ("client.json", b"\xff", "report cannot be read"),
    ],
)
def test_a_bad_file_is_set_aside_and_the_next_is_taken(
    directory: DataDirectory, store: SqliteStore, what: str, body: bytes, told: str
) -> None:
    kind, form = what.split(".")
    leave(directory, Kind(kind), Form(form), body)
    leave(directory, Kind.PREDICTIONS, Form.NDJSON, lines({"id": "a"}))
    picked = pick_up(store, directory, policy, NOW)
    assert (picked.files, picked.accepted) == (1, 1)
    ((name, reason),) = picked.refused.items()
    assert told in reason
    aside = directory.stray / "spool" / name
    assert aside.read_bytes() == body
    assert told in aside.with_name(f"{aside.name}.txt").read_text()
    (model,) = store.models()
    assert store.counts(model.id) == {REFUSED: 1}
    assert waiting(directory) == []


def test_an_empty_reference_is_set_aside(
    directory: DataDirectory, store: SqliteStore, tmp_path: Path
) -> None:
    pq.write_table(pa.table({"x": pa.array([], pa.float64())}), tmp_path / "r.parquet")
    leave(directory, Kind.REFERENCE, Form.PARQUET, (tmp_path / "r.parquet").read_bytes())
    (reason,) = pick_up(store, directory, policy, NOW).refused.values()
    assert "no rows" in reason
    assert store.reference(1) is None


def test_files_of_others_are_set_aside_and_unfinished_ones_left(
    directory: DataDirectory, store: SqliteStore, tmp_path: Path
) -> None:
    folder = directory.spool / "churn"
    folder.mkdir()
    (tmp_path / "outside").write_text("x")
    uuid = "01234567-89ab-7def-8123-456789abcdef"
    (folder / f"{uuid}.labels.ndjson").symlink_to(tmp_path / "outside")
    (folder / "notes.txt").write_text("x")
    (folder / f"{uuid}.labels.csv").write_text("x")
    (folder / f".tmp-{uuid}").write_text("x")
    (folder / ".tmp-old").write_text("x")
    os.utime(folder / ".tmp-old", (0, 0))
    (directory.spool / ".hidden").mkdir()
    (directory.spool / "stray file").write_text("x")
    now = dt.datetime.now(dt.UTC)
    picked = pick_up(store, directory, policy, now)
    assert sorted(picked.refused) == [
        f"churn/{uuid}.labels.csv",
        f"churn/{uuid}.labels.ndjson",
        "churn/notes.txt",
    ]
    assert waiting(directory) == [f".tmp-{uuid}"]
    assert (tmp_path / "outside").read_text() == "x"


def test_when_events_cannot_be_written_the_file_stays(
    directory: DataDirectory, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(directory, Kind.PREDICTIONS, Form.NDJSON, lines({"id": "a"}))

    def full(_: Sequence[Delivery]) -> tuple[Receipt, ...]:
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "append", full)
    with pytest.raises(StoreError, match="full"):
        pick_up(store, directory, policy, NOW)
    monkeypatch.undo()
    assert len(waiting(directory)) == 1
    assert pick_up(store, directory, policy, NOW).accepted == 1


def test_events_are_what_the_server_would_have_kept(
    directory: DataDirectory, store: SqliteStore
) -> None:
    leave(directory, Kind.PREDICTIONS, Form.NDJSON, lines({"id": "a", "label": "yes"}))
    pick_up(store, directory, policy, NOW)
    first, second = store.inbox(1, 9)
    assert msgspec.json.decode(first.body, type=list[Prediction]) == [
        Prediction(id="a", timestamp=NOW)
    ]
    assert msgspec.json.decode(second.body, type=list[Label]) == [
        Label(id="a", label="yes", timestamp=NOW)
    ]
