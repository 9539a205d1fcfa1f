"""Drift of columns: a small version of the simulation that the method was measured by."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from wane.detect.drifting import FLOOR, Drift, Drifts, drifting

Floats = NDArray[np.float64]
COLUMNS, ROWS, CELLS = 60, 5000, 20
HISTORY, JUDGED, START = 42, 28, 14
DRIFTED = 6


def statistic_of(wobble: float, week: float, drift: float, seed: int) -> Floats:
    """PSI of each day against the same weekdays of six weeks; the first columns drift."""
    random = np.random.default_rng(seed)
    days = np.arange(HISTORY + JUDGED)
    phase = random.uniform(0, 2 * np.pi, COLUMNS)
    mean = wobble * random.normal(size=(len(days), COLUMNS))
    mean += week * np.sin(2 * np.pi * days[:, None] / 7 + phase)
    mean[HISTORY + START :, :DRIFTED] += drift
    edges = norm.ppf(np.arange(CELLS + 1) / CELLS)
    cells = random.multinomial(ROWS, np.diff(norm.cdf(edges - mean[:, :, None]), axis=2))
    found = np.full((COLUMNS, len(days)), np.nan)
    for day in days[14:]:
        past = cells[day % 7 : day : 7][-6:].sum(axis=0)
        found[:, day] = psi(cells[day], past)
    return found


def psi(now: NDArray[np.int64], past: NDArray[np.int64]) -> Floats:
    scale = now.sum(axis=1, keepdims=True) / past.sum(axis=1, keepdims=True)
    share, other = now + 0.5, past * scale + 0.5
    share, other = (part / part.sum(axis=1, keepdims=True) for part in (share, other))
    return np.asarray(((share - other) * np.log(share / other)).sum(axis=1))


def nothing(columns: int = 30, windows: int = 60, seed: int = 0) -> Floats:
    """Statistics of quiet windows: a multiple of a chi-square variable."""
    return np.random.default_rng(seed).chisquare(10, (columns, windows)) * 1e-3


def only(found: Drifts, stream: int) -> list[Drift]:
    return [drift for drift in found.found if drift.stream == stream]


@pytest.mark.parametrize(("wobble", "week"), [(0.0, 0.0), (0.03, 0.1), (0.05, 0.2)])
def test_columns_that_drift_are_found_soon_and_no_others(wobble: float, week: float) -> None:
    caught, false = [], 0
    for seed in range(2):
        found = drifting(statistic_of(wobble, week, 0.3, seed)).found
        new = [drift for drift in found if drift.raised >= HISTORY]
        right = [d for d in new if d.stream < DRIFTED and d.raised >= HISTORY + START]
        caught += list({d.stream: d.raised - HISTORY - START + 1 for d in reversed(right)}.values())
        false += len(new) - len(right)
    assert len(caught) == 2 * DRIFTED
    assert max(caught) <= 3
    assert false <= 0.1 * len(caught)
    assert all(d.first <= d.raised < d.first + 3 for d in found)


def test_quiet_columns_raise_next_to_nothing() -> None:
    columns, windows = 200, 100
    found = drifting(nothing(columns, windows, seed=5), floor=0.0)
    assert len(found.found) <= 0.001 * columns * windows


@pytest.mark.parametrize(
    ("hits", "raised"),
    [
        ([40], None),
        ([40, 43], None),
        ([40, 43, 46, 49], None),
        ([40, 41], 41),
        ([40, 42], 42),
        ([39, 40, 41, 42], 40),
    ],
)
def test_two_windows_of_three_must_stand_out(hits: list[int], raised: int | None) -> None:
    statistic = nothing()
    statistic[3, hits] = 0.5
    found = only(drifting(statistic), 3)
    assert [(d.first, d.raised) for d in found] == ([] if raised is None else [(hits[0], raised)])


def test_a_change_that_is_tiny_is_nobodys_business() -> None:
    statistic = nothing() / 100
    statistic[3, 40:44] = 0.9 * FLOOR
    assert drifting(statistic).found == ()
    assert only(drifting(statistic, floor=0.0), 3) != []
    statistic[3, 40:44] = 1.1 * FLOOR
    assert [d.raised for d in only(drifting(statistic), 3)] == [41]


def test_a_drift_ends_with_two_usual_windows() -> None:
    statistic = nothing()
    statistic[3, 40:46] = 0.5
    statistic[3, 46:48] = 0.01
    assert only(drifting(statistic), 3) == [Drift(3, 40, 41, 46)]


def test_a_drift_that_lasts_stands_and_is_not_learned_from() -> None:
    statistic = nothing(windows=100)
    statistic[3, 40:] = 0.5
    assert only(drifting(statistic), 3) == [Drift(3, 40, 41, None)]


def test_a_second_drift_is_found_after_the_first() -> None:
    statistic = nothing(windows=100)
    statistic[3, 40:46] = statistic[3, 70:76] = 0.5
    statistic[3, 46:50] = statistic[3, 76:80] = 0.01
    found = only(drifting(statistic), 3)
    assert [(d.first, d.ended) for d in found] == [(40, 46), (70, 76)]


def test_missing_windows_neither_raise_nor_end() -> None:
    statistic = nothing()
    statistic[3, 40:42] = 0.5
    statistic[3, 42:] = np.nan
    assert only(drifting(statistic), 3) == [Drift(3, 40, 41, None)]


def test_a_gap_between_two_usual_windows_does_not_keep_a_drift_open() -> None:
    statistic = nothing()
    statistic[3, 40:46] = 0.5
    statistic[3, 46:49] = 0.01, np.nan, 0.01
    statistic[3, 49] = 0.5
    (drift,) = only(drifting(statistic), 3)
    assert drift.ended in (46, 47)


def test_columns_are_judged_once_they_have_fourteen_windows() -> None:
    statistic = nothing(3, 60)
    statistic[1, :10] = np.nan
    statistic[2] = np.nan
    statistic[0, 5:8] = 0.9  # before there is a history nothing is judged
    found = drifting(statistic)
    assert found.judged_from[0] == 14
    assert 24 <= found.judged_from[1] < 30
    assert found.judged_from[2] == 60
    assert found.found == ()


@pytest.mark.parametrize("shape", [(0, 50), (3, 0), (3, 5)])
def test_too_little_to_judge(shape: tuple[int, int]) -> None:
    found = drifting(np.zeros(shape))
    assert found.found == ()
    assert found.judged_from.tolist() == [shape[1]] * shape[0]


def test_a_statistic_that_is_always_0_is_never_judged() -> None:
    statistic = nothing(2)
    statistic[1] = 0
    assert drifting(statistic).judged_from.tolist() == [14, 60]


def test_the_order_of_columns_does_not_matter() -> None:
    statistic = statistic_of(0.03, 0.1, 0.3, seed=1)
    turned = drifting(statistic[::-1]).found
    assert sorted(drifting(statistic).found, key=lambda d: (d.stream, d.raised)) == sorted(
        (Drift(COLUMNS - 1 - d.stream, d.first, d.raised, d.ended) for d in turned),
        key=lambda d: (d.stream, d.raised),
    )


def test_no_columns_have_no_drift() -> None:
    found = drifting(np.zeros((0, 100_000)))
    assert (found.found, len(found.judged_from)) == ((), 0)


def test_a_column_that_matters_is_found_sooner_and_no_more_often_in_all() -> None:
    statistic = nothing(columns=30, windows=80)
    statistic[0, 60:] *= 2.2  # beyond its own history, but hardly beyond that of thirty columns
    weight = np.where(np.arange(30) == 0, 1.0, 0.02)
    floor = 0.0
    alike, weighted = drifting(statistic, floor), drifting(statistic, floor, weight)
    first = [min((one.raised for one in only(found, 0)), default=99) for found in (alike, weighted)]
    assert first[1] < first[0]
    quiet = [drifting(nothing(seed=seed), floor, weight[:30]).found for seed in range(5)]
    assert sum(map(len, quiet)) <= 1


def test_equal_weights_are_none() -> None:
    statistic = statistic_of(0.03, 0.1, 0.3, 0)
    same = drifting(statistic, weight=np.full(COLUMNS, 0.3))
    assert same.found == drifting(statistic).found
