"""Calibration and proper losses against scikit-learn on rows."""

import numpy as np
import pytest
import sklearn.metrics
from numpy.typing import NDArray

from wane.stats import calibration

Floats = NDArray[np.float64]


def rows_of(n: int = 20_000) -> tuple[Floats, NDArray[np.int64]]:
    """Overconfident scores."""
    random = np.random.default_rng(12)
    odds = random.normal(-0.5, 1.2, size=n)
    label = (random.random(n) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    return 1 / (1 + np.exp(-1.6 * odds)), label


def by_label(values: Floats, label: NDArray[np.int64]) -> Floats:
    return np.bincount(label, weights=values, minlength=2).astype(np.float64)


def sums_by(
    cell: NDArray[np.int64], score: Floats, label: NDArray[np.int64], size: int
) -> tuple[Floats, Floats, Floats]:
    count, scores, positives = (
        np.bincount(cell, weights=values, minlength=size).astype(np.float64)
        for values in (np.ones_like(score), score, label)
    )
    return count, scores, positives


def test_losses_against_scikit_learn() -> None:
    score, label = rows_of()
    count = by_label(np.ones_like(score), label)
    brier = calibration.brier_score(count, by_label(score, label), by_label(score**2, label))
    expected = sklearn.metrics.brier_score_loss(label, score)
    assert brier == pytest.approx(expected, abs=1e-9)
    loss = calibration.log_loss(
        count, by_label(np.log(score), label), by_label(np.log1p(-score), label)
    )
    assert loss == pytest.approx(sklearn.metrics.log_loss(label, score), abs=1e-9)


def test_losses_of_a_batch_and_of_no_rows() -> None:
    count = np.array([[3.0, 1.0], [0.0, 0.0]])
    nothing = [0.0, 0.0]
    found = calibration.brier_score(count, [[0.6, 0.9], nothing], [[0.2, 0.81], nothing])
    np.testing.assert_allclose(found, [(0.2 + 0.01) / 4, np.nan])
    found = calibration.log_loss(count, [[-5.0, -0.1], nothing], [[-0.7, -2.0], nothing])
    np.testing.assert_allclose(found, [0.2, np.nan])


def expected_error_of_rows(score: Floats, label: NDArray[np.int64]) -> float:
    """Ten equal-width bins, as in Naeini et al. (2015)."""
    bin_of = np.minimum((score * 10).astype(np.int64), 9)
    error = 0.0
    for number in range(10):
        rows = bin_of == number
        if rows.any():
            error += rows.mean() * abs(score[rows].mean() - label[rows].mean())
    return error


def test_calibration_error_from_aligned_cells_is_that_of_rows() -> None:
    score, label = rows_of()
    fine = np.minimum((score * 100).astype(np.int64), 99)
    found = calibration.expected_calibration_error(
        *calibration.regroup(*sums_by(fine, score, label, 100))
    )
    assert found == pytest.approx(expected_error_of_rows(score, label), abs=1e-12)


def test_calibration_error_from_log_odds_cells_is_close_to_that_of_rows() -> None:
    score, label = rows_of()
    odds = np.clip(np.log(score / (1 - score)), -7.999, 7.999)
    fine = ((odds + 8) / 16 * 100).astype(np.int64)
    bins = calibration.regroup(*sums_by(fine, score, label, 100))
    assert bins.n.sum() == len(score)
    assert bins.score_sum.sum() == pytest.approx(score.sum())
    assert bins.positives.sum() == label.sum()
    found = calibration.expected_calibration_error(*bins)
    assert found == pytest.approx(expected_error_of_rows(score, label), abs=0.003)


def test_regroup_of_a_batch_and_of_no_rows() -> None:
    count = np.array([[2.0, 0, 4], [0, 0, 0]])
    bins = calibration.regroup(count, count * [0.0, 0.5, 1.0], count * [0, 0, 1], bins=4)
    np.testing.assert_array_equal(bins.n, [[2, 0, 0, 4], [0, 0, 0, 0]])
    error = calibration.expected_calibration_error(*bins)
    np.testing.assert_array_equal(error, [0, np.nan])


@pytest.mark.parametrize("rows", [50, 200, 1000])
@pytest.mark.parametrize("steepness", [1.0, 1.2, 1.6])
def test_intervals_of_the_calibration_error_cover(steepness: float, rows: int) -> None:
    """A calibrated score too: its error is never measured as 0, but may well be."""
    random = np.random.default_rng(14)

    def drawn(*shape: int) -> tuple[Floats, Floats]:
        odds = random.normal(0, 1.5, shape)
        return 1 / (1 + np.exp(-steepness * odds)), 1 / (1 + np.exp(-odds))

    def bins(score: Floats, label: Floats) -> calibration.CalibrationBins:
        member = (score * 10).astype(np.int64)[..., None] == np.arange(10)
        values = (np.ones_like(score), score, label)
        return calibration.CalibrationBins(*((v[..., None] * member).sum(axis=-2) for v in values))

    truth = calibration.expected_calibration_error(*bins(*drawn(400_000)))
    score, chance = drawn(1000, rows)
    window = bins(score, (random.random(score.shape) < chance).astype(np.float64))
    low, high = calibration.expected_calibration_error_interval(*window)
    value = calibration.expected_calibration_error(*window)
    assert ((low <= value) & (value <= high)).all()
    assert np.mean((low <= truth) & (truth <= high)) >= 0.93


def test_calibration_error_without_rows_or_noise() -> None:
    nothing = np.zeros(10)
    assert np.isnan(
        calibration.expected_calibration_error_interval(nothing, nothing, nothing)
    ).all()
    low, high = calibration.expected_calibration_error_interval([1e9], [0.7e9], [0.5e9])
    assert low == pytest.approx(0.2, abs=1e-4)
    assert high == pytest.approx(0.2, abs=1e-4)
