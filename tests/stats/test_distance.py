"""Distances against scipy on rows, and the laws they keep."""

from collections.abc import Callable

import numpy as np
import pytest
import scipy.spatial.distance
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import ArrayLike, NDArray

from wane.stats import distance

Floats = NDArray[np.float64]
Distance = Callable[[ArrayLike, ArrayLike, NDArray[np.intp]], Floats]

DISTANCES: list[Distance] = [
    distance.population_stability_index,
    distance.jensen_shannon_distance,
    distance.hellinger_distance,
    distance.total_variation_distance,
    distance.chebyshev_distance,
    distance.kolmogorov_smirnov_statistic,
]
BOUNDED = DISTANCES[1:]
ONE = np.array([0])
each_distance = pytest.mark.parametrize("measure", DISTANCES, ids=lambda f: f.__name__)
each_bounded = pytest.mark.parametrize("measure", BOUNDED, ids=lambda f: f.__name__)

widths = st.lists(st.integers(1, 5), min_size=1, max_size=4)


def starts_of(sizes: list[int]) -> NDArray[np.intp]:
    return np.cumsum([0, *sizes[:-1]])


@st.composite
def ragged(draw: st.DrawFn) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """A reference [T], three windows [3, T] and the starts, empty columns included."""
    sizes = draw(widths)
    counts = st.integers(0, 1000)
    reference = draw(hnp.arrays(np.int64, sum(sizes), elements=counts))
    current = draw(hnp.arrays(np.int64, (3, sum(sizes)), elements=counts))
    return reference.astype(np.float64), current.astype(np.float64), starts_of(sizes)


@each_distance
@settings(max_examples=40)
@given(cells=ragged())
def test_of_equal_counts_is_zero(
    measure: Distance, cells: tuple[Floats, Floats, NDArray[np.intp]]
) -> None:
    reference, _, starts = cells
    found = measure(reference, reference, starts)
    empty = np.add.reduceat(reference, starts) == 0
    np.testing.assert_array_equal(found, np.where(empty, np.nan, 0.0))


@each_distance
@settings(max_examples=40)
@given(cells=ragged())
def test_is_symmetric_and_not_negative(
    measure: Distance, cells: tuple[Floats, Floats, NDArray[np.intp]]
) -> None:
    reference, current, starts = cells
    there, back = measure(reference, current, starts), measure(current, reference, starts)
    np.testing.assert_allclose(there, back, rtol=1e-9, atol=1e-12)
    assert np.all(np.isnan(there) | (there >= 0))


@each_bounded
@settings(max_examples=40)
@given(cells=ragged())
def test_is_at_most_one(measure: Distance, cells: tuple[Floats, Floats, NDArray[np.intp]]) -> None:
    found = measure(*cells)
    assert np.all(np.isnan(found) | (found <= 1))


@each_distance
@settings(max_examples=40)
@given(cells=ragged())
def test_a_batch_is_its_columns_one_by_one(
    measure: Distance, cells: tuple[Floats, Floats, NDArray[np.intp]]
) -> None:
    reference, current, starts = cells
    batch = measure(reference, current, starts)
    pieces = zip(
        np.split(reference, starts[1:]), np.split(current, starts[1:], axis=-1), strict=True
    )
    alone = [measure(before, after, ONE)[..., 0] for before, after in pieces]
    np.testing.assert_allclose(batch, np.stack(alone, axis=-1), rtol=1e-9, atol=1e-12)


@each_distance
@settings(max_examples=40)
@given(cells=ragged())
def test_order_of_columns_does_not_matter(
    measure: Distance, cells: tuple[Floats, Floats, NDArray[np.intp]]
) -> None:
    reference, current, starts = cells
    turned_reference = np.concatenate(np.split(reference, starts[1:])[::-1])
    turned_current = np.concatenate(np.split(current, starts[1:], axis=-1)[::-1], axis=-1)
    sizes = np.diff(starts, append=len(reference))[::-1].tolist()
    turned = measure(turned_reference, turned_current, starts_of(sizes))
    expected = measure(reference, current, starts)[..., ::-1]
    np.testing.assert_allclose(turned, expected, rtol=1e-9, atol=1e-12)


@each_distance
@settings(max_examples=40)
@given(cells=ragged())
def test_leading_axes_change_nothing(
    measure: Distance, cells: tuple[Floats, Floats, NDArray[np.intp]]
) -> None:
    reference, current, starts = cells
    found = measure(reference, current[:, None, :], starts)
    assert found.shape == (3, 1, len(starts))
    for window in range(3):
        alone = measure(reference, current[window], starts)
        np.testing.assert_allclose(found[window, 0], alone, rtol=1e-9, atol=1e-12)


@each_distance
def test_no_columns_give_no_values(measure: Distance) -> None:
    none = np.array([], dtype=np.intp)
    assert measure(np.zeros(0), np.zeros((2, 0)), none).shape == (2, 0)


def test_no_columns_give_no_wasserstein_distances() -> None:
    none, windows = np.zeros(0), np.zeros((2, 0))
    found = distance.wasserstein_distance(
        none, windows, none, windows, edges=none, starts=np.array([], dtype=np.intp)
    )
    assert found.shape == (2, 0)


@each_bounded
def test_scale_of_the_counts_does_not_matter(measure: Distance) -> None:
    reference, current = np.array([3.0, 4, 5]), np.array([1.0, 7, 2])
    np.testing.assert_allclose(
        measure(reference, current, ONE), measure(reference * 0.37, current * 51, ONE)
    )


@given(
    reference=hnp.arrays(np.int64, 6, elements=st.integers(0, 50)),
    current=hnp.arrays(np.int64, 6, elements=st.integers(0, 50)),
)
def test_against_scipy_on_shares(reference: NDArray[np.int64], current: NDArray[np.int64]) -> None:
    reference[0] += 1
    current[1] += 1
    p, q = reference / reference.sum(), current / current.sum()
    found = distance.jensen_shannon_distance(reference, current, ONE)[0]
    # scipy's square root turns rounding of the divergence into 1e-8
    assert found == pytest.approx(scipy.spatial.distance.jensenshannon(p, q, base=2), abs=1e-7)
    hellinger = np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / np.sqrt(2)
    assert distance.hellinger_distance(reference, current, ONE)[0] == pytest.approx(hellinger)
    cityblock = scipy.spatial.distance.cityblock(p, q) / 2
    assert distance.total_variation_distance(reference, current, ONE)[0] == pytest.approx(cityblock)
    chebyshev = scipy.spatial.distance.chebyshev(p, q)
    assert distance.chebyshev_distance(reference, current, ONE)[0] == pytest.approx(chebyshev)


def test_psi_is_jeffreys_divergence_of_the_padded_counts() -> None:
    reference, current = np.array([50.0, 30, 0, 20]), np.array([10.0, 0, 5, 5])
    p, q = reference + 0.5, current + 0.5
    expected = scipy.stats.entropy(p, q) + scipy.stats.entropy(q, p)
    found = distance.population_stability_index(reference, current, ONE)
    np.testing.assert_allclose(found, [expected])


def test_no_common_cell_is_as_far_as_it_gets() -> None:
    for measure in BOUNDED:
        np.testing.assert_allclose(measure([4, 0], [0, 9], ONE), [1.0])


# Columns on rows: reference 200,000 against current 20,000, binned by reference quantiles.
SHIFTS = ["normal", "lognormal", "gamma", "zero-inflated"]


def rows_of(shift: str) -> tuple[Floats, Floats]:
    random = np.random.default_rng(3)
    n, m = 200_000, 20_000
    if shift == "normal":
        return random.normal(size=n), random.normal(0.1, size=m)
    if shift == "lognormal":
        return random.lognormal(size=n), random.lognormal(size=m) * 1.1
    if shift == "heavy lognormal":
        return random.lognormal(sigma=2, size=n), random.lognormal(sigma=2, size=m) * 1.1
    if shift == "gamma":
        return random.gamma(0.3, size=n), random.gamma(0.3, size=m) * 1.2
    zero = random.random(n) < 0.6, random.random(m) < 0.5
    return (
        np.where(zero[0], 0.0, random.lognormal(size=n)),
        np.where(zero[1], 0.0, random.lognormal(size=m) * 1.1),
    )


def binned(values: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Counts and sums by cell; the upper edge of a cell belongs to it."""
    cell = np.searchsorted(edges[:-1], values, side="left")
    size = len(edges)
    return (
        np.bincount(cell, minlength=size).astype(np.float64),
        np.bincount(cell, weights=values, minlength=size).astype(np.float64),
    )


def quantile_edges(values: Floats, cells: int) -> Floats:
    inner = np.unique(np.quantile(values, np.arange(1, cells) / cells))
    return np.append(inner, np.inf)


def tailed_edges(values: Floats, cells: int) -> Floats:
    """Quantile cells, the outer ones halved ten times."""
    tail = 0.5 ** np.arange(10, 0, -1) / cells
    inner = np.concatenate([tail, np.arange(1, cells) / cells, 1 - tail])
    return np.append(np.unique(np.quantile(values, inner)), np.inf)


@pytest.mark.parametrize("shift", [*SHIFTS, "heavy lognormal"])
def test_wasserstein_against_scipy_on_rows(shift: str) -> None:
    """On a heavy tail the difference is mostly noise that changes sign within cells."""
    before, after = rows_of(shift)
    edges = tailed_edges(before, 64)
    counts, sums = binned(before, edges)
    current, current_sums = binned(after, edges)
    found = distance.wasserstein_distance(
        counts, current, sums, current_sums, edges=edges, starts=ONE
    )
    exact = scipy.stats.wasserstein_distance(before, after)
    np.testing.assert_allclose(found, [exact], rtol=0.06 if shift.startswith("heavy") else 0.005)
    assert found[0] <= exact * (1 + 1e-9)
    assert found[0] >= abs(before.mean() - after.mean()) * (1 - 1e-9)


@pytest.mark.parametrize("shift", ["normal", "gamma"])
def test_wasserstein_is_exact_with_few_cells_under_a_plain_shift(shift: str) -> None:
    before, after = rows_of(shift)
    edges = quantile_edges(before, 5)
    counts, sums = binned(before, edges)
    current, current_sums = binned(after, edges)
    found = distance.wasserstein_distance(
        counts, current, sums, current_sums, edges=edges, starts=ONE
    )
    np.testing.assert_allclose(found, [scipy.stats.wasserstein_distance(before, after)], rtol=0.005)


@pytest.mark.parametrize("shift", SHIFTS)
def test_kolmogorov_smirnov_against_scipy_on_rows(shift: str) -> None:
    before, after = rows_of(shift)
    edges = quantile_edges(before, 50)
    found = distance.kolmogorov_smirnov_statistic(
        binned(before, edges)[0], binned(after, edges)[0], ONE
    )
    exact = scipy.stats.ks_2samp(before, after, method="asymp").statistic
    np.testing.assert_allclose(found, [exact], rtol=0.025)
    assert found[0] <= exact + 1e-12


def test_wasserstein_of_a_ragged_batch_is_its_columns_one_by_one() -> None:
    random = np.random.default_rng(8)
    columns = [(5, 1e9), (1, 3.0), (9, -2.0), (2, 0.0)]
    parts, alone = [], []
    for cells, centre in columns:
        before = random.normal(centre, size=500)
        windows = [random.normal(centre + 0.3, size=200) for _ in range(3)]
        edges = quantile_edges(before, cells)
        counts, sums = binned(before, edges)
        pairs = [binned(window, edges) for window in windows]
        current, current_sums = (np.stack(part) for part in zip(*pairs, strict=True))
        parts.append((counts, current, sums, current_sums, edges))
        alone.append(
            distance.wasserstein_distance(
                counts, current, sums, current_sums, edges=edges, starts=ONE
            )
        )
    counts, current, sums, current_sums, edges = (
        np.concatenate(part, axis=-1) for part in zip(*parts, strict=True)
    )
    batch = distance.wasserstein_distance(
        counts,
        current,
        sums,
        current_sums,
        edges=edges,
        starts=starts_of([len(part[0]) for part in parts]),
    )
    np.testing.assert_allclose(batch, np.concatenate(alone, axis=-1), rtol=1e-12)


def test_wasserstein_of_one_cell_is_the_difference_of_means() -> None:
    found = distance.wasserstein_distance(
        [4.0], [[2.0], [0.0]], [8.0], [[10.0], [0.0]], edges=[np.inf], starts=ONE
    )
    np.testing.assert_array_equal(found, [[3.0], [np.nan]])


@given(
    before=hnp.arrays(np.float64, st.integers(1, 30), elements=st.integers(-9, 9)),
    after=hnp.arrays(np.float64, st.integers(1, 30), elements=st.integers(-9, 9)),
)
def test_wasserstein_is_exact_on_point_masses(before: Floats, after: Floats) -> None:
    edges = np.append(np.arange(-9.0, 9), np.inf)
    counts, sums = binned(before, edges)
    current, current_sums = binned(after, edges)
    found = distance.wasserstein_distance(
        counts, current, sums, current_sums, edges=edges, starts=ONE
    )
    back = distance.wasserstein_distance(
        current, counts, current_sums, sums, edges=edges, starts=ONE
    )
    exact = scipy.stats.wasserstein_distance(before, after)
    np.testing.assert_allclose(found, [exact], atol=1e-12)
    np.testing.assert_allclose(back, found, atol=1e-12)
