"""Weights of predictors by how well they did of late."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wane.stats.averaging import averaging_weights

LIKELIHOODS = arrays(np.float64, (7, 3), elements=st.floats(-20, 0))
PRIOR = np.array([0.5, 0.3, 0.2])


def test_without_forgetting_it_is_bayes() -> None:
    gained = np.log([[0.2, 0.1, 0.4], [0.1, 0.3, 0.3], [1.0, 1.0, 1.0]])
    weights = averaging_weights(gained, PRIOR, forgetting=1.0)
    np.testing.assert_allclose(weights[0], PRIOR)
    posterior = PRIOR * np.exp(gained[0] + gained[1])
    np.testing.assert_allclose(weights[2], posterior / posterior.sum())


def test_what_was_learned_fades() -> None:
    gained = np.zeros((200, 2))
    gained[0, 0] = -10
    weights = averaging_weights(gained, [0.5, 0.5])
    assert weights[1, 0] < 1e-4
    assert weights[-1, 0] == pytest.approx(0.5, abs=1e-3)


@given(LIKELIHOODS, st.integers(0, 6))
def test_a_weight_knows_only_what_was_before(gained: np.ndarray, at: int) -> None:
    changed = gained.copy()
    changed[at:] = -1.0
    weights, others = averaging_weights(gained, PRIOR), averaging_weights(changed, PRIOR)
    np.testing.assert_array_equal(weights[: at + 1], others[: at + 1])
    np.testing.assert_allclose(weights.sum(axis=1), 1)


def test_windows_without_an_outcome_change_nothing() -> None:
    gained = np.array([[-1.0, -3.0], [-2.0, -2.5], [0.0, -1.0]])
    gap = np.insert(gained, 1, np.nan, axis=0)
    weights = averaging_weights(gap, [0.5, 0.5])
    np.testing.assert_array_equal(weights[1], weights[2])
    np.testing.assert_array_equal(weights[[0, 1, 3]], averaging_weights(gained, [0.5, 0.5]))
