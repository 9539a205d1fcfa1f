"""Boosted trees: what they foretell, and what they do with odd input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import HistGradientBoostingRegressor

from wane.stats.boosting import BLOCK, boosted_trees

RNG = np.random.default_rng(8)
CODES = RNG.integers(0, 40, (6, 20_000)).astype(np.uint8)
MEAN = 2.0 * np.where((CODES[0] > 25) & (CODES[3] < 10), 6.0, 1.0) * (1 + CODES[1] / 40)
SIZES = MEAN * RNG.exponential(1.0, 20_000)


def test_effects_that_multiply_are_found() -> None:
    """About as well as scikit-learn's trees by the same loss, which need not be symmetric."""
    trees = boosted_trees(CODES[:, :15_000], SIZES[:15_000])
    assert trees is not None
    peer = HistGradientBoostingRegressor(loss="poisson", random_state=0)
    peer.fit(CODES[:, :15_000].T, SIZES[:15_000])
    truth = MEAN[15_000:]
    own = np.abs(trees.foretell(CODES[:, 15_000:]) - truth).mean()
    theirs = np.abs(peer.predict(CODES[:, 15_000:].T) - truth).mean()
    assert own < 1.5 * theirs
    assert own < 0.35 * np.abs(truth.mean() - truth).mean()


def test_what_is_foretold_has_the_mean_of_what_was_found() -> None:
    trees = boosted_trees(CODES, SIZES)
    assert trees is not None
    assert trees.foretell(CODES).mean() == pytest.approx(SIZES.mean(), rel=0.02)


def test_a_row_is_foretold_alike_wherever_it_stands() -> None:
    trees = boosted_trees(CODES, SIZES)
    assert trees is not None
    whole = trees.foretell(CODES)
    assert len(whole) > BLOCK
    for at in (0, BLOCK - 1, BLOCK, len(whole) - 1):
        assert trees.foretell(CODES[:, at : at + 1])[0] == whole[at]


def test_the_same_rows_give_the_same_trees() -> None:
    first, second = (boosted_trees(CODES[:, :2_000], SIZES[:2_000]) for _ in range(2))
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.leaves, second.leaves)


def test_nothing_to_learn_from() -> None:
    assert boosted_trees(CODES[:0], SIZES) is None
    assert boosted_trees(CODES[:, :0], SIZES[:0]) is None
    assert boosted_trees(CODES, np.zeros(20_000)) is None


@settings(max_examples=15, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(1, 40),
    st.sampled_from([1e-9, 1.0, 1e12]),
    st.integers(0, 2**31),
)
def test_whatever_the_rows_sizes_are_finite_and_positive(
    columns: int, rows: int, scale: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 256, (columns, rows)).astype(np.uint8)
    sizes = rng.pareto(0.5, rows) * scale
    trees = boosted_trees(codes, sizes)
    if trees is not None:
        found = trees.foretell(codes)
        assert np.isfinite(found).all()
        assert (found > 0).all()
