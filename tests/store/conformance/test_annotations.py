from __future__ import annotations

from typing import TYPE_CHECKING

from store.stored import HOUR, NOW
from wane.store.records import StoredAnnotations

if TYPE_CHECKING:
    from wane.store.records import Model
    from wane.store.store import Store


def test_what_people_said_is_kept_in_place_of_what_they_said_before(
    store: Store, model: Model
) -> None:
    assert store.annotations(model.id) is None
    first = StoredAnnotations({"2026-10-03": "deploy <12> ü"}, NOW)
    store.annotate(model.id, first)
    assert store.annotations(model.id) == first
    second = StoredAnnotations({}, NOW + HOUR)
    store.annotate(model.id, second)
    assert store.annotations(model.id) == second
    other = store.open_model("default", "another", NOW)
    assert store.annotations(other.id) is None
