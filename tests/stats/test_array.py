"""The one division."""

import numpy as np

from wane.stats.array import divide


def test_nothing_to_divide_by_is_nan_without_a_warning() -> None:
    found = divide([[1.0], [0.0]], [2.0, 0.0])
    np.testing.assert_array_equal(found, [[0.5, np.nan], [0.0, np.nan]])


def test_scalars_give_an_array_without_axes() -> None:
    assert divide(1, 4).shape == ()
    assert float(divide(1, 4)) == 0.25


def test_nan_goes_through() -> None:
    assert np.isnan(divide([np.nan, 1.0], [1.0, np.nan])).all()
