from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wane.diagnose.onset import lasting_loss
from wane.metrics.measurement import Series, SeriesKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

JITTER = np.random.default_rng(7).normal(0, 0.004, 30)


def series(
    values: Sequence[float] | NDArray[np.float64],
    *,
    metric: str = "accuracy",
    reference: float = math.nan,
    n: Sequence[int] | int = 1000,
) -> Series:
    numbers = np.asarray(values, dtype=np.float64)
    nothing = np.full(len(numbers), np.nan)
    reasons = tuple("no labels" if math.isnan(value) else None for value in numbers)
    rows = np.broadcast_to(np.asarray(n, dtype=np.int64), numbers.shape).copy()
    return Series(SeriesKey(metric), numbers, nothing, nothing, rows, reasons, reference)


def step(at: int, *, before: float = 0.93, after: float = 0.88) -> NDArray[np.float64]:
    return np.where(np.arange(30) < at, before, after) + JITTER


@pytest.mark.parametrize("reference", [0.93, math.nan])
@pytest.mark.parametrize("at", [5, 15, 27])
def test_a_step_is_dated(at: int, reference: float) -> None:
    loss = lasting_loss(series(step(at), reference=reference))
    assert loss is not None
    assert loss.first == at
    assert loss.before == pytest.approx(0.93, abs=0.003)
    assert loss.now == pytest.approx(0.88, abs=0.003)


def test_the_reference_is_where_a_loss_is_told_from() -> None:
    loss = lasting_loss(series(step(0), reference=0.93))
    assert loss is not None
    assert (loss.first, loss.before) == (0, 0.93)
    assert loss.now == pytest.approx(0.88, abs=0.003)


def test_worse_from_the_start_without_a_reference_is_not_known() -> None:
    assert lasting_loss(series(step(0))) is None


def test_a_ramp_is_dated_on_the_slope() -> None:
    values = 0.93 - 0.06 * np.clip((np.arange(30) - 10) / 20, 0, 1) + JITTER
    loss = lasting_loss(series(values, reference=0.93))
    assert loss is not None
    assert 10 < loss.first < 22
    assert loss.now < 0.91


def test_what_came_back_is_no_loss() -> None:
    values = np.where((np.arange(30) >= 10) & (np.arange(30) < 14), 0.85, 0.93) + JITTER
    assert lasting_loss(series(values, reference=0.93)) is None


@pytest.mark.parametrize("reference", [0.93, math.nan])
def test_noise_is_no_loss(reference: float) -> None:
    assert lasting_loss(series(0.93 + JITTER, reference=reference)) is None


def test_an_improvement_is_no_loss() -> None:
    assert lasting_loss(series(step(15, before=0.88, after=0.93), reference=0.88)) is None


def test_errors_get_worse_upwards() -> None:
    rising = step(15, before=2.0, after=2.5)
    loss = lasting_loss(series(rising, metric="mae", reference=2.0))
    assert loss is not None
    assert (loss.first, loss.before) == (15, 2.0)
    assert lasting_loss(series(rising[::-1], metric="mae", reference=2.5)) is None


@pytest.mark.parametrize("metric", ["volume", "no_such_metric"])
def test_without_a_better_direction_there_is_no_loss(metric: str) -> None:
    assert lasting_loss(series(step(15), metric=metric, reference=0.93)) is None


def test_a_loss_too_small_for_a_word() -> None:
    flat = np.where(np.arange(30) < 15, 0.93, 0.925)
    assert lasting_loss(series(flat, reference=0.93)) is None


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_windows(count: int) -> None:
    assert lasting_loss(series([0.5] * count, reference=0.93)) is None


def test_windows_without_a_value_are_passed_over() -> None:
    values = step(15)
    values[[0, 3, 16, 28, 29]] = math.nan
    loss = lasting_loss(series(values, reference=0.93))
    assert loss is not None
    assert loss.first == 15
    assert lasting_loss(series([math.nan] * 30)) is None


def test_partial_windows_are_left_out() -> None:
    values = np.full(30, 0.93) + JITTER
    values[29] = 0.3
    assert lasting_loss(series(values, reference=0.93)) is not None
    assert lasting_loss(series(values, reference=0.93), partial={29}) is None


def test_windows_weigh_by_their_rows() -> None:
    loss = lasting_loss(series([0.93, 0.93, 0.93, 0.80, 0.88], n=[100, 100, 100, 1, 399]))
    assert loss is not None
    assert loss.now == pytest.approx((0.80 + 399 * 0.88) / 400)


@given(
    st.lists(st.floats(0, 1), min_size=3, max_size=40),
    st.floats(0, 1) | st.just(math.nan),
)
def test_a_loss_is_always_a_loss(values: list[float], reference: float) -> None:
    loss = lasting_loss(series(values, reference=reference))
    if loss is not None:
        assert 0 <= loss.first < len(values)
        assert loss.now <= loss.before - 0.01 + 1e-12
        assert math.isnan(reference) or loss.before == reference
