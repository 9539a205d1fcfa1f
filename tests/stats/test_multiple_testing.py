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
LOGS = hnp.arrays(np.float64, st.integers(1, 12), elements=st.floats(-800, 800))


@given(p=P_VALUES)
def test_against_scipy(p: Floats) -> None:
    for function, method in ((mt.benjamini_hochberg, "bh"), (mt.benjamini_yekutieli, "by")):
        expected = scipy.stats.false_discovery_control(p, method=method)
        np.testing.assert_allclose(function(p), expected, rtol=1e-12, atol=1e-300)


@given(p=GAPPY)
def test_tests_that_were_not_made_do_not_count(p: Floats) -> None:
    for function in (mt.benjamini_hochberg, mt.benjamini_yekutieli):
        found = function(p)
        for column in range(3):
            made = ~np.isnan(p[:, column])
            assert np.isnan(found[~made, column]).all()
            np.testing.assert_allclose(found[made, column], function(p[made, column]))


@given(log_e=LOGS, alpha=st.sampled_from([0.01, 0.05, 0.2]))
def test_e_values_against_the_definition(log_e: Floats, alpha: float) -> None:
    tests = len(log_e)
    ordered = np.sort(log_e)[::-1]
    passing = np.flatnonzero(ordered >= np.log(tests / (np.arange(1, tests + 1) * alpha)))
    rejected = passing[-1] + 1 if len(passing) else 0
    found = mt.e_benjamini_hochberg(log_e) <= alpha * (1 + 1e-12)
    assert found.sum() >= rejected
    assert not rejected or (found == (log_e >= ordered[rejected - 1])).all()


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
    for function in (mt.benjamini_hochberg, mt.benjamini_yekutieli, mt.e_benjamini_hochberg):
        assert function(np.zeros(0)).shape == (0,)
        assert function(np.zeros((0, 4))).shape == (0, 4)
        assert np.isnan(function(np.full(3, np.nan))).all()
