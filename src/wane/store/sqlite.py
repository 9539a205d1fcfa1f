"""The store in one SQLite file: WAL, a commit is on the disk when it returns.

One connection writes and makes the checkpoints, readers only read: releases before 3.51.3 can
damage a database when two connections write back the log at the same moment
(https://sqlite.org/wal.html, "the WAL-reset bug").
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from wane.alert.life import NOTHING
from wane.errors import StoreError
from wane.store.migrations import migrate
from wane.store.records import (
    NEVER_JOINED,
    UNREADABLE,
    Forgotten,
    InboxBatch,
    Kind,
    Model,
    ParkedLabel,
    RawFile,
    Receipt,
    StoredAnnotations,
    StoredKey,
    StoredPlan,
    StoredReference,
    StoredResult,
    StoredWindow,
)
from wane.store.sqlite_alerts import SqliteAlerts, write_step
from wane.store.within import within
from wane.window import to_datetime, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from wane.alert.life import Step
    from wane.store.records import Delivery, Evaluated, Moved

BUSY_SECONDS = 10.0
CHECKPOINT_PAGES = 500
"""A small log is written back often and quickly: long pauses are what readers and senders feel."""
CHUNK = 5_000
"""Ids in one query, which takes up to 32,766 values; and in one transaction that forgets."""
encode = msgspec.json.Encoder().encode


class SqliteStore:
    """See `Store`. May be used from several threads.

    Args:
        path: The file; made when it is not there.
        read_only: Only look, beside a process that writes.

    Raises:
        StoreError: The file cannot be opened, or is no store.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._readers = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._writer = None if read_only else self._open_writer()
        self.alerts = SqliteAlerts(self._writing, self._rows)

    def _open_writer(self) -> sqlite3.Connection:
        with self._told():
            writer = self._connect("rwc")
            writer.execute("PRAGMA journal_mode = WAL")
            writer.execute("PRAGMA synchronous = FULL")
            writer.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            # Some builds overwrite what is deleted: a move of 200,000 events then keeps senders
            # waiting for more than a second, where it takes a tenth of that (benchmarks/ingest.py).
            writer.execute("PRAGMA secure_delete = OFF")
            migrate(writer, self._back_up)
        return writer

    def _connect(self, mode: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._uri(mode),
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        self._opened.append(connection)
        return connection

    def _back_up(self, version: int) -> None:
        """Copy the database beside itself before its tables are changed."""
        copy = self._path.with_name(f"{self._path.stem}.before-version-{version + 1}.db")
        copy.unlink(missing_ok=True)
        self.backup(copy)

    def backup(self, copy: Path) -> None:
        """Write a consistent copy of the database, on the disk, while others go on.

        Args:
            copy: A file that is not there yet.

        Raises:
            StoreError: It cannot be written, or is there.
        """
        try:
            os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except OSError as error:
            raise StoreError(f"cannot write the copy {copy}", got=str(error)) from error
        with (
            self._told(),
            closing(sqlite3.connect(self._uri("ro"), uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, until a store opens it

    def _uri(self, mode: str) -> str:
        return f"{self._path.absolute().as_uri()}?mode={mode}"

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite says, as an error of ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(
                f"the store {self._path} cannot be used",
                got=f"{type(error).__name__}: {error}",
                hint="Is the disk full, or the directory not writable? `wane doctor` looks.",
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, all or nothing."""
        writer = self._writer
        if writer is None:
            raise StoreError("this store was opened for reading only")
        with self._told(), self._lock:
            writer.execute("BEGIN IMMEDIATE")
            try:
                yield writer
                writer.execute("COMMIT")
            except BaseException:
                if writer.in_transaction:
                    writer.execute("ROLLBACK")
                raise

    def _rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query finds, on a connection of this thread that cannot write."""
        with self._told():
            connection = getattr(self._readers, "connection", None)
            if connection is None:
                connection = self._connect("ro")
                connection.execute("PRAGMA wal_autocheckpoint = 0")
                self._readers.connection = connection
            return list(connection.execute(query, values))

    def models(self, tenant: str | None = None) -> tuple[Model, ...]:
        """See `Store.models`."""
        found = self._rows(
            f"{MODELS} WHERE ? IS NULL OR m.tenant = ? ORDER BY m.name, m.id", tenant, tenant
        )
        return tuple(map(_model, found))

    def model(self, tenant: str, name: str) -> Model | None:
        """See `Store.model`."""
        found = self._rows(f"{MODELS} WHERE m.tenant = ? AND m.name = ?", tenant, name)
        return _model(found[0]) if found else None

    def open_model(self, tenant: str, name: str, now: dt.datetime) -> Model:
        """See `Store.open_model`."""
        if known := self.model(tenant, name):
            return known
        with self._writing() as write:
            made = write.execute(
                "INSERT INTO models (tenant, name, created) VALUES (?, ?, ?) "
                "ON CONFLICT DO NOTHING RETURNING id",
                (tenant, name, to_microseconds(now)),
            ).fetchall()
            for (model,) in made:
                write.execute(
                    "INSERT INTO settings VALUES (?, 1, '{}', ?)", (model, to_microseconds(now))
                )
        opened = self.model(tenant, name)
        if opened is None:
            raise StoreError(f"the model {name!r} could not be made")
        return opened

    def configure(self, model: int, settings: str, now: dt.datetime) -> Model:
        """See `Store.configure`."""
        with self._writing() as write:
            newest = write.execute(
                "SELECT version, body FROM settings WHERE model = ? ORDER BY version DESC LIMIT 1",
                (model,),
            ).fetchone()
            if newest is None:
                raise StoreError(f"there is no model number {model}")
            if newest[1] != settings:
                write.execute(
                    "INSERT INTO settings VALUES (?, ?, ?, ?)",
                    (model, newest[0] + 1, settings, to_microseconds(now)),
                )
        return _model(self._rows(f"{MODELS} WHERE m.id = ?", model)[0])

    def append(self, deliveries: Sequence[Delivery]) -> tuple[Receipt, ...]:
        """See `Store.append`."""
        with self._writing() as write:
            return tuple(_append(write, delivery) for delivery in deliveries)

    def inbox(self, model: int, most: int, size: int | None = None) -> tuple[InboxBatch, ...]:
        """See `Store.inbox`."""
        if size is not None:
            query = "SELECT length(body) FROM inbox WHERE model = ? ORDER BY sequence LIMIT ?"
            most = within([length for (length,) in self._rows(query, model, most)], size)
        found = self._rows(
            "SELECT sequence, model, kind, received, body FROM inbox WHERE model = ? "
            "ORDER BY sequence LIMIT ?",
            model,
            most,
        )
        return tuple(
            InboxBatch(sequence, of, Kind(kind), to_datetime(received), body)
            for sequence, of, kind, received, body in found
        )

    def waiting(self, model: int, most: int) -> int:
        """See `Store.waiting`."""
        query = "SELECT count(*) FROM (SELECT 1 FROM inbox WHERE model = ? LIMIT ?)"
        return int(self._rows(query, model, most)[0][0])

    def times_of(self, model: int, ids: Iterable[str]) -> dict[str, int]:
        """See `Store.times_of`."""
        return dict(
            row
            for some in _chunks(ids)
            for row in self._rows(f"{TIMES} ({_marks(some)})", model, *some)
        )

    def parked(self, model: int, ids: Collection[str] | None = None) -> tuple[ParkedLabel, ...]:
        """See `Store.parked`."""
        if ids is None:
            found = self._rows(PARKED, model)
        else:
            found = [
                row
                for some in _chunks(set(ids))
                for row in self._rows(f"{PARKED} AND id IN ({_marks(some)})", model, *some)
            ]
        return tuple(
            ParkedLabel(sequence, position, to_datetime(received), key, body)
            for sequence, position, received, key, body in sorted(found, key=lambda row: row[:2])
        )

    def moved(self, model: int, moved: Moved) -> None:
        """See `Store.moved`."""
        with self._writing() as write:
            gone = write.executemany(
                "DELETE FROM inbox WHERE model = ? AND sequence = ?",
                [(model, sequence) for sequence in moved.sequences],
            )
            if max(gone.rowcount, 0) != len(moved.sequences):
                raise StoreError(
                    "these events were moved before",
                    expected=f"{len(moved.sequences)} batches in the inbox",
                    got=f"{gone.rowcount}",
                    hint="Only one process may move at a time.",
                )
            if moved.unreadable:
                _add(write, model, {UNREADABLE: len(moved.unreadable)}, 0)
            write.executemany(
                "DELETE FROM parked WHERE model = ? AND sequence = ? AND position = ?",
                [(model, *one) for one in moved.joined],
            )
            write.executemany(
                "INSERT INTO parked (model, id, sequence, position, received, body) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        *(model, one.id, one.sequence, one.position),
                        *(to_microseconds(one.received), one.body),
                    )
                    for one in moved.parked
                ],
            )
            _enter(write, moved.files)
            _mark(write, model, moved.slots)

    def files(self, model: int, kind: Kind | None = None) -> tuple[RawFile, ...]:
        """See `Store.files`."""
        found = self._rows(
            "SELECT model, kind, day, name, rows, size, damage FROM files "
            "WHERE model = ? AND (? IS NULL OR kind = ?) ORDER BY day, name",
            model,
            kind,
            kind,
        )
        return tuple(
            RawFile(of, Kind(what), dt.date.fromisoformat(day), name, rows, size, damage)
            for of, what, day, name, rows, size, damage in found
        )

    def replace_files(self, model: int, old: Sequence[RawFile], new: Sequence[RawFile]) -> None:
        """See `Store.replace_files`."""
        with self._writing() as write:
            gone = write.executemany(
                "DELETE FROM files WHERE model = ? AND name = ?", [(model, f.name) for f in old]
            )
            if max(gone.rowcount, 0) != len(old):
                raise StoreError(
                    "these files were replaced or forgotten before",
                    expected=f"{len(old)} files in the manifest",
                    got=f"{gone.rowcount}",
                )
            _retire(write, [file.name for file in old])
            _enter(write, new)

    def put_damage(self, model: int, damage: Mapping[str, str]) -> None:
        """See `Store.put_damage`."""
        with self._writing() as write:
            _damage(write, model, damage)

    def retired(self) -> tuple[str, ...]:
        """See `Store.retired`."""
        return tuple(name for (name,) in self._rows("SELECT name FROM retired ORDER BY name"))

    def deleted(self, names: Collection[str]) -> None:
        """See `Store.deleted`."""
        with self._writing() as write:
            write.executemany("DELETE FROM retired WHERE name = ?", [(name,) for name in names])

    def forget(self, model: int, before: int, day: dt.date) -> Forgotten:
        """See `Store.forget`."""
        with self._writing() as write:
            write.execute(
                "UPDATE models SET rows_since = max(coalesce(rows_since, ?), ?) WHERE id = ?",
                (before, before, model),
            )
            write.execute("DELETE FROM changed WHERE model = ? AND slot < ?", (model, before))
            lost = write.execute(
                "DELETE FROM parked WHERE model = ? AND received < ?", (model, before)
            ).rowcount
            if lost:
                _add(write, model, {NEVER_JOINED: lost}, 0)
            old = write.execute(
                "DELETE FROM files WHERE model = ? AND day < ? RETURNING name",
                (model, day.isoformat()),
            ).fetchall()
            _retire(write, [name for (name,) in old])
        self._forget_ids(model, LONE_LABELS, ("labels",), before)
        predictions = self._forget_ids(model, OLD_EVENTS, ("labels", "events"), before)
        return Forgotten(predictions, lost, len(old))

    def _forget_ids(self, model: int, query: str, tables: Sequence[str], before: int) -> int:
        """Delete what a query finds, piece by piece in the order of ids; how many ids."""
        last, count = "", 0
        while found := self._rows(query, model, last, before, CHUNK):
            with self._writing() as write:
                for table in tables:
                    write.executemany(
                        f"DELETE FROM {table} WHERE model = ? AND id = ?",  # noqa: S608 - our names
                        [(model, key) for (key,) in found],
                    )
            last, count = found[-1][0], count + len(found)
        return count

    def changed(self, model: int) -> dict[int, int]:
        """See `Store.changed`."""
        return dict(self._rows("SELECT slot, sequence FROM changed WHERE model = ?", model))

    def mark(self, model: int, slots: Mapping[int, int]) -> None:
        """See `Store.mark`."""
        with self._writing() as write:
            _mark(write, model, slots)

    def reference(self, model: int) -> StoredReference | None:
        """See `Store.reference`."""
        found = self._rows(
            "SELECT name, rows, given FROM reference_data WHERE model = ? "
            "ORDER BY number DESC LIMIT 1",
            model,
        )
        return next((StoredReference(n, rows, to_datetime(at)) for n, rows, at in found), None)

    def put_reference(self, model: int, reference: StoredReference) -> None:
        """See `Store.put_reference`."""
        with self._writing() as write:
            write.execute(
                "INSERT INTO reference_data (model, name, rows, given) VALUES (?, ?, ?, ?)",
                (model, reference.name, reference.rows, to_microseconds(reference.given)),
            )

    def annotations(self, model: int) -> StoredAnnotations | None:
        """See `Store.annotations`."""
        found = self._rows("SELECT body, given FROM annotations WHERE model = ?", model)
        return next(
            (StoredAnnotations(json.loads(body), to_datetime(given)) for body, given in found), None
        )

    def annotate(self, model: int, annotations: StoredAnnotations) -> None:
        """See `Store.annotate`."""
        row = model, json.dumps(annotations.told), to_microseconds(annotations.given)
        with self._writing() as write:
            write.execute("INSERT OR REPLACE INTO annotations VALUES (?, ?, ?)", row)

    def plan(self, model: int) -> StoredPlan | None:
        """See `Store.plan`."""
        found = self._rows("SELECT id, body, made FROM plans WHERE model = ? AND current", model)
        return next((StoredPlan(key, body, to_datetime(made)) for key, body, made in found), None)

    def windows(self, model: int, since: int | None = None) -> tuple[StoredWindow, ...]:
        """See `Store.windows`."""
        found = self._rows(
            "SELECT w.start, w.body, w.counted, w.revision FROM windows AS w "
            "JOIN plans AS p ON p.model = w.model AND p.id = w.plan AND p.current "
            "WHERE w.model = ? AND (? IS NULL OR w.start >= ?) ORDER BY w.start",
            model,
            since,
            since,
        )
        return tuple(
            StoredWindow(start, body, to_datetime(counted), revision)
            for start, body, counted, revision in found
        )

    def evaluated(
        self, model: int, outcome: Evaluated, now: dt.datetime, step: Step = NOTHING
    ) -> None:
        """See `Store.evaluated`."""
        made = to_microseconds(now)
        with self._writing() as write:
            if outcome.laid is not None:
                _lay(write, model, outcome.laid)
            _damage(write, model, outcome.damaged)
            write.executemany(
                "INSERT INTO windows VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET "
                "body = excluded.body, counted = excluded.counted, revision = revision + 1",
                [(model, outcome.plan, s, body, made) for s, body in outcome.windows.items()],
            )
            write.executemany(
                "DELETE FROM windows WHERE model = ? AND plan = ? AND start = ?",
                [(model, outcome.plan, start) for start in outcome.gone],
            )
            write.executemany(
                "DELETE FROM changed WHERE model = ? AND slot = ? AND sequence <= ?",
                [(model, slot, sequence) for slot, sequence in outcome.done.items()],
            )
            write.execute("DELETE FROM results WHERE model = ?", (model,))
            write.executemany(
                "INSERT INTO results VALUES (?, ?, ?, ?)",
                [(model, name, body, made) for name, body in outcome.results.items()],
            )
            write_step(write, model, step)

    def result(self, model: int, name: str) -> StoredResult | None:
        """See `Store.result`."""
        found = self._rows(
            "SELECT body, made FROM results WHERE model = ? AND name = ?", model, name
        )
        return next((StoredResult(body, to_datetime(made)) for body, made in found), None)

    def forget_windows(self, model: int, before: int) -> None:
        """See `Store.forget_windows`."""
        with self._writing() as write:
            write.execute("DELETE FROM windows WHERE model = ? AND start < ?", (model, before))
            write.execute(
                "DELETE FROM plans WHERE model = ? AND NOT current AND NOT EXISTS "
                "(SELECT 1 FROM windows WHERE model = plans.model AND plan = plans.id)",
                (model,),
            )

    def keys(self, tenant: str | None = None) -> tuple[StoredKey, ...]:
        """See `Store.keys`."""
        found = self._rows(
            "SELECT id, tenant, digest, scopes, note, created, expires FROM keys "
            "WHERE ? IS NULL OR tenant = ? ORDER BY created, id",
            tenant,
            tenant,
        )
        return tuple(
            StoredKey(
                *(key, of, digest, frozenset(scopes.split()), note, to_datetime(created)),
                None if expires is None else to_datetime(expires),
            )
            for key, of, digest, scopes, note, created, expires in found
        )

    def put_key(self, key: StoredKey) -> None:
        """See `Store.put_key`."""
        with self._writing() as write:
            write.execute(
                "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(key.id, key.tenant, key.digest, " ".join(sorted(key.scopes)), key.note),
                    to_microseconds(key.created),
                    None if key.expires is None else to_microseconds(key.expires),
                ),
            )

    def drop_key(self, key_id: str) -> bool:
        """See `Store.drop_key`."""
        with self._writing() as write:
            return write.execute("DELETE FROM keys WHERE id = ?", (key_id,)).rowcount > 0

    def count(self, model: int, counts: Mapping[str, int], now: dt.datetime) -> None:
        """See `Store.count`."""
        with self._writing() as write:
            _add(write, model, counts, to_microseconds(now))

    def counts(self, model: int) -> dict[str, int]:
        """See `Store.counts`."""
        return dict(
            self._rows("SELECT name, count FROM counts WHERE model = ? ORDER BY name", model)
        )

    def lease(self, name: str, holder: str, until: dt.datetime, now: dt.datetime) -> bool:
        """See `Store.lease`."""
        with self._writing() as write:
            held = write.execute(
                "INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
                "holder = excluded.holder, until = excluded.until "
                "WHERE holder = excluded.holder OR until <= ?",
                (name, holder, to_microseconds(until), to_microseconds(now)),
            )
            return held.rowcount > 0

    def close(self) -> None:
        """See `Store.close`."""
        with self._lock, self._told():
            for connection in reversed(self._opened):  # the writer last: it writes the log back
                connection.close()
            self._opened.clear()
            self._readers = threading.local()


MODELS = (
    "SELECT m.id, m.tenant, m.name, m.created, s.body, s.version, m.rows_since FROM models AS m "
    "JOIN settings AS s ON s.model = m.id AND s.version = "
    "(SELECT max(version) FROM settings WHERE model = m.id)"
)
TIMES = "SELECT id, time FROM events WHERE model = ? AND id IN"
PARKED = "SELECT sequence, position, received, id, body FROM parked WHERE model = ?"
OLD_EVENTS = "SELECT id FROM events WHERE model = ? AND id > ? AND time < ? ORDER BY id LIMIT ?"
LONE_LABELS = (
    "SELECT id FROM labels WHERE model = ? AND id > ? AND received < ? AND NOT EXISTS "
    "(SELECT 1 FROM events WHERE model = labels.model AND id = labels.id) ORDER BY id LIMIT ?"
)


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids, as many at a time as fit in a query."""
    rest = iter(ids)
    while some := list(itertools.islice(rest, CHUNK)):
        yield some


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _model(row: tuple[Any, ...]) -> Model:
    number, tenant, name, created, settings, version, rows_since = row
    return Model(number, tenant, name, to_datetime(created), settings, version, rows_since)


def _append(write: sqlite3.Connection, delivery: Delivery) -> Receipt:
    """Both kinds of events of a delivery; each becomes a batch of the inbox."""
    predictions = _new_predictions(write, delivery)
    labels = _new_labels(write, delivery)
    received = to_microseconds(delivery.received)
    write.executemany(
        "INSERT INTO inbox (model, kind, received, body) VALUES (?, ?, ?, ?)",
        [
            (delivery.model, kind, received, encode(events))
            for kind, events in ((Kind.PREDICTION, predictions), (Kind.LABEL, labels))
            if events
        ],
    )
    accepted = len(predictions) + len(labels)
    return Receipt(accepted, len(delivery.predictions) + len(delivery.labels) - accepted)


def _new_predictions(write: sqlite3.Connection, delivery: Delivery) -> Sequence[Any]:
    """The predictions whose id is new. Mostly all are, which is found out by just writing them."""
    model, events = delivery.model, delivery.predictions
    if not events:
        return ()
    rows = [
        (model, event.id, to_microseconds(event.timestamp) if event.timestamp else 0)
        for event in events
    ]
    before = write.total_changes
    statement = "INSERT OR IGNORE INTO events VALUES (?, ?, ?)"
    write.execute("SAVEPOINT batch")
    write.executemany(statement, rows)
    if write.total_changes - before == len(rows):
        write.execute("RELEASE batch")
        return events
    write.execute("ROLLBACK TO batch")
    write.execute("RELEASE batch")
    return [
        event
        for event, row in zip(events, rows, strict=True)
        if write.execute(statement, row).rowcount > 0
    ]


def _new_labels(write: sqlite3.Connection, delivery: Delivery) -> Sequence[Any]:
    """The labels that are new, or say something else than before."""
    received = to_microseconds(delivery.received)
    return [
        label
        for label in delivery.labels
        if write.execute(
            "INSERT INTO labels VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "value = excluded.value, received = excluded.received WHERE value != excluded.value",
            (delivery.model, label.id, encode(label.label).decode(), received),
        ).rowcount
        > 0
    ]


def _enter(write: sqlite3.Connection, files: Sequence[RawFile]) -> None:
    write.executemany(
        "INSERT INTO files (model, kind, day, name, rows, size, damage) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(f.model, f.kind, f.day.isoformat(), f.name, f.rows, f.size, f.damage) for f in files],
    )


def _retire(write: sqlite3.Connection, names: Sequence[str]) -> None:
    write.executemany("INSERT OR IGNORE INTO retired VALUES (?)", [(name,) for name in names])


def _damage(write: sqlite3.Connection, model: int, damage: Mapping[str, str]) -> None:
    write.executemany(
        "UPDATE files SET damage = ? WHERE model = ? AND name = ?",
        [(why, model, name) for name, why in damage.items()],
    )


def _lay(write: sqlite3.Connection, model: int, plan: StoredPlan) -> None:
    write.execute("UPDATE plans SET current = 0 WHERE model = ?", (model,))
    write.execute(
        "INSERT OR REPLACE INTO plans VALUES (?, ?, ?, ?, 1)",
        (model, plan.id, plan.body, to_microseconds(plan.made)),
    )


def _add(write: sqlite3.Connection, model: int, counts: Mapping[str, int], at: int) -> None:
    """Add to counters, the newest of which was at a time in microseconds; 0: not known."""
    write.executemany(
        "INSERT INTO counts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
        "count = count + excluded.count, newest = max(newest, excluded.newest)",
        [(model, name, count, at) for name, count in counts.items()],
    )


def _mark(write: sqlite3.Connection, model: int, slots: Mapping[int, int]) -> None:
    write.executemany(
        "INSERT INTO changed VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
        "sequence = max(sequence, excluded.sequence)",
        [(model, slot, sequence) for slot, sequence in slots.items()],
    )
