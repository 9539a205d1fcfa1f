"""Score cells of classes that are merged: what adds up still does, and ranks hardly change."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.build_classes import QUIET, Day, log_of, model_of
from streams import count, grid_of
from wane.metrics.class_cells import CELLS, ClassCells
from wane.stats import curve


@pytest.mark.parametrize(("classes", "rarest"), [(3, 0.1), (5, 0.02), (7, 0.01)])
def test_ranks_are_those_of_all_cells(classes: int, rarest: float) -> None:
    model = model_of(classes, rarest=rarest)
    before, now = (log_of(model, [day], 20_000, 1) for day in (QUIET, Day(tilt=1.0)))
    grid = grid_of(before, model.schema)
    reference, counters = (
        count(rows, model.schema, grid, every=None).whole.total().counters for rows in (before, now)
    )
    merged = ClassCells.of(reference).scores(counters.as_stack())[0, ..., 0]
    by_label = merged.reshape(CELLS + 1, classes, 2, 3).sum(axis=2)[:-1]
    whole = counters.class_scores[:, :-1].sum(axis=2)
    expected = curve.roc_auc(whole[..., 0], whole[..., 1])
    found = curve.roc_auc(by_label[..., 0].T, by_label[..., 1].T)
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert found.mean() == pytest.approx(expected.mean(), abs=2e-4)


def test_merged_cells_add_up_as_profiles_do() -> None:
    model = model_of(3)
    parts = [log_of(model, [day], 500, 2) for day in (QUIET, Day(tilt=2.0, labelled=0.5))]
    grid = grid_of(parts[0], model.schema)
    one, other = (
        count(rows, model.schema, grid, every=None).whole.total().counters for rows in parts
    )
    cells = ClassCells.of(one)
    found = cells.scores((one + other).as_stack())
    apart = cells.scores(one.as_stack()) + cells.scores(other.as_stack())
    np.testing.assert_allclose(found, apart)
    assert found.sum() == 3 * 1_000
    rows = found[..., 0].sum(axis=3).reshape(CELLS + 1, 3, 2).sum(axis=2)
    total = rows.T * cells.losses((one + other).as_stack())[0].T
    exact = (one + other).class_losses[..., 1].sum(axis=1)
    np.testing.assert_allclose(total.sum(axis=1), exact)


def test_cells_keep_their_order_and_missing_scores_their_own() -> None:
    model = model_of(5, rarest=0.02)
    rows = log_of(model, [QUIET], 5_000, 3)
    counters = count(rows, model.schema, grid_of(rows, model.schema), every=None).whole.total()
    cell = ClassCells.of(counters.counters).cell
    assert np.all(np.diff(cell, axis=1) >= 0)
    assert np.all(cell[:, -1] == CELLS)
    assert np.all(cell[:, -2] < CELLS)
    filled = [len(np.unique(of_class)) for of_class in cell]
    assert min(filled) > CELLS / 2
