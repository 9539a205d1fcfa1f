"""From a sample of the reference to the grid that every profile is counted on."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.grid import MISSING, POOLED, Grid, GridColumn, Part, SegmentCells
from wane.profile.lay import (
    lay_categories,
    lay_numeric,
    lay_positive,
    lay_score,
    lay_signed,
)
from wane.profile.values import to_numbers, to_texts
from wane.schema import Kind, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from wane.profile.cells import CategoryCells, Cells
    from wane.schema import Schema

SEGMENT_VALUES = 20
"""Most frequent values of a segment column that are segments of their own."""
SPLIT_CELLS = 200_000
"""Above this many cells they are not split by outcome, to bound memory."""
ITEM_CELLS = 10_000


def lay_grid(
    sample: pa.Table, schema: Schema, ranges: Mapping[str, tuple[float, float]] | None
) -> Grid:
    """Fix the cells of every column.

    Args:
        sample: Rows of the reference, a few ten thousand; columns it lacks get a single cell.
        schema: A complete schema (task, features and kinds known).
        ranges: Smallest and largest value of numeric columns over the whole reference; None when
            the sample is not of a reference, so that nothing can be out of its range.

    Returns:
        The grid; features in the order of the schema, then scores, prediction, label and so on.
    """
    task = schema.task or Task.NONE
    laid = _Layer(sample, ranges)
    columns = [
        GridColumn(column.name, Part.FEATURE, laid.of_kind(column.name, column.kind))
        for column in schema.features or ()
    ]
    columns += _answer_columns(schema, task, laid)
    cells = sum(column.cells.size for column in columns)
    return Grid(
        task=task,
        classes=schema.classes,
        columns=tuple(columns),
        segments=tuple(SegmentCells(name, laid.segment_values(name)) for name in schema.segments),
        split=cells <= SPLIT_CELLS,
        threshold=schema.threshold,
        top_k=schema.top_k if task is Task.RANKING else (),
    )


def _answer_columns(schema: Schema, task: Task, laid: _Layer) -> list[GridColumn]:
    """Scores, prediction, label and what surrounds them, as far as the schema has them."""
    classes = task in (Task.BINARY, Task.MULTICLASS)
    columns: list[GridColumn] = []
    scores = [schema.scores[name] for name in schema.classes if name in schema.scores]
    if schema.score is not None and not scores:
        scores = [schema.score]
    if task in (Task.RANKING, Task.REGRESSION):
        columns += [GridColumn(name, Part.SCORE, laid.numeric(name)) for name in scores]
    else:
        columns += [GridColumn(name, Part.SCORE, cells) for name, cells in laid.scores(scores)]
    for name, part in ((schema.prediction, Part.PREDICTION), (schema.label, Part.LABEL)):
        if name is not None:
            cells: Cells = lay_classes(schema) if classes else laid.numeric(name)
            columns.append(GridColumn(name, part, cells))
    if task is Task.REGRESSION and schema.label is not None and schema.prediction is not None:
        residual = laid.residual(schema.prediction, schema.label)
        columns.append(GridColumn("residual", Part.RESIDUAL, residual))
    if schema.latency is not None:
        durations = lay_positive(*laid.range(schema.latency))
        columns.append(GridColumn(schema.latency, Part.LATENCY, durations))
    if schema.version is not None:
        columns.append(GridColumn(schema.version, Part.VERSION, laid.categories(schema.version)))
    if schema.item is not None:
        items = laid.categories(schema.item, ITEM_CELLS)
        columns.append(GridColumn(schema.item, Part.ITEM, items))
    return columns


def lay_classes(schema: Schema) -> CategoryCells:
    """Cells of predictions and labels: the classes themselves."""
    return lay_categories(dict.fromkeys(schema.classes, 1.0), limit=len(schema.classes))


class _Layer:
    """Lays the cells of single columns of a sample."""

    def __init__(self, sample: pa.Table, ranges: Mapping[str, tuple[float, float]] | None) -> None:
        self.columns = dict(zip(sample.column_names, sample.columns, strict=True))
        self.ranges = ranges

    def range(self, name: str) -> tuple[float, float]:
        """Range of a column over the whole reference, or of its sample; empty without either."""
        if self.ranges is None:
            return np.inf, -np.inf
        if name in self.ranges:
            return self.ranges[name]
        values = self._finite(name)
        return (float(values.min()), float(values.max())) if len(values) else (np.inf, -np.inf)

    def of_kind(self, name: str, kind: Kind | None) -> Cells:
        return self.categories(name) if kind is Kind.CATEGORICAL else self.numeric(name)

    def numeric(self, name: str) -> Cells:
        return lay_numeric(self._finite(name), *self.range(name))

    def scores(self, names: Sequence[str]) -> list[tuple[str, Cells]]:
        """Scores per class share their edges, so that they can be told apart by class alone."""
        values = np.concatenate([np.zeros(0), *(self._finite(name) for name in names)])
        shared = lay_score(values[(values >= 0) & (values <= 1)], np.inf, -np.inf)
        ranges = [self.range(name) for name in names]
        return [
            (name, replace(shared, low=low, high=high))
            for name, (low, high) in zip(names, ranges, strict=True)
        ]

    def residual(self, prediction: str, label: str) -> Cells:
        known, truth = self._numbers(prediction), self._numbers(label)
        if known is None or truth is None:
            return lay_signed(1.0)
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is left out
            errors = known - truth
            spread = float(np.std(known[np.isfinite(known)])) if np.isfinite(known).any() else 0.0
        errors = errors[np.isfinite(errors)]
        if len(errors) >= 1_000:
            return lay_numeric(errors)
        return lay_signed(spread if 0 < spread < 1e300 else 1.0)

    def categories(self, name: str, limit: int = 100) -> CategoryCells:
        if name not in self.columns:
            return lay_categories({})
        counts: Counter[str] = Counter()
        for chunk in self.columns[name].chunks:
            texts = to_texts(chunk)
            counted = np.bincount(texts.codes[texts.codes >= 0], minlength=len(texts.names))
            counts.update(dict(zip(texts.names, counted.tolist(), strict=True)))
        return lay_categories({name: count for name, count in counts.items() if count}, limit)

    def segment_values(self, name: str) -> tuple[str, ...]:
        """The most frequent values, but for those that are called like the pooled rest."""
        values = self.categories(name, SEGMENT_VALUES).categories
        return tuple(value for value in values if value not in (POOLED, MISSING))

    def _numbers(self, name: str) -> NDArray[np.float64] | None:
        if name not in self.columns:
            return None
        parts = [to_numbers(chunk).values for chunk in self.columns[name].chunks]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _finite(self, name: str) -> NDArray[np.float64]:
        values = self._numbers(name)
        return np.zeros(0) if values is None else values[np.isfinite(values)]
