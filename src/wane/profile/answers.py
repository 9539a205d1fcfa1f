"""What the model answered in a batch and what was true: the outcome of each row.

Outcomes, by which every feature cell is split:

* binary: predicted * 3 + (0 label negative, 1 label positive, 2 not labelled yet); 6: no prediction
* multiclass: predicted * 3 + (0 wrong, 1 right, 2 not labelled yet); last: no prediction. With
  more than 20 classes the predicted class is left out.
* regression: 0 labelled, 1 not labelled (or no prediction)
* otherwise: 0
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.classes import class_codes
from wane.profile.grid import CLASSES_APART
from wane.profile.values import to_numbers
from wane.schema import Task

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from wane.profile.grid import Grid
    from wane.schema import Schema


@dataclass(frozen=True, slots=True)
class Answers:
    """Predictions and labels of a batch of n rows.

    Attributes:
        outcome: [n] outcome of each row.
        predicted: [n] class, -1 for none (classification); 0 / -1 whether there is a number.
        labelled: [n] whether both prediction and label are known.
        label: [n] class of the label, -1 unknown (classification only).
        error: [n] prediction - label, 0 where not labelled (regression only).
        truth: [n] label as a number, 0 where not labelled (regression only).
    """

    outcome: NDArray[np.intp]
    predicted: NDArray[np.intp]
    labelled: NDArray[np.bool_]
    label: NDArray[np.intp]
    error: NDArray[np.float64] | None = None
    truth: NDArray[np.float64] | None = None


def read_answers(batch: pa.RecordBatch, schema: Schema, grid: Grid) -> Answers:
    """The answers of a batch, by the task of its grid."""
    match grid.task:
        case Task.BINARY:
            return _binary(batch, schema, grid)
        case Task.MULTICLASS:
            return _multiclass(batch, schema, grid)
        case Task.REGRESSION:
            return _regression(batch, schema)
        case _:
            nothing = np.zeros(batch.num_rows, dtype=np.intp)
            return Answers(nothing, nothing - 1, np.zeros(batch.num_rows, bool), nothing - 1)


def _binary(batch: pa.RecordBatch, schema: Schema, grid: Grid) -> Answers:
    label = _classes(batch, schema.label, grid)
    if schema.prediction is not None:
        predicted = _classes(batch, schema.prediction, grid)
    elif schema.score is not None and schema.score in batch.schema.names:
        score = to_numbers(batch.column(schema.score)).values
        predicted = np.where(np.isnan(score), -1, (score >= grid.threshold)).astype(np.intp)
    else:
        predicted = np.full(batch.num_rows, -1, dtype=np.intp)
    state = np.where(label < 0, 2, label)
    outcome = np.where(predicted < 0, 6, predicted * 3 + state)
    return Answers(outcome, predicted, (predicted >= 0) & (label >= 0), label)


def _multiclass(batch: pa.RecordBatch, schema: Schema, grid: Grid) -> Answers:
    label = _classes(batch, schema.label, grid)
    predicted = (
        _classes(batch, schema.prediction, grid)
        if schema.prediction is not None
        else _most_probable(batch, schema, grid)
    )
    state = np.where(label < 0, 2, label == predicted)
    apart = len(grid.classes) <= CLASSES_APART
    last = 3 * len(grid.classes) if apart else 3
    outcome = np.where(predicted < 0, last, (predicted * 3 if apart else 0) + state)
    return Answers(outcome.astype(np.intp), predicted, (predicted >= 0) & (label >= 0), label)


def _regression(batch: pa.RecordBatch, schema: Schema) -> Answers:
    prediction = _numbers(batch, schema.prediction)
    truth = _numbers(batch, schema.label)
    labelled = np.isfinite(prediction) & np.isfinite(truth)
    error = np.where(labelled, prediction - truth, 0.0)
    return Answers(
        outcome=np.where(labelled, 0, 1).astype(np.intp),
        predicted=np.where(np.isfinite(prediction), 0, -1).astype(np.intp),
        labelled=labelled,
        label=np.where(np.isfinite(truth), 0, -1).astype(np.intp),
        error=error,
        truth=np.where(labelled, truth, 0.0),
    )


def _classes(batch: pa.RecordBatch, column: str | None, grid: Grid) -> NDArray[np.intp]:
    """Class of each row, -1 where there is none or it is not among the grid's classes."""
    if column is None or column not in batch.schema.names:
        return np.full(batch.num_rows, -1, dtype=np.intp)
    codes = class_codes(batch.column(column), grid.classes)
    return np.maximum(codes, -1).astype(np.intp)


def _most_probable(batch: pa.RecordBatch, schema: Schema, grid: Grid) -> NDArray[np.intp]:
    """The class with the highest score, -1 where no score is known."""
    if not grid.classes:
        return np.full(batch.num_rows, -1, dtype=np.intp)
    columns = [_numbers(batch, schema.scores.get(name)) for name in grid.classes]
    scores = np.where(np.isnan(columns), -np.inf, columns)
    best = np.argmax(scores, axis=0)
    return np.where(np.isinf(scores.max(axis=0)), -1, best).astype(np.intp)


def _numbers(batch: pa.RecordBatch, column: str | None) -> NDArray[np.float64]:
    """A column as numbers, NaN throughout when the batch lacks it."""
    if column is None or column not in batch.schema.names:
        return np.full(batch.num_rows, np.nan)
    return to_numbers(batch.column(column)).values
