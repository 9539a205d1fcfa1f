"""Rises of rates and means, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from wane.stats.rise import mean_rise, rate_rise

ROWS = st.tuples(
    st.integers(1, 2_000), st.integers(0, 100), st.integers(1, 2_000), st.integers(0, 100)
)


def one(*sums: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array(sums, dtype=np.float64)[:, None]


@given(ROWS)
def test_likelihood_of_a_rate_is_that_of_two_binomials_against_one(
    rows: tuple[int, int, int, int],
) -> None:
    n, x, m, y = rows[0], min(rows[:2]), rows[2], min(rows[2:])
    together = (x + y) / (n + m)
    apart = stats.binom.logpmf(x, n, x / n) + stats.binom.logpmf(y, m, y / m)
    alike = stats.binom.logpmf(x, n, together) + stats.binom.logpmf(y, m, together)
    found = rate_rise(one(n, x, m, y))
    assert found.change[0] == pytest.approx(y / m - x / n)
    assert found.likelihood[0] == pytest.approx(apart - alike if y / m > x / n else 0, abs=1e-8)
    assert found.excess[0] == pytest.approx(y - m * x / n)


def test_variance_of_a_rate_is_that_of_its_rows() -> None:
    found = rate_rise(one(40_000, 4_000, 10_000, 2_000))
    assert found.variance[0] == pytest.approx(0.1 * 0.9 / 40_000 + 0.2 * 0.8 / 10_000, rel=1e-3)


def test_none_in_ten_rows_is_not_sure() -> None:
    assert rate_rise(one(10, 0, 10, 0)).variance[0] > 0


@pytest.mark.parametrize(
    ("sums", "enough"),
    [
        ((50, 0, 50, 5), True),
        ((49, 0, 50, 5), False),
        ((50, 0, 49, 5), False),
        ((50, 9, 50, 4), False),
    ],
)
def test_few_rows_are_not_enough(sums: tuple[float, ...], *, enough: bool) -> None:
    assert bool(rate_rise(one(*sums)).enough[0]) is enough
    assert rate_rise(one(*sums), least_rows=49, least_bad=4).enough[0]


def test_no_rows_on_a_side_are_no_rise() -> None:
    for sums in ((0, 0, 100, 50), (100, 50, 0, 0), (0, 0, 0, 0)):
        found = rate_rise(one(*sums))
        assert (found.change[0], found.likelihood[0], found.excess[0]) == (0, 0, 0)
        assert not found.enough[0]


def sums_of(*sides: np.ndarray[tuple[int], np.dtype[np.float64]]) -> list[float]:
    return [part for x in sides for part in (len(x), x.sum(), (x**2).sum())]


@pytest.mark.parametrize("seed", range(3))
def test_rise_of_a_mean_is_as_sure_as_by_the_test_of_welch(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before, now = rng.exponential(2.0, 3_000), rng.exponential(2.2, 900)
    found = mean_rise(one(*sums_of(before, now)))
    welch = stats.ttest_ind(now, before, equal_var=False)
    assert np.sqrt(2 * found.likelihood[0]) == pytest.approx(max(welch.statistic, 0), rel=0.01)
    assert found.change[0] == pytest.approx(now.mean() - before.mean())


def test_a_mean_that_fell_has_no_likelihood_of_a_rise() -> None:
    found = mean_rise(one(*sums_of(np.array([2.0, 3.0]), np.array([1.0, 2.0]))))
    assert found.change[0] == pytest.approx(-1)
    assert found.likelihood[0] == 0


def test_equal_rows_are_not_sure() -> None:
    """Ones before and twos now: however equal the rows of each side are, they differ between."""
    found = mean_rise(one(*sums_of(np.ones(60), np.full(60, 2.0))))
    assert np.isfinite(found.likelihood[0])
    assert found.enough[0]
    assert not mean_rise(one(*sums_of(np.ones(49), np.ones(60)))).enough[0]
    assert mean_rise(one(*sums_of(np.ones(60), np.ones(60)))).likelihood[0] == 0
