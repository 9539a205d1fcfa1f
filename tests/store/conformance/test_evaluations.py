from __future__ import annotations

from typing import TYPE_CHECKING, Any

from store.stored import DAY, HOUR, NOW, move_all, prediction, sent
from wane.store.records import Evaluated, StoredPlan, StoredResult, StoredWindow

if TYPE_CHECKING:
    from pathlib import Path

    from wane.store.records import Model
    from wane.store.store import Store

PLAN = StoredPlan("p1", b"plan", NOW)


def outcome(**changes: Any) -> Evaluated:  # noqa: ANN401 - fields of any type
    empty: dict[str, Any] = {"plan": "p1", "windows": {}, "gone": (), "done": {}, "results": {}}
    return Evaluated(**(empty | changes))


def test_nothing_is_known_at_first(store: Store, model: Model) -> None:
    assert store.plan(model.id) is None
    assert store.windows(model.id) == ()
    assert store.changed(model.id) == {}
    assert store.result(model.id, "x") is None


def test_windows_have_revisions(store: Store, model: Model) -> None:
    store.evaluated(model.id, outcome(laid=PLAN, windows={10: b"a", 0: b"b"}), NOW)
    assert store.plan(model.id) == PLAN
    first, second = StoredWindow(0, b"b", NOW, 1), StoredWindow(10, b"a", NOW, 1)
    assert store.windows(model.id) == (first, second)
    assert store.windows(model.id, since=1) == (second,)
    store.evaluated(model.id, outcome(windows={10: b"c"}), NOW + HOUR)
    assert store.windows(model.id) == (first, StoredWindow(10, b"c", NOW + HOUR, 2))
    store.evaluated(model.id, outcome(gone=[0, 5]), NOW)
    assert [window.start for window in store.windows(model.id)] == [10]


def test_windows_of_another_plan_are_not_seen(store: Store, model: Model) -> None:
    store.evaluated(model.id, outcome(laid=PLAN, windows={0: b"a"}), NOW)
    other = StoredPlan("p2", b"other", NOW + DAY)
    store.evaluated(model.id, outcome(plan="p2", laid=other, windows={5: b"b"}), NOW)
    assert store.plan(model.id) == other
    assert [window.start for window in store.windows(model.id)] == [5]
    store.evaluated(model.id, outcome(laid=PLAN), NOW)
    assert [window.start for window in store.windows(model.id)] == [0]


def test_changes_are_done_up_to_the_sequence_that_was_seen(store: Store, model: Model) -> None:
    store.mark(model.id, {0: 3, 900: 3, 1800: 3})
    store.mark(model.id, {900: 4})
    store.evaluated(model.id, outcome(done={0: 3, 900: 3, 99: 1}), NOW)
    assert store.changed(model.id) == {900: 4, 1800: 3}


def test_results_are_those_of_the_newest_evaluation(store: Store, model: Model) -> None:
    store.evaluated(model.id, outcome(results={"a": b"1", "b": b"2"}), NOW)
    store.evaluated(model.id, outcome(results={"a": b"3"}), NOW + HOUR)
    assert store.result(model.id, "a") == StoredResult(b"3", NOW + HOUR)
    assert store.result(model.id, "b") is None


def test_damage_found_by_an_evaluation_is_noted(store: Store, model: Model, raw: Path) -> None:
    store.append([sent(model, [prediction("a")])])
    move_all(store, raw, model)
    (file,) = store.files(model.id)
    store.evaluated(model.id, outcome(damaged={file.name: "torn"}), NOW)
    assert store.files(model.id)[0].damage == "torn"


def test_old_windows_are_forgotten(store: Store, model: Model) -> None:
    store.evaluated(model.id, outcome(laid=PLAN, windows={0: b"a", 10: b"b"}), NOW)
    other = StoredPlan("p2", b"other", NOW)
    store.evaluated(model.id, outcome(plan="p2", laid=other, windows={5: b"c", 10: b"d"}), NOW)
    store.forget_windows(model.id, 10)
    assert [window.start for window in store.windows(model.id)] == [10]
    store.evaluated(model.id, outcome(laid=PLAN), NOW)
    assert [window.body for window in store.windows(model.id)] == [b"b"]
    store.forget_windows(model.id, 11)
    assert store.windows(model.id) == ()
    assert store.plan(model.id) == PLAN
