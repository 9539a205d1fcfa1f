"""Offsets to log-odds against a numerical solver."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

from wane.stats.recalibrate import PRIOR_INFORMATION, recent_factors, recent_offsets

RNG = np.random.default_rng(5)
ODDS = RNG.normal(-1, 1.5, (10, 20))
ROWS = RNG.integers(10, 60, (10, 20)).astype(np.float64)
POSITIVES = RNG.binomial(ROWS.astype(int), expit(ODDS + 0.7)).astype(np.float64)


def solved(first: int, end: int) -> float:
    """The offset that the windows from first to before end ask for."""
    odds, rows, hits = ODDS[first:end], ROWS[first:end], POSITIVES[first:end].sum()
    return float(
        brentq(lambda a: hits - (rows * expit(odds + a)).sum() - PRIOR_INFORMATION * a, -9, 9)
    )


def test_offsets_are_those_of_the_windows_before() -> None:
    found = recent_offsets(ODDS, POSITIVES, ROWS)
    assert found[0] == 0
    for at in range(1, 10):
        assert found[at] == pytest.approx(solved(max(0, at - 6), at), abs=1e-6)
    assert found[-1] == pytest.approx(0.7, abs=0.15)


def test_windows_without_labels_are_passed_over() -> None:
    hits, rows = POSITIVES.copy(), ROWS.copy()
    hits[3:9] = rows[3:9] = 0
    found = recent_offsets(ODDS, hits, rows)
    np.testing.assert_allclose(found[3:10], solved(0, 3), atol=1e-6)


def test_one_strange_window_cannot_run_away() -> None:
    """All of ten rows positive: the prior holds the offset, where likelihood alone has none."""
    found = recent_offsets(np.zeros((2, 1)), [[10.0], [0.0]], [[10.0], [0.0]])
    assert found[1] == pytest.approx(
        brentq(lambda a: 10 - 10 * expit(a) - PRIOR_INFORMATION * a, 0, 9), abs=1e-3
    )


def test_factors_are_those_of_the_windows_before() -> None:
    found = np.array([20.0, 30.0, 0.0, 50.0, 10.0, 10.0, 10.0, 10.0, 10.0, 90.0])
    wanted = np.full(10, 10.0)
    rows = np.where(np.arange(10) == 2, 0.0, 100.0)
    factors = recent_factors(found, wanted, rows)
    assert factors[0] == 1
    assert factors[1] == pytest.approx((20 + 1.6) / (10 + 1.6))
    assert factors[2] == factors[3] == pytest.approx((50 + 1.6) / (20 + 1.6))
    past = [0, 1, 3, 4, 5, 6, 7, 8][-6:]
    assert factors[9] == pytest.approx((found[past].sum() + 1.6) / (60 + 1.6))


def test_no_factor_without_rows_or_expectation() -> None:
    nothing = np.zeros(3)
    assert recent_factors(nothing, nothing, nothing).tolist() == [1, 1, 1]
    assert recent_factors(nothing, nothing, np.ones(3)).tolist() == [1, 1, 1]
