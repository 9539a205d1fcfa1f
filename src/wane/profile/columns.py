"""Counting one column of a batch into its cells. The hot path of wane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.profile.counters import Loss, Moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wane.profile.answers import Answers
    from wane.profile.cells import CategoryCells, NumericCells
    from wane.profile.target import Target
    from wane.profile.values import Numbers, Texts


def count_numbers(
    numbers: Numbers,
    cells: NumericCells,
    column: int,
    targets: Sequence[Target],
    answers: Answers,
    *,
    probability: bool = False,
) -> NDArray[np.intp]:
    """Add a numeric column of a batch to every target.

    Args:
        numbers: The column, n rows.
        cells: Its cells.
        column: Its position in the grid.
        targets: Where to count.
        answers: The outcomes, for the losses of regression.
        probability: Values outside [0, 1] are invalid and count as missing.

    Returns:
        [n] cell of each row.
    """
    values = numbers.values
    finite, outside = None, None
    if not np.isfinite(values.sum()):
        finite = np.isfinite(values)
    if probability:
        with np.errstate(invalid="ignore"):
            outside = (values < 0) | (values > 1)
        if outside.any():
            finite = ~outside & (np.isfinite(values) if finite is None else finite)
    clean = values if finite is None else np.where(finite, values, 0.0)
    index = cells.index(clean)
    if finite is not None:
        index[~finite] = cells.value_cells
    for target in targets:
        _add_cells(target, column, index, cells.size, clean)
        _add_losses(target, column, index, cells.size, answers)
        _add_moments(target, column, clean, finite)
    if finite is not None or numbers.nulls is not None:
        _add_exceptions(targets, column, numbers, outside)
    if len(clean) and (clean.min() < cells.low or clean.max() > cells.high):
        _add_out_of_range(targets, column, clean, finite, (cells.low, cells.high))
    return index


def count_texts(
    texts: Texts,
    cells: CategoryCells,
    column: int,
    targets: Sequence[Target],
    answers: Answers,
) -> None:
    """Add a categorical column of a batch to every target; values without a cell go by name."""
    cell_of, other = cells.cell_of, cells.other
    lookup = np.array([cell_of.get(name, other) for name in texts.names] + [cells.missing])
    index = lookup[texts.codes].astype(np.intp, copy=False)
    strange = texts.codes if other in lookup[:-1] else None
    for target in targets:
        _add_cells(target, column, index, cells.size, None)
        _add_losses(target, column, index, cells.size, answers)
        nulls = (texts.codes < 0).astype(np.float64)
        target.tally.counters.moments[target.rows, column, Moment.NULLS] += target.groups.sum(nulls)
        if strange is not None:
            _add_names(target, column, texts, index == other)


def _add_cells(
    target: Target,
    column: int,
    index: NDArray[np.intp],
    size: int,
    values: NDArray[np.float64] | None,
) -> None:
    """Weight by cell and outcome, and the sum of x by cell."""
    counters, outcomes, weights = target.tally.counters, target.tally.outcomes, target.weights
    start = target.tally.grid.starts[column]
    joint = index if outcomes == 1 else index * outcomes + target.outcome
    counted = target.groups.count(joint, size * outcomes, weights)
    counters.cells[target.rows, start : start + size] += counted.reshape(-1, size, outcomes)
    if values is not None:
        sums = target.groups.count(index, size, target.weigh(values))
        counters.cell_sums[target.rows, start : start + size] += sums


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
    target: Target,
    column: int,
    clean: NDArray[np.float64],
    finite: NDArray[np.bool_] | None,
) -> None:
    """Sum, sum of squares, smallest and largest of the finite values."""
    counters, groups, rows = target.tally.counters, target.groups, target.rows
    weighted = target.weigh(clean)
    counters.moments[rows, column, Moment.SUM] += groups.sum(weighted)
    squares = (
        np.array([np.dot(weighted, clean)]) if len(groups) == 1 else groups.sum(weighted * clean)
    )
    counters.moments[rows, column, Moment.SUM_SQUARES] += squares
    least = clean if finite is None else np.where(finite, clean, np.inf)
    most = clean if finite is None else np.where(finite, clean, -np.inf)
    counters.minimum[rows, column] = np.minimum(
        counters.minimum[rows, column], groups.minimum(least)
    )
    counters.maximum[rows, column] = np.maximum(
        counters.maximum[rows, column], groups.maximum(most)
    )


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
    clean: NDArray[np.float64],
    finite: NDArray[np.bool_] | None,
    limits: tuple[float, float],
) -> None:
    """Rows below the smallest and above the largest reference value."""
    low, high = limits
    if low > high:
        return
    for position, mask in ((Moment.BELOW, clean < low), (Moment.ABOVE, clean > high)):
        if mask.any():
            _add_mask(targets, column, position, mask if finite is None else mask & finite)


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
