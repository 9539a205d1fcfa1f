"""The labels to expect of many classes: one for each row."""

from __future__ import annotations

import numpy as np
import pytest

from wane.metrics.calibrator import class_calibrator
from wane.metrics.expected import expect, expect_in_segment

CELLS = 21


def score_of(rows: int, seed: int, *, tilt: float = 0.0) -> np.ndarray:
    """[S, 6, 3] rows of three classes by cell, class and whether predicted, and label."""
    rng = np.random.default_rng(seed)
    scores = rng.dirichlet(np.exp([tilt, 0.0, -tilt]), rows)
    label = (rng.random((rows, 1)) > scores.cumsum(axis=1)[:, :-1]).sum(axis=1)
    answer = scores.argmax(axis=1)
    found = np.zeros((CELLS, 6, 3))
    for name in range(3):
        cell = np.minimum((scores[:, name] * (CELLS - 1)).astype(int), CELLS - 2)
        np.add.at(found, (cell, 2 * name + (answer == name), (label == name).astype(int)), 1)
    return found


REFERENCE = score_of(20_000, 1)
LEARNED = class_calibrator(REFERENCE)
assert LEARNED is not None
DAYS = np.stack([score_of(2_000, 2 + at, tilt=0.2 * at) for at in range(6)])[..., None]
SETTLED = np.ones(len(DAYS), dtype=np.bool_)


@pytest.mark.parametrize("correction", [None, np.full((6, 1), 0.05)])
def test_each_row_is_expected_to_have_one_label(correction: np.ndarray | None) -> None:
    assert LEARNED is not None
    found = expect(DAYS, LEARNED, SETTLED, correction)
    labels = (found.whole[..., 0] * found.chance).sum(axis=(1, 2))
    np.testing.assert_allclose(labels, 2_000, rtol=1e-6)
    of_class = (found.whole[..., 0] * found.chance).sum(axis=1).reshape(6, 3, 2).sum(axis=2)
    truth = DAYS[..., 1, 0].sum(axis=1).reshape(6, 3, 2).sum(axis=2)
    if correction is None:
        np.testing.assert_allclose(of_class, truth, atol=90)


def test_features_add_to_what_is_answered_right() -> None:
    assert LEARNED is not None
    blind = np.zeros(len(DAYS), dtype=np.bool_)
    plain, more = (
        expect(DAYS, LEARNED, blind, correction) for correction in (None, np.full((6, 1), 0.05))
    )
    right = [
        (one.candidates[1] * one.whole[..., 0])[..., 1::2].sum(axis=(1, 2)) for one in (plain, more)
    ]
    np.testing.assert_allclose(right[1] - right[0], 0.05 * 2_000, rtol=0.02)


def test_a_share_that_shifts_is_seen_class_by_class() -> None:
    """The third idea: rows of one class four times as often, scores spread as ever in each."""
    assert LEARNED is not None
    rng = np.random.default_rng(9)
    rows = 40_000
    scores = rng.dirichlet(np.ones(3), rows)
    label = (rng.random((rows, 1)) > scores.cumsum(axis=1)[:, :-1]).sum(axis=1)
    kept = (label == 0) | (rng.random(rows) < 0.25)
    scores, label = scores[kept], label[kept]
    answer = scores.argmax(axis=1)
    day = np.zeros((1, CELLS, 6, 3, 1))
    for name in range(3):
        cell = np.minimum((scores[:, name] * (CELLS - 1)).astype(int), CELLS - 2)
        group = 2 * name + (answer == name)
        np.add.at(day, (0, cell, group, (label == name).astype(int), 0), 1)
    found = expect(day, LEARNED, np.zeros(1, dtype=np.bool_), None)
    plain, shifted = (
        (found.candidates[at, 0] * found.whole[0, ..., 0]).sum(axis=0)[:2].sum() for at in (0, 2)
    )
    truth = (label == 0).sum()
    assert abs(shifted - truth) < 0.3 * abs(plain - truth)


def test_a_segment_of_all_rows_is_expected_as_they_are() -> None:
    assert LEARNED is not None
    model = expect(DAYS, LEARNED, SETTLED, None)
    found = expect_in_segment(DAYS, LEARNED, model)
    np.testing.assert_allclose(found.chance, model.chance, rtol=2e-3, atol=1e-5)
