from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store.stored import DAY, HOUR, NOW, prediction, sent
from wane.errors import StoreError
from wane.store.records import StoredKey, StoredReference

if TYPE_CHECKING:
    from wane.store.records import Model
    from wane.store.store import Store


def test_models_are_made_once_and_belong_to_a_tenant(store: Store, model: Model) -> None:
    assert store.open_model("default", "churn", NOW + DAY) == model
    other = store.open_model("other", "churn", NOW)
    first = store.open_model("default", "a", NOW)
    assert other.id != model.id
    assert store.models() == (first, model, other)
    assert store.models("default") == (first, model)
    assert store.model("other", "churn") == other
    assert store.model("other", "a") is None
    assert (model.settings, model.version, model.rows_since) == ("{}", 1, None)


def test_settings_have_versions(store: Store, model: Model) -> None:
    assert store.configure(model.id, "{}", NOW) == model
    changed = store.configure(model.id, '{"every": "1h"}', NOW + HOUR)
    assert (changed.settings, changed.version) == ('{"every": "1h"}', 2)
    assert store.configure(model.id, '{"every": "1h"}', NOW + DAY).version == 2
    assert store.configure(model.id, "{}", NOW + DAY).version == 3
    assert store.model("default", "churn") == store.models()[0]
    with pytest.raises(StoreError, match="no model number 77"):
        store.configure(77, "{}", NOW)


def test_the_reference_given_last_counts_whatever_the_clock_says(
    store: Store, model: Model
) -> None:
    assert store.reference(model.id) is None
    first = StoredReference("1/b.parquet", 10, NOW)
    second = StoredReference("1/a.parquet", 20, NOW - DAY)
    store.put_reference(model.id, first)
    assert store.reference(model.id) == first
    store.put_reference(model.id, second)
    assert store.reference(model.id) == second
    store.put_reference(model.id, first)
    assert store.reference(model.id) == first


def test_keys(store: Store) -> None:
    older = StoredKey("k1", "default", "00", frozenset({"read", "ingest"}), "note", NOW - DAY)
    newer = StoredKey("k0", "other", "11", frozenset(), "", NOW, NOW + DAY)
    store.put_key(newer)
    store.put_key(older)
    assert store.keys() == (older, newer)
    assert store.keys("other") == (newer,)
    replaced = StoredKey("k1", "default", "22", frozenset({"admin"}), "", NOW - DAY)
    store.put_key(replaced)
    assert store.keys("default") == (replaced,)
    assert store.drop_key("k1")
    assert not store.drop_key("k1")
    assert store.keys() == (newer,)


def test_counters_add_up(store: Store, model: Model) -> None:
    assert store.counts(model.id) == {}
    store.count(model.id, {"b": 2, "a": 1}, NOW)
    store.count(model.id, {"b": 3}, NOW - DAY)
    store.count(model.id, {}, NOW)
    assert store.counts(model.id) == {"a": 1, "b": 5}
    assert list(store.counts(model.id)) == ["a", "b"]
    assert store.counts(store.open_model("default", "other", NOW).id) == {}


def test_a_lease_is_held_by_one_until_it_ends(store: Store) -> None:
    assert store.lease("loop", "a", NOW + HOUR, NOW)
    assert not store.lease("loop", "b", NOW + 2 * HOUR, NOW)
    assert store.lease("other", "b", NOW + HOUR, NOW)
    assert store.lease("loop", "a", NOW + 2 * HOUR, NOW)
    assert not store.lease("loop", "b", NOW + 3 * HOUR, NOW + HOUR)
    assert store.lease("loop", "b", NOW + 3 * HOUR, NOW + 2 * HOUR)
    assert not store.lease("loop", "a", NOW + 4 * HOUR, NOW + 2 * HOUR)


def test_a_model_of_one_tenant_knows_nothing_of_another(store: Store, model: Model) -> None:
    other = store.open_model("other", "churn", NOW)
    store.append([sent(model, [prediction("a")])])
    assert store.append([sent(other, [prediction("a")])])[0].accepted == 1
    assert len(store.inbox(model.id, 9)) == len(store.inbox(other.id, 9)) == 1
    assert store.times_of(other.id, ["a", "b"]) == store.times_of(model.id, ["a"])
