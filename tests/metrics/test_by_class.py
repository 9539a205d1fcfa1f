"""Metrics of classes where labels are expected: by hand, and where nothing is unsure."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score, matthews_corrcoef, precision_score, recall_score

from metrics.build_classes import QUIET, log_of, model_of
from streams import count, grid_of
from wane.metrics import by_class
from wane.metrics.by_class import ByClass
from wane.metrics.class_cells import ClassCells
from wane.metrics.expected import Expected, Rows

MODEL = model_of(3)
LOG = log_of(MODEL, [QUIET], 300, 1)
GRID = grid_of(LOG, MODEL.schema)
COUNTERS = count(LOG, MODEL.schema, GRID, every=None).whole.total().counters
SURE = 1 - 1e-13


def answered(rows: np.ndarray, chance: np.ndarray) -> ByClass:
    """[S, 2 K] rows by cell, class and whether it was predicted; [S, 2 K] chance of the label."""
    score = np.zeros((1, *rows.shape, 3, 1))
    score[0, ..., 2, 0] = rows
    held = np.clip(chance, 0, SURE)[None]
    expected = Expected(score, held, held[None], np.ones((1, 1)))
    cells = ClassCells(np.zeros((rows.shape[1] // 2, len(rows)), dtype=np.intp))
    known = np.ones(rows.shape[1] // 2, dtype=np.bool_)
    return ByClass(Rows(COUNTERS.as_stack(), expected, expected.whole), cells, known)


def test_by_hand() -> None:
    """Ten rows of two classes, two cells and one of missing scores.

    Class a: 4 rows predicted, .75 of them right; of 6 others a third is a. So 3 hits, 5 labels.
    Class b, of the same rows: 6 predicted, 4 of them right, and 1 of the other 4 is b.
    """
    rows = np.array([[6.0, 0, 0, 6], [0, 4, 4, 0], [0, 0, 0, 0]])
    chance = np.array([[1 / 3, 0, 0, 2 / 3], [0, 0.75, 0.25, 0], [0, 0, 0, 0]])
    c = answered(rows, chance)
    hits, predicted, labels = c.margins
    np.testing.assert_allclose(hits, [[3, 4]])
    np.testing.assert_allclose(predicted, [[4, 6]])
    np.testing.assert_allclose(labels, [[5, 5]])
    np.testing.assert_allclose(c.others, [[5, 5]])
    assert by_class.weighted_recall(c).value[0] == pytest.approx(0.7)
    # neither class is sure to come, which counts for little
    assert by_class.macro_precision(c).value[0] == pytest.approx((3 / 4 + 4 / 6) / 2)
    assert by_class.macro_recall(c).value[0] == pytest.approx((3 / 5 + 4 / 5) / 2, abs=0.01)
    assert by_class.macro_f1(c).value[0] == pytest.approx((6 / 9 + 8 / 11) / 2)
    absent = [(2 / 3) ** 6 * 0.25**4, (1 / 3) ** 6 * 0.75**4]
    np.testing.assert_allclose(1 - c.present[0], absent)
    # a: 3 labels lie above 4 others; pairs of one cell count half. b the other way round
    area = (3 * 4 + (2 * 4 + 3 * 1) / 2) / 25
    np.testing.assert_allclose(c.area, [[area, 1 - area]])


LABELS = arrays(np.int64, 40, elements=st.integers(0, 2))


@given(LABELS, LABELS)
def test_where_nothing_is_unsure_it_is_what_labels_say(
    labels: np.ndarray, answers: np.ndarray
) -> None:
    """Each row in a cell of its own, of which the label is known: scikit-learn's values."""
    rows, chance = np.zeros((41, 6)), np.zeros((41, 6))
    for at, (label, answer) in enumerate(zip(labels, answers, strict=True)):
        for name in range(3):
            group = 2 * name + (answer == name)
            rows[at, group] = 1
            chance[at, group] = label == name
    c = answered(rows, chance)
    for average in ("macro", "weighted"):
        for key, score in (
            ("precision", precision_score),
            ("recall", recall_score),
            ("f1", f1_score),
        ):
            found = getattr(by_class, f"{average}_{key}")(c).value[0]
            nan = {"zero_division": np.nan if average == "macro" else 0}
            expected = score(labels, answers, average=average, **nan)
            assert found == pytest.approx(expected, abs=1e-9)
    correlation = by_class.matthews_correlation(c).value[0]
    if len(set(labels)) > 1 and len(set(answers)) > 1:
        assert correlation == pytest.approx(matthews_corrcoef(labels, answers), abs=1e-6)
