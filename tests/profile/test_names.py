"""Counting by name when there are too many names to keep."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from operator import add

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from wane.profile.names import LIMIT, NONE, NameCounts


def split(names: list[str], parts: int, seed: int) -> list[NameCounts]:
    part = np.random.default_rng(seed).integers(0, parts, len(names))
    counted = [
        Counter(name for name, at in zip(names, part, strict=True) if at == p) for p in range(parts)
    ]
    return [NameCounts.of({name: float(n) for name, n in c.items()}) for c in counted]


@settings(max_examples=12)
@given(size=st.sampled_from([0, 1, 900, 3_000]), seed=st.integers(0, 99), parts=st.integers(1, 5))
def test_merging_parts_keeps_what_the_whole_would(size: int, seed: int, parts: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"user {i}" for i in rng.integers(0, 2 * size + 1, size)]
    whole = NameCounts.of({name: float(n) for name, n in Counter(names).items()})
    pieces = split(names, parts, seed)
    assert reduce(add, pieces) == whole
    assert reduce(add, pieces[::-1], NONE) == whole
    assert len(whole.counts) <= LIMIT
    assert whole.complete == (len(set(names)) <= LIMIT)


def test_what_is_left_out_once_is_never_called_complete_again() -> None:
    many = NameCounts.of({f"n{i}": 1.0 for i in range(LIMIT + 1)})
    assert not many.complete
    assert len(many.counts) == LIMIT
    assert not (NameCounts.of({"a": 1.0}) + NameCounts({}, complete=False)).complete


def test_lone_surrogates_are_names_too() -> None:
    odd = {f"\udc80{i}": 1.0 for i in range(LIMIT + 5)}
    assert len(NameCounts.of(odd).counts) == LIMIT
