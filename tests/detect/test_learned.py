"""What streams do when nothing is wrong: recovered from streams that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from detect.build_streams import quiet
from stats.autoregressive import autoregressive
from wane.detect.learned import Learned, fewest_windows, held, learn

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

PLAIN = (1,)
WEEK = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 7.0])


def learned(
    values: ArrayLike,
    *,
    noise: ArrayLike = 0.0,
    rows: ArrayLike = 1000.0,
    start: int = 0,
    periods: tuple[int, ...] = (7,),
    counted: bool = False,
    growing: bool = False,
) -> Learned:
    value = np.atleast_2d(np.asarray(values, dtype=np.float64))
    return learn(
        value,
        np.broadcast_to(np.asarray(noise, dtype=np.float64), value.shape),
        np.broadcast_to(np.asarray(rows, dtype=np.float64), value.shape),
        start=start,
        periods=periods,
        counted=np.full(len(value), counted),
        growing=growing,
    )


def normal(windows: int, streams: int = 1, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(size=(streams, windows))


def deviation(found: Learned, window: int = 100) -> float:
    """What a window without sampling noise may stray, as the limits see it."""
    windows = np.array([window])
    return float(np.sqrt(found.variance(windows, np.zeros((1, 1)), np.zeros(1)))[0, 0])


def test_level_and_season_are_recovered_wherever_the_history_begins() -> None:
    windows = np.arange(84)
    found = learned(10 + WEEK[windows % 7] + 0.1 * normal(84), start=14)
    ahead = np.arange(98, 112)
    assert found.season.used.all()
    np.testing.assert_allclose(found.expected(ahead)[0], 10 + WEEK[ahead % 7], atol=0.15)


def test_growth_is_recovered_only_where_it_is_nothing_unusual() -> None:
    windows = np.arange(84)
    rising = 0.05 * windows + WEEK[windows % 7] + 0.1 * normal(84)
    found = learned(rising, growing=True)
    assert found.season.slope[0] == pytest.approx(0.05, abs=0.003)
    assert found.expected(np.array([112]))[0, 0] == pytest.approx(0.05 * 112, abs=0.4)
    assert learned(rising).season.slope[0] == 0


def test_without_a_season_there_is_none() -> None:
    found = learned(normal(84, streams=40))
    assert found.season.used.mean() < 0.7
    assert np.abs(found.season.effects).max() < 1.2


def test_an_outage_in_the_history_does_not_widen_the_limits() -> None:
    values = 10 + 0.1 * normal(60)
    broken = values.copy()
    broken[:, 20:26] = 0
    broken[:, 40] = 500
    whole, spoilt = learned(values), learned(broken)
    assert spoilt.expected(np.array([60]))[0, 0] == pytest.approx(10, abs=0.1)
    assert deviation(spoilt) == pytest.approx(deviation(whole), rel=0.3)


def test_what_was_seen_three_times_is_remembered_and_twice_is_not() -> None:
    values = 0.1 * normal(60)
    values[:, [10, 30]] = 5
    twice = learned(values, periods=PLAIN).seen
    assert (np.abs(twice) < 0.5).all()
    values[:, 50] = 6
    upward, downward = learned(values, periods=PLAIN).seen[0]
    assert upward == pytest.approx(5, abs=0.1)
    assert downward < 0.5


def test_windows_that_are_missing_are_not_learned_from() -> None:
    values = 10 + 0.1 * normal(60)
    values[:, 10:15] = np.nan
    found = learned(values)
    assert found.variation.windows[0] == 55
    assert found.expected(np.array([60]))[0, 0] == pytest.approx(10, abs=0.1)


def test_shares_of_rows_bring_their_sampling_variance_along() -> None:
    random = np.random.default_rng(3)
    rows = np.tile([100.0, 10_000.0], 30)
    shares = random.binomial(rows.astype(int), 0.2) / rows
    found = learned(shares, noise=9.0, rows=rows, counted=True, periods=PLAIN)
    sampling = found.sampling(np.full((1, 2), 9.0), np.array([[100.0, 10_000.0]]))
    np.testing.assert_allclose(sampling[0], [0.16 / 100, 0.16 / 10_000], rtol=0.05)
    assert found.variation.between_variance[0] < 0.16 / 1000  # rows explain what there is


def test_a_share_that_was_never_anything_but_0_still_has_a_sampling_variance() -> None:
    found = learned(np.zeros(20), rows=50.0, counted=True)
    assert 0 < found.row_variance[0] < 0.001


def test_other_metrics_have_the_sampling_variance_of_a_typical_row() -> None:
    """A window's own grows with its value, and so would hide what is wrong with it."""
    rows = np.tile([100.0, 400.0], 20)
    noise = 2 / rows
    noise[7] = 50
    found = learned(normal(40), noise=noise, rows=rows)
    np.testing.assert_allclose(found.sampling(noise[None], rows[None])[0], 2 / rows)


def test_noise_stays_as_measured_where_rows_are_not_known() -> None:
    noise = np.tile([0.01, 0.04], 20)
    found = learned(normal(40), noise=noise, rows=0.0)
    np.testing.assert_array_equal(found.sampling(noise[None], np.zeros((1, 40)))[0], noise)


def test_correlation_is_raised_by_its_error() -> None:
    values = autoregressive(0.5, 60, 100)
    found = learned(values, periods=PLAIN)
    assert 0.5 < np.mean(found.correlation) < 0.7
    assert 0.45 < np.mean(found.likely_correlation) < 0.55
    assert (found.correlation > found.likely_correlation).all()
    assert (found.correlation <= 0.95).all()


def test_windows_that_turn_against_each_other_count_as_independent() -> None:
    swing = np.tile([-1.0, 1.0], 50) + 0.01 * normal(100)
    assert learned(swing, periods=PLAIN).correlation[0] == 0


def test_a_constant_is_known_and_does_not_vary() -> None:
    found = learned(np.full(30, 0.9))
    assert found.known.all()
    assert found.expected(np.array([30]))[0, 0] == pytest.approx(0.9)
    assert deviation(found) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    ("periods", "needed"), [((1,), 14), ((7,), 21), ((24,), 72), ((24, 168), 72)]
)
def test_too_few_windows_are_not_known(periods: tuple[int, ...], needed: int) -> None:
    assert fewest_windows(periods) == needed
    few, enough = (learned(normal(windows), periods=periods) for windows in (needed - 1, needed))
    assert not few.known.any()
    assert enough.known.all()


def test_nothing_at_all_is_not_known() -> None:
    for values in (np.zeros((2, 0)), np.full((2, 30), np.nan)):
        assert learned(values).known.tolist() == [False, False]


def test_few_windows_make_wide_limits() -> None:
    """On average over streams: the same variance, fewer degrees of freedom, a less sure level."""
    short, long = learned(normal(15, 50), periods=PLAIN), learned(normal(150, 50), periods=PLAIN)
    assert (short.variation.degrees_of_freedom < 15).all()
    assert short.variation.mean_variance.mean() > 5 * long.variation.mean_variance.mean()


def test_the_variance_between_windows_is_at_least_what_is_asked() -> None:
    found = learned(np.full(30, 0.9))
    variance = found.variance(np.array([30]), np.full((1, 1), 0.5), np.array([6.0]))
    assert variance[0, 0] == pytest.approx(1.5)
    without = found.variance(np.array([30]), np.zeros((1, 1)), np.array([0.0]))
    assert 0 < without[0, 0] < 1e-9


def test_the_order_of_streams_does_not_matter() -> None:
    values = quiet(5, 60, seed=1)
    windows = np.arange(60, 70)
    one, other = learned(values), learned(values[::-1])
    np.testing.assert_allclose(other.expected(windows)[::-1], one.expected(windows))
    np.testing.assert_allclose(other.correlation[::-1], one.correlation)


def test_a_short_history_borrows_its_correlation_from_the_other_streams() -> None:
    short, alone = autoregressive(0.5, 200, 15), autoregressive(0.5, 1, 15, seed=2)
    together = learned(np.vstack([alone, short]), periods=PLAIN)
    spread = np.std(together.likely_correlation)
    apart = [learned(stream, periods=PLAIN).likely_correlation[0] for stream in short]
    assert spread < np.std(apart) / 1.5
    assert together.correlation[0] < learned(alone, periods=PLAIN).correlation[0] + 0.2


def test_streams_whose_alarm_stands_are_held_to_the_limits_they_had() -> None:
    windows = np.arange(84)
    values = np.stack([0.1 * windows, 0.1 * windows]) + 0.01 * normal(84, streams=2)
    before = learned(values[:, :63], growing=True)
    after = learned(values[:, 14:] + [[0], [50]], start=14, growing=True)
    kept = held(before, after, np.array([True, False]))
    ahead = np.arange(84, 98)
    np.testing.assert_allclose(kept.expected(ahead)[0], before.expected(ahead)[0])
    np.testing.assert_allclose(kept.expected(ahead)[1], after.expected(ahead)[1])
    assert kept.expected(ahead)[0, 0] == pytest.approx(8.4, abs=0.1)


def test_where_single_rows_weigh_much_a_window_may_be_as_unsure_as_others_were() -> None:
    rows = np.full(40, 100.0)
    noise = np.full(40, 0.02)
    noise[[3, 9, 17, 30]] = 0.5
    found = learned(normal(40), noise=noise, rows=rows)
    now = found.sampling(np.array([[0.02, 0.3, 9.0, 0.001]]), np.full((1, 4), 100.0))[0]
    np.testing.assert_allclose(now, [0.02, 0.3, 0.5, 0.02])
