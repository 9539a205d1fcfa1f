"""The chain ladder: a hand-computed triangle, reversed time, and what holds for any triangle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from wane.stats.maturity import Maturity, maturity

Floats = NDArray[np.float64]
LIMITS = np.arange(6.0)
TRIANGLE = np.array([[0, 10, 5, 5, 0, 0], [0, 10, 6, 4, 9, 9], [0, 8, 4, 9, 9, 9.0]])
"""Labels that lie beyond what was watched must not count: 9 stands there."""
WATCHED = np.array([6, 4, 3])


def test_a_triangle_by_hand() -> None:
    """Newest row: cell 3 by two cohorts, 1 - 9 / 40; cell 2 by three, 1 - 15 / 43."""
    found = maturity(TRIANGLE, WATCHED, LIMITS)
    third = 1 - 9 / 40
    second = third * (1 - 15 / 43)
    np.testing.assert_allclose(found.share[-1], [0, second, third, 1, 1, 1])
    np.testing.assert_allclose(found.share[0], [0, 10 / 20, 15 / 20, 1, 1, 1])
    assert found.labels.tolist() == [20, 40, 43]
    assert found.watched.tolist() == [5, 5, 5]


def test_the_variance_is_greenwoods() -> None:
    """Cohorts differ by less than chance here, so that nothing is added."""
    found = maturity(TRIANGLE, WATCHED, LIMITS)
    third = (1 - 9 / 40) ** 2 * (9 / (40 * 31))
    second = found.share[-1, 1] ** 2 * (9 / (40 * 31) + 15 / (43 * 28))
    np.testing.assert_allclose(found.variance[-1], [0, second, third, 0, 0, 0])


def product_limit(delays: Floats, ends: Floats) -> dict[float, float]:
    """Kaplan-Meier of delays cut off on the right, in reversed time, one label at a time."""
    share, found = 1.0, {}
    for delay in sorted(set(delays), reverse=True):
        found[delay] = share
        at_risk = ((delays <= delay) & (ends >= delay)).sum()
        share *= 1 - (delays == delay).sum() / at_risk
    return found


def test_it_is_the_product_limit_estimator_in_reversed_time() -> None:
    random = np.random.default_rng(3)
    watched = np.arange(20, 0, -1)
    delays, ends = [], []
    counts = np.zeros((20, 21))
    for cohort, end in enumerate(watched):
        drawn = random.geometric(0.2, 200)
        for delay in drawn[drawn <= end]:
            delays.append(float(delay))
            ends.append(float(end))
            counts[cohort, delay] += 1
    found = maturity(counts, watched + 1, np.arange(21.0))
    for delay, share in product_limit(np.array(delays), np.array(ends)).items():
        assert found.share[-1, int(delay)] == pytest.approx(share, abs=1e-12)


def test_delays_that_are_cut_off_are_completed() -> None:
    """Seen so far, the median is too short; the truth is known."""
    random = np.random.default_rng(1)
    delays = random.exponential(10, (60, 400))
    ages = np.arange(60, 0, -1.0)
    limits = np.arange(0, 71.0)
    seen = np.stack(
        [
            np.bincount(np.ceil(row[row <= age]).astype(int), minlength=71)
            for row, age in zip(delays, ages, strict=True)
        ]
    )
    found = maturity(seen, ages.astype(int) + 1, limits, newest=60)
    half, low, high = (part[-1] for part in found.quantile(0.5))
    assert low < 10 * np.log(2) < high
    assert half == pytest.approx(10 * np.log(2), abs=0.2)
    assert found.quantile(0.9)[0][-1] == pytest.approx(10 * np.log(10), rel=0.03)
    assert np.median(delays[delays <= ages[:, None]]) < 6.5
    assert found.settled[-1]


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(5)
    limits = np.arange(0, 41.0)
    ages = np.arange(40, 0, -1)
    held = 0
    for _ in range(300):
        counts = random.multinomial(60, np.diff(1 - np.exp(-np.arange(42) / 6)), 40)
        shifted = np.concatenate([np.zeros((40, 1)), counts[:, :40]], axis=1)
        found = maturity(shifted, ages + 1, limits)
        error = np.sqrt(found.variance[-1, 6])
        held += abs(found.share[-1, 6] - (1 - np.exp(-1))) <= 1.96 * error
    assert 0.92 <= held / 300 <= 0.98


def test_cohorts_that_differ_widen_the_variance() -> None:
    """Labels that come all together, early or late, tell less than as many single ones."""
    random = np.random.default_rng(2)
    early = random.random(26) < 0.5
    counts = np.where(early[:, None], [0, 100, 0, 0, 0, 0], [0, 0, 100, 0, 0, 0]).astype(float)
    together = maturity(counts, np.full(26, 6), LIMITS)
    mean = np.broadcast_to([0, 100 * early.mean(), 100 * (1 - early.mean()), 0, 0, 0], (26, 6))
    single = maturity(mean, np.full(26, 6), LIMITS)
    np.testing.assert_allclose(together.share[-1], single.share[-1])
    assert together.variance[-1, 1] > 50 * single.variance[-1, 1]


def test_only_the_newest_cohorts_of_each_step_count() -> None:
    slow, fast = [0, 10, 90, 0, 0, 0], [0, 90, 10, 0, 0, 0]
    counts = np.array([slow] * 30 + [fast] * 30, dtype=float)
    found = maturity(counts, np.full(60, 6), LIMITS)
    assert found.share[29, 1] == pytest.approx(0.1)
    assert found.share[-1, 1] == pytest.approx(0.9)
    assert found.labels[-1] == 2600


def test_whether_labels_have_ceased_to_come() -> None:
    settled = [0, 19, 1, 0, 0, 0]
    coming = [0, 10, 8, 6, 4, 2]
    assert maturity([settled], [6], LIMITS).settled.tolist() == [True]
    assert maturity([coming], [6], LIMITS).settled.tolist() == [False]
    assert maturity([settled], [2], LIMITS).settled.tolist() == [False]


def test_rows_of_many_ages() -> None:
    """The mean over [1, 3] of a share of .5 at 1, .75 at 2 and 1 at 3."""
    found = maturity(TRIANGLE[:1], [6], LIMITS)
    share, variance = found.by(np.array([1.0]), np.array([3.0]))
    assert share[0] == pytest.approx((0.5 + 0.75) / 4 + (0.75 + 1) / 4)
    assert variance[0] > 0
    assert found.by(np.array([1.0]), np.array([1.0]))[0][0] == pytest.approx(0.5)
    assert found.by(np.array([99.0]), np.array([999.0]))[0][0] == 1
    assert np.isnan(found.by(np.array([np.nan]), np.array([np.nan]))[0][0])


def test_nothing_to_learn_from() -> None:
    assert maturity(np.zeros((0, 6)), np.zeros(0), LIMITS).share.shape == (0, 6)
    empty = maturity(np.zeros((2, 6)), [0, 6], LIMITS)
    assert np.isnan(empty.share).all()
    assert not empty.settled.any()
    assert np.isnan(empty.quantile(0.5)).all()


def test_shapes_must_fit() -> None:
    with pytest.raises(ValueError, match=r"counts \(1, 2\) do not fit 1 x 6 cells"):
        maturity([[1, 2]], [2], LIMITS)


TRIANGLES = st.tuples(
    hnp.arrays(np.float64, (7, 6), elements=st.integers(0, 50).map(float)),
    hnp.arrays(np.int64, 7, elements=st.integers(0, 6)),
)


def of(triangle: tuple[Floats, NDArray[np.int64]]) -> Maturity:
    return maturity(*triangle, LIMITS)


@given(TRIANGLES)
def test_shares_lie_between_0_and_1_and_never_fall(
    triangle: tuple[Floats, NDArray[np.int64]],
) -> None:
    found = of(triangle)
    known = ~np.isnan(found.share)
    assert ((found.share[known] >= 0) & (found.share[known] <= 1)).all()
    assert (np.diff(found.share, axis=1)[known[:, 1:]] >= 0).all()
    assert (found.variance[known] >= 0).all()
    assert (known.any(axis=1) == (found.labels > 0)).all()
    assert (found.share[:, -1][known[:, -1]] == 1).all()


@given(TRIANGLES)
def test_all_labels_at_once_are_all_mature(triangle: tuple[Floats, NDArray[np.int64]]) -> None:
    counts = np.zeros_like(triangle[0])
    counts[:, 0] = 1 + triangle[0][:, 0]
    found = maturity(counts, np.maximum(triangle[1], 1), LIMITS)
    np.testing.assert_array_equal(found.share, 1)


@given(TRIANGLES, st.permutations(range(7)))
def test_the_order_of_the_cohorts_is_nothing(
    triangle: tuple[Floats, NDArray[np.int64]], order: list[int]
) -> None:
    counts, watched = triangle
    one, other = of(triangle), maturity(counts[order], watched[order], LIMITS)
    np.testing.assert_allclose(one.share[-1], other.share[-1], atol=1e-12)
    np.testing.assert_allclose(one.variance[-1], other.variance[-1], atol=1e-12)


@given(TRIANGLES, st.integers(2, 5))
def test_quantiles_ascend_with_their_shares(
    triangle: tuple[Floats, NDArray[np.int64]], tenth: int
) -> None:
    found = of(triangle)
    less, more = (found.quantile(p)[0] for p in (tenth / 10, tenth / 10 + 0.4))
    known = ~np.isnan(less)
    assert (less[known] <= more[known]).all()
    _, low, high = found.quantile(0.5)
    both = ~np.isnan(low) & ~np.isnan(high)
    assert (low[both] <= high[both]).all()
