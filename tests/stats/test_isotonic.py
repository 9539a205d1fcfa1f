"""Isotonic shares against scipy, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression

from wane.stats.isotonic import PRIOR_ROWS, isotonic

CELLS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=30)


def counts(cells: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Positives and rows, at least one row."""
    negatives, positives = np.array(cells, dtype=np.float64).T
    rows = negatives + positives
    if not rows.any():
        rows[0] = 1
    return np.minimum(positives, rows), rows


def plain(positives: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The shares of cells with rows, without the row that is added to each block."""
    found = isotonic(positives, rows)
    of_block = found.rows[found.block]
    prior = PRIOR_ROWS * positives.sum() / rows.sum()
    return np.asarray((found.share * (of_block + PRIOR_ROWS) - prior) / of_block)[rows > 0]


@given(CELLS)
def test_the_same_shares_as_scipy(cells: list[tuple[int, int]]) -> None:
    positives, rows = counts(cells)
    filled = rows > 0
    expected = isotonic_regression(positives[filled] / rows[filled], weights=rows[filled]).x
    np.testing.assert_allclose(plain(positives, rows), expected, atol=1e-9)


@given(CELLS)
def test_shares_rise_and_stay_off_the_ends(cells: list[tuple[int, int]]) -> None:
    positives, rows = counts(cells)
    found = isotonic(positives, rows)
    assert (np.diff(plain(positives, rows)) >= -1e-9).all()
    assert found.rows.sum() == pytest.approx(rows.sum())
    if 0 < positives.sum() < rows.sum():
        assert ((found.share > 0) & (found.share < 1)).all()


def test_by_hand() -> None:
    """0 of 2, 3 of 4 and 1 of 4 pooled to 4 of 8, nothing, 2 of 2; half a row is added of each."""
    found = isotonic([0, 3, 1, 0, 2], [2, 4, 4, 0, 2])
    assert found.block.tolist() == [0, 1, 1, 2, 2]
    assert found.rows.tolist() == [2, 8, 2]
    low, middle, high = 0.5 / 3, 4.5 / 9, 2.5 / 3
    np.testing.assert_allclose(found.share, [low, middle, middle, (middle + high) / 2, high])


def test_cells_beyond_the_last_rows_are_like_it() -> None:
    found = isotonic([0, 1, 3, 0], [0, 4, 4, 0])
    assert found.block.tolist() == [0, 0, 1, 1]
    assert found.share[0] == found.share[1]
    assert found.share[3] == found.share[2]
