"""The laws of profiles, on what `summarise` makes of random logs of every task."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import (
    DAILY,
    SCHEMAS,
    TASKS,
    assert_same,
    count,
    grid_of,
    log,
    order_of,
    pieces_of,
)
from wane.errors import ProfileError
from wane.profile.profile import Ledger, Profile, ProfileKey, empty, ledger_of, merge
from wane.schema import Task

if TYPE_CHECKING:
    from wane.profile.summarise import Summarised

SEEDS = st.integers(0, 10_000)
GRIDS = {task: grid_of(log(task, 400, seed=1), SCHEMAS[task]) for task in TASKS}


def counted(task: Task, seed: int, parts: int) -> tuple[Summarised, list[Summarised]]:
    """All rows of a random log, and the same rows in parts."""
    table = log(task, 120, seed)
    split = pieces_of(table, task, np.random.default_rng(seed), parts)
    schema, grid = SCHEMAS[task], GRIDS[task]
    return count(table, schema, grid), [count(part, schema, grid) for part in split]


def alone(profile: Profile, task: Task) -> Ledger:
    return ledger_of(GRIDS[task], {ProfileKey(0): profile}, profile.counters)


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=10)
@given(seed=SEEDS, parts=st.integers(1, 4))
def test_the_whole_is_the_sum_of_its_parts_in_any_order(task: Task, seed: int, parts: int) -> None:
    whole, split = counted(task, seed, parts)
    assert_same(reduce(add, [part.whole for part in split]), whole.whole)
    assert_same(reduce(add, [part.segments for part in reversed(split)]), whole.segments)


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=10)
@given(seed=SEEDS)
def test_merge_is_associative_and_commutative_and_nothing_is_neutral(task: Task, seed: int) -> None:
    _, split = counted(task, seed, 3)
    a, b, c = (part.whole.total() for part in split)
    assert_same(alone((a + b) + c, task), alone(a + (b + c), task))
    assert_same(alone(a + b, task), alone(b + a, task))
    assert_same(alone(a + empty(GRIDS[task]), task), alone(a, task))
    assert_same(alone(empty(GRIDS[task]) + a, task), alone(a, task))


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=8)
@given(seed=SEEDS)
def test_the_whole_is_the_sum_of_its_windows(task: Task, seed: int) -> None:
    table = log(task, 120, seed)
    daily = count(table, SCHEMAS[task], GRIDS[task], every=DAILY).whole
    single = count(table, SCHEMAS[task], GRIDS[task], every=None).whole
    assert len(daily) > 1
    assert_same(alone(daily.total(), task), single)


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=8)
@given(seed=SEEDS)
def test_the_whole_is_the_sum_of_its_segments(task: Task, seed: int) -> None:
    """Segments are not split by outcome, so the outcomes of the whole are added up first."""
    found = count(log(task, 120, seed), SCHEMAS[task], GRIDS[task], every=None)
    whole, segments = found.whole.total().counters, found.segments.total().counters
    np.testing.assert_allclose(segments.cells[:, 0], whole.cells.sum(axis=1))
    scores = ("score", "confusion", "class_scores", "class_losses")
    for name in ("moments", "cell_sums", *scores, "errors", "hours"):
        np.testing.assert_allclose(getattr(segments, name), getattr(whole, name), rtol=1e-9)
    if task is not Task.RANKING:  # a list belongs to one segment, that of its first row
        np.testing.assert_allclose(segments.totals, whole.totals)
    np.testing.assert_allclose(segments.ranking, whole.ranking)


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=8)
@given(seed=SEEDS)
def test_the_order_of_rows_does_not_matter(task: Task, seed: int) -> None:
    table = log(task, 120, seed)
    shuffled = table.take(order_of(table, task, np.random.default_rng(seed)))
    found, expected = (count(rows, SCHEMAS[task], GRIDS[task]) for rows in (shuffled, table))
    assert_same(found.whole, expected.whole)
    if task is not Task.RANKING:
        assert_same(found.segments, expected.segments)


def test_a_ledger_is_in_the_order_of_windows_and_of_the_grid() -> None:
    whole, split = counted(Task.BINARY, 3, 3)
    names = GRIDS[Task.BINARY].segments[0].names()
    for ledger in (whole.segments, reduce(add, [part.segments for part in split])):
        places = [(key.window, names.index(key.segment or "")) for key in ledger.keys]
        assert places == sorted(places)


def test_a_ledger_hands_out_its_rows() -> None:
    whole, _ = counted(Task.BINARY, 3, 1)
    north = whole.segments.of_segment("region=north")
    assert {key.segment for key in north.keys} == {"region=north"}
    first = whole.segments.take([0])
    assert first.keys == whole.segments.keys[:1]
    assert_same(alone(first.total(), Task.BINARY), alone(whole.segments.profile(0), Task.BINARY))
    nothing = whole.whole.take([])
    assert not nothing.total().counters.totals.any()
    assert_same(nothing + whole.whole, whole.whole)


def test_profiles_that_do_not_belong_together_are_refused() -> None:
    binary, _ = counted(Task.BINARY, 0, 1)
    other, _ = counted(Task.REGRESSION, 0, 1)
    with pytest.raises(ProfileError, match="different grids"):
        merge(binary.whole.total(), other.whole.total())
    with pytest.raises(ProfileError, match="different grids"):
        binary.whole + other.whole
    with pytest.raises(ProfileError, match="different detail"):
        merge(binary.whole.total(), binary.segments.total())
