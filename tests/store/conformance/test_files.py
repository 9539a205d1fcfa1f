from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store.stored import DAY, HOUR, NOW, label, move_all, prediction, sent, us
from wane.errors import StoreError
from wane.store.records import NEVER_JOINED, Forgotten, Kind, RawFile, Receipt

if TYPE_CHECKING:
    from pathlib import Path

    from wane.store.records import Model
    from wane.store.store import Store


def test_files_that_were_replaced_are_retired_until_they_are_deleted(
    store: Store, model: Model, raw: Path
) -> None:
    for key in "abc":
        store.append([sent(model, [prediction(key)])])
        move_all(store, raw, model)
    old = store.files(model.id)
    new = RawFile(model.id, Kind.PREDICTION, NOW.date(), "1/new.parquet", 2, 9)
    store.replace_files(model.id, old[:2], [new])
    assert store.files(model.id) == tuple(sorted([old[2], new], key=lambda file: file.name))
    assert store.retired() == tuple(file.name for file in old[:2])
    with pytest.raises(StoreError, match="replaced or forgotten before"):
        store.replace_files(model.id, old, [])
    assert len(store.files(model.id)) == 2
    assert len(store.retired()) == 2
    store.deleted([old[0].name])
    assert store.retired() == (old[1].name,)


def test_damage_is_noted_and_taken_back(store: Store, model: Model, raw: Path) -> None:
    store.append([sent(model, [prediction("a")])])
    move_all(store, raw, model)
    (file,) = store.files(model.id)
    assert file.damage == ""
    store.put_damage(model.id, {file.name: "torn", "not there": "x"})
    assert [each.damage for each in store.files(model.id)] == ["torn"]
    store.put_damage(model.id, {file.name: ""})
    assert store.files(model.id) == (file,)


def test_forgetting(store: Store, model: Model, raw: Path) -> None:
    old, new = NOW - 9 * DAY, NOW
    events = [prediction("old", old), prediction("new", new)]
    labels = [label("old"), label("new")]
    store.append([sent(model, events, labels, old)])
    move_all(store, raw, model)
    store.append([sent(model, labels=[label("never")], at=old)])
    store.append([sent(model, labels=[label("not yet")], at=new)])
    move_all(store, raw, model)
    gone = [file.name for file in store.files(model.id) if file.day == old.date()]

    cut = us(NOW - DAY)
    assert store.forget(model.id, cut, (NOW - DAY).date()) == Forgotten(1, 1, 2)
    assert store.model("default", "churn") == store.models()[0]
    assert store.models()[0].rows_since == cut
    assert store.times_of(model.id, ["old", "new"]) == {"new": us(new)}
    assert [one.id for one in store.parked(model.id)] == ["not yet"]
    assert {file.day for file in store.files(model.id)} == {new.date()}
    assert store.retired() == tuple(sorted(gone))
    assert store.counts(model.id) == {NEVER_JOINED: 1}
    assert store.changed(model.id).keys() == {us(new)}
    again = [label("old"), label("new"), label("never"), label("not yet")]
    assert store.append([sent(model, labels=again)]) == (Receipt(2, 2),)
    assert store.append([sent(model, events)]) == (Receipt(1, 1),)


def test_forgetting_never_goes_back(store: Store, model: Model) -> None:
    for days, expected in ((5, 5), (9, 5), (3, 3)):
        before = NOW - days * DAY
        assert store.forget(model.id, us(before), before.date()) == Forgotten(0, 0, 0)
        assert store.models()[0].rows_since == us(NOW - expected * DAY)


def test_much_is_forgotten_in_pieces(store: Store, model: Model) -> None:
    old = [prediction(f"{i:05d}", NOW - (DAY if i % 2 else -DAY)) for i in range(12_000)]
    store.append([sent(model, old, [label(f"{i:05d}") for i in range(12_000)], NOW - DAY)])
    assert store.forget(model.id, us(NOW), NOW.date()).predictions == 6_000
    assert len(store.times_of(model.id, [f"{i:05d}" for i in range(12_000)])) == 6_000
    labels = [label(f"{i:05d}") for i in range(12_000)]
    assert store.append([sent(model, labels=labels, at=NOW + HOUR)]) == (Receipt(6_000, 6_000),)
