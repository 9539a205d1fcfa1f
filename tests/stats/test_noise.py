"""What noise gives, by simulation and against scipy."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from wane.stats import noise
from wane.stats.distance import population_stability_index

Floats = NDArray[np.float64]
ONE = np.array([0])


def psi_of_nothing(rows: int, cells: int, repeats: int = 4000) -> Floats:
    """The index of pairs of samples of the same uniform distribution."""
    random = np.random.default_rng(rows * 100 + cells)
    draws = random.multinomial(rows, np.full(cells, 1 / cells), size=(2, repeats))
    return population_stability_index(draws[0], draws[1], ONE)[:, 0]


@pytest.mark.parametrize("cells", [5, 10, 20, 30])
@pytest.mark.parametrize("rows", [200, 500, 1000])
def test_psi_cut_has_its_nominal_size(rows: int, cells: int) -> None:
    """The 1 % cut fires in 0.65 to 1.05 % of quiet windows; three errors of 4,000 draws added."""
    found = psi_of_nothing(rows, cells)
    size = np.mean(found > noise.psi_quantile(0.99, rows, rows, cells))
    assert 0.0035 <= size <= 0.0155
    expected = noise.expected_psi(rows, rows, cells)
    np.testing.assert_allclose(found.mean(), expected, rtol=0.07)


@pytest.mark.parametrize(
    ("rows", "cells", "share"),
    [(100, 10, 0.85), (200, 10, 0.38), (200, 20, 0.96), (500, 20, 0.18)],
)
def test_the_usual_threshold_fires_on_nothing(rows: int, cells: int, share: float) -> None:
    """How often PSI passes 0.1 in small windows; the padding lowers it by a few points."""
    fired = np.mean(psi_of_nothing(rows, cells) > 0.1)
    assert fired == pytest.approx(share, abs=0.07)
    assert noise.psi_p_value(0.1, rows, rows, cells) == pytest.approx(fired, abs=0.03)


def test_psi_quantile_against_scipy() -> None:
    cells = np.array([2, 10, 30])
    expected = scipy.stats.chi2.ppf(0.99, cells - 1) * (1 / 400 + 1 / 100)
    np.testing.assert_allclose(noise.psi_quantile(0.99, 400, 100, cells), expected)


def test_psi_quantile_with_a_tolerance_against_scipy() -> None:
    level = 1 / 5000 + 1 / 1000
    expected = scipy.stats.ncx2.ppf(0.99, 9, 0.04 / level) * level
    np.testing.assert_allclose(noise.psi_quantile(0.99, 5000, 1000, 10, 0.04), expected)


@pytest.mark.parametrize("tolerance", [0.0, 0.01, 0.09])
def test_psi_p_value_undoes_psi_quantile(tolerance: float) -> None:
    probability = np.array([0.5, 0.9, 0.999])
    cut = noise.psi_quantile(probability, 3000, 700, 12, tolerance)
    np.testing.assert_allclose(noise.psi_p_value(cut, 3000, 700, 12, tolerance), 1 - probability)


def test_a_single_cell_never_drifts() -> None:
    assert noise.psi_quantile(0.99, 10, 10, 1) == 0
    assert noise.psi_quantile(0.99, 10, 10, 1, 0.01) == 0
    assert noise.psi_p_value(0.0, 10, 10, 1) == 1
    assert noise.expected_psi(10, 10, 1) == 0


def test_no_rows_are_undefined() -> None:
    assert np.isnan(noise.expected_psi(0, 10, 5))
    assert np.isnan(noise.psi_quantile(0.99, 0, 10, 5))
    assert np.isnan(noise.psi_p_value(0.1, 10, 0, 5))
    assert np.isnan(noise.kolmogorov_smirnov_p_value(0.1, 0, 10))
    assert np.isnan(noise.kolmogorov_smirnov_p_value(np.nan, 10, 10))


def test_kolmogorov_smirnov_p_value_against_scipy() -> None:
    statistic = np.array([0.0, 0.01, 0.05, 0.2, 1.0])
    expected = scipy.stats.kstwobign.sf(np.sqrt(900 * 400 / 1300) * statistic)
    np.testing.assert_allclose(noise.kolmogorov_smirnov_p_value(statistic, 900, 400), expected)


def test_kolmogorov_smirnov_p_value_on_cells_is_conservative() -> None:
    from wane.stats.distance import kolmogorov_smirnov_statistic

    random = np.random.default_rng(5)
    draws = random.multinomial(1000, np.full(20, 0.05), size=(2, 4000))
    statistic = kolmogorov_smirnov_statistic(draws[0], draws[1], ONE)[:, 0]
    p_value = noise.kolmogorov_smirnov_p_value(statistic, 1000, 1000)
    assert 0.02 < np.mean(p_value < 0.05) < 0.05


def test_chi_square_against_scipy() -> None:
    reference, current = np.array([120, 80, 0, 60, 40]), np.array([40, 45, 0, 30, 8])
    found = noise.chi_square_test(reference, current, ONE)
    table = np.stack([reference, current])[:, [0, 1, 3, 4]]
    expected = scipy.stats.chi2_contingency(table, correction=False)
    np.testing.assert_allclose(found.statistic, [expected.statistic])
    np.testing.assert_array_equal(found.degrees_of_freedom, [expected.dof])
    np.testing.assert_allclose(found.p_value, [expected.pvalue])


def pooled_by_hand(reference: Floats, current: Floats) -> NDArray[np.float64]:
    """The table that the docstring of the test describes, cell by cell."""
    share = min(reference.sum(), current.sum()) / (reference.sum() + current.sum())
    kept, rest = [], np.zeros(2)
    for pair in np.stack([reference, current], axis=1):
        if pair.sum() * share >= 5:
            kept.append(pair)
        else:
            rest += pair
    if rest.sum() * share >= 5:
        kept.append(rest)
    elif kept:
        smallest = int(np.argmin([pair.sum() for pair in kept]))
        kept[smallest] = kept[smallest] + rest
    return np.array(kept).T


@given(
    reference=hnp.arrays(np.int64, 8, elements=st.integers(0, 60)),
    current=hnp.arrays(np.int64, 8, elements=st.integers(0, 30)),
)
def test_chi_square_pools_small_cells(
    reference: NDArray[np.int64], current: NDArray[np.int64]
) -> None:
    reference[0] += 10
    current[7] += 10
    found = noise.chi_square_test(reference, current, ONE)
    table = pooled_by_hand(reference.astype(np.float64), current.astype(np.float64))
    if table.size < 4:
        assert np.isnan(found).all()
        return
    expected = scipy.stats.chi2_contingency(table, correction=False)
    np.testing.assert_allclose(found.statistic, [expected.statistic], atol=1e-9)
    np.testing.assert_array_equal(found.degrees_of_freedom, [expected.dof])
    np.testing.assert_allclose(found.p_value, [expected.pvalue], atol=1e-9)


def test_chi_square_of_a_ragged_batch_is_its_columns_one_by_one() -> None:
    random = np.random.default_rng(2)
    sizes = [6, 1, 12, 3]
    starts = np.cumsum([0, *sizes[:-1]])
    reference = random.poisson(9, sum(sizes)).astype(np.float64)
    current = random.poisson(4, (5, sum(sizes))).astype(np.float64)
    batch = noise.chi_square_test(reference, current, starts)
    for column, start in enumerate(starts):
        cells = slice(start, start + sizes[column])
        alone = noise.chi_square_test(reference[cells], current[:, cells], ONE)
        for whole, part in zip(batch, alone, strict=True):
            np.testing.assert_allclose(whole[:, column], part[:, 0])


@pytest.mark.parametrize(
    ("reference", "current"),
    [([30, 40], [0, 0]), ([50, 0], [70, 0]), ([1, 1, 1], [1, 0, 1]), ([50, 1], [60, 0])],
    ids=["no rows", "constant", "too few rows", "one cell and a rest of one"],
)
def test_chi_square_with_nothing_to_compare(reference: list[int], current: list[int]) -> None:
    assert np.isnan(noise.chi_square_test(reference, current, ONE)).all()


def test_no_columns_give_no_tests() -> None:
    none = np.array([], dtype=np.intp)
    found = noise.chi_square_test(np.zeros(0), np.zeros((2, 0)), none)
    assert found.p_value.shape == (2, 0)


def test_chi_square_keeps_its_size_with_many_rare_cells() -> None:
    random = np.random.default_rng(6)
    shares = 1 / np.arange(1, 101)
    shares /= shares.sum()
    reference = random.multinomial(5000, shares, size=3000)
    current = random.multinomial(500, shares, size=3000)
    p_value = noise.chi_square_test(reference, current, ONE).p_value
    assert np.mean(p_value < 0.05) == pytest.approx(0.05, abs=0.013)
    assert np.mean(p_value < 0.001) < 0.004


@pytest.mark.parametrize("many", [1, 30, 500])
def test_noise_of_many_columns_together(many: int) -> None:
    cells = 21
    one = scipy.stats.chi2.ppf(0.95, cells - 1) * 0.01
    found = float(noise.noise_of_many(one, cells, many))
    assert found == pytest.approx(0.01 * scipy.stats.chi2.ppf(1 - 0.05 / many, cells - 1))
