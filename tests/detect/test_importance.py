"""Weights of columns: from nothing, the least and the largest."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.detect.importance import ALIKE, LEAST, Importance


def test_without_any_all_columns_weigh_the_same() -> None:
    assert (ALIKE.weight("age"), ALIKE.weight(None)) == (1, 1)
    assert Importance({"age": 0.0}).weight("income") == 1


def test_the_most_important_weighs_one_and_the_others_beside_it() -> None:
    found = Importance({"income": 40, "age": 10, "zip": 0})
    weights = [found.weight(name) for name in ("income", "age", "zip", "not named", None)]
    assert weights == [1, 0.25, LEAST, LEAST, 1]


def test_what_is_not_named_weighs_as_the_least_that_is() -> None:
    assert Importance({"income": 0.4, "age": 0.1}).weight("zip") == pytest.approx(0.25)


@given(st.dictionaries(st.sampled_from("abcdef"), st.floats(0, 1e6)), st.sampled_from("abcdefg"))
def test_weights_are_within_bounds_and_without_a_unit(given: dict[str, float], name: str) -> None:
    weight = Importance(given).weight(name)
    assert LEAST <= weight <= 1
    halved = Importance({key: value / 2 for key, value in given.items()})
    assert halved.weight(name) == pytest.approx(weight)
