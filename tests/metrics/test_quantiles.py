"""Quantiles of one column from its cells."""

from __future__ import annotations

import numpy as np
import pytest

from wane.metrics.quantiles import ColumnCells, column_cells, quantile
from wane.profile.cells import CategoryCells
from wane.profile.counters import zeros
from wane.profile.grid import Grid, GridColumn, Part
from wane.schema import Task


def test_the_interval_is_that_of_the_order_statistics() -> None:
    """95 of 100 samples of a known distribution have the true quantile in the interval."""
    rng, edges = np.random.default_rng(1), np.linspace(-4, 4, 400)
    samples = rng.normal(size=(400, 300))
    counts = np.stack([np.bincount(np.searchsorted(edges, s), minlength=401) for s in samples])
    column = ColumnCells(counts.astype(float), edges, samples.min(axis=1), samples.max(axis=1))
    found = quantile(column, 0.9)
    inside = (found.low <= 1.2816) & (found.high >= 1.2816)
    assert 0.92 <= inside.mean() <= 0.98
    assert found.n.tolist() == [300] * 400


def test_a_window_without_values() -> None:
    column = ColumnCells(np.zeros((1, 2)), np.zeros(1), np.array([np.inf]), np.array([-np.inf]))
    assert quantile(column, 0.5).reasons == ("no values in this window",)


def test_categories_have_no_quantiles() -> None:
    grid = Grid(Task.NONE, (), (GridColumn("x", Part.FEATURE, CategoryCells(("a",))),))
    with pytest.raises(TypeError, match="'x' is not numeric"):
        column_cells(zeros(grid, 1, rows=1), grid, 0)
