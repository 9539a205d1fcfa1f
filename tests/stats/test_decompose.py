"""Both parts of a change: by hand, and what holds for all numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.stats.decompose import Side, decompose

ONE = np.zeros(1, dtype=np.intp)
COUNTS = st.lists(
    st.tuples(*(st.integers(0, 50) for _ in range(4))), min_size=1, max_size=12
).filter(lambda cells: any(a + b for a, b, _, _ in cells) and any(c + d for _, _, c, d in cells))


def side(right: object, wrong: object) -> Side:
    hits = np.asarray(right, dtype=np.float64)
    return Side(hits + np.asarray(wrong, dtype=np.float64), hits, hits)


def mean(of: Side) -> float:
    return float(of.total.sum() / of.rows.sum())


@given(COUNTS)
def test_parts_add_up(cells: list[tuple[int, int, int, int]]) -> None:
    a, b, c, d = np.array(cells, dtype=np.float64).T
    before, now = side(a, b), side(c, d)
    found = decompose(before, now, ONE)
    assert found.mix.sum() + found.rates.sum() == pytest.approx(mean(now) - mean(before), abs=1e-12)
    assert found.mix_variance[0] >= 0
    assert found.rates_variance[0] >= 0


@given(COUNTS)
def test_swapping_the_sides_turns_the_signs(cells: list[tuple[int, int, int, int]]) -> None:
    a, b, c, d = np.array(cells, dtype=np.float64).T
    there, back = decompose(side(a, b), side(c, d), ONE), decompose(side(c, d), side(a, b), ONE)
    np.testing.assert_allclose(there.mix, -back.mix, atol=1e-12)
    np.testing.assert_allclose(there.rates, -back.rates, atol=1e-12)


@given(COUNTS)
def test_equal_sides_have_no_parts(cells: list[tuple[int, int, int, int]]) -> None:
    a, b, _, _ = np.array(cells, dtype=np.float64).T
    found = decompose(side(a, b), side(2 * a, 2 * b), ONE)
    np.testing.assert_allclose(found.mix, 0, atol=1e-12)
    np.testing.assert_allclose(found.rates, 0, atol=1e-12)


def test_by_hand() -> None:
    """Shares .5, .5 to .2, .8; rates .8, .6 to .8, .5: half of the change of each."""
    found = decompose(side([40, 30], [10, 20]), side([16, 40], [4, 40]), ONE)
    assert found.mix.sum() == pytest.approx(-0.3 * 0.8 + 0.3 * 0.55)
    assert found.rates.tolist() == pytest.approx([0, 0.65 * -0.1])


def test_columns_are_decomposed_each_by_itself() -> None:
    before, now = side([40, 30, 7, 63], [10, 20, 3, 27]), side([16, 40, 9, 47], [4, 40, 1, 43])
    both = decompose(before, now, np.array([0, 2]))
    for at, part in ((0, slice(0, 2)), (1, slice(2, 4))):
        alone = decompose(Side(*(p[part] for p in before)), Side(*(p[part] for p in now)), ONE)
        np.testing.assert_allclose(both.mix[part], alone.mix)
        np.testing.assert_allclose(both.rates[part], alone.rates)
        assert both.mix_variance[at] == pytest.approx(alone.mix_variance[0])


def test_a_cell_without_rows_on_one_side_changes_the_mix_alone() -> None:
    found = decompose(side([40, 0], [10, 0]), side([40, 5], [10, 45]), ONE)
    assert found.rates.tolist() == [0, 0]
    assert found.mix.sum() == pytest.approx(0.45 - 0.8)


def test_a_column_without_rows_on_one_side_has_no_parts() -> None:
    found = decompose(side([40, 10], [10, 5]), side([0, 0], [0, 0]), ONE)
    assert not found.mix.any()
    assert not found.rates.any()


def test_variances_are_those_of_drawing_again() -> None:
    rng = np.random.default_rng(1)
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.3, 0.3, 0.4])
    r, s = np.array([0.9, 0.7, 0.5]), np.array([0.85, 0.7, 0.4])
    mixes, rates, variances = [], [], []
    for _ in range(3_000):
        n, m = rng.multinomial(2_000, p), rng.multinomial(1_000, q)
        k, j = rng.binomial(n, r), rng.binomial(m, s)
        found = decompose(side(k, n - k), side(j, m - j), ONE)
        mixes.append(found.mix.sum())
        rates.append(found.rates.sum())
        variances.append((found.mix_variance[0], found.rates_variance[0]))
    assert np.mean(variances, axis=0) == pytest.approx([np.var(mixes), np.var(rates)], rel=0.1)
