"""Cells: monotone, where `searchsorted` would put a value, and the same after JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.profile.cells import (
    CategoryCells,
    Map,
    NumericCells,
    from_ordered_bits,
    log_odds,
    ordered_bits,
)
from wane.profile.lay import lay_numeric, lay_positive, lay_score

FINITE = st.floats(allow_nan=False, allow_infinity=False)
RANDOM = np.random.default_rng(5)
GRIDS = {
    "linear": lay_numeric(RANDOM.normal(size=2_000)),
    "log": lay_numeric(RANDOM.lognormal(0, 3, size=2_000)),
    "logit": lay_score(RANDOM.random(2_000), 0.0, 1.0),
    "search": lay_numeric(RANDOM.standard_cauchy(5_000)),
    "positive": lay_positive(),
    "single": lay_numeric(np.array([3.0])),
}


@pytest.mark.parametrize("name", GRIDS)
@given(values=st.lists(FINITE, max_size=30))
def test_monotone_and_within_the_cells_for_any_floats(name: str, values: list[float]) -> None:
    cells = GRIDS[name]
    inside = np.clip(values, 0, 1) if cells.map is Map.LOGIT else np.array(values)
    index = cells.index(np.sort(np.append(inside, [0.0, -0.0])))
    assert np.all(np.diff(index) >= 0)
    assert index.min() >= 0
    assert index.max() < cells.value_cells == cells.size - 1


@pytest.mark.parametrize("name", ["linear", "log", "search", "positive", "single"])
@given(value=FINITE)
def test_a_value_lies_where_its_edges_say(name: str, value: float) -> None:
    cells = GRIDS[name]
    (found,) = cells.index(np.array([value]))
    expected = np.searchsorted(cells.edges, value, side="right")
    if abs(found - expected) == 1:  # rounding may move a value that all but is an edge
        assert np.abs(cells.edges - value).min() <= 1e-12 * max(1.0, np.abs(cells.edges).max())
    else:
        assert found == expected


def test_the_maps_are_the_ones_meant() -> None:
    maps = {name: cells.map for name, cells in GRIDS.items()}
    assert maps == {
        "linear": Map.LINEAR,
        "log": Map.LOG,
        "logit": Map.LOGIT,
        "search": Map.SEARCH,
        "positive": Map.LOG,
        "single": Map.SEARCH,
    }


def test_index_leaves_its_input_alone() -> None:
    for cells in GRIDS.values():
        values = np.linspace(0.1, 0.9, 7)
        cells.index(values)
        np.testing.assert_array_equal(values, np.linspace(0.1, 0.9, 7))
        assert cells.index(np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("name", GRIDS)
def test_json_round_trip(name: str) -> None:
    cells = GRIDS[name]
    again = NumericCells.from_json(json.loads(json.dumps(cells.to_json())))
    assert again.to_json() == cells.to_json()
    assert (again.low, again.high) == (cells.low, cells.high)
    values = RANDOM.random(500)
    np.testing.assert_array_equal(again.index(values), cells.index(values))


@given(values=st.lists(FINITE, min_size=1, max_size=20))
def test_ordered_bits_grow_with_the_float(values: list[float]) -> None:
    ordered = np.sort(np.array(values))
    keys = ordered_bits(ordered)
    assert np.all(np.diff(keys) >= 0)
    assert np.all(from_ordered_bits(keys) <= ordered)


def test_log_odds_stay_finite_at_the_ends() -> None:
    found = log_odds(np.array([0.0, 0.5, 0.8, 1.0]))
    np.testing.assert_allclose(found, [-36, 0, np.log(4), 36], atol=1e-12)


def test_categories_other_and_missing() -> None:
    cells = CategoryCells(("a", "b"))
    assert (cells.size, cells.other, cells.missing, cells.cell_of) == (4, 2, 3, {"a": 0, "b": 1})
    assert CategoryCells.from_json(json.loads(json.dumps(cells.to_json()))) == cells
