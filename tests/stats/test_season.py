"""Seasons that were put in, and those that were not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from wane.stats import season

Floats = NDArray[np.float64]
WEEK = np.array([0.0, 0.1, 0.1, 0.0, 0.2, -0.3, -0.4])
SERIES = hnp.arrays(np.float64, (2, 24), elements=st.one_of(st.just(np.nan), st.floats(-9, 9)))


def weekly(streams: int, windows: int, strength: float = 1.0, noise: float = 0.05) -> Floats:
    random = np.random.default_rng(0)
    slots = strength * WEEK[np.arange(windows) % 7]
    return 2 + slots + noise * random.normal(size=(streams, windows))


def effects(streams: int, strength: float = 1.0) -> Floats:
    centred = strength * (WEEK - WEEK.mean())
    return np.broadcast_to(centred, (streams, 7))


def test_a_season_is_found() -> None:
    found = season.fit_season(weekly(200, 56), 7)
    assert found.used.all()
    np.testing.assert_allclose(found.effects, effects(200), atol=0.1)
    error = found.effects - effects(200)
    assert np.mean(error**2) == pytest.approx(found.effect_variance.mean(), rel=0.25)
    np.testing.assert_allclose(found.level, 2 + WEEK.mean(), atol=0.05)


def test_windows_count_on_from_the_fit() -> None:
    found = season.fit_season(weekly(1, 28, noise=0), 7)
    later = np.array([28, 33, 34, 700])
    np.testing.assert_allclose(season.effect_at(found, later)[0], effects(1)[0, later % 7])
    np.testing.assert_allclose(season.expected_at(found, later)[0], 2 + WEEK[later % 7])


def test_no_season_is_hardly_made_up() -> None:
    found = season.fit_season(weekly(2000, 56, strength=0), 7)
    assert found.used.mean() < 0.6
    raw_error = 0.05**2 * np.pi / 2 / 8
    assert np.mean(found.effects**2) < 0.35 * raw_error


@pytest.mark.parametrize("strength", [0.0, 0.05, 0.2, 1.0])
def test_shrinking_never_costs(strength: float) -> None:
    """The error is below both that of the slot medians and that of no season at all."""
    series = weekly(2000, 35, strength)
    found = season.fit_season(series, 7)
    medians = np.median(series.reshape(2000, 5, 7), axis=1)
    raw = medians - medians.mean(axis=1, keepdims=True)
    truth = effects(2000, strength)
    error = np.mean((found.effects - truth) ** 2)
    assert error <= 1.02 * min(np.mean((raw - truth) ** 2), np.mean(truth**2) + 1e-4)


def test_an_outage_does_not_become_the_season() -> None:
    series = weekly(100, 35)
    series[:, 9] = -50.0
    found = season.fit_season(series, 7)
    np.testing.assert_allclose(found.effects, effects(100), atol=0.15)


def test_too_short_a_history_has_no_season() -> None:
    assert not season.fit_season(weekly(3, 20), 7).used.any()
    assert season.fit_season(weekly(3, 21), 7).used.all()
    late = weekly(3, 28)
    late[:, :8] = np.nan
    found = season.fit_season(late, 7)
    assert not found.used.any()
    assert (found.effects == 0).all()
    np.testing.assert_allclose(found.level, np.nanmedian(late, axis=1))


def test_a_slot_that_is_never_open_has_no_effect() -> None:
    series = weekly(50, 42)
    series[:, 6::7] = np.nan
    found = season.fit_season(series, 7)
    assert found.used.all()
    assert (found.effects[:, 6] == 0).all()
    centred = WEEK[:6] - WEEK[:6].mean()
    np.testing.assert_allclose(found.effects[:, :6], np.tile(centred, (50, 1)), atol=0.12)


def test_noisier_slots_are_shrunk_more() -> None:
    series = weekly(300, 70)
    sampling = np.where(np.arange(70) % 7 == 5, 0.2, 0.0)
    found = season.fit_season(series, 7, sampling)
    assert (found.effect_variance[:, 5] > 2 * found.effect_variance[:, 4]).all()
    assert np.abs(found.effects[:, 5]).mean() < 0.8 * abs(WEEK[5] - WEEK.mean())


@pytest.mark.parametrize("period", [1, 7])
def test_growth(period: int) -> None:
    series = weekly(2000, 70, strength=float(period == 7)) + 0.01 * np.arange(70)
    found = season.fit_season(series, period, growth=True)
    assert found.slope.mean() == pytest.approx(0.01, abs=1e-4)
    assert found.slope.var() == pytest.approx(found.slope_variance.mean(), rel=0.2)
    later = np.array([70, 139])
    slots = WEEK[later % 7] if period == 7 else np.zeros(2)
    expected = season.expected_at(found, later).mean(axis=0)
    np.testing.assert_allclose(expected, 2 + slots + 0.01 * later, atol=0.02)
    near, far = season.variance_at(found, later)[0]
    assert far > near


def test_growth_without_a_whole_cycle() -> None:
    found = season.fit_season(np.arange(10.0)[None], 7, growth=True)
    assert found.slope[0] == pytest.approx(1)
    assert found.level[0] == pytest.approx(0)
    assert not found.used[0]


@given(values=SERIES, shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
def test_units_do_not_matter(values: Floats, shift: float, scale: float) -> None:
    plain = season.fit_season(values, 4)
    other = season.fit_season(shift + scale * values, 4)
    sure = np.abs(plain.effects) > 1e-6
    np.testing.assert_allclose(
        other.effects[sure], scale * plain.effects[sure], rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(other.level, shift + scale * plain.level, atol=1e-6)


@given(values=SERIES)
def test_streams_do_not_touch(values: Floats) -> None:
    both = season.fit_season(values, 4, growth=True)
    turned = season.fit_season(values[::-1], 4, growth=True)
    alone = season.fit_season(values[:1], 4, growth=True)
    for field in ("level", "slope", "effects", "effect_variance", "used"):
        np.testing.assert_array_equal(getattr(both, field)[::-1], getattr(turned, field))
        np.testing.assert_array_equal(getattr(both, field)[:1], getattr(alone, field))


def test_empty_and_constant_streams() -> None:
    series = np.vstack([np.full(28, np.nan), np.full(28, 3.0), np.full(28, -np.inf)])
    found = season.fit_season(series, 7, growth=True)
    assert np.isnan(found.level).tolist() == [True, False, True]
    assert found.level[1] == 3
    assert not found.used.any()
    assert (found.effects == 0).all()
    assert (found.slope == 0).all()
    assert season.fit_season(np.zeros((2, 0)), 7, growth=True).effects.shape == (2, 7)
    assert season.fit_season(np.zeros((0, 28)), 7).used.shape == (0,)


def test_slots_that_vary_more_than_others_are_told() -> None:
    day = np.where(np.arange(24) < 12, 1.0, 3.0)
    random = np.random.default_rng(4)
    rest = np.tile(day, 30) * random.normal(size=(50, 720))
    found = season.unevenness(rest, 24)
    np.testing.assert_allclose(found[:, :12], 1)
    # 9 of 5 on average, drawn to 1 by 10 windows beside 30 that count as 11
    drawn = (0.37 * 30 * 9 / 5 + 10) / (0.37 * 30 + 10)
    assert found[:, 12:].mean() == pytest.approx(drawn, rel=0.15)


def test_few_cycles_are_helped_by_neighbours() -> None:
    day = np.where((np.arange(288) >= 120) & (np.arange(288) < 216), 4.0, 1.0)
    random = np.random.default_rng(5)
    rest = np.tile(day, 3) * random.normal(size=(20, 864))
    found = season.unevenness(rest, 288)
    assert found[:, 140:200].mean() > 1.8
    assert np.mean(found[:, 140:200] > 1.3) > 0.9
    assert found[:, 20:100].max() == 1


def test_slots_alike_are_hardly_told_apart() -> None:
    rest = np.random.default_rng(6).normal(size=(500, 112))
    found = season.unevenness(rest, 7)
    assert found.min() == 1
    assert found.mean() < 1.2


@pytest.mark.parametrize(
    ("rest", "period"),
    [
        (np.ones((2, 40)), 1),
        (np.ones((2, 13)), 7),
        (np.zeros((2, 70)), 7),
        (np.full((2, 70), np.nan), 7),
        (np.ones((0, 70)), 7),
    ],
)
def test_without_a_season_or_variation_all_slots_are_typical(rest: Floats, period: int) -> None:
    np.testing.assert_array_equal(season.unevenness(rest, period), np.ones((len(rest), period)))


@given(rest=SERIES, factor=st.floats(0.1, 10))
def test_unevenness_has_no_unit(rest: Floats, factor: float) -> None:
    np.testing.assert_allclose(
        season.unevenness(rest * factor, 7), season.unevenness(rest, 7), rtol=1e-9
    )
