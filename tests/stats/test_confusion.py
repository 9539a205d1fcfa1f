"""Confusion metrics against scikit-learn on rows."""

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from wane.stats import confusion

Labels = NDArray[np.int64]
binary_rows = st.integers(1, 40).flatmap(
    lambda n: st.tuples(*[hnp.arrays(np.int64, n, elements=st.integers(0, 1))] * 2)
)
class_rows = st.integers(1, 40).flatmap(
    lambda n: st.tuples(*[hnp.arrays(np.int64, n, elements=st.integers(0, 4))] * 2)
)
BINARY = [
    confusion.accuracy,
    confusion.balanced_accuracy,
    confusion.precision,
    confusion.recall,
    confusion.specificity,
    confusion.f1,
    confusion.matthews_correlation,
]


def counts_of(label: Labels, prediction: Labels) -> tuple[int, int, int, int]:
    tn, fp, fn, tp = np.bincount(2 * label + prediction, minlength=4)
    return int(tn), int(fp), int(fn), int(tp)


def matrix_of(label: Labels, prediction: Labels) -> NDArray[np.float64]:
    cells = np.bincount(5 * prediction + label, minlength=25)
    return cells.reshape(5, 5).astype(np.float64)


@given(rows=binary_rows)
def test_binary_against_scikit_learn(rows: tuple[Labels, Labels]) -> None:
    label, prediction = rows
    counts = counts_of(label, prediction)
    expected = [
        sklearn.metrics.accuracy_score(label, prediction),
        sklearn.metrics.precision_score(label, prediction, zero_division=np.nan),
        sklearn.metrics.recall_score(label, prediction, zero_division=np.nan),
        sklearn.metrics.recall_score(label, prediction, pos_label=0, zero_division=np.nan),
        sklearn.metrics.f1_score(label, prediction, zero_division=np.nan),
    ]
    found = [
        confusion.accuracy(*counts),
        confusion.precision(*counts),
        confusion.recall(*counts),
        confusion.specificity(*counts),
        confusion.f1(*counts),
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@given(rows=binary_rows)
def test_balanced_accuracy_and_matthews_against_scikit_learn(rows: tuple[Labels, Labels]) -> None:
    label, prediction = rows
    counts = counts_of(label, prediction)
    balanced = confusion.balanced_accuracy(*counts)
    matthews = confusion.matthews_correlation(*counts)
    if len(set(label)) == 1:
        assert np.isnan(balanced)
        assert np.isnan(matthews)
        return
    assert balanced == pytest.approx(sklearn.metrics.balanced_accuracy_score(label, prediction))
    if len(set(prediction)) == 1:
        assert np.isnan(matthews)
        return
    expected = sklearn.metrics.matthews_corrcoef(label, prediction)
    assert matthews == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", BINARY, ids=lambda f: f.__name__)
def test_no_rows_are_undefined_and_arrays_go_through(metric: object) -> None:
    assert callable(metric)
    found = metric([[0], [3]], [0, 2], [0, 4], [0, 5])
    assert found.shape == (2, 2)
    assert np.isnan(found[0, 0])
    assert found[1, 1] == metric(3, 2, 4, 5)


def test_counts_of_a_billion_do_not_overflow() -> None:
    n = 4_000_000_000
    assert confusion.matthews_correlation(n, 0, 0, n) == pytest.approx(1)


def test_cost_is_the_mean_over_rows() -> None:
    costs = [[0, 50], [5, -10]]
    assert confusion.cost(90, 4, 1, 5, costs) == pytest.approx((4 * 5 + 50 - 50) / 100)
    assert np.isnan(confusion.cost(0, 0, 0, 0, costs))


@given(rows=class_rows)
def test_multiclass_against_scikit_learn(rows: tuple[Labels, Labels]) -> None:
    label, prediction = rows
    matrix = matrix_of(label, prediction)
    per_class = [
        confusion.per_class_precision(matrix),
        confusion.per_class_recall(matrix),
        confusion.per_class_f1(matrix),
    ]
    expected = sklearn.metrics.precision_recall_fscore_support(
        label, prediction, labels=range(5), zero_division=np.nan
    )
    np.testing.assert_allclose(per_class, expected[:3], rtol=1e-12)
    np.testing.assert_array_equal(confusion.support(matrix), expected[3])
    accuracy = sklearn.metrics.accuracy_score(label, prediction)
    assert confusion.multiclass_accuracy(matrix) == pytest.approx(accuracy)


@given(rows=class_rows)
def test_averages_against_scikit_learn(rows: tuple[Labels, Labels]) -> None:
    """Without `labels`, scikit-learn averages over the classes that occur on either side."""
    label, prediction = rows
    matrix = matrix_of(label, prediction)
    weights = confusion.support(matrix)
    for number, values in enumerate(
        [
            confusion.per_class_precision(matrix),
            confusion.per_class_recall(matrix),
            confusion.per_class_f1(matrix),
        ]
    ):
        for average, found in [
            ("macro", confusion.macro(values)),
            ("weighted", confusion.weighted(values, weights)),
        ]:
            expected = sklearn.metrics.precision_recall_fscore_support(
                label, prediction, average=average, zero_division=np.nan
            )[number]
            assert found == pytest.approx(expected, nan_ok=True)


@given(rows=class_rows)
def test_multiclass_matthews_against_scikit_learn(rows: tuple[Labels, Labels]) -> None:
    label, prediction = rows
    found = confusion.multiclass_matthews_correlation(matrix_of(label, prediction))
    if len(set(label)) == 1 or len(set(prediction)) == 1:
        assert np.isnan(found)
        return
    expected = sklearn.metrics.matthews_corrcoef(label, prediction)
    assert found == pytest.approx(expected, abs=1e-12)


def test_matrix_of_no_rows_is_undefined_everywhere() -> None:
    empty = np.zeros((2, 3, 3))
    assert np.isnan(confusion.multiclass_accuracy(empty)).all()
    assert np.isnan(confusion.macro(confusion.per_class_f1(empty))).all()
    assert np.isnan(
        confusion.weighted(confusion.per_class_recall(empty), confusion.support(empty))
    ).all()
    assert np.isnan(confusion.multiclass_matthews_correlation(empty)).all()


def test_two_classes_agree_with_the_binary_functions() -> None:
    tn, fp, fn, tp = 50, 7, 3, 20
    matrix = [[tn, fn], [fp, tp]]
    assert confusion.per_class_precision(matrix)[1] == confusion.precision(tn, fp, fn, tp)
    assert confusion.per_class_recall(matrix)[0] == confusion.specificity(tn, fp, fn, tp)
    assert confusion.per_class_f1(matrix)[1] == pytest.approx(confusion.f1(tn, fp, fn, tp))
    assert confusion.multiclass_matthews_correlation(matrix) == pytest.approx(
        confusion.matthews_correlation(tn, fp, fn, tp)
    )
