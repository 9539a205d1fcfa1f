"""Ranking metrics from score cells against scikit-learn on rows."""

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from wane.stats import curve
from wane.stats.interval import wilson

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


def rows_of(positive_rate: float, n: int = 200_000, strength: float = 2.5) -> tuple[Floats, Labels]:
    """Calibrated scores, `strength` being the spread of their log-odds, and labels."""
    random = np.random.default_rng(3)
    offset = np.log(positive_rate / (1 - positive_rate))
    score = 1 / (1 + np.exp(-random.normal(offset, strength, size=n)))
    return score, (random.random(n) < score).astype(np.int64)


def cell_of(score: Floats, cells: int) -> Labels:
    """Cell on a log-odds grid over (-8, 8)."""
    odds = np.clip(np.log(score / (1 - score)), -7.999, 7.999)
    return ((odds + 8) / 16 * cells).astype(np.int64)


def binned(score: Floats, label: Labels, cells: int = 100) -> tuple[Labels, Labels]:
    """Negatives and positives by cell."""
    cell = cell_of(score, cells)
    negatives = np.bincount(cell[label == 0], minlength=cells)
    return negatives, np.bincount(cell[label == 1], minlength=cells)


def cells_of(size: int) -> st.SearchStrategy[tuple[Labels, Labels]]:
    counts = hnp.arrays(np.int64, size, elements=st.integers(0, 30))
    return st.tuples(counts, counts)


@pytest.mark.parametrize("positive_rate", [0.5, 0.2, 0.01])
def test_against_scikit_learn_on_rows(positive_rate: float) -> None:
    score, label = rows_of(positive_rate)
    negatives, positives = binned(score, label)
    auc = sklearn.metrics.roc_auc_score(label, score)
    precision = sklearn.metrics.average_precision_score(label, score)
    assert curve.roc_auc(negatives, positives) == pytest.approx(auc, abs=2e-4)
    assert curve.average_precision(negatives, positives) == pytest.approx(precision, abs=2e-3)


def test_a_weak_model_needs_finer_cells() -> None:
    score, label = rows_of(0.3, strength=0.5)
    auc = sklearn.metrics.roc_auc_score(label, score)
    assert curve.roc_auc(*binned(score, label)) == pytest.approx(auc, abs=2e-3)
    assert curve.roc_auc(*binned(score, label, cells=400)) == pytest.approx(auc, abs=2e-4)


@pytest.mark.parametrize("positive_rate", [0.3, 0.01])
def test_rounded_scores_are_tied_as_in_scikit_learn(positive_rate: float) -> None:
    score, label = rows_of(positive_rate)
    score = np.clip(np.round(score, 1), 0.01, 0.99)
    negatives, positives = binned(score, label)
    cell = cell_of(score, 100)
    count, total, squares = (
        np.bincount(cell, weights=values, minlength=100)
        for values in (np.ones_like(score), score, score**2)
    )
    tied = curve.tied_cells(count, total, squares)
    np.testing.assert_array_equal(tied, count > 0)
    found = curve.average_precision(negatives, positives, tied=tied)
    expected = sklearn.metrics.average_precision_score(label, score)
    assert found == pytest.approx(expected, abs=1e-9)
    assert not curve.tied_cells(2, 0.3 + 0.301, 0.3**2 + 0.301**2)


@settings(max_examples=60)
@given(cells=cells_of(6))
def test_roc_auc_of_tied_scores_is_exact(cells: tuple[Labels, Labels]) -> None:
    negatives, positives = cells
    found = curve.roc_auc(negatives, positives)
    if not negatives.sum() or not positives.sum():
        assert np.isnan(found)
        return
    score = np.concatenate([np.repeat(np.arange(6), negatives), np.repeat(np.arange(6), positives)])
    label = np.repeat([0, 1], [negatives.sum(), positives.sum()])
    assert found == pytest.approx(sklearn.metrics.roc_auc_score(label, score), abs=1e-12)


@settings(max_examples=60)
@given(cells=cells_of(5))
def test_average_precision_is_the_integral_it_says(cells: tuple[Labels, Labels]) -> None:
    negatives, positives = cells
    found = curve.average_precision(negatives, positives)
    if not positives.sum():
        assert np.isnan(found)
        return
    area, passed, hits = 0.0, 0.0, 0.0
    steps = (np.arange(4000) + 0.5) / 4000
    for missed, right in zip(negatives[::-1], positives[::-1], strict=True):
        if right:
            j = steps * right
            area += right * np.mean((hits + j) / (passed + j * (1 + missed / right)))
        hits += right
        passed += right + missed
    assert found == pytest.approx(area / positives.sum(), abs=1e-4)
    assert 0 < found <= 1


def test_pure_cells_and_empty_cells_are_stable() -> None:
    assert curve.average_precision([5, 0, 0], [0, 0, 7]) == 1
    assert curve.roc_auc([5, 0, 0], [0, 0, 7]) == 1
    assert curve.average_precision([1, 1e-300, 0], [0, 0, 1]) == 1
    assert curve.average_precision([0, 0], [3, 0]) == 1
    assert curve.average_precision([30.0], [10.0]) == pytest.approx(0.25)
    assert curve.roc_auc([30.0], [10.0]) == pytest.approx(0.5)


def test_leading_axes_change_nothing() -> None:
    random = np.random.default_rng(1)
    negatives, positives = random.poisson(4, (2, 3, 20)), random.poisson(2, (2, 3, 20))
    for measure in (curve.roc_auc, curve.average_precision):
        batch = measure(negatives, positives)
        assert batch.shape == (2, 3)
        assert batch[1, 2] == measure(negatives[1, 2], positives[1, 2])
    for interval in (curve.roc_auc_interval, curve.average_precision_interval):
        low, high = interval(negatives, positives)
        alone = interval(negatives[1, 2], positives[1, 2])
        assert (low[1, 2], high[1, 2]) == (alone.low, alone.high)


def test_delong_variance_and_its_freedom_against_rows() -> None:
    """The placements of DeLong et al. (1988), row by row; freedom as in scipy's Brunner-Munzel."""
    score, label = rows_of(0.05, n=400)
    negatives, positives = binned(score, label)
    cell = np.repeat(np.arange(100), positives)
    other = np.repeat(np.arange(100), negatives)
    wins = (cell[:, None] > other) + 0.5 * (cell[:, None] == other)
    parts = [
        wins.mean(axis=axis).var(ddof=1) / size for axis, size in ((1, len(cell)), (0, len(other)))
    ]
    sizes = len(cell) - 1, len(other) - 1
    freedom = sum(parts) ** 2 / sum(p**2 / n for p, n in zip(parts, sizes, strict=True))
    auc, error = wins.mean(), np.sqrt(sum(parts))
    tested = scipy.stats.brunnermunzel(other, cell)
    assert 2 * scipy.stats.t.sf((auc - 0.5) / error, freedom) == pytest.approx(tested.pvalue)
    assert freedom < 200
    half = scipy.stats.t.ppf(0.975, freedom) * error / (auc * (1 - auc))
    centre = np.log(auc / (1 - auc))
    found = curve.roc_auc_interval(negatives, positives)
    ends = 1 / (1 + np.exp(-np.array([centre - half, centre + half])))
    np.testing.assert_allclose([found.low, found.high], ends)


def test_a_single_row_of_a_label_says_as_much_as_one_pair() -> None:
    negatives, positives = np.full(10, 5), np.eye(10, dtype=int)[7]
    auc = curve.roc_auc(negatives, positives)
    found = curve.roc_auc_interval(negatives, positives)
    np.testing.assert_allclose(found, wilson(auc, 1))


def test_perfect_ranking_is_not_certain() -> None:
    low, high = curve.roc_auc_interval([40, 0], [0, 12])
    assert low == wilson(12, 12).low
    assert high == 1
    low, high = curve.average_precision_interval([40, 0], [0, 12])
    assert low == wilson(12, 12).low
    assert high == 1
    low, high = curve.roc_auc_interval([1, 3], [0, 1])
    assert 0 < low < curve.roc_auc([1, 3], [0, 1]) < high < 1


def test_without_both_labels_intervals_are_undefined() -> None:
    assert np.isnan(curve.roc_auc_interval([3, 4], [0, 0])).all()
    assert np.isnan(curve.roc_auc_interval([0, 0], [3, 4])).all()
    assert np.isnan(curve.average_precision_interval([3, 4], [0, 0])).all()


@pytest.mark.parametrize(("positive_rate", "n"), [(0.3, 300), (0.05, 1000)])
def test_intervals_cover(positive_rate: float, n: int) -> None:
    """A window is a multinomial draw from the cells of a large sample."""
    negatives, positives = binned(*rows_of(positive_rate))
    shares = np.concatenate([negatives, positives]) / 200_000
    draws = np.random.default_rng(4).multinomial(n, shares, size=2000)
    window = draws[:, :100], draws[:, 100:]
    low, high = curve.roc_auc_interval(*window)
    auc = curve.roc_auc(negatives, positives)
    assert np.mean((low <= auc) & (auc <= high)) == pytest.approx(0.95, abs=0.02)
    low, high = curve.average_precision_interval(*window)
    precision = curve.average_precision(negatives, positives)
    assert 0.92 <= np.mean((low <= precision) & (precision <= high)) <= 1


@pytest.mark.parametrize("positives", [3, 6])
def test_intervals_cover_with_a_handful_of_positives(positives: int) -> None:
    """Where the variance itself is a guess, Student's t is wider than the normal."""
    random = np.random.default_rng(8)
    found = random.normal(1, 1, (2000, positives)), random.normal(0, 1, (2000, 100))
    rows, missed = (
        np.stack([np.histogram(row, np.linspace(-6, 6, 200))[0] for row in side]) for side in found
    )
    low, high = curve.roc_auc_interval(missed, rows)
    truth = scipy.stats.norm.cdf(1 / np.sqrt(2))
    assert 0.9 <= np.mean((low <= truth) & (truth <= high)) <= 0.98


def drawn(shares: Floats, windows: int, rows: int, seed: int) -> tuple[Floats, Labels]:
    """Scores [windows, rows, K] of a model with some skill, and the true classes."""
    random = np.random.default_rng(seed)
    label = random.choice(len(shares), (windows, rows), p=shares)
    evidence = random.normal(size=(windows, rows, len(shares))) + 1.2 * np.eye(len(shares))[label]
    weight = shares * np.exp(1.2 * evidence)
    return weight / weight.sum(axis=-1, keepdims=True), label


def cells_by_class(score: Floats, label: Labels, cells: int = 100) -> tuple[Labels, Labels]:
    """Rows [windows, K, S] of the other classes and of the class, by cell of its score."""
    windows, _, classes = score.shape
    cell = cell_of(np.clip(score, 1e-9, 1 - 1e-9), cells)
    own = (label[..., None] == np.arange(classes)).astype(np.int64)
    place = np.ravel_multi_index(
        (np.arange(windows)[:, None, None], np.arange(classes), own, cell),
        (windows, classes, 2, cells),
    )
    counts = np.bincount(place.ravel(), minlength=windows * classes * 2 * cells)
    table = counts.reshape(windows, classes, 2, cells)
    return table[:, :, 0], table[:, :, 1]


@pytest.mark.parametrize(
    ("shares", "rows"),
    [((0.5, 0.5), 100), ((0.4, 0.3, 0.2, 0.1), 200), ((0.75, 0.2, 0.03, 0.02), 300)],
)
def test_intervals_of_the_macro_average_cover(shares: tuple[float, ...], rows: int) -> None:
    """With independent classes 83 % for two classes and 87 % for the rare ones."""
    truth = curve.macro_roc_auc(*cells_by_class(*drawn(np.array(shares), 1, 200_000, 6)))
    window = cells_by_class(*drawn(np.array(shares), 1000, rows, 7))
    whole = (window[1].sum(axis=-1) > 0).all(axis=-1)
    low, high = curve.macro_roc_auc_interval(*window)
    assert whole.mean() > 0.98
    assert 0.92 <= np.mean(((low <= truth) & (truth <= high))[whole]) <= 0.98


def test_two_classes_say_the_same_twice() -> None:
    score, label = drawn(np.array([0.5, 0.5]), 1, 400, 9)
    others, own = cells_by_class(score, label)
    once = curve.roc_auc_interval(others[0, 0], own[0, 0])
    twice = curve.macro_roc_auc_interval(others[0], own[0])
    np.testing.assert_allclose(twice, once, atol=2e-3)


def test_macro_average_against_scikit_learn_and_without_some_classes() -> None:
    score, label = drawn(np.array([0.4, 0.3, 0.2, 0.1]), 1, 5_000, 10)
    others, own = cells_by_class(score, label, cells=400)
    expected = sklearn.metrics.roc_auc_score(label[0], score[0], multi_class="ovr")
    assert curve.macro_roc_auc(others[0], own[0]) == pytest.approx(expected, abs=2e-4)
    nothing = np.zeros((1, 400), dtype=np.int64)
    padded = np.concatenate([others[0], nothing]), np.concatenate([own[0], nothing])
    assert curve.macro_roc_auc(*padded) == curve.macro_roc_auc(others[0], own[0])
    np.testing.assert_allclose(
        curve.macro_roc_auc_interval(*padded), curve.macro_roc_auc_interval(others[0], own[0])
    )
    assert np.isnan(curve.macro_roc_auc(nothing, nothing))
    assert np.isnan(curve.macro_roc_auc_interval(nothing, nothing)).all()
