"""Onsets against brute force, their dates by simulation."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from stats.autoregressive import autoregressive
from wane.stats.onset import Onset, Ramp, SeasonChange, onset, ramp, season_change

Floats = NDArray[np.float64]
GAPPY = hnp.arrays(
    np.float64,
    st.integers(1, 14),
    elements=st.one_of(st.just(np.nan), st.integers(-90, 90).map(lambda n: n / 10)),
)
WEEK = np.array([1.0, 1.0, 1.0, 1.0, 1.0, -2.5, -2.5])


def step_from(first: int, windows: int) -> Floats:
    return (np.arange(windows) >= first).astype(np.float64)


def line_from(first: int, windows: int) -> Floats:
    return np.maximum(np.arange(windows) - first + 1, 0).astype(np.float64)


def explained(y: Floats, w: Floats, shapes: list[Floats], *, held: bool) -> tuple[float, Floats]:
    """Fall of the weighted sum of squares by plain least squares, and the shapes' coefficients."""
    there = np.isfinite(y)
    root = np.sqrt(w[there])
    level = [] if held else [np.ones(len(y))]
    alone, target = (
        unexplained(level, y, there, root),
        unexplained([*shapes, *level], y, there, root),
    )
    return alone[0] - target[0], target[1][: len(shapes)]


def unexplained(
    columns: list[Floats], y: Floats, there: NDArray[np.bool_], root: Floats
) -> tuple[float, Floats]:
    """Weighted sum of squares about the fit of the columns, and its coefficients."""
    target = y[there] * root
    if not columns:
        return float(target @ target), np.zeros(0)
    design = np.column_stack(columns)[there] * root[:, None]
    coefficients = np.linalg.lstsq(design, target, rcond=None)[0]
    rest = target - design @ coefficients
    return float(rest @ rest), np.asarray(coefficients, dtype=np.float64)


@given(y=GAPPY, held=st.booleans(), seed=st.integers(0, 99), shape=st.sampled_from([0, 1]))
def test_against_brute_force(y: Floats, seed: int, shape: int, *, held: bool) -> None:
    variance = np.random.default_rng(seed).uniform(0.2, 3, len(y))
    found: Onset | Ramp = (onset, ramp)[shape](y, variance, held=held)
    places = np.flatnonzero(np.isfinite(y))[0 if held else 1 :]
    if not len(places):
        assert found.first is None
        assert np.isnan(found.statistic)
        return
    draw = (step_from, line_from)[shape]
    gains = [explained(y, 1 / variance, [draw(int(k), len(y))], held=held) for k in places]
    best = max(gain for gain, _ in gains)
    cut = (7.3523, 3.8415)[shape]
    possible = [k for k, (gain, _) in zip(places, gains, strict=True) if gain >= best - cut]
    assert found.first in places
    assert found.statistic == pytest.approx(best, abs=1e-7)
    own = gains[places.tolist().index(found.first)]
    assert own[0] == pytest.approx(best, abs=1e-7)
    size = found.level if isinstance(found, Onset) else found.slope
    assert size == pytest.approx(own[1][0], abs=1e-7)
    assert (found.earliest, found.latest) == (possible[0], possible[-1])


@given(y=GAPPY, seed=st.integers(0, 99))
def test_a_season_against_brute_force(y: Floats, seed: int) -> None:
    random = np.random.default_rng(seed)
    variance, effects = random.uniform(0.2, 3, len(y)), random.normal(size=len(y))
    found = season_change(y, effects, variance, 3)
    there = np.isfinite(y)
    places = [k for k in np.flatnonzero(there) if k <= len(y) - 3 and there[k:].sum() >= 3]
    if not places:
        assert found.first is None
        assert np.isnan([found.share, found.standard_error, found.statistic]).all()
        return
    since = [step_from(int(k), len(y)) for k in places]
    gains = [explained(y, 1 / variance, [s * effects, s], held=True) for s in since]
    best = int(np.argmax([gain for gain, _ in gains]))
    assert found.statistic == pytest.approx(gains[best][0], abs=1e-6)
    assert found.first == places[best]
    assert found.share == pytest.approx(1 + gains[best][1][0], abs=1e-6)
    own = there & (np.arange(len(y)) >= places[best])
    w = 1 / variance[own]
    varies = np.sum(w * (effects[own] - np.average(effects[own], weights=w)) ** 2)
    rest = np.sum(w * y[own] ** 2) - gains[best][0]
    scale = max(1, rest / (own.sum() - 2))
    assert found.standard_error == pytest.approx(np.sqrt(scale / varies), rel=1e-6)


def test_one_step() -> None:
    y = np.r_[np.zeros(20), np.full(15, -0.1)] + 0.01 * np.sin(np.arange(35))
    found = onset(y, 0.01**2)
    assert (found.first, found.earliest, found.latest) == (20, 20, 20)
    assert found.level == pytest.approx(y[20:].mean())
    assert found.statistic == pytest.approx(15 * (found.level / 0.01) ** 2)


def test_one_window_may_be_a_regime() -> None:
    assert onset(np.r_[np.zeros(9), 5.0], 1.0).first == 9
    assert onset([5.0], 1.0).level == 5


def test_one_ramp() -> None:
    found = ramp(0.5 * line_from(8, 20), 0.04)
    assert found.first == 8
    assert found.slope == pytest.approx(0.5)
    assert ramp([0.5, 1.0, 1.5], 1.0).first == 0


@pytest.mark.parametrize("values", [[], [np.nan] * 5, [np.inf, -np.inf]])
def test_no_defined_window(values: list[float]) -> None:
    for found in (onset(values, 1.0), ramp(values, 1.0)):
        assert [found.first, found.earliest, found.latest] == [None] * 3
        assert np.isnan([found.statistic, found.evidence]).all()
    assert season_change(values, np.zeros(len(values)), 1.0, 2).first is None


def test_without_a_held_level_one_window_is_before_the_change() -> None:
    assert onset([3.0], 1.0, held=False).first is None
    found = onset([np.nan, 3.0, 8.0, 8.0], 1.0, held=False)
    assert (found.first, found.level) == (2, 5)


def test_a_variance_that_is_not_positive_is_a_missing_window() -> None:
    found = onset([0.0, 9.0, 9.0, 2.0], [1.0, 0.0, np.nan, 1.0])
    assert (found.first, found.level) == (3, 2)


@given(y=GAPPY, until=st.integers(0, 13))
def test_the_change_begins_no_later_than_asked(y: Floats, until: int) -> None:
    for found in (onset(y, 1.0, until=until), ramp(y, 1.0, until=until)):
        if found.first is None:
            assert not np.isfinite(y[: until + 1]).any()
        else:
            assert found.latest is not None
            assert found.first <= found.latest <= until


@given(y=GAPPY, at=st.lists(st.integers(0, 14), max_size=5))
def test_windows_without_a_value_do_not_matter_to_a_step(y: Floats, at: list[int]) -> None:
    spread = np.arange(len(y)) % 3 + 1.0
    places = np.array(at, dtype=np.intp).clip(0, len(y))
    plain, other = (
        onset(y, spread),
        onset(np.insert(y, places, np.nan), np.insert(spread, places, 1.0)),
    )
    for field in ("level", "statistic", "evidence"):
        np.testing.assert_allclose(getattr(other, field), getattr(plain, field))


@given(
    y=GAPPY,
    ramped=st.booleans(),
    scale=st.sampled_from([-1.0, 0.25, -8.0]),
    before=st.integers(0, 4),
    rho=st.sampled_from([0.0, 0.5]),
)
def test_scale_sign_and_clock_do_not_matter(
    y: Floats, *, ramped: bool, scale: float, before: int, rho: float
) -> None:
    shape = ramp if ramped else onset
    plain = dataclasses.astuple(shape(y, 2.0, rho))
    moved = np.r_[np.full(before, np.nan), scale * y]
    other = dataclasses.astuple(shape(moved, 2.0 * scale**2, rho))
    assert [at if at is None else at - before for at in other[:3]] == list(plain[:3])
    np.testing.assert_allclose(other[3:], [plain[3] * scale, *plain[4:]])


def test_correlated_noise_says_less() -> None:
    y = np.random.default_rng(1).normal(size=40) + 2 * step_from(25, 40)
    plain, correlated = onset(y, 1.0), onset(y, 1.0, 0.5)
    assert correlated.statistic == pytest.approx(plain.statistic / 3)
    assert correlated.first == plain.first
    assert plain.earliest is not None
    assert correlated.earliest is not None
    assert correlated.earliest <= plain.earliest
    assert onset(y, 1.0, np.nan) == onset(y, 1.0, -0.3) == plain


def test_dates_that_another_shape_rules_out() -> None:
    y = np.r_[np.zeros(10), np.full(10, 5.0)]
    step = onset(y, 1.0)
    assert onset(y, 1.0, beside=step.statistic) == step
    line = ramp(y, 1.0, beside=step.statistic)
    assert line.first == ramp(y, 1.0).first
    assert (line.earliest, line.latest) == (None, None)


@pytest.mark.parametrize(("rho", "jump"), [(0.0, 1.5), (0.0, 3.0), (0.5, 3.0)])
def test_the_interval_of_a_step_holds_its_date(rho: float, jump: float) -> None:
    found = [onset(y, 1.0, rho) for y in autoregressive(rho, 500, 30) + jump * step_from(18, 30)]
    assert 0.95 <= held(found, 18) <= 1


@pytest.mark.parametrize(("windows", "rho"), [(10, 0.0), (25, 0.0), (25, 0.5)])
@pytest.mark.parametrize("size", [4, 8])
def test_the_interval_of_a_ramp_holds_its_date(windows: int, rho: float, size: float) -> None:
    line = line_from(20, 20 + windows) * size / windows
    found = [ramp(y, 1.0, rho) for y in autoregressive(rho, 500, 20 + windows) + line]
    assert 0.91 <= held(found, 20) <= 0.99


def held(found: Sequence[Onset | Ramp | SeasonChange], date: int) -> float:
    """Share of the intervals that hold the date."""
    ends = [(one.earliest, one.latest) for one in found]
    return float(np.mean([a is not None and b is not None and a <= date <= b for a, b in ends]))


@pytest.mark.parametrize("share", [1.0, 0.0, -1.0])
def test_what_is_left_of_a_season(share: float) -> None:
    effects = 2 * np.resize(WEEK, 70)
    level = (share - 1) * effects + 3
    noise = autoregressive(0.0, 200, 70, seed=5)
    found = [season_change(y + level * step_from(49, 70), effects, 1.0, 7) for y in noise]
    z = np.array([(one.share - share) / one.standard_error for one in found])
    assert np.mean(np.abs(z) < 2) > 0.93
    assert 0.96 <= held(found, 49) <= 1


def test_a_season_asks_for_a_cycle_with_differences() -> None:
    effects = np.resize(WEEK, 21)
    y = -effects * step_from(15, 21)
    found = season_change(y, effects, 1.0, 7)
    assert found.first is not None
    assert found.first <= 14
    assert season_change(y[:6], effects[:6], 1.0, 7).first is None
    assert season_change(y, np.zeros(21), 1.0, 7).first is None
    assert season_change(y, np.full(21, 0.1), 1.0, 7).first is None


def test_cost_grows_with_the_windows() -> None:
    """A quadratic pass over as many windows would not end within the time of a test."""
    y = np.random.default_rng(0).normal(size=200_000) + step_from(150_000, 200_000)
    first = onset(y, 1.0).first
    assert first is not None
    assert abs(first - 150_000) < 30
    assert ramp(line_from(5, 200_000), 1.0).first == 5
