from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.stored import DAY, HOUR, NOW, label, move_all, prediction, rows_in_files, sent, us
from wane.errors import StoreError
from wane.events.event import Label, Prediction
from wane.store.memory import MemoryStore
from wane.store.move import prepare
from wane.store.records import Kind, Receipt
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

    from wane.store.records import Model
    from wane.store.store import Store


def test_the_same_batch_three_times_changes_nothing(store: Store, model: Model) -> None:
    events = [prediction("a"), prediction("b")]
    labels = [label("a", 1), label("z", 0)]
    assert store.append([sent(model, events, labels)]) == (Receipt(4, 0),)
    inbox = store.inbox(model.id, 9)
    for _ in range(2):
        assert store.append([sent(model, events, labels, NOW + HOUR)]) == (Receipt(0, 4),)
    assert store.inbox(model.id, 9) == inbox


def test_within_a_batch_the_first_of_an_id_counts(store: Store, model: Model) -> None:
    events = [prediction("a", x=1), prediction("b"), prediction("a", x=2)]
    assert store.append([sent(model, events)]) == (Receipt(2, 1),)
    (batch,) = store.inbox(model.id, 9)
    kept = msgspec.json.decode(batch.body, type=list[Prediction])
    assert kept == events[:2]


def test_deliveries_have_receipts_and_sequences_of_their_own(store: Store, model: Model) -> None:
    other = store.open_model("default", "other", NOW)
    receipts = store.append(
        [
            sent(model, [prediction("a")]),
            sent(other, [prediction("a"), prediction("b")], at=NOW + HOUR),
            sent(model, [prediction("a")]),
            sent(model),
            sent(model, labels=[label("a")]),
        ]
    )
    assert [(r.accepted, r.duplicate) for r in receipts] == [(1, 0), (2, 0), (0, 1), (0, 0), (1, 0)]
    first, second = store.inbox(model.id, 9)
    (between,) = store.inbox(other.id, 9)
    assert first.sequence < between.sequence < second.sequence
    assert (first.kind, second.kind) == (Kind.PREDICTION, Kind.LABEL)
    assert (between.model, between.received) == (other.id, NOW + HOUR)
    assert store.inbox(model.id, 1) == (first,)


def test_a_corrected_label_is_kept_and_the_same_one_is_not(store: Store, model: Model) -> None:
    def send(value: float | str | bool) -> int:  # noqa: FBT001
        return store.append([sent(model, labels=[label("a", value)])])[0].accepted

    assert [send(value) for value in (1, 1, 0, 0, 1, True, "1", "1", 1.5)] == [
        *(1, 0, 1, 0, 1, 1, 1, 0, 1)
    ]
    kept = [
        one.label
        for batch in store.inbox(model.id, 99)
        for one in msgspec.json.decode(batch.body, type=list[Label])
    ]
    assert kept == [1, 0, 1, True, "1", 1.5]


def test_times_are_known_from_the_moment_of_acceptance(
    store: Store, model: Model, raw: Path
) -> None:
    store.append([sent(model, [prediction("a", NOW - DAY), prediction("b", NOW)])])
    expected = {"a": us(NOW - DAY), "b": us(NOW)}
    assert store.times_of(model.id, ["b", "z", "a"]) == expected
    move_all(store, raw, model)
    assert store.times_of(model.id, iter(["b", "z", "a"])) == expected
    assert store.times_of(model.id, []) == {}


def test_many_ids_are_looked_up_at_once(store: Store, model: Model) -> None:
    keys = [f"id-{i}" for i in range(12_000)]
    store.append([sent(model, [prediction(key) for key in keys])])
    assert store.times_of(model.id, keys).keys() == set(keys)


def test_a_move_empties_the_inbox_into_files(store: Store, model: Model, raw: Path) -> None:
    store.append([sent(model, [prediction("a", NOW), prediction("b", NOW - DAY)])])
    moved = prepare(store, raw, model.id)
    assert moved is not None
    assert store.files(model.id) == ()
    store.moved(model.id, moved)
    assert store.inbox(model.id, 9) == ()
    assert prepare(store, raw, model.id) is None
    yesterday, today = store.files(model.id)
    assert (yesterday.day, yesterday.rows) == ((NOW - DAY).date(), 1)
    assert (today.day, today.rows, today.kind) == (NOW.date(), 1, Kind.PREDICTION)
    assert all((raw / file.name).stat().st_size == file.size for file in (yesterday, today))
    assert store.changed(model.id) == {us(NOW): 1, us(NOW - DAY): 1}
    assert store.files(model.id, Kind.LABEL) == ()


def test_a_move_cannot_be_made_twice(store: Store, model: Model, raw: Path) -> None:
    store.append([sent(model, [prediction("a")])])
    moved = prepare(store, raw, model.id)
    assert moved is not None
    store.moved(model.id, moved)
    before = store.files(model.id)
    store.append([sent(model, [prediction("b")])])
    with pytest.raises(StoreError, match="moved before"):
        store.moved(model.id, moved)
    assert store.files(model.id) == before
    assert len(store.inbox(model.id, 9)) == 1


def test_a_label_before_its_prediction_waits_for_it(store: Store, model: Model, raw: Path) -> None:
    store.append([sent(model, labels=[label("a", 1), label("b", 0)])])
    store.append([sent(model, labels=[label("a", 0, NOW + HOUR)])])
    move_all(store, raw, model)
    assert [(one.id, one.received) for one in store.parked(model.id)] == [
        *(("a", NOW), ("b", NOW), ("a", NOW))
    ]
    assert store.parked(model.id, ["b", "c"]) == store.parked(model.id)[1:2]
    assert store.changed(model.id) == {}
    store.append([sent(model, [prediction("a", NOW - DAY)])])
    move_all(store, raw, model)
    assert [one.id for one in store.parked(model.id)] == ["b"]
    assert rows_in_files(store, model, Kind.LABEL) == 2
    assert {file.day for file in store.files(model.id)} == {(NOW - DAY).date()}
    assert store.changed(model.id).keys() == {us(NOW - DAY)}


def test_a_label_in_the_same_move_as_its_prediction_does_not_wait(
    store: Store, model: Model, raw: Path
) -> None:
    store.append([sent(model, labels=[label("a")]), sent(model, [prediction("a")])])
    move_all(store, raw, model)
    assert store.parked(model.id) == ()
    assert rows_in_files(store, model, Kind.LABEL) == 1


def test_a_label_marks_the_slot_of_its_prediction(store: Store, model: Model, raw: Path) -> None:
    store.append([sent(model, [prediction("a", NOW - DAY)])])
    move_all(store, raw, model)
    store.append([sent(model, labels=[label("a")], at=NOW)])
    move_all(store, raw, model)
    assert store.changed(model.id) == {us(NOW - DAY): 2}


def test_marks_keep_the_newest_sequence(store: Store, model: Model) -> None:
    store.mark(model.id, {0: 5, 900: 1})
    store.mark(model.id, {0: 3, 900: 2})
    assert store.changed(model.id) == {0: 5, 900: 2}


def test_threads_append_at_the_same_time(store: Store, model: Model) -> None:
    def send(thread: int) -> int:
        receipts = [
            store.append([sent(model, [prediction(f"{thread}-{i}"), prediction(f"all-{i}")])])
            for i in range(20)
        ]
        return sum(receipt.accepted for (receipt,) in receipts)

    with ThreadPoolExecutor(4) as pool:
        accepted = list(pool.map(send, range(4)))
    assert sum(accepted) == 4 * 20 + 20
    batches = store.inbox(model.id, 999)
    kept = [
        event.id
        for batch in batches
        for event in msgspec.json.decode(batch.body, type=list[Prediction])
    ]
    assert len(kept) == len(set(kept)) == 100
    sequences = [batch.sequence for batch in batches]
    assert sequences == sorted(set(sequences))


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.sets(TEXTS, min_size=1, max_size=8))
def test_any_text_is_an_id(tmp_path_factory: pytest.TempPathFactory, keys: set[str]) -> None:
    path = tmp_path_factory.mktemp("ids")
    for store in (MemoryStore(), SqliteStore(path / "state.db")):
        model = store.open_model("default", "churn", NOW)
        store.append([sent(model, labels=[label(key) for key in keys])])
        move_all(store, path / "raw", model)
        assert {one.id for one in store.parked(model.id, keys)} == keys
        store.append([sent(model, [prediction(key) for key in keys])])
        assert store.times_of(model.id, keys).keys() == keys
        move_all(store, path / "raw", model)
        assert store.parked(model.id) == ()
        store.close()


def test_batches_that_wait_are_counted(store: Store, model: Model) -> None:
    assert store.waiting(model.id, 5) == 0
    for number in range(4):
        store.append([sent(model, [prediction(f"w{number}")])])
    assert store.waiting(model.id, 9) == 4
    assert store.waiting(model.id, 3) == 3


def test_large_batches_come_in_fewer_at_once(store: Store, model: Model) -> None:
    for key in "abc":
        store.append([sent(model, [prediction(key)])])
    every = store.inbox(model.id, 9)
    one = max(len(batch.body) for batch in every)
    assert store.inbox(model.id, 9, 3 * one) == every
    assert store.inbox(model.id, 9, 2 * one) == every[:2]
    assert store.inbox(model.id, 1, 2 * one) == every[:1]
    assert store.inbox(model.id, 9, 1) == every[:1]
    other = store.open_model("default", "other", NOW)
    assert store.inbox(other.id, 9, 1) == ()
