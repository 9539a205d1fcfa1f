"""Delta-method intervals: gradients by finite differences, coverage by simulation."""

import numpy as np
import pytest
from numpy.typing import NDArray

from wane.stats import confusion, delta
from wane.stats.interval import Interval, wilson

Floats = NDArray[np.float64]
SHARES = np.array([[0.5, 0.04, 0.02], [0.05, 0.2, 0.03], [0.01, 0.04, 0.11]])


def coverage(found: Interval, truth: Floats) -> float:
    return float(np.mean((found.low <= truth) & (truth <= found.high)))


def weighted_f1(matrix: Floats) -> Floats:
    return confusion.weighted(confusion.per_class_f1(matrix), confusion.support(matrix))


def macro_f1(matrix: Floats) -> Floats:
    return confusion.macro(confusion.per_class_f1(matrix))


def test_matthews_gradient_by_finite_differences() -> None:
    counts = SHARES * 200
    found = delta._matthews_gradient(counts, confusion.multiclass_matthews_correlation(counts))
    step = 1e-5 * np.eye(9).reshape(9, 3, 3)
    above, below = (
        confusion.multiclass_matthews_correlation(counts + sign * step) for sign in (1, -1)
    )
    np.testing.assert_allclose(found.ravel(), (above - below) / 2e-5, rtol=1e-5, atol=1e-9)
    assert np.sum(found * counts) == pytest.approx(0, abs=1e-12)


def test_f1_gradient_by_finite_differences() -> None:
    counts = SHARES * 200
    found = delta._f1_gradient(counts, np.full(3, 1 / 3))
    step = 1e-5 * np.eye(9).reshape(9, 3, 3)
    expected = (macro_f1(counts + step) - macro_f1(counts - step)) / 2e-5
    np.testing.assert_allclose(found.ravel(), expected, rtol=1e-5, atol=1e-9)
    assert np.sum(found * counts) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("rows", [100, 500])
def test_f1_averages_cover(rows: int) -> None:
    draws = np.random.default_rng(1).multinomial(rows, SHARES.ravel(), size=4000)
    matrix = draws.reshape(-1, 3, 3).astype(np.float64)
    assert coverage(delta.macro_f1_interval(matrix), macro_f1(SHARES)) == pytest.approx(
        0.95, abs=0.02
    )
    assert coverage(delta.weighted_f1_interval(matrix), weighted_f1(SHARES)) == pytest.approx(
        0.95, abs=0.02
    )


@pytest.mark.parametrize(
    "shares", [(0.5, 0.1, 0.1, 0.3), (0.9, 0.03, 0.02, 0.05), (0.5, 0.01, 0.01, 0.48)]
)
def test_matthews_covers(shares: tuple[float, ...]) -> None:
    tn, fp, fn, tp = np.random.default_rng(2).multinomial(300, shares, size=4000).T
    found = delta.matthews_correlation_interval(tn, fp, fn, tp)
    truth = confusion.matthews_correlation(*shares)
    assert coverage(found, truth) == pytest.approx(0.95, abs=0.03)
    assert np.nanmin(found.low) >= -1
    assert np.nanmax(found.high) <= 1


def even(classes: int, right: float) -> Floats:
    """Shares of equally frequent classes that are mistaken for each other alike."""
    wrong = (1 - right) / (classes - 1)
    return (np.full((classes, classes), wrong) + np.eye(classes) * (right - wrong)) / classes


@pytest.mark.parametrize(
    ("shares", "rows"),
    [
        (SHARES, 100),
        (SHARES, 500),
        (even(5, 0.8), 100),
        (even(10, 0.6), 100),
        (even(3, 0.99), 100),
        (even(10, 0.95), 300),
        (even(3, 1 / 3), 100),
    ],
)
def test_multiclass_matthews_covers(shares: Floats, rows: int) -> None:
    draws = np.random.default_rng(3).multinomial(rows, shares.ravel(), size=4000)
    matrix = draws.reshape(-1, *shares.shape).astype(np.float64)
    found = delta.multiclass_matthews_correlation_interval(matrix)
    truth = confusion.multiclass_matthews_correlation(shares)
    assert 0.93 <= coverage(found, truth) <= 0.98


def test_matthews_of_two_classes_is_that_of_many() -> None:
    tn, fp, fn, tp = 30, 5, 2, 11
    binary = delta.matthews_correlation_interval(tn, fp, fn, tp)
    many = delta.multiclass_matthews_correlation_interval([[tn, fn], [fp, tp]])
    np.testing.assert_array_equal(binary, many)
    swapped = delta.matthews_correlation_interval(fp, tn, tp, fn)
    np.testing.assert_allclose(swapped, (-binary.high, -binary.low))


def test_ratios_cover() -> None:
    """The error and the size of a row go together, so that both noises partly cancel."""
    rng = np.random.default_rng(4)
    base = rng.gamma(2, 10, (4000, 200))
    values = base * np.abs(rng.normal(0, 0.3, base.shape))
    found = delta.ratio_interval(
        values.sum(axis=1),
        base.sum(axis=1),
        squares=(values**2).sum(axis=1),
        products=(values * base).sum(axis=1),
        base_squares=(base**2).sum(axis=1),
        n=200,
    )
    assert coverage(found, np.array(0.3 * np.sqrt(2 / np.pi))) == pytest.approx(0.95, abs=0.02)


def test_ratios_that_cannot_be_told() -> None:
    def ends(total: float, base: float, squares: float, products: float, n: int) -> Interval:
        return delta.ratio_interval(
            total, base, squares=squares, products=products, base_squares=base**2, n=n
        )

    assert np.isnan(ends(1, 1, 1, 1, 1)).all()
    assert np.isnan(ends(1, 0, 1, 0, 9)).all()
    assert np.isnan(ends(0, 1, 0, 0, 9)).all()
    assert np.isnan(ends(1, 1, 1, 9, 9)).all()
    np.testing.assert_allclose(ends(2, 1, 4, 2, 9), (2, 2))


def test_perfect_predictions_are_not_certain() -> None:
    low, high = delta.matthews_correlation_interval(30, 0, 0, 20)
    assert 0.7 < low < 1
    assert high == pytest.approx(1)
    matrix = np.diag([30.0, 20.0, 0.0])
    # the class that does not occur gets no share of the two rows
    several = delta.multiclass_matthews_correlation_interval(matrix)
    np.testing.assert_allclose(several, (low, high))
    low, high = delta.macro_f1_interval(matrix)
    assert low == wilson(20, 20).low
    assert high == 1
    low, high = delta.weighted_f1_interval(matrix)
    assert low == wilson(50, 50).low
    assert high == 1


def test_undefined_without_rows_or_classes() -> None:
    assert np.isnan(delta.matthews_correlation_interval(0, 0, 0, 0)).all()
    assert np.isnan(delta.matthews_correlation_interval(9, 0, 3, 0)).all()
    assert np.isnan(delta.multiclass_matthews_correlation_interval(np.zeros((3, 3)))).all()
    assert np.isnan(delta.multiclass_matthews_correlation_interval([[5, 3], [0, 0]])).all()
    assert np.isnan(delta.macro_f1_interval(np.zeros((3, 3)))).all()
    assert np.isnan(delta.weighted_f1_interval(np.zeros((3, 3)))).all()


def test_an_absent_class_changes_nothing() -> None:
    small = np.array([[30.0, 4], [2, 20]])
    large = np.pad(small, (0, 1))
    correlation = delta.multiclass_matthews_correlation_interval
    np.testing.assert_allclose(correlation(large), correlation(small))
    np.testing.assert_allclose(delta.macro_f1_interval(large), delta.macro_f1_interval(small))
    np.testing.assert_allclose(delta.weighted_f1_interval(large), delta.weighted_f1_interval(small))


def test_leading_axes_change_nothing() -> None:
    matrix = np.random.default_rng(5).poisson(6, (2, 3, 4, 4)).astype(np.float64)
    for measure in (
        delta.macro_f1_interval,
        delta.weighted_f1_interval,
        delta.multiclass_matthews_correlation_interval,
    ):
        batch, alone = measure(matrix), measure(matrix[1, 2])
        np.testing.assert_allclose([end[1, 2] for end in batch], alone)
    tn, fp, fn, tp = matrix[..., 0, :].transpose(2, 0, 1)
    binary = delta.matthews_correlation_interval(tn, fp, fn, tp)
    single = delta.matthews_correlation_interval(tn[1, 2], fp[1, 2], fn[1, 2], tp[1, 2])
    np.testing.assert_allclose([end[1, 2] for end in binary], single)
