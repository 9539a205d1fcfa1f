"""Counting one column of a batch into its cells. The hot path of wane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.profile.cells import NumericCells
from wane.profile.counters import Loss, Moment
from wane.profile.usable import place
from wane.profile.values import Numbers, to_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wane.profile.answers import Answers
    from wane.profile.cells import CategoryCells
    from wane.profile.grid import GridColumn
    from wane.profile.rows import Rows
    from wane.profile.target import Target
    from wane.profile.usable import Placed, Usable
    from wane.profile.values import Texts


def count_numbers(
    placed: Placed,
    cells: NumericCells,
    column: int,
    targets: Sequence[Target],
    answers: Answers,
) -> None:
    """Add a numeric column of a batch to every target.

    Args:
        placed: The column, n rows, with the cell of each.
        cells: Its cells.
        column: Its position in the grid.
        targets: Where to count.
        answers: The outcomes, for the losses of regression.
    """
    numbers, usable, index = placed.numbers, placed.usable, placed.cell
    for target in targets:
        _add_cells(target, column, index, cells.size)
        _add_losses(target, column, index, cells.size, answers)
        _add_moments(target, column, index, cells.size, usable)
    if usable.mask is not None or numbers.nulls is not None:
        _add_exceptions(targets, column, numbers, usable.outside)
    if usable.low < cells.low or usable.high > cells.high:
        _add_out_of_range(targets, column, usable, (cells.low, cells.high))


def count_texts(
    texts: Texts,
    cells: CategoryCells,
    column: int,
    targets: Sequence[Target],
    answers: Answers,
) -> None:
    """Add a categorical column of a batch to every target; values without a cell go by name."""
    index = category_cells(texts, cells)
    strange = not cells.cell_of.keys() >= set(texts.names)
    for target in targets:
        _add_cells(target, column, index, cells.size)
        _add_losses(target, column, index, cells.size, answers)
        if strange:
            _add_names(target, column, texts, index == cells.other)
    _add_mask(targets, column, Moment.NULLS, texts.codes < 0)


def category_cells(texts: Texts, cells: CategoryCells) -> NDArray[np.intp]:
    """[n] cell of each value of a categorical column."""
    cell_of, other = cells.cell_of, cells.other
    lookup = np.array([cell_of.get(name, other) for name in texts.names] + [cells.missing])
    return lookup[texts.codes].astype(np.intp, copy=False)


def row_cells(rows: Rows, column: GridColumn) -> NDArray[np.intp]:
    """[n] cell of each row in a column that is no probability; that of missing ones without it."""
    if isinstance(column.cells, NumericCells):
        return place(Numbers(rows.numbers(column.name)), column.cells, probability=False).cell
    array = rows.array(column.name)
    if array is None:
        return np.full(rows.count, column.cells.missing, dtype=np.intp)
    return category_cells(to_texts(array), column.cells)


def _add_cells(target: Target, column: int, index: NDArray[np.intp], size: int) -> None:
    """Weight by cell and outcome."""
    counters, outcomes, weights = target.tally.counters, target.tally.outcomes, target.weights
    start = target.tally.grid.starts[column]
    joint = index
    if outcomes > 1:
        joint = index * outcomes
        joint += target.outcome  # in place: fresh memory costs more than the sum
    counted = target.groups.count(joint, size * outcomes, weights)
    counters.cells[target.rows, start : start + size] += counted.reshape(-1, size, outcomes)


def _add_losses(
    target: Target, column: int, index: NDArray[np.intp], size: int, answers: Answers
) -> None:
    """Sums of the errors of a regression by cell."""
    losses = target.tally.counters.cell_losses
    if answers.error is None or not losses.shape[1]:
        return
    start = target.tally.grid.starts[column]
    error = target.weigh(answers.error)
    for position, values in (
        (Loss.SUM, error),
        (Loss.ABSOLUTE, np.abs(error)),
        (Loss.SQUARES, error * answers.error),
    ):
        losses[target.rows, start : start + size, position] += target.groups.count(
            index, size, values
        )


def _add_moments(
    target: Target, column: int, index: NDArray[np.intp], size: int, usable: Usable
) -> None:
    """Sums by cell and in all, sum of squares, smallest and largest of the usable values."""
    counters, groups, rows = target.tally.counters, target.groups, target.rows
    clean, mask = usable.values, usable.mask
    weighted, start = target.weigh(clean), target.tally.grid.starts[column]
    sums = groups.count(index, size, weighted)
    counters.cell_sums[rows, start : start + size] += sums
    counters.moments[rows, column, Moment.SUM] += sums.sum(axis=1)
    counters.moments[rows, column, Moment.SUM_SQUARES] += groups.dot(weighted, clean)
    least, most = counters.minimum[rows, column], counters.maximum[rows, column]
    if usable.low < least.max():
        found = groups.minimum(clean if mask is None else np.where(mask, clean, np.inf))
        counters.minimum[rows, column] = np.minimum(least, found)
    if usable.high > most.min():
        found = groups.maximum(clean if mask is None else np.where(mask, clean, -np.inf))
        counters.maximum[rows, column] = np.maximum(most, found)


def _add_exceptions(
    targets: Sequence[Target],
    column: int,
    numbers: Numbers,
    outside: NDArray[np.bool_] | None,
) -> None:
    """Rows that are null, NaN, infinite, of the wrong type, or impossible."""
    values, nulls, wrong = numbers.values, numbers.nulls, numbers.wrong
    nan = np.isnan(values)
    if nulls is not None:
        nan &= ~nulls
    if wrong is not None:
        nan &= ~wrong
    infinite = np.isinf(values)
    if outside is not None:
        outside = outside & ~infinite
    for position, mask in (
        (Moment.NULLS, nulls),
        (Moment.NANS, nan),
        (Moment.INFINITE, infinite),
        (Moment.WRONG_TYPE, wrong),
        (Moment.INVALID, outside),
    ):
        _add_mask(targets, column, position, mask)


def _add_out_of_range(
    targets: Sequence[Target],
    column: int,
    usable: Usable,
    limits: tuple[float, float],
) -> None:
    """Rows below the smallest and above the largest reference value."""
    low, high = limits
    if low > high:
        return
    clean = usable.values
    for position, mask in ((Moment.BELOW, clean < low), (Moment.ABOVE, clean > high)):
        if mask.any():
            known = mask if usable.mask is None else mask & usable.mask
            _add_mask(targets, column, position, known)


def _add_mask(
    targets: Sequence[Target], column: int, position: Moment, mask: NDArray[np.bool_] | None
) -> None:
    if mask is None or not mask.any():
        return
    for target in targets:
        target.tally.counters.moments[target.rows, column, position] += target.groups.sum(
            mask.astype(np.float64)
        )


def _add_names(target: Target, column: int, texts: Texts, strange: NDArray[np.bool_]) -> None:
    """Count the values without a cell by name, group by group."""
    codes = texts.codes[strange]
    if not len(codes):
        return
    groups = target.groups.codes
    group = np.zeros(len(codes), dtype=np.intp) if groups is None else groups[strange]
    weights = None if target.weights is None else target.weights[strange]
    names = len(texts.names)
    pairs, place = np.unique(group * names + codes, return_inverse=True)
    counted = np.bincount(place, weights=weights)
    for pair, count in zip(pairs.tolist(), counted.tolist(), strict=True):
        row = int(target.rows[pair // names])
        target.tally.add_name(row, column, texts.names[pair % names], float(count))
