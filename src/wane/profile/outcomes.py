"""Counting what the model answered: totals, score cells, confusion, errors, label ages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from wane.profile import clock
from wane.profile.cells import NumericCells
from wane.profile.counters import AGE_LIMITS_HOURS, HOURS_OF_WEEK, Error, Score, Total
from wane.profile.usable import place
from wane.profile.values import Numbers, to_numbers, to_texts
from wane.schema import Task
from wane.window import SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from wane.profile.answers import Answers
    from wane.profile.grid import Grid
    from wane.profile.rows import Rows
    from wane.profile.target import Target
    from wane.profile.usable import Placed

TINY = float(np.finfo(np.float64).eps)
"""Probabilities are held this far from 0 and 1 in logarithms, as scikit-learn's log_loss does."""
FALSE_TEXTS = frozenset({"", "0", "false", "no", "none", "ok", "200"})


@dataclass(frozen=True, slots=True)
class Located:
    """A numeric column of a batch and the cell of each row: [n] each, NaN in the missing cell."""

    values: NDArray[np.float64]
    cell: NDArray[np.intp]


def locate(grid: Grid, position: int | None, rows: Rows, placed: Mapping[int, Placed]) -> Located:
    """The cells of one of the grid's numeric columns; scores outside [0, 1] are missing.

    Args:
        grid: The grid.
        position: Of the column; None: there is none.
        rows: The rows.
        placed: Columns whose cells are found already, by position.
    """
    if position is None:
        return nowhere(rows.count)
    if position in placed:
        return Located(placed[position].known, placed[position].cell)
    column = grid.columns[position]
    if not isinstance(column.cells, NumericCells):
        return nowhere(rows.count)
    numbers = Numbers(rows.numbers(column.name))
    found = place(numbers, column.cells, probability=grid.bounded(column))
    return Located(found.known, found.cell)


def nowhere(count: int) -> Located:
    """A column that is not there."""
    return Located(np.full(count, np.nan), np.zeros(count, dtype=np.intp))


def confidence(located: Sequence[Located], answers: Answers, count: int) -> Located:
    """Multiclass: the score of the predicted class; or the one score there is."""
    if not located:
        return nowhere(count)
    if len(located) == 1:
        return located[0]
    picked = np.maximum(answers.predicted, 0), np.arange(count)
    values, cells = (
        np.stack([getattr(part, name) for part in located]) for name in ("values", "cell")
    )
    return Located(values[picked], cells[picked])


def count_totals(target: Target, answers: Answers, failed: NDArray[np.float64] | None) -> None:
    """Rows, weights, predictions and labels by group; failed is 1, 0 or NaN where unknown."""
    totals, groups, rows = target.tally.counters.totals, target.groups, target.rows
    ones = np.ones(len(answers.outcome))
    weights = ones if target.weights is None else target.weights
    labelled = answers.labelled.astype(np.float64)
    added = {
        Total.ROWS: ones,
        Total.WEIGHT: weights,
        Total.WEIGHT_SQUARES: weights * weights,
        Total.PREDICTED: (answers.predicted >= 0).astype(np.float64),
        Total.LABELLED: labelled,
        Total.LABELLED_WEIGHT: labelled * weights,
        Total.LABELLED_WEIGHT_SQUARES: labelled * weights * weights,
    }
    if failed is not None:
        added[Total.ERROR_KNOWN] = (~np.isnan(failed)).astype(np.float64)
        added[Total.ERRORS] = np.nan_to_num(failed)
    for position, values in added.items():
        totals[rows, position] += groups.sum(values)


def count_times(target: Target, times: NDArray[np.int64]) -> None:
    """Rows by hour of the week, and the first and last time."""
    counters, rows = target.tally.counters, target.rows
    counters.hours[rows] += target.groups.count(clock.hour_of_week(times), HOURS_OF_WEEK)
    at = times.astype(np.float64)
    earliest, latest = target.groups.minimum(at), target.groups.maximum(at)
    counters.earliest[rows, 0] = np.minimum(counters.earliest[rows, 0], earliest)
    counters.latest[rows, 0] = np.maximum(counters.latest[rows, 0], latest)


def count_score(target: Target, answers: Answers, score: Located) -> None:
    """Score cells x predicted x label state, with the sums that make Brier and log loss exact.

    Args:
        target: Where to count; binary or multiclass.
        answers: Predictions and labels.
        score: Scores; a missing one counts in the missing cell with sums of 0.
    """
    grid = target.tally.grid
    counters = target.tally.counters.score
    if grid.task is Task.BINARY:
        predicted, right = answers.predicted, answers.label
    else:
        predicted, right = np.minimum(answers.predicted, 0), answers.label == answers.predicted
    state = np.where(answers.label < 0, 2, right)
    _, cells, classes, states, _ = counters.shape
    joint = np.where(predicted < 0, 0, (score.cell * classes + predicted) * states + state)
    known = np.isfinite(score.values)
    s = np.where(known, score.values, 0.0)
    log = np.where(known, np.log(np.clip(s, TINY, 1.0)), 0.0)
    log_complement = np.where(known, np.log1p(-np.clip(s, 0.0, 1 - TINY)), 0.0)
    weight = target.weigh(predicted >= 0)
    for position, values in (
        (Score.WEIGHT, weight),
        (Score.SUM, s * weight),
        (Score.SUM_SQUARES, s * s * weight),
        (Score.SUM_LOG, log * weight),
        (Score.SUM_LOG_COMPLEMENT, log_complement * weight),
    ):
        counted = target.groups.count(joint, cells * classes * states, values)
        counters[target.rows, ..., position] += counted.reshape(-1, cells, classes, states)


def count_confusion(target: Target, answers: Answers) -> None:
    """Predicted class x label, the last column for rows that are not labelled yet."""
    confusion = target.tally.counters.confusion
    classes = confusion.shape[1]
    label = np.where(answers.label < 0, classes, answers.label)
    joint = np.where(answers.predicted < 0, 0, answers.predicted * (classes + 1) + label)
    weight = target.weigh(answers.predicted >= 0)
    counted = target.groups.count(joint, classes * (classes + 1), weight)
    confusion[target.rows] += counted.reshape(-1, classes, classes + 1)


def count_class_scores(target: Target, answers: Answers, located: Sequence[Located]) -> None:
    """Each class's score cells x predicted x (another label, this label, no label), and losses."""
    counters = target.tally.counters
    _, size, apart, states = counters.class_scores.shape[1:]
    total = np.stack([score.values for score in located]).sum(axis=0)
    total = np.where(total > 0, total, np.nan)
    of_label = np.full(len(total), np.nan)
    for position, score in enumerate(located):
        mine = answers.label == position
        state = np.where(answers.label < 0, 2, mine)
        joint = score.cell * apart
        if apart > 1:
            joint = joint + (answers.predicted == position)
        counted = target.groups.count(joint * states + state, size * apart * states, target.weights)
        counters.class_scores[target.rows, position] += counted.reshape(-1, size, apart, states)
        share = score.values / total
        of_label = np.where(mine, share, of_label)
        if counters.class_losses.shape[1]:
            weight = target.weigh(np.isfinite(share))
            for at, values in enumerate((weight, target.weigh(_loss(share)))):
                counted = target.groups.count(score.cell, size, values)
                counters.class_losses[target.rows, position, :, at] += counted
    usable = np.isfinite(of_label)
    weight, loss = target.weigh(usable), _loss(of_label)
    for position, values in enumerate((weight, loss * weight, loss * loss * weight)):
        counters.log_losses[target.rows, position] += target.groups.sum(values)


def _loss(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """-log of shares of 1; 0 where they are not known."""
    return np.asarray(-np.log(np.clip(np.where(np.isfinite(share), share, 1.0), TINY, 1.0)))


def count_errors(target: Target, answers: Answers, cell: NDArray[np.intp]) -> None:
    """Regression: sums of errors and labels by prediction cell."""
    errors = target.tally.counters.errors
    if answers.error is None or answers.truth is None or not errors.shape[1]:
        return
    e, y = answers.error, answers.truth
    weight = target.weigh(answers.labelled)
    size, positive = np.abs(y), np.abs(y) > 0
    both = np.abs(y + e) + size
    percent = np.where(positive, np.abs(e) / np.where(positive, size, 1.0), 0.0)
    symmetric = 2 * np.abs(e) / np.where(both > 0, both, 1.0)
    added = {
        Error.WEIGHT: weight,
        Error.SUM: e * weight,
        Error.ABSOLUTE: np.abs(e) * weight,
        Error.SQUARES: e * e * weight,
        Error.LABEL: y * weight,
        Error.LABEL_SQUARES: y * y * weight,
        Error.LABEL_ABSOLUTE: size * weight,
        Error.PERCENT: percent * weight,
        Error.PERCENT_WEIGHT: positive * weight,
        Error.SYMMETRIC_PERCENT: symmetric * weight,
        Error.FOURTH_POWERS: e**4 * weight,
        Error.PERCENT_SQUARES: percent**2 * weight,
        Error.SYMMETRIC_PERCENT_SQUARES: symmetric**2 * weight,
    }
    for position, values in added.items():
        errors[target.rows, :, position] += target.groups.count(cell, errors.shape[1], values)


def count_ages(
    target: Target,
    labelled_at: NDArray[np.int64],
    times: NDArray[np.int64],
    labelled: NDArray[np.bool_],
) -> None:
    """Labels by age and outcome, and the time of the last one."""
    counters, rows = target.tally.counters, target.rows
    cells, outcomes = counters.ages.shape[1:]
    ages = label_ages(labelled_at, times)
    usable = labelled & np.isfinite(ages)
    cell = np.searchsorted(AGE_LIMITS_HOURS, np.where(usable, ages, 0.0), side="left")
    weight = target.weigh(usable)
    counted = target.groups.count(cell * outcomes + target.outcome, cells * outcomes, weight)
    counters.ages[rows] += counted.reshape(-1, cells, outcomes)
    latest = target.groups.maximum(np.where(usable, labelled_at.astype(np.float64), -np.inf))
    counters.latest_label[rows, 0] = np.maximum(counters.latest_label[rows, 0], latest)


def label_ages(at: NDArray[np.int64], times: NDArray[np.int64]) -> NDArray[np.float64]:
    """Hours from prediction to label, NaN where either time is unknown."""
    known = (at > clock.BROKEN_TIME) & (times > clock.BROKEN_TIME)
    return np.where(known, (at - times) / (3_600 * SECOND), np.nan)


def failures(array: pa.Array) -> NDArray[np.float64]:
    """1 where the call failed, 0 where not, NaN where unknown.

    A flag or a number other than 0 is a failure; so is a text other than "", "ok", "no" and the
    like. Null in a text column is no failure, in a flag it is unknown.
    """
    kind = array.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
        values = to_numbers(array).values
        return np.where(np.isnan(values), np.nan, values != 0)
    texts = to_texts(array)
    failed = np.array([name.strip().lower() not in FALSE_TEXTS for name in texts.names] + [False])
    return failed[texts.codes].astype(np.float64)
