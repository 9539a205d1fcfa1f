"""Averages over classes against those of confusion matrices, and slopes against differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wane.stats import confusion, one_vs_rest

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from wane.stats.one_vs_rest import Sloped

    Floats = NDArray[np.float64]

STEP = 1e-4
MATRICES = arrays(np.float64, (4, 4), elements=st.integers(0, 40).map(float))


def margins(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    return np.diagonal(matrix), matrix.sum(axis=1), matrix.sum(axis=0)


def macro(metric: Callable[..., Sloped]) -> Callable[..., Sloped]:
    return lambda h, p, n: one_vs_rest.averaged(metric(h, p, n), np.ones_like(h))


def weighted(metric: Callable[..., Sloped]) -> Callable[..., Sloped]:
    return lambda h, p, n: one_vs_rest.by_labels(metric(h, p, n), n)


AVERAGES: dict[str, Callable[..., Sloped]] = {
    "macro precision": macro(one_vs_rest.precision),
    "macro recall": macro(one_vs_rest.recall),
    "macro F1": macro(one_vs_rest.f1),
    "weighted precision": weighted(one_vs_rest.precision),
    "weighted recall": weighted(one_vs_rest.recall),
    "weighted F1": weighted(one_vs_rest.f1),
    "Matthews correlation": one_vs_rest.matthews_correlation,
}
BY_CLASS: dict[str, Callable[[Floats], Floats]] = {
    "precision": confusion.per_class_precision,
    "recall": confusion.per_class_recall,
    "f1": confusion.per_class_f1,
}


@given(MATRICES)
def test_they_are_those_of_the_matrix(matrix: Floats) -> None:
    found = margins(matrix)
    for name, of_matrix in BY_CLASS.items():
        expected = of_matrix(matrix)
        metric = getattr(one_vs_rest, name)
        np.testing.assert_allclose(metric(*found).value, expected)
        average = macro(metric)(*found).value
        np.testing.assert_allclose(average, confusion.macro(expected))
        if matrix.any():
            mean = (np.nan_to_num(expected) * found[2]).sum() / matrix.sum()
            np.testing.assert_allclose(weighted(metric)(*found).value, mean)
    np.testing.assert_allclose(
        one_vs_rest.matthews_correlation(*found).value,
        confusion.multiclass_matthews_correlation(matrix),
    )


@pytest.mark.parametrize("name", AVERAGES)
def test_slopes_are_what_one_more_label_does(name: str) -> None:
    """A label that is moved from one class to another, the number of rows being kept."""
    matrix = np.random.default_rng(3).uniform(5, 60, (4, 4))
    metric = AVERAGES[name]
    slopes = metric(*margins(matrix))
    for predicted in range(4):
        for was in range(4):
            for now in range(4):
                more, less = matrix.copy(), matrix.copy()
                more[predicted, was] -= STEP
                more[predicted, now] += STEP
                less[predicted, was] += STEP
                less[predicted, now] -= STEP
                ends = (metric(*margins(part)).value for part in (more, less))
                moved = (next(ends) - next(ends)) / (2 * STEP)
                own, old = (
                    (slopes.hit if at == predicted else slopes.missed)[at] for at in (now, was)
                )
                assert own - old == pytest.approx(moved, abs=1e-8)


def test_of_nothing_nothing_is_told() -> None:
    nothing = np.zeros(3)
    for metric in AVERAGES.values():
        found = metric(nothing, nothing, nothing)
        assert np.isnan(found.value)
        assert not np.nan_to_num(found.hit).any()
    assert np.isnan(one_vs_rest.f1(nothing, nothing, nothing).value).all()


def test_weights_say_how_much_a_class_counts() -> None:
    by_class = one_vs_rest.recall([3.0, 1.0], [4.0, 4.0], [4.0, 4.0])
    assert one_vs_rest.averaged(by_class, [3.0, 1.0]).value == pytest.approx(0.625)
