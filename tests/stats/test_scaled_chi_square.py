"""The learned null: moments in closed form, its size on days that vary by themselves."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from wane.stats.scaled_chi_square import fit_scaled_chi_square, historical_p_value

Floats = NDArray[np.float64]
HISTORY = hnp.arrays(np.float64, (3, 15), elements=st.floats(0.001, 10))


def drawn(streams: int, windows: int, seed: int = 0) -> Floats:
    """0.02 times chi-square with 9 degrees of freedom."""
    return 0.02 * np.random.default_rng(seed).chisquare(9, (streams, windows))


def test_moments_of_one_stream() -> None:
    history = drawn(1, 20)
    found = fit_scaled_chi_square(history)
    mean, variance = history.mean(), history.var(ddof=1)
    assert found.scale[0] == pytest.approx(variance / (2 * mean))
    assert found.degrees_of_freedom[0] == pytest.approx(2 * mean**2 / variance)


@given(history=HISTORY)
def test_the_mean_is_kept_and_the_variance_drawn_half_way(history: Floats) -> None:
    found = fit_scaled_chi_square(history)
    mean = history.mean(axis=1)
    ratio = history.var(axis=1, ddof=1) / mean**2
    if np.median(ratio) < 1e-9:
        return
    np.testing.assert_allclose(found.scale * found.degrees_of_freedom, mean, rtol=1e-9)
    np.testing.assert_allclose(
        2 / found.degrees_of_freedom, (ratio + np.median(ratio)) / 2, rtol=1e-6
    )


@given(history=HISTORY, unit=st.floats(0.01, 100))
def test_units_do_not_matter(history: Floats, unit: float) -> None:
    history[:, 0] += 10
    plain = historical_p_value(fit_scaled_chi_square(history), history)
    scaled = historical_p_value(fit_scaled_chi_square(unit * history), unit * history)
    np.testing.assert_allclose(plain, scaled, rtol=1e-6, atol=1e-12)


def test_p_values_against_scipy() -> None:
    found = fit_scaled_chi_square(drawn(4, 40))
    statistic = np.array([[0.0, 0.1, 0.9]] * 4)
    expected = scipy.stats.chi2.sf(
        statistic, found.degrees_of_freedom[:, None], scale=found.scale[:, None]
    )
    np.testing.assert_allclose(historical_p_value(found, statistic), expected)


@pytest.mark.parametrize(("windows", "size"), [(14, 0.018), (42, 0.013)])
def test_size_on_new_days(windows: int, size: float) -> None:
    found = fit_scaled_chi_square(drawn(2000, windows))
    p_value = historical_p_value(found, drawn(2000, 50, seed=1))
    assert 0.009 <= np.mean(p_value < 0.01) <= size


def test_days_that_vary_by_themselves_do_not_look_drifted() -> None:
    """Cells of features whose mean wobbles: the chi-square null fires, the learned one does not."""
    random = np.random.default_rng(2)
    edges = scipy.stats.norm.ppf(np.arange(1, 20) / 20)
    centre = 0.05 * random.normal(size=(300, 60, 1))
    upper = scipy.stats.norm.cdf(edges - centre)
    shares = np.diff(upper, axis=2, prepend=0.0, append=1.0)
    counts = random.multinomial(5000, shares)
    statistic = np.sum((counts / 5000 - 0.05) ** 2 / 0.05, axis=2)
    learned = historical_p_value(fit_scaled_chi_square(statistic[:, :42]), statistic[:, 42:])
    naive = scipy.stats.chi2.sf(5000 * statistic, 19)
    assert np.mean(naive < 0.01) > 0.2
    assert np.mean(learned < 0.01) < 0.03


def test_missing_windows_and_short_histories() -> None:
    history = drawn(3, 20)
    history[0, ::5] = np.nan
    history[1, :7] = np.nan
    history[2] = 0.0
    found = fit_scaled_chi_square(history)
    assert np.isnan(found.scale).tolist() == [False, True, True]
    p_value = historical_p_value(found, np.array([[0.1, np.nan]] * 3))
    assert np.isnan(p_value).tolist() == [[False, True], [True, True], [True, True]]
    assert fit_scaled_chi_square(np.zeros((0, 20))).scale.shape == (0,)
    assert np.isnan(fit_scaled_chi_square(np.zeros((2, 0))).scale).all()
    assert np.isfinite(fit_scaled_chi_square(history, 10).scale[1])
