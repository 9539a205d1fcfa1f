from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from pipeline.served import day, labels_of
from pipeline.test_evaluate import REFERENCE, put_reference
from wane.errors import ProfileError, StoreError
from wane.pipeline import standing
from wane.pipeline.standing import (
    Standing,
    by_window,
    fingerprint,
    pack,
    standing_of,
    together,
    unpack,
)

if TYPE_CHECKING:
    from pipeline.served import Served


def laid(served: Served) -> bytes:
    events = [*day(2), *day(1)]
    served.send(events, labels_of(events))
    served.attend()
    plan = served.store.plan(served.model.id)
    assert plan is not None
    assert plan.id == fingerprint(plan.body)
    return plan.body


@pytest.mark.parametrize("with_reference", [False, True])
def test_what_is_fixed_comes_back(served: Served, with_reference: bool) -> None:  # noqa: FBT001
    if with_reference:
        put_reference(served, "r.parquet", REFERENCE)
    body = laid(served)
    found = Standing.decode(body)
    assert found.encode() == body
    assert found.settings == 1
    assert found.rows == 80
    assert found.reference_name == ("r.parquet" if with_reference else None)
    assert (found.reference is not None) == with_reference
    assert [column.name for column in found.plan.schema.features or ()] == ["x", "kind"]


def test_damaged_bytes_are_told(served: Served) -> None:
    body = laid(served)
    for damaged in (
        b"",
        body[: len(body) // 2],
        b"\x80",
        b"\xc1",
        body.replace(b"format", b"formal"),
    ):
        with pytest.raises((StoreError, ProfileError), match=r"wane rebuild|cannot be|damaged"):
            Standing.decode(damaged)


def test_profiles_of_windows_come_apart_and_together(served: Served) -> None:
    plan = Standing.decode(laid(served)).plan
    parts = [unpack(window.body, plan) for window in served.store.windows(served.model.id)]
    both = together(parts)
    assert both.summarised.read == sum(part.summarised.read for part in parts) == 80
    again = by_window(both)
    assert list(again) == [window.start for window in served.store.windows(served.model.id)]
    for part, other in zip(parts, again.values(), strict=True):
        one, two = part.summarised.whole.counters, other.summarised.whole.counters
        assert np.array_equal(one.totals, two.totals)
        assert np.array_equal(one.cells, two.cells)
        assert pack(part) == pack(other)


def test_damaged_profiles_are_told(served: Served) -> None:
    plan = Standing.decode(laid(served)).plan
    body = served.store.windows(served.model.id)[0].body
    huge = (1 << 60).to_bytes(8, "little") + body[8:]
    for damaged in (b"", body[:20], huge, body[:8] + b"\xff" * 40):
        with pytest.raises(ProfileError, match="damaged"):
            unpack(damaged, plan)


def test_a_plan_of_another_release_is_laid_anew(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = laid(served)
    stored = served.store.plan(served.model.id)
    assert standing_of(None) is None
    assert standing_of(stored) is not None
    monkeypatch.setattr(standing, "FORMAT", [1, 0])
    assert standing_of(stored) is None
    done = served.attend()
    assert done.counted == 2
    newest = served.store.plan(served.model.id)
    assert newest is not None
    assert newest.body != body
    assert served.attend().counted == 0


@pytest.mark.parametrize("groups", [1, 2])
def test_effects_of_as_many_groups_of_answers_as_the_task_has_come_back(
    served: Served, groups: int
) -> None:
    """One of a model with more than two classes, two of a binary one."""
    found = Standing.decode(laid(served))
    width = int(found.plan.grid.starts[-1])
    effects = np.arange(groups * width, dtype=np.float64).reshape(groups, width)
    again = Standing.decode(replace(found, effects=effects).encode())
    assert again.effects is not None
    np.testing.assert_array_equal(again.effects, effects)
