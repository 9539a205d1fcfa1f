"""Sums over ragged cells."""

import numpy as np

from wane.stats import ragged

STARTS = np.array([0, 2, 3])
CELLS = np.array([[1.0, 2, 7, 3, 0, 4], [0, 0, 5, 1, 1, 1]])


def test_column_sums_and_extremes() -> None:
    np.testing.assert_array_equal(ragged.column_sums(CELLS, STARTS), [[3, 7, 7], [0, 5, 3]])
    np.testing.assert_array_equal(ragged.column_maxima(CELLS, STARTS), [[2, 7, 4], [0, 5, 1]])
    np.testing.assert_array_equal(ragged.column_minima(CELLS, STARTS), [[1, 7, 0], [0, 5, 1]])


def test_per_cell_repeats_each_column() -> None:
    np.testing.assert_array_equal(
        ragged.per_cell(np.array([5.0, 6, 7]), STARTS, 6), [5, 5, 6, 7, 7, 7]
    )


def test_cumulative_starts_again_in_each_column() -> None:
    expected = [[1, 3, 7, 3, 3, 7], [0, 0, 5, 1, 2, 3]]
    np.testing.assert_array_equal(ragged.cumulative(CELLS, STARTS), expected)


def test_shares_of_nothing_are_undefined() -> None:
    found = ragged.shares(CELLS, STARTS)
    np.testing.assert_allclose(found[1], [np.nan, np.nan, 1, 1 / 3, 1 / 3, 1 / 3])
    found = ragged.cumulative_shares(CELLS, STARTS)
    np.testing.assert_allclose(found[0], [1 / 3, 1, 1, 3 / 7, 3 / 7, 1])
