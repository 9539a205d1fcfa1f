"""The share of positives in new rows, where only that has changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from wane.stats.label_shift import shifted_prior, with_prior

OF_POSITIVES = np.array([0.05, 0.1, 0.2, 0.3, 0.35])
OF_NEGATIVES = OF_POSITIVES[::-1]


def chances(prior: float) -> np.ndarray:
    positive = prior * OF_POSITIVES
    return np.asarray(positive / (positive + (1 - prior) * OF_NEGATIVES))


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_a_new_share_is_found(prior: float, now: float) -> None:
    rows = 10_000 * (now * OF_POSITIVES + (1 - now) * OF_NEGATIVES)
    found = shifted_prior(chances(prior), rows, prior, rounds=400)
    assert found == pytest.approx(now, abs=1e-3)
    np.testing.assert_allclose(with_prior(chances(prior), prior, now), chances(now))


def test_it_is_the_most_likely_share() -> None:
    """Against the likelihood of a mixture, maximised numerically."""
    rows = np.array([400.0, 300.0, 120.0, 60.0, 20.0])

    def loss(share: float) -> float:
        return -float(rows @ np.log(share * OF_POSITIVES + (1 - share) * OF_NEGATIVES))

    best = minimize_scalar(loss, bounds=(1e-6, 1 - 1e-6), method="bounded").x
    assert shifted_prior(chances(0.5), rows, 0.5, rounds=2_000) == pytest.approx(best, abs=1e-4)


def test_rows_like_those_before_change_nothing_and_none_are_undefined() -> None:
    rows = np.stack([0.3 * OF_POSITIVES + 0.7 * OF_NEGATIVES, np.zeros(5)])
    same, nothing = shifted_prior(chances(0.3), rows, 0.3)
    assert same == pytest.approx(0.3)
    assert np.isnan(nothing)
