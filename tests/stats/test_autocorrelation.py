"""Correlation of neighbouring windows: closed forms against sums, estimates against simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.autoregressive import autoregressive
from wane.stats import autocorrelation


@given(rho=st.floats(-0.95, 0.95), windows=st.integers(1, 60))
def test_inflation_against_the_sum(rho: float, windows: int) -> None:
    lag = np.arange(1, windows)
    expected = 1 + 2 * np.sum((1 - lag / windows) * rho**lag)
    assert autocorrelation.mean_inflation(rho, windows) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("rho", [-0.4, 0.0, 0.3, 0.6, 0.8])
def test_mean_and_variance_of_correlated_windows(rho: float) -> None:
    series = autoregressive(rho, 20_000, 20)
    inflation = autocorrelation.mean_inflation(rho, 20)
    assert series.mean(axis=1).var() * 20 == pytest.approx(float(inflation), rel=0.05)
    share = autocorrelation.variance_share(rho, 20)
    assert series.var(axis=1, ddof=1).mean() == pytest.approx(float(share), rel=0.02)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6])
def test_degrees_of_freedom_of_a_variance(rho: float) -> None:
    variance = autoregressive(rho, 20_000, 100).var(axis=1, ddof=1)
    freedom = autocorrelation.variance_freedom(rho, 100)
    assert 2 * variance.mean() ** 2 / variance.var() == pytest.approx(float(freedom), rel=0.06)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("windows", [20, 60])
def test_lag_one_is_right_on_average(rho: float, windows: int) -> None:
    series = autoregressive(rho, 8000, windows)
    assert autocorrelation.lag_one(series).mean() == pytest.approx(rho, abs=0.02)
    time = np.arange(windows) - (windows - 1) / 2
    slope = series @ time / (time @ time)
    residual = series - slope[:, None] * time
    assert autocorrelation.lag_one(residual, fitted=2).mean() == pytest.approx(
        rho, abs=1.5 / windows
    )


def test_lag_one_overlooks_missing_windows() -> None:
    series = autoregressive(0.5, 4000, 60)
    series[np.random.default_rng(1).random(series.shape) < 0.2] = np.nan
    assert autocorrelation.lag_one(series).mean() == pytest.approx(0.5, abs=0.03)


def test_lag_one_against_the_textbook_formula() -> None:
    values = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    centred = values - values.mean()
    raw = np.sum(centred[1:] * centred[:-1]) / np.sum(centred**2)
    expected = (10 * raw + 1) / 6
    assert autocorrelation.lag_one(values[None])[0] == pytest.approx(expected)


def test_lag_one_is_undefined_without_enough_windows() -> None:
    alternating = np.where(np.arange(20) % 2, np.nan, np.arange(20.0))
    rows = np.full((3, 20), np.nan)
    rows[0, :7] = np.arange(7)
    rows[1] = 4.0
    assert np.isnan(autocorrelation.lag_one(np.vstack([rows, alternating]))).all()
    assert autocorrelation.lag_one(np.zeros((0, 5))).shape == (0,)
    assert np.isnan(autocorrelation.lag_one(np.zeros((2, 0)))).all()


def test_a_walk_is_at_the_bound() -> None:
    assert autocorrelation.lag_one(np.arange(30.0)[None])[0] == autocorrelation.LARGEST


def test_single_windows() -> None:
    assert autocorrelation.mean_inflation(0.5, 1) == pytest.approx(1)
    assert np.isnan(autocorrelation.variance_share(0.5, 1))
    assert autocorrelation.variance_freedom(0.5, [0, 1]).tolist() == [0, 0]
