"""Between-window variance against closed forms and loops; new windows beside it, by simulation."""

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from stats.autoregressive import autoregressive
from stats.residuals import residuals
from wane.stats import natural_variation as nv

Floats = NDArray[np.float64]
SERIES = hnp.arrays(np.float64, (3, 9), elements=st.one_of(st.just(np.nan), st.floats(-5, 5)))


def streams(
    tau: float, count: int, windows: int, rho: float = 0.0, seed: int = 0
) -> tuple[Floats, Floats]:
    """Values about 0 and the sampling variances, 1 on average, that they were drawn with."""
    random = np.random.default_rng(seed)
    sampling = random.gamma(2, 0.5, (count, windows))
    wobble = tau * autoregressive(rho, count, windows, seed + 1)
    return wobble + random.normal(size=sampling.shape) * np.sqrt(sampling), sampling


def two_steps(value: Floats, noise: Floats) -> float:
    """The estimator of DerSimonian & Kacker for one series without gaps, term by term."""
    weight = np.ones_like(value)
    between = 0.0
    for _ in range(2):
        centre = np.average(value, weights=weight)
        square = np.sum(weight * (value - centre) ** 2)
        lost = np.sum(weight * noise) - np.sum(weight**2 * noise) / weight.sum()
        between = max(0.0, (square - lost) / (weight.sum() - np.sum(weight**2) / weight.sum()))
        weight = 1 / (between + noise)
    return between


def paule_mandel(value: Floats, noise: Floats) -> float:
    """The between-window variance that makes the weighted sum of squares equal to n - 1."""

    def excess(between: float) -> float:
        weight = 1 / (between + noise)
        centre = np.average(value, weights=weight)
        return float(np.sum(weight * (value - centre) ** 2) - len(value) + 1)

    return float(scipy.optimize.brentq(excess, 0, 1000)) if excess(0) > 0 else 0.0


def test_equal_sampling_variances_have_a_closed_form() -> None:
    values = np.array([[0.9, 0.8, 0.85, 0.95], [0.5, 0.5, 0.5, 0.5]])
    found = nv.natural_variation(values, 0.001)
    between = values[0].var(ddof=1) - 0.001
    np.testing.assert_allclose(found.between_variance, [between, 0], atol=1e-15)
    np.testing.assert_allclose(found.mean, [0.875, 0.5])
    np.testing.assert_allclose(found.mean_variance, [(between + 0.001) / 4, 0.001 / 4])
    np.testing.assert_allclose(found.typical_variance, [between + 0.001, 0.001])
    assert found.degrees_of_freedom.tolist() == [3, 3]
    assert found.windows.tolist() == [4, 4]


def test_unequal_sampling_variances_against_loops() -> None:
    values, sampling = streams(0.8, 40, 12)
    found = nv.natural_variation(values, sampling).between_variance
    pairs = list(zip(values, sampling, strict=True))
    np.testing.assert_allclose(found, [two_steps(*pair) for pair in pairs], rtol=1e-9, atol=1e-12)
    iterated = np.array([paule_mandel(*pair) for pair in pairs])
    assert np.corrcoef(found, iterated)[0, 1] > 0.98


@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_between_variance_is_right_on_average(rho: float) -> None:
    values, sampling = streams(1.5, 4000, 20, rho)
    between = nv.natural_variation(values, sampling, rho * 2.25 / 3.25).between_variance
    assert between.mean() == pytest.approx(2.25, rel=0.07)


@given(values=SERIES)
def test_missing_windows_count_as_absent(values: Floats) -> None:
    found = nv.natural_variation(values, 0.1)
    for stream, row in enumerate(values):
        present = row[~np.isnan(row)]
        alone = nv.natural_variation(present[None], 0.1)
        for field in ("windows", "mean", "mean_variance", "between_variance", "typical_variance"):
            np.testing.assert_allclose(
                getattr(found, field)[stream], getattr(alone, field)[0], rtol=1e-9, atol=1e-12
            )


@given(values=SERIES, shift=st.floats(-3, 3), scale=st.floats(0.1, 10))
def test_units_do_not_matter(values: Floats, shift: float, scale: float) -> None:
    plain = nv.natural_variation(values, 0.1)
    other = nv.natural_variation(shift + scale * values, 0.1 * scale**2)
    np.testing.assert_allclose(other.mean, shift + scale * plain.mean, rtol=1e-6, atol=1e-6)
    for field in ("mean_variance", "between_variance", "typical_variance"):
        np.testing.assert_allclose(
            getattr(other, field), scale**2 * getattr(plain, field), rtol=1e-6, atol=1e-6
        )


@pytest.mark.parametrize("tau", [0.0, 1.0, 3.0])
@pytest.mark.parametrize("windows", [5, 14, 40])
def test_residuals_are_not_larger_than_standard_normal(tau: float, windows: int) -> None:
    values, sampling = streams(tau, 10_000, windows + 1)
    history = nv.natural_variation(values[:, :-1], sampling[:, :-1])
    residual = residuals(history, values[:, -1:], sampling[:, -1:])[:, 0]
    assert np.mean(np.abs(residual) > 1.96) <= 0.062
    assert np.mean(np.abs(residual) > 3.29) <= 0.0035
    if tau == 3:
        assert residual.std() == pytest.approx(1, abs=0.05)


def test_correlation_keeps_residuals_in_bounds() -> None:
    values, sampling = streams(3, 10_000, 15, 0.6)
    plain = nv.natural_variation(values[:, :-1], sampling[:, :-1])
    aware = nv.natural_variation(values[:, :-1], sampling[:, :-1], 0.54)
    size = [
        np.mean(np.abs(residuals(found, values[:, -1:], sampling[:, -1:])) > 1.96)
        for found in (plain, aware)
    ]
    assert size[0] > 0.06
    assert size[1] < 0.05


def test_what_cannot_be_known_is_undefined() -> None:
    values = np.array([[np.nan, np.nan, np.nan], [0.5, np.nan, np.nan], [np.inf, 0.4, np.nan]])
    found = nv.natural_variation(values, 0.01)
    assert found.windows.tolist() == [0, 1, 1]
    assert np.isnan(found.mean).all()
    assert np.isnan(found.between_variance).all()
    assert nv.natural_variation(np.zeros((0, 4)), 0.1).mean.shape == (0,)
    assert np.isnan(nv.natural_variation(np.zeros((2, 0)), 0.1).mean).all()


def test_a_constant_stream_has_no_scale() -> None:
    found = nv.natural_variation(np.full((1, 6), 0.3), 0)
    assert found.between_variance[0] == 0
    assert found.mean[0] == pytest.approx(0.3)


def test_a_window_without_sampling_variance_does_not_take_over() -> None:
    """Ten rows without an error have an estimated variance of 0."""
    values = np.array([[0.10, 0.11, 0.09, 0.10, 0.0]])
    sampling = np.array([[0.01, 0.01, 0.01, 0.01, 0.0]])
    assert nv.natural_variation(values, sampling).mean[0] > 0


def test_design_effect_of_the_published_wobble() -> None:
    """10 % errors, 1,000 rows a window and a wobble of 1 point have a design effect of 2.1."""
    random = np.random.default_rng(3)
    share = np.clip(random.normal(0.1, 0.01, (200, 60)), 0, 1)
    errors = random.binomial(1000, share) / 1000
    found = nv.natural_variation(errors, 0.1 * 0.9 / 1000)
    correlation = nv.row_correlation(found.between_variance, found.mean * (1 - found.mean))
    assert nv.design_effect(1000, correlation).mean() == pytest.approx(2.11, abs=0.05)


def test_design_effect_in_closed_form() -> None:
    assert nv.design_effect([0, 1, 1001], 0.001).tolist() == [1, 1, 2]
    assert nv.row_correlation([0.001, 5.0], [0.1, 0.1]).tolist() == pytest.approx([0.01, 1])
    assert np.isnan(nv.row_correlation(0.1, 0.0))


@pytest.mark.parametrize("windows", [14, 40])
def test_cautious_between_variance_is_rarely_too_low(windows: int) -> None:
    values = np.sqrt(3) * np.random.default_rng(4).normal(size=(4000, windows))
    found = nv.natural_variation(values, 1.0)
    for confidence in (0.8, 0.95):
        limit = nv.cautious_between_variance(found, confidence)
        assert np.mean(limit >= 2) == pytest.approx(confidence, abs=0.02)
        assert (limit >= found.between_variance).all()
