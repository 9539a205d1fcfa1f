"""Ragged cells: histograms of many columns, one after the other on the last axis.

C columns with T cells in all; `starts` [C] is the first cell of each column, increasing from 0.
Every column has at least one cell, since a sum over no cells is not what `reduceat` gives.
"""

import numpy as np

from wane.stats.array import Floats, Ints, divide


def column_sums(cells: Floats, starts: Ints) -> Floats:
    """Sum of each column's cells: [..., T] to [..., C]."""
    return np.add.reduceat(cells, starts, axis=-1)


def column_maxima(cells: Floats, starts: Ints) -> Floats:
    """Largest of each column's cells: [..., T] to [..., C]; nan when one of them is nan."""
    return np.maximum.reduceat(cells, starts, axis=-1)


def column_minima(cells: Floats, starts: Ints) -> Floats:
    """Smallest of each column's cells: [..., T] to [..., C]; nan when one of them is nan."""
    return np.minimum.reduceat(cells, starts, axis=-1)


def per_cell(values: Floats, starts: Ints, cells: int) -> Floats:
    """Each column's value on all of its cells: [..., C] to [..., T], with T = `cells`."""
    return np.repeat(values, np.diff(starts, append=cells), axis=-1)


def cumulative(cells: Floats, starts: Ints) -> Floats:
    """Running sum inside each column, its own cell included: [..., T] to [..., T].

    Exact on whole counts; take shares afterwards, not before.
    """
    running = np.cumsum(cells, axis=-1)
    before = running[..., starts] - cells[..., starts]
    return running - per_cell(before, starts, cells.shape[-1])


def shares(cells: Floats, starts: Ints) -> Floats:
    """Each cell's share of its column: [..., T] to [..., T]; nan in a column without mass."""
    return divide(cells, per_cell(column_sums(cells, starts), starts, cells.shape[-1]))


def cumulative_shares(cells: Floats, starts: Ints) -> Floats:
    """The distribution function at each cell's upper edge; nan in a column without mass."""
    totals = per_cell(column_sums(cells, starts), starts, cells.shape[-1])
    return divide(cumulative(cells, starts), totals)
