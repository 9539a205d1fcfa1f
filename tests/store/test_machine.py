"""Events in any order, moves, crashes, merges and evaluations, against a few plain dictionaries."""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow.parquet as pq
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from store.stored import DAY, HOUR, NOW, sent, us
from wane.engine.local import Workers
from wane.events.event import Label, Prediction
from wane.pipeline.attend import attend
from wane.pipeline.standing import Standing, unpack
from wane.store import compact as compaction
from wane.store.compact import compact, merge
from wane.store.directory import DataDirectory
from wane.store.discard import discard
from wane.store.memory import MemoryStore
from wane.store.move import prepare, sweep
from wane.store.records import Kind
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.store.records import Model
    from wane.store.store import Store

OLD, NEW = [f"old-{i}" for i in range(30)], [f"new-{i}" for i in range(12)]
IDS = st.sampled_from([*NEW, *OLD[:6]])
TIMES = st.integers(1, 4 * 24 * 4).map(lambda quarters: NOW - quarters * HOUR / 4)
KNOWN = st.integers(0, 5).map(lambda hours: NOW - hours * HOUR)
BIT = st.integers(0, 1)
PREDICTIONS = st.lists(st.tuples(IDS, TIMES, BIT, st.none() | BIT), min_size=3, max_size=12)
LABELS = st.lists(st.tuples(IDS, BIT, KNOWN), min_size=3, max_size=12)
SETTINGS = '{"task": "binary", "classes": ["0", "1"]}'


class Machine(RuleBasedStateMachine):
    """A store and what it should hold."""

    backend: type[MemoryStore | SqliteStore]
    workers: Workers

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(tempfile.mkdtemp(prefix="wane-machine-"))
        self.directory = DataDirectory(self.path).hold()
        self.store: Store = (
            MemoryStore() if self.backend is MemoryStore else SqliteStore(self.directory.state)
        )
        self.now = NOW
        self.predictions: dict[str, tuple[int, int]] = {}
        self.labels: dict[str, list[tuple[int, dt.datetime]]] = {}
        self.sent: list[Any] = []

    def teardown(self) -> None:
        self.store.close()
        self.directory.release()
        shutil.rmtree(self.path)

    @property
    def model(self) -> Model:
        return self.store.open_model("default", "churn", NOW)

    @initialize()
    def begin(self) -> None:
        """Start with enough that a plan stands, and what comes later is counted by it."""
        self.store.configure(self.model.id, SETTINGS, NOW)
        self.predict([(key, NOW - i * 3 * HOUR, i % 2, i % 3 % 2) for i, key in enumerate(OLD)])
        self.answer([(key, i % 2, NOW - HOUR) for i, key in enumerate(OLD) if i % 3])
        self.evaluate()

    @rule(rows=PREDICTIONS)
    def predict(self, rows: list[tuple[str, dt.datetime, int, int | None]]) -> None:
        events = [
            Prediction(id=key, timestamp=at, prediction=answer, features={"x": x})
            for key, at, answer, x in rows
        ]
        fresh = {key: (us(at), answer) for key, at, answer, _ in reversed(rows)}
        fresh = {key: row for key, row in fresh.items() if key not in self.predictions}
        (receipt,) = self.store.append([sent(self.model, events)])
        assert (receipt.accepted, receipt.duplicate) == (len(fresh), len(rows) - len(fresh))
        self.predictions |= fresh
        self.sent.append((events, ()))

    @rule(rows=LABELS)
    def answer(self, rows: list[tuple[str, int, dt.datetime]]) -> None:
        events = [Label(id=key, label=value, timestamp=at) for key, value, at in rows]
        accepted = 0
        for key, value, at in rows:
            known = self.labels.setdefault(key, [])
            if not known or known[-1][0] != value:
                known.append((value, at))
                accepted += 1
        (receipt,) = self.store.append([sent(self.model, labels=events)])
        assert receipt.accepted == accepted
        self.sent.append(((), events))

    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        """The same batch of predictions changes nothing."""
        batches = [events for events, _ in self.sent if events]
        if batches:
            events = data.draw(st.sampled_from(batches))
            (receipt,) = self.store.append([sent(self.model, events, at=NOW + HOUR)])
            assert receipt.accepted == 0

    @rule(most=st.integers(1, 3))
    def move(self, most: int) -> None:
        if moved := prepare(self.store, self.directory.raw, self.model.id, most):
            self.store.moved(self.model.id, moved)

    @rule(most=st.integers(1, 3))
    def crash_while_moving(self, most: int) -> None:
        prepare(self.store, self.directory.raw, self.model.id, most)
        self.restart()

    @rule()
    def crash_while_merging(self) -> None:
        merge(self.store.files(self.model.id), self.directory.raw)
        self.restart()

    @rule()
    def keep_up(self) -> None:
        discard(self.store, self.directory.raw)
        compact(self.store, self.directory.raw, self.model.id)

    @rule()
    def restart(self) -> None:
        if isinstance(self.store, SqliteStore):
            self.store.close()
            self.store = SqliteStore(self.directory.state)
        sweep(self.store, self.directory.raw)

    @rule()
    def evaluate(self) -> None:
        self.now += HOUR / 60  # never so many that the day ends
        attend(self.store, self.directory, self.model, self.workers, self.now)
        assert self.store.inbox(self.model.id, 1) == ()
        assert self.counted() == self.expected()

    def counted(self) -> dict[int, Counter[tuple[int, int | None]]]:
        """Window -> (prediction, label) -> rows, by the stored profiles."""
        stored = self.store.plan(self.model.id)
        if stored is None:
            return {}
        plan = Standing.decode(stored.body).plan
        found: dict[int, Counter[tuple[int, int | None]]] = {}
        for window in self.store.windows(self.model.id):
            counters = unpack(window.body, plan).summarised.whole.counters
            table = counters.score[0, :, :, :, 0].sum(axis=0)
            found[window.start] = +Counter(
                {
                    (answer, label): int(table[answer, place])
                    for answer in (0, 1)
                    for place, label in enumerate((0, 1, None))
                }
            )
        return found

    def expected(self) -> dict[int, Counter[tuple[int, int | None]]]:
        """The same, by what was sent."""
        today = us(NOW.replace(hour=0))
        expected: dict[int, Counter[tuple[int, int | None]]] = {}
        for key, (time, answer) in self.predictions.items():
            start = time // us_of(DAY) * us_of(DAY)
            if start < today:
                newest = max(
                    enumerate(self.labels.get(key, ())),
                    key=lambda each: (each[1][1], each[0]),
                    default=None,
                )
                label = None if newest is None else newest[1][0]
                expected.setdefault(start, Counter())[answer, label] += 1
        return expected

    @invariant()
    def every_event_is_there_once(self) -> None:
        store, model = self.store, self.model
        rows: list[tuple[str, int, Any]] = []
        labels: list[tuple[str, Any]] = []
        for batch in store.inbox(model.id, 9_999):
            if batch.kind is Kind.PREDICTION:
                events = msgspec.json.decode(batch.body, type=list[Prediction])
                rows += [(e.id or "", us(e.timestamp or NOW), e.prediction) for e in events]
            else:
                some = msgspec.json.decode(batch.body, type=list[Label])
                labels += [(one.id, one.label) for one in some]
        for parked in store.parked(model.id):
            assert parked.id not in self.predictions or store.inbox(model.id, 1)
            one = msgspec.json.decode(parked.body, type=Label)
            labels.append((one.id, one.label))
        for file in store.files(model.id):
            table = pq.read_table(self.directory.raw / file.name).to_pylist()
            assert len(table) == file.rows
            if file.kind is Kind.PREDICTION:
                rows += [(row["id"], us(row["timestamp"]), row["prediction"]) for row in table]
            else:
                labels += [(row["id"], row["label"]) for row in table]
        assert sorted(rows) == sorted((k, time, p) for k, (time, p) in self.predictions.items())
        assert sorted(labels) == sorted((k, v) for k, all_ in self.labels.items() for v, _ in all_)


def us_of(length: dt.timedelta) -> int:
    return length // dt.timedelta(microseconds=1)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(1) as started:
        yield started


@pytest.mark.parametrize("backend", [MemoryStore, SqliteStore])
def test_whatever_happens_every_event_counts_once(
    workers: Workers,
    backend: type[MemoryStore | SqliteStore],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compaction, "FEW", 2)
    kind = type("Machine", (Machine,), {"workers": workers, "backend": backend})
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=12,
            stateful_step_count=20,
            phases=[Phase.generate],  # shrinking evaluates for minutes; the steps are few as it is
        ),
    )
