"""The chart against its definition, run lengths against a Markov chain and published tables."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from stats.residuals import residuals
from wane.stats import cusum
from wane.stats.natural_variation import natural_variation

Floats = NDArray[np.float64]
RESIDUALS = hnp.arrays(np.float64, (3, 12), elements=st.one_of(st.just(np.nan), st.floats(-9, 9)))


def run_length(threshold: float, shift: float, head_start: float = 0.0, k: float = 0.5) -> float:
    """Mean run length by the Markov chain of Brook & Evans (1972) with 400 states."""
    width = threshold / (400 - 0.5)
    place = np.arange(400) * width
    upper = scipy.stats.norm.cdf(place - place[:, None] + width / 2, shift - k)
    move = np.diff(upper, axis=1, prepend=0)
    times = np.linalg.solve(np.eye(400) - move, np.ones(400))
    return float(np.interp(head_start * threshold, place, times))


@given(residuals=RESIDUALS, k=st.floats(0, 2), start=st.floats(0, 4))
def test_against_the_definition(residuals: Floats, k: float, start: float) -> None:
    found = cusum.cusum(residuals, start, k)
    for stream, row in enumerate(residuals):
        value = start
        for window, z in enumerate(row):
            value = value if np.isnan(z) else max(0.0, value + z - k)
            assert found[stream, window] == pytest.approx(value, abs=1e-12)


@given(residuals=RESIDUALS, cut=st.integers(0, 12))
def test_blocks_are_windows(residuals: Floats, cut: int) -> None:
    whole = cusum.cusum(residuals)
    first = cusum.cusum(residuals[:, :cut])
    state = first[:, -1] if cut else 0.0
    second = cusum.cusum(residuals[:, cut:], state)
    np.testing.assert_array_equal(np.hstack([first, second]), whole)


@given(residuals=RESIDUALS, more=st.floats(0, 3))
def test_more_evidence_is_never_less(residuals: Floats, more: float) -> None:
    assert (cusum.cusum(residuals + more) >= cusum.cusum(residuals)).all()


@given(residuals=RESIDUALS, often=st.integers(1, 4), cut=st.integers(0, 11))
def test_how_high_excursions_have_come_against_the_definition(
    residuals: Floats, often: int, cut: int
) -> None:
    steps = residuals - 0.5
    steps[:, cut] = -np.inf
    chart = cusum.cusum(np.maximum(steps, -1e6), reference_value=0)
    for found, row in zip(cusum.often_reached(steps, often), chart, strict=True):
        tops, top = [], 0.0
        for value in row:
            if value == 0:
                tops.append(top)
                top = 0.0
            top = max(top, value)
        highest = sorted([*tops, top, *[0.0] * often], reverse=True)
        assert found == pytest.approx(highest[often - 1], abs=1e-9)


def test_a_chart_of_no_windows_has_reached_nothing() -> None:
    np.testing.assert_array_equal(cusum.often_reached(np.zeros((2, 0)), 3), np.zeros(2))


def test_a_reference_value_for_each_stream() -> None:
    found = cusum.cusum(np.ones((2, 3)), [0.0, 1.0], [0.5, 1.0])
    np.testing.assert_allclose(found, np.array([[0.5, 1, 1.5], [1, 1, 1]]))


@pytest.mark.parametrize(
    ("threshold", "shift", "published"),
    [(4, 0, 168), (5, 0, 465), (4, 1, 8.38), (5, 1, 10.4), (4, 2, 3.34), (5, 2, 4.01)],
)
def test_published_run_lengths(threshold: float, shift: float, published: float) -> None:
    """Two-sided charts with k = 0.5: Lucas & Crosier (1982), Technometrics 24, 199-205."""
    found = float(cusum.average_run_length(threshold, shift))
    sides = 2 if shift == 0 else 1
    assert found / sides == pytest.approx(published, rel=0.04)
    assert run_length(threshold, shift) / sides == pytest.approx(published, rel=0.01)


@pytest.mark.parametrize("threshold", [3.0, 5.0, 8.0])
@pytest.mark.parametrize("shift", [0.0, 0.25, 0.5, 1.0])
def test_run_lengths_against_the_markov_chain(threshold: float, shift: float) -> None:
    exact = run_length(threshold, shift)
    assert cusum.average_run_length(threshold, shift) == pytest.approx(exact, rel=0.02)
    exact = run_length(threshold, shift, 0.5)
    found = cusum.average_run_length(threshold, shift, head_start=0.5)
    assert found == pytest.approx(exact, rel=0.07)


@given(
    length=st.floats(10, 1e9), k=st.floats(0.1, 1.5), head_start=st.sampled_from([0.0, 0.5, 0.8])
)
def test_threshold_undoes_the_run_length(length: float, k: float, head_start: float) -> None:
    limit = float(cusum.threshold(length, k, head_start))
    found = cusum.average_run_length(limit, 0.0, k, head_start)
    assert limit == 0 or found == pytest.approx(length, rel=1e-6)


def test_the_threshold_keeps_its_word() -> None:
    residuals = np.random.default_rng(0).normal(size=(4000, 400))
    limit = cusum.threshold(200.0)
    alarmed = (cusum.cusum(residuals) > limit).any(axis=1)
    assert alarmed.mean() == pytest.approx(1 - np.exp(-2), abs=0.025)


def test_an_estimated_mean_needs_a_larger_reference_value() -> None:
    random = np.random.default_rng(1)
    history = natural_variation(random.normal(size=(4000, 14)), 0.0)
    found = residuals(history, random.normal(size=(4000, 100)), 0.0)
    error = np.sqrt(history.mean_variance / history.typical_variance)
    limit = cusum.threshold(1000.0)
    plain = (cusum.cusum(found) > limit).any(axis=1).mean()
    careful = (cusum.cusum(found, 0.0, 0.5 + error) > limit).any(axis=1).mean()
    assert plain > 0.15
    assert careful < 0.095


def test_no_windows_and_no_streams() -> None:
    assert cusum.cusum(np.zeros((2, 0))).shape == (2, 0)
    assert cusum.cusum(np.zeros((0, 4))).shape == (0, 4)
