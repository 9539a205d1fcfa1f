"""Adjusted p-values against scipy and the step-up definitions."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from wane.stats import multiple_testing as mt

Floats = NDArray[np.float64]
P_VALUES = hnp.arrays(np.float64, st.integers(1, 12), elements=st.floats(0, 1))
GAPPY = hnp.arrays(np.float64, (6, 3), elements=st.one_of(st.just(np.nan), st.floats(0, 1)))


@given(p=P_VALUES)
def test_against_scipy(p: Floats) -> None:
    expected = scipy.stats.false_discovery_control(p, method="bh")
    np.testing.assert_allclose(mt.benjamini_hochberg(p), expected, rtol=1e-12, atol=1e-300)


@given(p=GAPPY)
def test_tests_that_were_not_made_do_not_count(p: Floats) -> None:
    found = mt.benjamini_hochberg(p)
    for column in range(3):
        made = ~np.isnan(p[:, column])
        assert np.isnan(found[~made, column]).all()
        np.testing.assert_allclose(found[made, column], mt.benjamini_hochberg(p[made, column]))


@given(p=P_VALUES, seed=st.integers(0, 99))
def test_order_does_not_matter(p: Floats, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(p))
    np.testing.assert_array_equal(mt.benjamini_hochberg(p)[order], mt.benjamini_hochberg(p[order]))


def test_the_false_discovery_rate_is_kept() -> None:
    random = np.random.default_rng(0)
    z = random.normal(size=(400, 300))
    z[:40] += 3
    rejected = mt.benjamini_hochberg(scipy.stats.norm.sf(z)) <= 0.05
    wrong = rejected[40:].sum(axis=0) / np.maximum(rejected.sum(axis=0), 1)
    assert wrong.mean() == pytest.approx(0.05 * 0.9, abs=0.01)
    assert rejected[:40].mean() > 0.5


def test_nothing_to_test() -> None:
    assert mt.benjamini_hochberg(np.zeros(0)).shape == (0,)
    assert mt.benjamini_hochberg(np.zeros((0, 4))).shape == (0, 4)
    assert np.isnan(mt.benjamini_hochberg(np.full(3, np.nan))).all()
