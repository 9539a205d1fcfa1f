"""How unsure estimates are, against simulation and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from wane.metrics.calibrator import Calibrator
from wane.metrics.doubt import BETWEEN_WINDOWS, PRIOR_WINDOWS, Unsure, between_windows, freedom
from wane.metrics.expected import Expected
from wane.profile.counters import Score

CHANCE = np.array([[0.1, 0.3], [0.2, 0.6], [0.4, 0.9]])
ROWS = np.array([[50.0, 20.0], [40.0, 30.0], [10.0, 60.0]])
BLOCK = np.array([[0, 1], [0, 1], [0, 2]])
SIZES = np.array([200.0, 100.0, 300.0])


def expected(*ideas: np.ndarray, weights: tuple[float, ...] = (1.0,)) -> Expected:
    score = np.zeros((1, 3, 2, 3, len(Score)))
    score[0, :, :, 2, Score.WEIGHT] = ROWS
    chance = np.tensordot(weights, np.stack(ideas), 1)[None]
    return Expected(score, chance, np.stack(ideas)[:, None], np.array([weights]))


def known(chance: np.ndarray = CHANCE) -> Calibrator:
    return Calibrator(
        chance, BLOCK, SIZES, np.ones((3, 1), dtype=bool), np.array([0.4]), np.ones(1, dtype=bool)
    )


def test_chance_of_labels_is_that_of_drawing_them() -> None:
    """Of any slope: variance of a sum of binomials."""
    slope = np.array([[[1.0, -2.0], [0.5, 1.0], [3.0, 0.1]]])
    of = expected(CHANCE)
    found = Unsure(of.whole[..., Score.WEIGHT], of, known()).doubt(slope)
    rng = np.random.default_rng(2)
    drawn = rng.binomial(ROWS.astype(int), CHANCE, (40_000, 3, 2))
    assert found.labels[0] == pytest.approx((drawn * slope).sum(axis=(1, 2)).var(), rel=0.03)


def test_chance_in_the_reference_is_shared_by_the_cells_of_a_block() -> None:
    """Blocks of equal chances: their shares vary, and with them all of their cells."""
    chance = np.array([[0.2, 0.5], [0.2, 0.5], [0.2, 0.9]])
    of = expected(chance)
    found = Unsure(of.whole[..., Score.WEIGHT], of, known(chance)).doubt(np.ones((1, 3, 2)))
    by_hand = 100**2 * 0.16 / 200 + 50**2 * 0.25 / 100 + 60**2 * 0.09 / 300
    assert found.model[0] == pytest.approx(by_hand)


def test_ideas_that_disagree_add_to_the_doubt() -> None:
    other = CHANCE + 0.05
    of = expected(CHANCE, other, weights=(0.8, 0.2))
    alone = expected(of.chance[0])
    apart = Unsure(of.whole[..., Score.WEIGHT], of, known()).doubt(np.ones((1, 3, 2))).model[0]
    agreed = (
        Unsure(alone.whole[..., Score.WEIGHT], alone, known()).doubt(np.ones((1, 3, 2))).model[0]
    )
    rows = ROWS.sum()
    assert apart - agreed == pytest.approx(
        0.8 * (0.2 * 0.05 * rows) ** 2 + 0.2 * (0.8 * 0.05 * rows) ** 2
    )


def test_windows_that_differ_by_more_than_noise() -> None:
    """By hand; the first has the prior alone, and windows without labels change nothing."""
    off = np.array([0.3, np.nan, 0.1, 0.0])
    noise, now = np.full(4, 0.01), np.full(4, 0.02)
    prior = PRIOR_WINDOWS * BETWEEN_WINDOWS * 0.02
    found = between_windows(off, noise, now)
    assert found.tolist() == pytest.approx(
        [prior / 10, (prior + 0.08) / 11, (prior + 0.08) / 11, (prior + 0.08) / 12]
    )
    assert freedom(off).tolist() == [10, 11, 11, 12]


def test_windows_cannot_differ_by_less_than_nothing() -> None:
    assert between_windows(np.zeros(99), np.ones(99), np.ones(99))[-1] == 0


def of_classes(cells: np.ndarray) -> Unsure:
    """[P, C, K] chances of K labels of one row each, by predicted class and cell, as `Unsure`."""
    classes = cells.shape[2]
    rows = np.zeros((1, cells.shape[1], 2 * classes))
    hits = np.zeros_like(rows)
    for predicted, at in np.ndindex(cells.shape[:2]):
        for label in range(classes):
            group = 2 * label + (label == predicted)
            rows[0, at, group] += 1
            hits[0, at, group] += cells[predicted, at, label]
    chance = hits / rows
    score = np.zeros((*rows.shape, 3, 1))
    score[..., 2, 0] = rows
    every = np.arange(chance[0].size).reshape(chance[0].shape)
    calibrator = Calibrator(
        chance[0],
        every,
        np.full(every.size, 1e12),
        np.ones((len(every), classes), dtype=bool),
        np.full(classes, 1 / classes),
        np.ones(classes, dtype=bool),
    )
    return Unsure(rows, Expected(score, chance, chance[None], np.ones((1, 1))), calibrator)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_rows_of_many_classes_have_one_label(classes: int) -> None:
    """Against draws of labels, wrong ones shared out evenly among the others."""
    rng = np.random.default_rng(classes)
    right = rng.uniform(0.4, 0.9, (classes, 50, 1))
    cells = np.repeat((1 - right) / (classes - 1), classes, axis=2)
    for predicted in range(classes):
        cells[predicted, :, predicted] = right[predicted, :, 0]
    slope = rng.normal(0, 1, (1, 1, 2 * classes))
    found = of_classes(cells).doubt(slope).labels[0]
    alone = of_classes(cells)
    independent = (slope[0, 0] ** 2 * alone.varying[0]).sum()
    drawn = np.zeros(8_000)
    for predicted, at in np.ndindex(classes, 50):
        label = rng.choice(classes, 8_000, p=cells[predicted, at])
        drawn += slope[0, 0, 2 * label + (label == predicted)]
    assert found == pytest.approx(drawn.var(), rel=0.08)
    assert abs(independent - drawn.var()) > abs(found - drawn.var())


def test_slopes_that_are_the_same_everywhere_leave_nothing_unsure() -> None:
    """Each row has one label, whichever it is."""
    cells = np.full((3, 20, 3), 1 / 3)
    of = of_classes(cells)
    assert of.doubt(np.ones((1, 1, 6))).labels[0] <= 0.011 * of.varying.sum()


def test_slopes_by_cell_are_as_sure_as_the_same_by_group() -> None:
    cells = np.random.default_rng(1).dirichlet(np.ones(3), (3, 20))
    of = of_classes(cells)
    slope = np.array([[[1.0, -2.0, 0.5, 0.3, 0.0, 1.0]]])
    one, other = of.doubt(slope), of.doubt(np.repeat(slope, 20, axis=1))
    assert one.labels[0] == pytest.approx(other.labels[0])
    assert one.model[0] == pytest.approx(other.model[0])
