"""Kish's effective size."""

import numpy as np
import pytest

from wane.stats.weights import effective_size


def test_equal_weights_count_in_full() -> None:
    assert effective_size(30 * 0.2, 30 * 0.2**2) == pytest.approx(30)


def test_unequal_weights_count_less() -> None:
    """Two rows of weight 1 and one of weight 4: 36 / 18."""
    np.testing.assert_allclose(effective_size([6, 0], [18, 0]), [2, 0])


def test_it_is_the_size_that_gives_the_variance_of_a_weighted_mean() -> None:
    random = np.random.default_rng(7)
    weights = random.gamma(1.5, size=400)
    means = random.normal(size=(4000, 400)) @ weights / weights.sum()
    expected = 1 / effective_size(weights.sum(), (weights**2).sum())
    assert means.var() == pytest.approx(float(expected), rel=0.08)
