"""Slopes and tests against scipy, sizes under correlation by simulation."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from stats.autoregressive import autoregressive
from wane.stats.trend import trend

Floats = NDArray[np.float64]
TIED = hnp.arrays(np.float64, st.tuples(st.just(1), st.integers(8, 25)), elements=st.integers(0, 9))
GAPPY = hnp.arrays(np.float64, (3, 14), elements=st.one_of(st.just(np.nan), st.floats(-5, 5)))


@given(series=TIED)
def test_the_score_against_scipy(series: Floats) -> None:
    found = trend(series, correlation=0.0)
    windows = series.shape[1]
    if np.ptp(series) == 0:
        assert found.p_value[0] == 1
        return
    tau = scipy.stats.kendalltau(np.arange(windows), series[0], method="asymptotic")
    ratio = found.score[0] / np.sqrt(found.score_variance[0])
    assert 2 * scipy.stats.norm.sf(abs(ratio)) == pytest.approx(tau.pvalue)
    pairs = windows * (windows - 1) / 2
    equal = sum(count * (count - 1) / 2 for count in np.unique(series, return_counts=True)[1])
    assert found.score[0] / np.sqrt(pairs * (pairs - equal)) == pytest.approx(tau.statistic)


@pytest.mark.parametrize("windows", [8, 12, 30, 100])
def test_the_plain_p_value_against_the_exact_one(windows: int) -> None:
    random = np.random.default_rng(windows)
    drift = np.linspace(0, 0.15, 200)[:, None] * np.arange(windows)
    series = random.normal(size=(200, windows)) + drift
    found = trend(series, correlation=0.0).p_value
    time = np.arange(windows)
    exact = [scipy.stats.kendalltau(time, row, method="exact").pvalue for row in series]
    np.testing.assert_allclose(found, exact, rtol=0.15, atol=0.012)


@given(series=TIED, confidence=st.sampled_from([0.8, 0.95]))
def test_the_slope_against_scipy(series: Floats, confidence: float) -> None:
    """The interval lies between those of slightly other confidences, which are normal."""
    found = trend(series, confidence, correlation=0.0)
    expected = scipy.stats.theilslopes(series[0])
    assert found.slope[0] == pytest.approx(expected.slope)
    narrow = scipy.stats.theilslopes(series[0], alpha=confidence - 0.04)
    wide = scipy.stats.theilslopes(series[0], alpha=confidence + 0.04)
    assert wide.low_slope - 1e-9 <= found.low[0] <= narrow.low_slope + 1e-9
    assert narrow.high_slope - 1e-9 <= found.high[0] <= wide.high_slope + 1e-9


@given(series=GAPPY)
def test_missing_windows_keep_their_places(series: Floats) -> None:
    found = trend(series, correlation=0.0)
    for stream, row in enumerate(series):
        there = np.flatnonzero(~np.isnan(row))
        if len(there) < 4:
            assert np.isnan([found.slope[stream], found.p_value[stream]]).all()
            continue
        assert found.slope[stream] == pytest.approx(scipy.stats.theilslopes(row[there], there)[0])
        packed = trend(row[None, there], correlation=0.0)
        np.testing.assert_allclose(found.p_value[stream], packed.p_value[0])


@given(series=GAPPY)
def test_streams_do_not_touch(series: Floats) -> None:
    both, turned = trend(series), trend(series[::-1])
    for field in ("slope", "low", "high", "p_value", "correlation"):
        np.testing.assert_array_equal(getattr(both, field)[::-1], getattr(turned, field))


@given(series=GAPPY, shift=st.integers(-5, 5), scale=st.sampled_from([-2.0, -1.0, 0.5, 4.0]))
def test_units_do_not_matter(series: Floats, shift: int, scale: float) -> None:
    series = np.round(series, 3)
    plain, other = trend(series, correlation=0.3), trend(shift + scale * series, correlation=0.3)
    np.testing.assert_allclose(other.slope, scale * plain.slope, atol=1e-9)
    np.testing.assert_allclose(np.abs(other.score), np.abs(plain.score), atol=4)


def test_a_known_correlation_inflates_by_hamed_and_rao() -> None:
    lag = np.arange(1, 20)
    rank_correlation = 6 / np.pi * np.arcsin(0.5**lag / 2)
    weight = (20 - lag) * (19 - lag) * (18 - lag)
    factor = 1 + 2 * np.sum(weight * rank_correlation) / (20 * 19 * 18)
    series = np.random.default_rng(0).normal(size=(1, 20))
    plain, aware = trend(series, correlation=0.0), trend(series, correlation=0.5)
    assert aware.score_variance[0] / plain.score_variance[0] == pytest.approx(factor)


@pytest.mark.parametrize("rho", [0.3, 0.6])
def test_the_inflated_variance_is_that_of_the_score(rho: float) -> None:
    found = trend(autoregressive(rho, 1500, 40), correlation=rho)
    assert found.score.var() == pytest.approx(found.score_variance[0], rel=0.1)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("windows", [10, 20, 60])
def test_size_under_correlation(rho: float, windows: int) -> None:
    series = autoregressive(rho, 1500, windows, seed=3)
    assert 0.01 <= np.mean(trend(series).p_value < 0.05) <= 0.07


def test_the_plain_test_fails_under_correlation() -> None:
    """The share that is known for 60 windows: why there is a correction."""
    plain = trend(autoregressive(0.6, 1500, 60, seed=3), correlation=0.0)
    assert np.mean(plain.p_value < 0.05) == pytest.approx(0.32, abs=0.04)


def test_the_interval_covers_the_slope() -> None:
    series = autoregressive(0.5, 600, 40, seed=4) + 0.1 * np.arange(40)
    found = trend(series)
    assert np.mean((found.low <= 0.1) & (found.high >= 0.1)) >= 0.93


@pytest.mark.parametrize(
    "accuracy",
    [
        [0.97, 0.96, 0.97, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89],
        [0.96, 0.96, 0.95, 0.94, 0.94, 0.92, 0.91, 0.90, 0.89, 0.87],
        [0.94, 0.93, 0.93, 0.92, 0.91, 0.90, 0.88, 0.87, 0.86, 0.84],
    ],
)
def test_ten_points_of_a_steady_decline_are_a_trend(accuracy: list[float]) -> None:
    found = trend([accuracy])
    assert found.p_value[0] < 0.01
    assert found.high[0] < 0
    assert found.slope[0] == pytest.approx(-0.01, abs=0.0015)


def test_interval_and_test_agree() -> None:
    series = np.random.default_rng(5).normal(size=(300, 25)) + 0.04 * np.arange(25)
    found = trend(series)
    apart = (found.low > 0) | (found.high < 0)
    assert np.mean(apart != (found.p_value < 0.05)) < 0.02


def test_short_constant_and_empty_streams() -> None:
    series = np.full((3, 12), np.nan)
    series[0, :3] = [1, 2, 3]
    series[1] = 7.0
    series[2, :4] = [1, 2, 3, 4]
    found = trend(series)
    assert np.isnan(found.p_value).tolist() == [True, False, False]
    assert np.isnan(found.slope).tolist() == [True, False, False]
    assert found.p_value[1] == 1
    assert found.slope[1] == 0
    assert found.p_value[2] > 0.05
    assert trend(np.zeros((0, 12))).slope.shape == (0,)
    assert np.isnan(trend(np.zeros((2, 0))).slope).all()
