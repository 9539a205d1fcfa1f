"""Change points against exhaustive search, dates by simulation."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from stats.autoregressive import autoregressive
from wane.stats import change_points as module
from wane.stats.change_points import change_points

Floats = NDArray[np.float64]
SERIES = hnp.arrays(np.float64, st.integers(2, 9), elements=st.integers(-9, 9).map(float))


def cost(y: Floats, w: Floats, begins: tuple[int, ...], penalty: float) -> float:
    """Weighted squares about the mean of each regime plus the penalties, in units of variance."""
    pieces = zip(np.split(y, begins), np.split(w, begins), strict=True)
    squares = sum(
        float(np.sum(v * (piece - np.average(piece, weights=v)) ** 2)) for piece, v in pieces
    )
    variance = float(np.average((y - np.average(y, weights=w)) ** 2, weights=w))
    return squares / float(w.mean()) / variance + penalty * len(begins)


def cheapest(y: Floats, w: Floats, penalty: float, shortest: int) -> float:
    """The least cost of all segmentations there are."""
    places = range(1, len(y))
    return min(
        cost(y, w, begins, penalty)
        for count in range(len(y))
        for begins in combinations(places, count)
        if np.diff([0, *begins, len(y)]).min() >= shortest
    )


@given(
    y=SERIES,
    penalty=st.floats(0.1, 8),
    shortest=st.integers(1, 3),
    seed=st.integers(0, 9),
)
def test_against_exhaustive_search(y: Floats, penalty: float, shortest: int, seed: int) -> None:
    w = np.random.default_rng(seed).uniform(0.2, 3, len(y))
    found = change_points(y, w, penalty, shortest)
    if np.ptp(y) == 0 or len(y) < shortest:
        assert not len(found.first)
        return
    begins = tuple(int(first) for first in found.first)
    assert np.diff([0, *begins, len(y)]).min() >= min(shortest, len(y))
    best = cheapest(y, w, penalty, shortest)
    assert cost(y, w, begins, penalty) == pytest.approx(best, abs=1e-8)


def least_squares(y: Floats, penalty: float, shortest: int) -> float:
    """The least cost by dynamic programming on plain sums."""
    best = [-penalty] + [np.inf] * len(y)
    for end in range(shortest, len(y) + 1):
        best[end] = min(
            best[begin] + float(np.sum((y[begin:end] - y[begin:end].mean()) ** 2)) + penalty
            for begin in range(end - shortest + 1)
        )
    return best[-1]


def test_a_longer_series_against_dynamic_programming() -> None:
    random = np.random.default_rng(3)
    y = np.repeat([0.0, 4.0, -2.0, 1.0, 5.0, 0.0], 25) + random.normal(size=150)
    found = change_points(y)
    scaled = (y - y.mean()) / y.std()
    penalty = 3 * np.log(150)
    begins = tuple(int(first) for first in found.first)
    assert len(begins) >= 3
    expected = least_squares(scaled, penalty, 5)
    assert cost(y, np.ones(150), begins, penalty) == pytest.approx(expected)


def test_one_step() -> None:
    y = np.r_[np.full(20, 0.9), np.full(15, 0.8)] + 0.01 * np.sin(np.arange(35))
    found = change_points(y)
    assert found.first.tolist() == [20]
    assert found.earliest.tolist() == [20]
    assert found.latest.tolist() == [20]
    np.testing.assert_allclose(found.before, [y[:20].mean()])
    np.testing.assert_allclose(found.after, [y[20:].mean()])
    assert found.statistic[0] > 100


def test_a_step_without_noise() -> None:
    found = change_points(np.repeat([1.0, 2.0], 10))
    assert found.first.tolist() == found.earliest.tolist() == found.latest.tolist() == [10]


def test_missing_windows_keep_their_places() -> None:
    y = np.repeat([0.0, 5.0], 20) + np.random.default_rng(0).normal(size=40)
    y[[3, 19, 20, 30]] = [np.nan, np.inf, np.nan, np.nan]
    found = change_points(y, np.r_[np.ones(39), 0])
    assert found.first.tolist() == [21]
    assert found.before[0] == pytest.approx(np.mean(y[[*range(3), *range(4, 19)]]))


@given(y=SERIES, shift=st.floats(-50, 50), scale=st.floats(0.01, 100))
def test_units_do_not_matter(y: Floats, shift: float, scale: float) -> None:
    plain = change_points(y, 1.0, 2.3456, 1)
    other = change_points(shift + scale * y, 7.0, 2.3456, 1)
    w = np.ones(len(y))
    if np.ptp(y) > 0:
        first = [tuple(int(at) for at in found.first) for found in (plain, other)]
        assert cost(y, w, first[0], 2.3456) == pytest.approx(cost(y, w, first[1], 2.3456))


def test_a_whole_weight_is_a_repeated_window() -> None:
    random = np.random.default_rng(6)
    y = np.r_[random.normal(0, 1, 15), random.normal(3, 1, 15)]
    w = random.integers(1, 4, 30)
    weighted = change_points(y, w, 12.0, 1)
    repeated = change_points(np.repeat(y, w), 1.0, 12.0 * w.mean(), 1)
    np.testing.assert_array_equal(np.cumsum(w)[weighted.first - 1], repeated.first)
    np.testing.assert_allclose(weighted.after, repeated.after)


def test_noise_has_no_changes() -> None:
    series = autoregressive(0.0, 200, 60)
    assert np.mean([len(change_points(y).first) > 0 for y in series]) <= 0.02


def test_correlated_noise_makes_weak_changes() -> None:
    """Half of the series have a change, but few one that their correlation does not explain."""
    found = [change_points(y).statistic.max(initial=0) for y in autoregressive(0.6, 200, 100)]
    assert np.mean(np.array(found) > 0) > 0.3
    assert np.mean(np.array(found) > module.self_scaled_penalty(100)) < 0.2


@pytest.mark.parametrize(("rho", "jump"), [(0.0, 1.5), (0.0, 3.0), (0.5, 2.5)])
def test_the_interval_holds_the_date(rho: float, jump: float) -> None:
    series = autoregressive(rho, 300, 60, seed=2)
    series[:, 35:] += jump
    single = [found for found in map(change_points, series) if len(found.first) == 1]
    assert len(single) > 250
    held = [found.earliest[0] <= 35 <= found.latest[0] for found in single]
    assert np.mean(held) >= 0.93
    assert all(found.earliest[0] <= found.first[0] <= found.latest[0] for found in single)


def test_the_interval_narrows_with_the_step() -> None:
    noise = np.random.default_rng(8).normal(size=80)
    widths = []
    for jump in (1.5, 3.0, 6.0):
        found = change_points(noise + jump * (np.arange(80) >= 40))
        widths.append(int(found.latest[0] - found.earliest[0]))
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == 0


@pytest.mark.parametrize(
    "values",
    [[], [1.0], [1.0, 2.0], [np.nan] * 20, [0.1] * 50, [0.1 + 0.2, 0.3] * 20],
    ids=["empty", "one", "two", "missing", "constant", "rounding"],
)
def test_series_without_changes(values: list[float]) -> None:
    found = change_points(values)
    for field in ("first", "earliest", "latest", "before", "after", "statistic"):
        assert getattr(found, field).shape == (0,)
    assert not len(change_points(values, shortest=0).first) or len(values) == 2
