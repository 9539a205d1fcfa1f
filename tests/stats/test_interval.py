"""Intervals against scipy, cited values, and their coverage by simulation."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from wane.stats import confusion, interval

Floats = NDArray[np.float64]


def coverage(found: interval.Interval, truth: float) -> float:
    return float(np.mean((found.low <= truth) & (truth <= found.high)))


def test_normal_quantile() -> None:
    assert interval.normal_quantile() == pytest.approx(1.959963984540054)
    assert interval.normal_quantile(0.99) == pytest.approx(2.5758293035489)


def test_student_quantile_against_scipy() -> None:
    freedom = np.array([1.0, 2.5, 30.0, np.inf])
    expected = scipy.stats.t.ppf(0.975, freedom)
    np.testing.assert_allclose(interval.student_quantile(freedom), expected)
    assert interval.student_quantile(0.2) == interval.student_quantile(1)


def test_poisson_against_scipy() -> None:
    """Garwood's ends are quantiles of chi-square; each leaves 2.5 % of the Poisson outside."""
    count = np.array([1.0, 4.0, 15.0, 1000.0])
    low, high = interval.poisson(count)
    np.testing.assert_allclose(low, scipy.stats.chi2.ppf(0.025, 2 * count) / 2)
    np.testing.assert_allclose(high, scipy.stats.chi2.ppf(0.975, 2 * count + 2) / 2)
    np.testing.assert_allclose(scipy.stats.poisson.sf(count - 1, low), 0.025)
    np.testing.assert_allclose(scipy.stats.poisson.cdf(count, high), 0.025)
    low, high = interval.poisson([0.0, np.nan])
    assert low[0] == 0
    assert high[0] == pytest.approx(-np.log(0.025))
    assert np.isnan([low[1], high[1]]).all()


@given(n=st.integers(1, 500), share=st.floats(0, 1), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_proportions_against_scipy(n: int, share: float, confidence: float) -> None:
    successes = round(share * n)
    exact = scipy.stats.binomtest(successes, n)
    for method, found in [
        ("wilson", interval.wilson(successes, n, confidence)),
        ("exact", interval.clopper_pearson(successes, n, confidence)),
    ]:
        expected = exact.proportion_ci(confidence, method)
        assert found.low == pytest.approx(expected.low, abs=1e-9)
        assert found.high == pytest.approx(expected.high, abs=1e-9)
        assert found.low <= successes / n <= found.high


def test_effective_rows_need_not_be_whole() -> None:
    low, high = interval.wilson(4.5, 9.9)
    outer, inner = interval.wilson(4, 9), interval.wilson(5, 10)
    assert outer.low < low < high < 1
    assert high - low == pytest.approx(float(inner.high - inner.low), abs=0.02)


def test_no_rows_are_undefined() -> None:
    for found in (
        interval.wilson(0, 0),
        interval.clopper_pearson(0, 0),
        interval.mean(0, 0, 0),
        interval.mean(3, 9, 1),
        interval.newcombe_difference(0, 0, 3, 10),
        interval.f1_interval(0, 0, 0),
        interval.balanced_accuracy_interval(3, 1, 0, 0),
        interval.logit(np.nan, 0.1, 10),
    ):
        assert np.isnan(found).all()


def test_mean_against_scipy() -> None:
    values = np.random.default_rng(0).gamma(2, size=(3, 400))
    found = interval.mean(values.sum(axis=1), (values**2).sum(axis=1), 400)
    expected = scipy.stats.norm.interval(
        0.95, loc=values.mean(axis=1), scale=scipy.stats.sem(values, axis=1)
    )
    np.testing.assert_allclose(found, expected)


def test_mean_of_equal_values_has_no_width() -> None:
    found = interval.mean(0.1 * 7, 0.1**2 * 7, 7)
    np.testing.assert_allclose(found, [0.1, 0.1], atol=1e-7)


def test_newcombe_against_the_published_example() -> None:
    """Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10."""
    found = interval.newcombe_difference(
        [56, 9, 6, 5], [70, 10, 7, 56], [48, 3, 2, 0], [80, 10, 7, 29]
    )
    np.testing.assert_allclose(found.low, [0.0524, 0.1705, 0.0582, -0.0381], atol=5e-5)
    np.testing.assert_allclose(found.high, [0.3339, 0.8090, 0.8062, 0.1926], atol=5e-5)


def test_difference_is_the_same_turned_round() -> None:
    there = interval.newcombe_difference(30, 50, 10, 40)
    back = interval.newcombe_difference(10, 40, 30, 50)
    np.testing.assert_allclose(there, [-back.high, -back.low])


def test_square_and_add_of_one_is_itself() -> None:
    one = interval.Interval(np.array([0.2]), np.array([0.7]))
    np.testing.assert_allclose(interval.square_and_add([0.5], one), [0.2, 0.7])
    np.testing.assert_allclose(interval.square_and_add([0.5], one, [-1.0]), [-0.7, -0.2])


def test_square_and_add_of_correlated_estimates() -> None:
    ends = interval.Interval(np.array([0.3, 0.4]), np.array([0.7, 0.9]))
    half = np.array([0.5, 0.5])
    alone = interval.square_and_add([0.5, 0.6], ends, half)
    np.testing.assert_allclose(interval.square_and_add([0.5, 0.6], ends, half, np.eye(2)), alone)
    same = interval.square_and_add([0.5, 0.6], ends, half, np.ones((2, 2)))
    np.testing.assert_allclose(same, [0.35, 0.8])  # of two that move together, the mean end


def test_correlated_sums_cover() -> None:
    random = np.random.default_rng(5)
    correlation = np.array([[1, 0.6], [0.6, 1]])
    values = random.multivariate_normal([0, 0], correlation, 4000)
    ends = interval.Interval(values - 1.96, values + 1.96)
    found = interval.square_and_add(values, ends, 1.0, correlation)
    assert coverage(found, 0) == pytest.approx(0.95, abs=0.01)
    assert coverage(interval.square_and_add(values, ends), 0) < 0.91


def test_logit_with_few_degrees_of_freedom_is_wider() -> None:
    few = interval.logit(0.8, 0.05, 10, freedom=3)
    many = interval.logit(0.8, 0.05, 10)
    assert few.low < many.low
    assert many.high < few.high
    np.testing.assert_allclose(interval.logit(0.8, 0.05, 10, freedom=np.inf), many)


def test_logit_stays_inside_and_falls_back_at_the_ends() -> None:
    low, high = interval.logit([0.999999, 1.0, 0.0, 0.5], [0.3, 0.0, 0.0, 0.0], 20)
    assert np.all((low >= 0) & (high <= 1) & (low < high))
    assert low[1] == interval.wilson(20, 20).low
    assert high[2] == interval.wilson(0, 20).high
    assert low[3] == interval.wilson(10, 20).low


@pytest.mark.parametrize("share", [0.03, 0.5, 0.9])
def test_proportions_cover(share: float) -> None:
    successes = np.random.default_rng(1).binomial(80, share, size=4000)
    assert coverage(interval.wilson(successes, 80), share) == pytest.approx(0.95, abs=0.025)
    assert coverage(interval.clopper_pearson(successes, 80), share) >= 0.945


@pytest.mark.parametrize(
    "shares", [(0.5, 0.1, 0.1, 0.3), (0.93, 0.02, 0.02, 0.03), (0.6, 0.0, 0.02, 0.38)]
)
def test_f1_and_balanced_accuracy_cover(shares: tuple[float, ...]) -> None:
    tn, fp, fn, tp = np.random.default_rng(2).multinomial(300, shares, size=4000).T
    found = interval.f1_interval(fp, fn, tp)
    truth = float(confusion.f1(*shares))
    assert coverage(found, truth) == pytest.approx(0.95, abs=0.02)
    assert np.all((found.low >= 0) & (found.high <= 1))
    found = interval.balanced_accuracy_interval(tn, fp, fn, tp)
    truth = float(confusion.balanced_accuracy(*shares))
    assert 0.935 <= coverage(found, truth) <= 0.985
    assert np.all((found.low >= 0) & (found.high <= 1))


def test_difference_covers() -> None:
    random = np.random.default_rng(3)
    first, second = random.binomial(60, 0.9, 4000), random.binomial(200, 0.7, 4000)
    found = interval.newcombe_difference(first, 60, second, 200)
    assert coverage(found, 0.2) == pytest.approx(0.95, abs=0.02)
