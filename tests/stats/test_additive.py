"""Additive effects against least squares, and their shrinkage."""

from __future__ import annotations

import numpy as np
import pytest

from wane.stats.additive import additive_effects

RNG = np.random.default_rng(3)
N = 4_000
CELLS = np.stack([RNG.integers(0, 4, N), 4 + RNG.integers(0, 3, N)])
TRUTH = np.array([0.3, -0.1, 0.0, 0.2, -0.4, 0.1, 0.05])


def test_without_a_ridge_it_is_least_squares() -> None:
    """Fitted values are those of a regression on the cells as dummies."""
    response = TRUTH[CELLS].sum(axis=0) + RNG.normal(0, 0.5, N)
    effects = additive_effects(CELLS, response, 7, ridge=0.0, rounds=60)
    dummies = np.zeros((N, 7))
    for column in CELLS:
        dummies[np.arange(N), column] = 1
    solved, *_ = np.linalg.lstsq(dummies, response, rcond=None)
    fitted = response.mean() + effects[CELLS].sum(axis=0)
    np.testing.assert_allclose(fitted, dummies @ solved, atol=1e-6)


def test_a_ridge_counts_as_rows_without_an_effect() -> None:
    """One column: the sum of a cell by its rows and 100 more."""
    cells = np.array([[0] * 300 + [1] * 100])
    response = np.array([1.0] * 300 + [-3.0] * 100)
    assert response.mean() == 0
    effects = additive_effects(cells, response, 3, ridge=100.0)
    assert effects.tolist() == pytest.approx([300 / 400, -300 / 200, 0.0])


def test_effects_of_correlated_columns_are_not_counted_twice() -> None:
    same = np.stack([CELLS[0], CELLS[0] + 4])
    response = TRUTH[CELLS[0]]
    effects = additive_effects(same, response, 8, ridge=1.0, rounds=50)
    fitted = response.mean() + effects[same].sum(axis=0)
    np.testing.assert_allclose(fitted, response, atol=1e-2)


def test_no_rows_have_no_effects() -> None:
    assert additive_effects(np.zeros((2, 0), dtype=np.intp), np.zeros(0), 5).tolist() == [0] * 5
