"""Laying cells on columns of every shape."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from wane.profile.cells import Map, NumericCells
from wane.profile.lay import (
    POINT_MASS,
    lay_categories,
    lay_numeric,
    lay_positive,
    lay_score,
    lay_signed,
)

Floats = NDArray[np.float64]
N = 8_000
EDGE_CASES = np.array([-1.7e308, -1.0, -5e-324, -0.0, 0.0, 5e-324, 1.0, 1.7e308])


def shapes() -> dict[str, Floats]:
    rng = np.random.default_rng(8)
    sign = rng.choice([-1.0, 1.0], N)
    skewed = rng.lognormal(0, 2, N)
    return {
        "normal": rng.normal(size=N),
        "lognormal": skewed,
        "gamma": rng.gamma(0.3, 1, N),
        "cauchy": rng.standard_cauchy(N),
        "integers": rng.integers(0, 1_000, N).astype(float),
        "many integers": rng.integers(0, 10**6, N).astype(float),
        "zero-inflated": np.where(rng.random(N) < 0.9, 0, rng.lognormal(0, 1, N)),
        "zeros of both signs": np.where(rng.random(N) < 0.3, 0 * sign, skewed * sign),
        "two clusters": np.concatenate([rng.normal(0, 1e-3, N // 2), rng.normal(1e6, 1, N // 2)]),
        "far from zero": 1e9 + rng.normal(0, 1e-3, N),
        "huge": rng.normal(size=N) * 1e307,
        "the whole range of floats": rng.uniform(-1, 1, N) * 1.79e308,
        "tiny": rng.normal(size=N) * 1e-300,
        "subnormal": rng.integers(1, 10**6, N) * 5e-324,
        "any magnitude": np.exp(rng.uniform(-700, 700, N)),
        "times": 1.76e15 + rng.uniform(0, 30 * 86_400e6, N).round(),
        "money": rng.lognormal(3, 1, N).round(2),
        "negative": -rng.lognormal(0, 1.5, N),
        "default value": np.where(rng.random(N) < 0.4, -999.0, rng.normal(size=N)),
    }


SHAPES = shapes()


@pytest.mark.parametrize("name", SHAPES)
def test_cells_of_every_shape(name: str) -> None:
    values = SHAPES[name]
    cells = lay_numeric(values)
    assert np.all(np.diff(cells.edges) > 0)
    assert np.isfinite(cells.edges).all()
    around = [np.nextafter(cells.edges, side) for side in (-np.inf, np.inf)]
    probe = np.unique(np.concatenate([values, cells.edges, *around, EDGE_CASES]))
    assert np.all(np.diff(cells.index(probe)) >= 0)
    found, expected = cells.index(values), np.searchsorted(cells.edges, values, side="right")
    assert np.mean(found != expected) < 1e-3
    assert np.abs(found - expected).max() <= 1


@pytest.mark.parametrize("name", SHAPES)
def test_at_least_64_cells_and_none_too_heavy(name: str) -> None:
    values = SHAPES[name]
    counts = np.bincount(lay_numeric(values).index(values))
    assert np.count_nonzero(counts) >= 64
    heaviest = np.unique(values, return_counts=True)[1].max()
    assert counts.max() <= max(heaviest, 3 * len(values) / 128)


@pytest.mark.parametrize("name", SHAPES)
def test_point_masses_are_alone_in_their_cells(name: str) -> None:
    values = SHAPES[name]
    cells = lay_numeric(values)
    index = cells.index(values)
    distinct, counts = np.unique(values, return_counts=True)
    for heavy in distinct[counts >= POINT_MASS * len(values)]:
        (cell,) = cells.index(np.array([heavy]))
        assert set(values[index == cell].tolist()) == {float(heavy)}


def test_what_point_masses_there_were() -> None:
    """So that the test above has something to test."""
    for name, heavy in (("zero-inflated", 0), ("zeros of both signs", 0), ("default value", -999)):
        assert np.mean(SHAPES[name] == heavy) > 0.25


@pytest.mark.parametrize("count", [2, 3, 50, 128])
def test_few_distinct_values_have_a_cell_each_and_the_tails_too(count: int) -> None:
    rng = np.random.default_rng(count)
    for distinct in (np.arange(count), rng.normal(size=count), 5e-324 * np.arange(1, count + 1)):
        values = np.asarray(rng.choice(distinct, 4_000), dtype=np.float64)
        cells = lay_numeric(values)
        known = np.unique(values)
        assert cells.value_cells == len(known) + 2
        np.testing.assert_array_equal(cells.index(known), 1 + np.arange(len(known)))
        beyond = np.array([known[0] - 1e9, known[-1] + 1e9])
        assert cells.index(beyond).tolist() == [0, len(known) + 1]


@pytest.mark.parametrize("value", [3.14, 0.0, -1e300, 5e-324])
def test_a_constant_has_a_cell_and_so_has_what_is_not_it(value: float) -> None:
    cells = lay_numeric(np.full(9, value), 1.0, 2.0)
    assert (cells.value_cells, cells.low, cells.high) == (3, 1.0, 2.0)
    around = np.array([np.nextafter(value, -np.inf), value, np.nextafter(value, np.inf)])
    assert cells.index(around).tolist() == [0, 1, 2]


def test_no_values_have_one_cell() -> None:
    cells = lay_numeric(np.zeros(0), 1.0, 2.0)
    assert (cells.value_cells, cells.low, cells.high) == (1, 1.0, 2.0)
    np.testing.assert_array_equal(cells.index(EDGE_CASES), 0)
    assert lay_numeric(np.zeros(0)).low > lay_numeric(np.zeros(0)).high


def test_two_values_at_the_ends_of_the_floats() -> None:
    cells = lay_numeric(np.array([-1.7e308, 1.7e308]))
    assert cells.index(np.array([-1.7e308, 1.7e308])).tolist() == [0, 1]


def score_cells(values: Floats) -> NumericCells:
    cells = lay_score(values, float(values.min()), float(values.max()))
    assert cells.map is Map.LOGIT
    return cells


def test_score_cells_keep_a_narrow_band_apart() -> None:
    values = np.random.default_rng(1).uniform(0.45, 0.55, 5_000)
    cells = score_cells(values)
    assert np.bincount(cells.index(values)).max() < 0.02 * len(values)
    assert np.all(np.diff(cells.index(np.linspace(0, 1, 10_001))) >= 0)


def test_score_cells_keep_zero_and_one_and_rare_positives_apart() -> None:
    cells = lay_score(np.zeros(0), np.inf, -np.inf)
    rare = cells.index(np.array([0.0, 1e-3, 2e-3, 1e-2, 0.5, 0.99, 1.0]))
    assert len(set(rare.tolist())) == 7
    assert cells.value_cells >= 200


def test_duration_cells_are_three_percent_wide_in_any_unit() -> None:
    cells = lay_positive(0.1, 9.0)
    width = np.diff(cells.edges) / cells.edges[:-1]
    assert 0.01 < width.min() < width.max() < 0.04
    assert cells.edges[0] <= 1e-6
    assert cells.edges[-1] >= 0.98e9
    assert cells.index(np.array([-5.0, 0.0, 1e-7, 1e12])).tolist() == [0, 0, 0, len(cells.edges)]


@pytest.mark.parametrize("scale", [1e-6, 1.0, 300.0])
def test_error_cells_are_finer_towards_zero(scale: float) -> None:
    cells = lay_signed(scale)
    assert np.all(np.diff(cells.edges) > 0)
    np.testing.assert_allclose(cells.edges, -cells.edges[::-1])
    middle = np.searchsorted(cells.edges, 0)
    assert cells.edges[middle + 1] <= scale * 1e-4 < cells.edges[-1] / 1e6


def test_categories_by_frequency_then_name() -> None:
    cells = lay_categories({"b": 2.0, "a": 2.0, "c": 5.0, "d": 1.0}, limit=3)
    assert cells.categories == ("c", "a", "b")
    assert lay_categories({}).size == 2
