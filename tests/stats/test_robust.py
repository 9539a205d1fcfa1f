"""Median and spread against numpy's and scipy's."""

import warnings

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from wane.stats import robust

Floats = NDArray[np.float64]
VALUES = st.one_of(st.just(np.nan), st.floats(-1e6, 1e6))
ARRAYS = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=2, max_dims=3, max_side=6), elements=VALUES
)


@given(array=ARRAYS, axis=st.integers(0, 1))
def test_against_numpy(array: Floats, axis: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        median, mean = np.nanmedian(array, axis=axis), np.nanmean(array, axis=axis)
    np.testing.assert_allclose(robust.median(array, axis), median, atol=1e-9)
    np.testing.assert_allclose(robust.mean(array, axis), mean, atol=1e-9)


@given(array=ARRAYS)
def test_spread_against_scipy(array: Floats) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = scipy.stats.median_abs_deviation(
            array, axis=-1, scale="normal", nan_policy="omit"
        )
    np.testing.assert_allclose(robust.spread(array), expected, atol=1e-6)


def test_spread_is_the_standard_deviation_of_normal_values() -> None:
    values = np.random.default_rng(0).normal(5, 3, 20_000)
    assert robust.spread(values) == pytest.approx(3, rel=0.03)


def test_one_wild_value_in_five_does_little() -> None:
    values = np.array([[1.0, 2, 3, 4, 5], [1.0, 2, 3, 4, 1e9]])
    assert robust.median(values).tolist() == [3, 3]
    assert robust.spread(values)[1] <= robust.spread(values)[0]


def test_nothing_is_undefined() -> None:
    for function in (robust.mean, robust.median, robust.spread):
        assert np.isnan(function(np.full((2, 3), np.nan))).all()
        assert np.isnan(function(np.zeros((2, 0)))).all()
        assert function(np.zeros((0, 3))).shape == (0,)
