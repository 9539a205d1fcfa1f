"""Quantiles from cells against numpy on rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from wane.stats.quantile import quantile_from_cells

Floats = NDArray[np.float64]
EDGES = np.array([-np.inf, 1.0, 2.0, 2.0, 4.0, np.inf])
LOWER, UPPER = EDGES[:-1], EDGES[1:]
"""A tail, a cell, the point mass 2, a cell, a tail."""


def test_against_numpy_on_rows() -> None:
    values = np.random.default_rng(1).gamma(2, size=50_000)
    edges = np.concatenate([[-np.inf], np.quantile(values, np.arange(1, 64) / 64), [np.inf]])
    counts = np.bincount(np.searchsorted(edges[1:-1], values), minlength=64)
    probabilities = np.array([0.05, 0.25, 0.5, 0.95])
    found = quantile_from_cells(
        counts, edges[:-1], edges[1:], probabilities, minimum=values.min(), maximum=values.max()
    )
    np.testing.assert_allclose(found, np.quantile(values, probabilities), rtol=0.01)


def test_lines_inside_cells_and_tails_bounded_by_the_extremes() -> None:
    found = quantile_from_cells(
        [4, 4, 0, 0, 2], LOWER, UPPER, [0, 0.2, 0.4, 0.6, 0.9, 1], minimum=-3, maximum=10
    )
    np.testing.assert_allclose(found, [-3, -1, 1, 1.5, 7, 10])


def test_a_point_mass_is_exact() -> None:
    found = quantile_from_cells(
        [1, 0, 98, 0, 1], LOWER, UPPER, [0.02, 0.5, 0.98], minimum=0, maximum=9
    )
    np.testing.assert_array_equal(found, [2, 2, 2])


def test_no_mass_is_undefined_even_with_neutral_extremes() -> None:
    counts = np.array([[0.0] * 5, [0, 10, 0, 0, 0]])
    found = quantile_from_cells(
        counts, LOWER, UPPER, [0.0, 0.5], minimum=[np.inf, 1.2], maximum=[-np.inf, 1.8]
    )
    np.testing.assert_allclose(found, [[np.nan, np.nan], [1.2, 1.5]])


@given(
    counts=hnp.arrays(np.int64, (2, 3, 5), elements=st.integers(0, 9)),
    probabilities=hnp.arrays(np.float64, 4, elements=st.floats(0, 1)),
)
def test_quantiles_are_ordered_bounded_and_independent_of_leading_axes(
    counts: NDArray[np.int64], probabilities: Floats
) -> None:
    counts[..., 1] += 1
    ordered = np.sort(probabilities)
    found = quantile_from_cells(counts, LOWER, UPPER, ordered, minimum=-1.0, maximum=5.0)
    assert found.shape == (2, 3, 4)
    assert np.all(np.diff(found, axis=-1) >= -1e-12)
    assert np.all((found >= -1) & (found <= 5))
    alone = quantile_from_cells(counts[1, 2], LOWER, UPPER, ordered, minimum=-1.0, maximum=5.0)
    np.testing.assert_array_equal(found[1, 2], alone)


def test_weights_do_not_shift_the_last_quantile() -> None:
    counts = np.array([0.1, 0.2, 0.0, 0.3, 0.0])
    found = quantile_from_cells(counts, LOWER, UPPER, [1.0], minimum=0.0, maximum=3.5)
    assert found[0] == pytest.approx(3.5)
