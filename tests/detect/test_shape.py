"""Shapes of findings: the rules, and how often noise deceives them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import astuple
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stats.autoregressive import autoregressive
from wane.detect.shape import Shape, Shaped, classify, gradual

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WEEK = np.array([1.0, 1.0, 1.0, 1.0, 1.0, -2.5, -2.5])
ACCURACY = [0.97, 0.96, 0.97, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89]
CONFIDENCE = [0.95, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89, 0.88, 0.87]
SECOND = [0.96, 0.96, 0.95, 0.94, 0.94, 0.92, 0.91, 0.90, 0.89, 0.87]
THIRD = [0.945, 0.94, 0.935, 0.925, 0.915, 0.905, 0.89, 0.88, 0.865, 0.845]
GAPPY = hnp.arrays(
    np.float64,
    st.integers(2, 30),
    elements=st.one_of(st.just(np.nan), st.integers(-60, 60).map(lambda n: n / 10)),
)


def since(first: int, windows: int) -> Floats:
    """1 in the first window of a change, 2 in the next, 0 before."""
    return np.maximum(np.arange(windows) - first + 1, 0).astype(np.float64)


def newest(
    values: Floats, expected: Floats | float = 0.0, *, rho: float = 0.0, ended: bool = False
) -> Shaped:
    """The shape of a finding that its newest window raised."""
    last = len(values) - 1
    return classify(values, expected, 1.0, last=last, raised=last, ended=ended, correlation=rho)


def seasonal(values: Floats, effects: Floats) -> Shaped:
    """As `newest`, for a stream with a week."""
    last = len(values) - 1
    return classify(values, effects, 1.0, last=last, raised=last, effects=effects, period=7)


def shares(found: Sequence[Shaped]) -> dict[Shape, float]:
    return {shape: n / len(found) for shape, n in Counter(one.shape for one in found).items()}


def held(found: Iterable[Shaped], date: int) -> float:
    return float(np.mean([one.earliest <= date <= one.latest for one in found]))


def test_a_step() -> None:
    values = np.r_[np.full(20, 0.9), np.full(8, 0.8)]
    found = classify(values, 0.9, 0.01**2, last=27, raised=21)
    assert astuple(found) == (
        Shape.STEP, 20, 20, 20, pytest.approx(0.9), pytest.approx(0.8), 8, True
    )  # fmt: skip


def test_a_ramp() -> None:
    values = 0.9 - 0.01 * since(20, 30)
    found = classify(values, 0.9, 0.01**2, last=29, raised=25)
    assert astuple(found)[:2] == (Shape.RAMP, 20)
    assert found.earliest <= 20 <= found.latest
    assert found.before == pytest.approx(0.9)
    assert found.now == pytest.approx(0.8)
    assert found.sure


def test_a_decline_that_fills_the_stretch() -> None:
    found = newest(-1.0 * since(0, 12))
    assert (found.shape, found.first, found.windows) == (Shape.RAMP, 0, 12)


def test_a_ramp_asks_for_four_windows() -> None:
    shapes = [newest(3 * since(20, 20 + length)).shape for length in range(1, 7)]
    assert Shape.RAMP not in shapes[:3]
    assert shapes[-1] is Shape.RAMP


@pytest.mark.parametrize("length", [1, 2, 3])
@pytest.mark.parametrize("ended", [True, False])
def test_what_is_over_soon_is_a_spike(length: int, *, ended: bool) -> None:
    values = np.r_[np.zeros(15), np.full(length, 8.0)]
    found = newest(values, ended=ended)
    spike = length <= 2 if ended else length == 1
    assert found.shape is (Shape.SPIKE if spike else Shape.STEP)
    assert (found.first, found.windows) == (15, length)
    assert (found.before, found.now) == (0, 8)
    assert found.sure is (ended if spike else length > 2)


def test_a_spike_is_revised_when_it_stays() -> None:
    values = np.r_[np.zeros(15), np.full(6, 8.0)]
    shapes = [classify(values, 0.0, 1.0, last=last, raised=15).shape for last in range(15, 21)]
    assert shapes == [Shape.SPIKE, *[Shape.STEP] * 5]


def test_only_the_given_stretch_counts() -> None:
    values = np.r_[np.full(10, -9.0), np.zeros(10), np.full(5, 4.0), np.full(9, 99.0)]
    found = classify(values, 0.0, 1.0, since=10, last=24, raised=21)
    assert (found.shape, found.first, found.now, found.windows) == (Shape.STEP, 20, 4, 5)


def test_a_change_begins_no_later_than_its_alarm() -> None:
    """The second step is the larger one."""
    values = np.r_[np.zeros(20), np.full(6, 3.0), np.full(6, 12.0)]
    assert classify(values, 0.0, 1.0, last=31, raised=21).first <= 21


def test_levels_are_those_of_the_windows_that_are_there() -> None:
    values = np.r_[np.zeros(10), 5.0, np.nan, 6.0, 7.0]
    expected = np.r_[np.zeros(10), 1.0, 50.0, 1.0, 2.0]
    variance = np.r_[np.ones(10), 1.0, 1.0, 0.5, 1.0]
    found = classify(values, expected, variance, last=13, raised=13)
    assert (found.first, found.windows) == (10, 4)
    assert found.before == pytest.approx((1 + 2 * 1 + 2) / 4)
    assert found.now == pytest.approx((5 + 2 * 6 + 7) / 4)


@pytest.mark.parametrize(("raised", "shape"), [(4, Shape.SPIKE), (2, Shape.STEP)])
def test_nothing_to_look_at(raised: int, shape: Shape) -> None:
    found = classify(np.full(5, np.nan), 0.0, 1.0, last=4, raised=raised)
    assert (found.shape, found.first, found.earliest, found.latest) == (shape, *[raised] * 3)
    assert math.isnan(found.before)
    assert math.isnan(found.now)
    assert not found.sure


@given(values=GAPPY, scale=st.sampled_from([-1.0, 4.0, -0.25]), before=st.integers(0, 3))
def test_scale_sign_and_clock_do_not_matter(values: Floats, scale: float, before: int) -> None:
    last = len(values) - 1
    plain = classify(values, 0.0, 1.0, last=last, raised=last)
    moved = np.r_[np.zeros(before), scale * values]
    other = classify(moved, 0.0, scale**2, last=last + before, raised=last + before, since=before)
    assert (other.shape, other.windows, other.sure) == (plain.shape, plain.windows, plain.sure)
    dates = np.array([other.first, other.earliest, other.latest])
    assert (dates - before).tolist() == [plain.first, plain.earliest, plain.latest]
    np.testing.assert_allclose([other.before, other.now], [plain.before, scale * plain.now])


@given(values=GAPPY, ended=st.booleans())
def test_dates_are_in_order(values: Floats, *, ended: bool) -> None:
    found = newest(values, ended=ended)
    assert 0 <= found.earliest <= found.first <= found.latest < len(values)
    assert found.windows == len(values) - found.first


@pytest.mark.parametrize(("rho", "size"), [(0.0, 4.0), (0.5, 4 * math.sqrt(3))])
def test_steps_and_ramps_of_ten_windows_are_told_apart(rho: float, size: float) -> None:
    """Four long-run standard deviations: 98 % and 84 % without correlation."""
    noise = autoregressive(rho, 400, 30, seed=1)
    steps = [newest(y, rho=rho) for y in noise + size * (since(20, 30) > 0)]
    ramps = [newest(y, rho=rho) for y in noise + size * since(20, 30) / 10]
    assert shares(steps)[Shape.STEP] > 0.95
    assert shares(ramps)[Shape.RAMP] > 0.8


@pytest.mark.parametrize("size", [3.0, 4.0, 6.0])
def test_intervals_hold_the_date_whatever_the_shape(size: float) -> None:
    noise = autoregressive(0.0, 400, 30, seed=2)
    steps = [newest(y) for y in noise + size * (since(20, 30) > 0)]
    ramps = [newest(y) for y in noise + size * since(20, 30) / 10]
    assert held(steps, 20) > 0.97
    assert 0.88 < held(ramps, 20) < 0.99


def test_what_is_sure_does_not_deceive() -> None:
    noise = autoregressive(0.0, 400, 30, seed=3)
    steps = [newest(y) for y in noise + 4 * (since(20, 30) > 0)]
    ramps = [newest(y) for y in noise + 4 * since(20, 30) / 10]
    assert np.mean([one.sure and one.shape is Shape.RAMP for one in steps]) < 0.02
    assert np.mean([one.sure and one.shape is Shape.STEP for one in ramps]) < 0.02
    assert np.mean([one.sure for one in steps]) > 0.75


@pytest.mark.parametrize("cycles", [2, 4])
def test_a_stream_that_lost_its_season(cycles: int) -> None:
    windows = 42 + 7 * cycles
    effects = 2 * np.resize(WEEK, windows)
    flat = np.where(np.arange(windows) < 42, effects, 1.0)
    found = [seasonal(y, effects) for y in autoregressive(0.0, 150, windows, seed=4) + flat]
    assert shares(found)[Shape.SEASON] > 0.97
    assert held(found, 42) > 0.95
    weeks = [one for one in found if one.windows == 7 * cycles]
    assert np.mean([one.before for one in weeks]) == pytest.approx(0, abs=1e-9)
    assert np.mean([one.now for one in weeks]) == pytest.approx(1, abs=0.1)


def test_a_season_that_turned_round() -> None:
    effects = 3 * np.resize(WEEK, 63)
    found = seasonal(np.where(np.arange(63) < 42, effects, -effects), effects)
    assert (found.shape, found.first, found.sure) == (Shape.SEASON, 42, True)


def test_a_season_needs_about_a_cycle_to_be_broken() -> None:
    effects = 3 * np.resize(WEEK, 56)
    flat = np.where(np.arange(56) < 42, effects, 0)
    shapes = [
        seasonal(flat[: 42 + length], effects[: 42 + length]).shape for length in range(1, 15)
    ]
    assert Shape.SEASON not in shapes[:5]
    assert shapes[-1] is Shape.SEASON


@pytest.mark.parametrize("weeks", [1, 2])
@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_a_season_that_goes_on_is_not_broken(weeks: int, scale: float) -> None:
    windows = 42 + 7 * weeks
    effects = scale * np.resize(WEEK, windows)
    noise = autoregressive(0.0, 200, windows, seed=6) + effects
    line = since(42, windows)
    found = [seasonal(y + 4 * (line > 0), effects) for y in noise]
    found += [seasonal(y + 4 * line / line[-1], effects) for y in noise]
    assert shares(found).get(Shape.SEASON, 0) < 0.01


def test_without_effects_there_is_no_season() -> None:
    effects = 3 * np.resize(WEEK, 63)
    flat = np.where(np.arange(63) < 42, effects, 0)
    found = classify(flat, effects, 1.0, last=62, raised=62, effects=np.zeros(63), period=7)
    assert found.shape is not Shape.SEASON


@pytest.mark.parametrize("values", [ACCURACY, CONFIDENCE, SECOND, THIRD])
@pytest.mark.parametrize("variance", [None, 0.004**2])
def test_ten_points_of_a_steady_decline(values: list[float], variance: float | None) -> None:
    found = gradual(values, variance, tolerance=0.01)
    assert found is not None
    assert found.shaped.shape is Shape.RAMP
    assert 1 <= found.shaped.first <= 4
    assert found.shaped.earliest <= found.shaped.first <= found.shaped.latest <= 5
    assert found.shaped.before == pytest.approx(values[0], abs=0.008)
    assert found.shaped.now == pytest.approx(values[-1], abs=0.008)
    assert found.shaped.sure
    assert found.slope == pytest.approx(-0.01, abs=0.0011)
    assert found.low <= found.slope <= found.high < 0
    assert found.p_value < 0.01


def test_growth_is_as_gradual_as_decline() -> None:
    down, up = gradual(ACCURACY), gradual(1 - np.array(ACCURACY))
    assert down is not None
    assert up is not None
    assert up.slope == pytest.approx(-down.slope)
    assert up.shaped.first == down.shaped.first


def test_what_is_smaller_than_the_tolerance_is_not_told() -> None:
    assert gradual(ACCURACY, tolerance=0.08) is not None
    assert gradual(ACCURACY, tolerance=0.1) is None


def test_missing_windows_keep_their_places() -> None:
    found = gradual([np.nan, *ACCURACY[:5], np.nan, *ACCURACY[6:], np.nan])
    assert found is not None
    assert (found.shaped.first, found.shaped.windows) == (4, 8)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [0.9, 0.8, 0.7],
        [0.9] * 10,
        [np.nan] * 10,
        [0.9] * 6 + [0.8] * 6,
        [0.97, 0.96, 0.97, 0.95, 0.97, 0.96, 0.97, 0.96, 0.95, 0.97],
    ],
    ids=["empty", "three", "constant", "missing", "step", "noise"],
)
def test_what_is_not_gradual(values: list[float]) -> None:
    assert gradual(values) is None


@pytest.mark.parametrize(("windows", "streams"), [(10, 600), (60, 150)])
def test_correlated_noise_is_seldom_gradual(windows: int, streams: int) -> None:
    noise = autoregressive(0.6, streams, windows, seed=5)
    assert np.mean([gradual(y) is not None for y in noise]) <= 0.02


def test_a_late_decline_is_gradual_too() -> None:
    noise = autoregressive(0.0, 200, 20, seed=6)
    found = [gradual(y) for y in noise + since(10, 20)]
    shaped = [one.shaped for one in found if one is not None]
    assert len(shaped) > 180
    assert held(shaped, 10) > 0.9


def test_a_step_is_seldom_gradual() -> None:
    noise = autoregressive(0.0, 200, 40, seed=7)
    assert np.mean([gradual(y) is not None for y in noise + 4 * (since(20, 40) > 0)]) < 0.03
