"""The store in memory: everything the SQLite backend does, for tests and for trying out.

Nothing is durable, and everything else is as promised: a conformance suite holds both to it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import msgspec

from wane.alert.life import NOTHING
from wane.errors import StoreError
from wane.store.memory_alerts import MemoryAlerts
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
from wane.store.within import within
from wane.window import to_microseconds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wane.alert.life import Step
    from wane.events.event import Label, Prediction
    from wane.store.records import Delivery, Evaluated, Moved

encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class _Answer:
    """The newest label of an id, and when it came."""

    value: bytes
    received: int


@dataclass(slots=True)
class _Of:
    """What is kept of one model."""

    model: Model
    times: dict[str, int] = field(default_factory=dict)
    answers: dict[str, _Answer] = field(default_factory=dict)
    inbox: dict[int, InboxBatch] = field(default_factory=dict)
    parked: dict[tuple[int, int], ParkedLabel] = field(default_factory=dict)
    files: dict[str, RawFile] = field(default_factory=dict)
    changed: dict[int, int] = field(default_factory=dict)
    reference: StoredReference | None = None
    annotations: StoredAnnotations | None = None
    plan: StoredPlan | None = None
    windows: dict[str, dict[int, StoredWindow]] = field(default_factory=dict)
    results: dict[str, StoredResult] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Lease:
    holder: str
    until: dt.datetime


class MemoryStore:
    """See `Store`. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._of: dict[int, _Of] = {}
        self._keys: dict[str, StoredKey] = {}
        self._leases: dict[str, _Lease] = {}
        self._retired: set[str] = set()
        self._sequence = 0
        self.alerts = MemoryAlerts()

    def models(self, tenant: str | None = None) -> tuple[Model, ...]:
        """See `Store.models`."""
        with self._lock:
            found = [each.model for each in self._of.values()]
        mine = [model for model in found if tenant in (None, model.tenant)]
        return tuple(sorted(mine, key=lambda model: (model.name, model.id)))

    def model(self, tenant: str, name: str) -> Model | None:
        """See `Store.model`."""
        return next((m for m in self.models(tenant) if m.name == name), None)

    def open_model(self, tenant: str, name: str, now: dt.datetime) -> Model:
        """See `Store.open_model`."""
        with self._lock:
            if known := self.model(tenant, name):
                return known
            made = Model(len(self._of) + 1, tenant, name, now, "{}", 1)
            self._of[made.id] = _Of(made)
            return made

    def configure(self, model: int, settings: str, now: dt.datetime) -> Model:  # noqa: ARG002
        """See `Store.configure`."""
        with self._lock:
            if model not in self._of:
                raise StoreError(f"there is no model number {model}")
            of = self._of[model]
            if of.model.settings != settings:
                of.model = replace(of.model, settings=settings, version=of.model.version + 1)
            return of.model

    def append(self, deliveries: Sequence[Delivery]) -> tuple[Receipt, ...]:
        """See `Store.append`."""
        with self._lock:
            return tuple(map(self._append, deliveries))

    def _append(self, delivery: Delivery) -> Receipt:
        of = self._of[delivery.model]
        received = to_microseconds(delivery.received)
        predictions: list[Prediction] = []
        for event in delivery.predictions:
            if event.id is None or event.timestamp is None or event.id in of.times:
                continue
            of.times[event.id] = to_microseconds(event.timestamp)
            predictions.append(event)
        labels: list[Label] = []
        for label in delivery.labels:
            value, known = encode(label.label), of.answers.get(label.id)
            if known is None or known.value != value:
                of.answers[label.id] = _Answer(value, received)
                labels.append(label)
        batches: list[tuple[Kind, Sequence[object]]] = [
            (Kind.PREDICTION, predictions),
            (Kind.LABEL, labels),
        ]
        for kind, events in batches:
            if events:
                self._sequence += 1
                of.inbox[self._sequence] = InboxBatch(
                    self._sequence, delivery.model, kind, delivery.received, encode(events)
                )
        accepted = len(predictions) + len(labels)
        return Receipt(accepted, len(delivery.predictions) + len(delivery.labels) - accepted)

    def inbox(self, model: int, most: int, size: int | None = None) -> tuple[InboxBatch, ...]:
        """See `Store.inbox`."""
        with self._lock:
            found = tuple(self._of[model].inbox.values())[:most]
        return found if size is None else found[: within([len(one.body) for one in found], size)]

    def waiting(self, model: int, most: int) -> int:
        """See `Store.waiting`."""
        with self._lock:
            return min(len(self._of[model].inbox), most)

    def times_of(self, model: int, ids: Iterable[str]) -> dict[str, int]:
        """See `Store.times_of`."""
        with self._lock:
            times = self._of[model].times
            return {key: times[key] for key in ids if key in times}

    def parked(self, model: int, ids: Collection[str] | None = None) -> tuple[ParkedLabel, ...]:
        """See `Store.parked`."""
        wanted = None if ids is None else set(ids)
        with self._lock:
            found = sorted(self._of[model].parked.items())
        return tuple(label for _, label in found if wanted is None or label.id in wanted)

    def moved(self, model: int, moved: Moved) -> None:
        """See `Store.moved`."""
        with self._lock:
            of = self._of[model]
            _check("these events were moved before", moved.sequences, of.inbox)
            for sequence in moved.sequences:
                del of.inbox[sequence]
            for sequence, position in moved.joined:
                of.parked.pop((sequence, position), None)
            of.parked |= {(one.sequence, one.position): one for one in moved.parked}
            of.files |= {file.name: file for file in moved.files}
            _mark(of, moved.slots)
            if moved.unreadable:
                _add(of, {UNREADABLE: len(moved.unreadable)})

    def files(self, model: int, kind: Kind | None = None) -> tuple[RawFile, ...]:
        """See `Store.files`."""
        with self._lock:
            found = list(self._of[model].files.values()) if model in self._of else []
        mine = [file for file in found if kind in (None, file.kind)]
        return tuple(sorted(mine, key=lambda file: (file.day, file.name)))

    def replace_files(self, model: int, old: Sequence[RawFile], new: Sequence[RawFile]) -> None:
        """See `Store.replace_files`."""
        with self._lock:
            of = self._of[model]
            names = [file.name for file in old]
            _check("these files were replaced or forgotten before", names, of.files)
            for name in names:
                del of.files[name]
            self._retired.update(names)
            of.files |= {file.name: file for file in new}

    def put_damage(self, model: int, damage: Mapping[str, str]) -> None:
        """See `Store.put_damage`."""
        with self._lock:
            _damage(self._of[model], damage)

    def retired(self) -> tuple[str, ...]:
        """See `Store.retired`."""
        with self._lock:
            return tuple(sorted(self._retired))

    def deleted(self, names: Collection[str]) -> None:
        """See `Store.deleted`."""
        with self._lock:
            self._retired.difference_update(names)

    def forget(self, model: int, before: int, day: dt.date) -> Forgotten:
        """See `Store.forget`."""
        with self._lock:
            of = self._of[model]
            since = max(of.model.rows_since or before, before)
            of.model = replace(of.model, rows_since=since)
            of.changed = {slot: seq for slot, seq in of.changed.items() if slot >= before}
            lost = [p for p, one in of.parked.items() if to_microseconds(one.received) < before]
            for place in lost:
                del of.parked[place]
            if lost:
                _add(of, {NEVER_JOINED: len(lost)})
            files = [file.name for file in of.files.values() if file.day < day]
            for name in files:
                del of.files[name]
            self._retired.update(files)
            lone = [
                key
                for key, answer in of.answers.items()
                if answer.received < before and key not in of.times
            ]
            gone = [key for key, time in of.times.items() if time < before]
            for key in gone:
                del of.times[key]
            for key in (*lone, *gone):
                of.answers.pop(key, None)
            return Forgotten(len(gone), len(lost), len(files))

    def changed(self, model: int) -> dict[int, int]:
        """See `Store.changed`."""
        with self._lock:
            return dict(self._of[model].changed)

    def mark(self, model: int, slots: Mapping[int, int]) -> None:
        """See `Store.mark`."""
        with self._lock:
            _mark(self._of[model], slots)

    def reference(self, model: int) -> StoredReference | None:
        """See `Store.reference`."""
        with self._lock:
            return self._of[model].reference

    def put_reference(self, model: int, reference: StoredReference) -> None:
        """See `Store.put_reference`."""
        with self._lock:
            self._of[model].reference = reference

    def annotations(self, model: int) -> StoredAnnotations | None:
        """See `Store.annotations`."""
        with self._lock:
            return self._of[model].annotations

    def annotate(self, model: int, annotations: StoredAnnotations) -> None:
        """See `Store.annotate`."""
        with self._lock:
            self._of[model].annotations = annotations

    def plan(self, model: int) -> StoredPlan | None:
        """See `Store.plan`."""
        with self._lock:
            return self._of[model].plan

    def windows(self, model: int, since: int | None = None) -> tuple[StoredWindow, ...]:
        """See `Store.windows`."""
        with self._lock:
            of = self._of[model]
            found = {} if of.plan is None else dict(of.windows.get(of.plan.id, {}))
        return tuple(w for start, w in sorted(found.items()) if since is None or start >= since)

    def evaluated(
        self, model: int, outcome: Evaluated, now: dt.datetime, step: Step = NOTHING
    ) -> None:
        """See `Store.evaluated`."""
        with self._lock:
            of = self._of[model]
            if outcome.laid is not None:
                of.plan = outcome.laid
            _damage(of, outcome.damaged)
            mine = of.windows.setdefault(outcome.plan, {})
            for start, body in outcome.windows.items():
                revision = mine[start].revision + 1 if start in mine else 1
                mine[start] = StoredWindow(start, body, now, revision)
            for start in outcome.gone:
                mine.pop(start, None)
            for slot, sequence in outcome.done.items():
                if of.changed.get(slot, sequence + 1) <= sequence:
                    del of.changed[slot]
            of.results = {name: StoredResult(b, now) for name, b in outcome.results.items()}
            self.alerts.stepped(model, step)

    def result(self, model: int, name: str) -> StoredResult | None:
        """See `Store.result`."""
        with self._lock:
            return self._of[model].results.get(name)

    def forget_windows(self, model: int, before: int) -> None:
        """See `Store.forget_windows`."""
        with self._lock:
            for windows in self._of[model].windows.values():
                for start in [start for start in windows if start < before]:
                    del windows[start]

    def keys(self, tenant: str | None = None) -> tuple[StoredKey, ...]:
        """See `Store.keys`."""
        with self._lock:
            found = [key for key in self._keys.values() if tenant in (None, key.tenant)]
        return tuple(sorted(found, key=lambda key: (key.created, key.id)))

    def put_key(self, key: StoredKey) -> None:
        """See `Store.put_key`."""
        with self._lock:
            self._keys[key.id] = key

    def drop_key(self, key_id: str) -> bool:
        """See `Store.drop_key`."""
        with self._lock:
            return self._keys.pop(key_id, None) is not None

    def count(self, model: int, counts: Mapping[str, int], now: dt.datetime) -> None:  # noqa: ARG002
        """See `Store.count`."""
        with self._lock:
            _add(self._of[model], counts)

    def counts(self, model: int) -> dict[str, int]:
        """See `Store.counts`."""
        with self._lock:
            return dict(sorted(self._of[model].counts.items()))

    def lease(self, name: str, holder: str, until: dt.datetime, now: dt.datetime) -> bool:
        """See `Store.lease`."""
        with self._lock:
            held = self._leases.get(name)
            if held is not None and held.holder != holder and held.until > now:
                return False
            self._leases[name] = _Lease(holder, until)
            return True

    def close(self) -> None:
        """See `Store.close`. Nothing stays kept."""


def _check(what: str, wanted: Sequence[object], there: Collection[object]) -> None:
    if missing := [each for each in wanted if each not in there]:
        raise StoreError(what, expected=f"{len(wanted)} entries", got=f"{len(missing)} missing")


def _mark(of: _Of, slots: Mapping[int, int]) -> None:
    of.changed |= {slot: max(seq, of.changed.get(slot, seq)) for slot, seq in slots.items()}


def _damage(of: _Of, damage: Mapping[str, str]) -> None:
    for name, why in damage.items():
        if name in of.files:
            of.files[name] = replace(of.files[name], damage=why)


def _add(of: _Of, counts: Mapping[str, int]) -> None:
    of.counts |= {name: of.counts.get(name, 0) + count for name, count in counts.items()}
