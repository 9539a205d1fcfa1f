"""The counters of a profile: arrays that add up."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.grid import Part
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from wane.profile.grid import Grid

HOURS_OF_WEEK = 168
MOST_CLASSES_APART = 50
"""Of more classes the counters of a class and its scores would be the most of a profile."""
AGE_LIMITS_HOURS = (
    *(0, 1, 3, 6, 12),
    *range(24, 336, 24),
    *sorted({*range(336, 2_185, 168), 720, 1_440, 2_160}),
    *(4_320, 6_480, 8_760, 17_520),
)
"""Upper limits of the label-age cells, in hours: a label that came at a limit is in its cell, and a
last cell is open. By day for two weeks and by week for thirteen, with 30, 60, 90, 180, 270, 365 and
730 days, so that labels that come by a rule are known to be in when they are."""


class Total(IntEnum):
    """Positions in `Counters.totals`. Counts are of rows unless the name says weight."""

    ROWS = 0
    WEIGHT = 1
    WEIGHT_SQUARES = 2
    PREDICTED = 3
    LABELLED = 4
    LABELLED_WEIGHT = 5
    LABELLED_WEIGHT_SQUARES = 6
    ERROR_KNOWN = 7
    ERRORS = 8


class Moment(IntEnum):
    """Positions in the last axis of `Counters.moments`. The first six count rows."""

    NULLS = 0
    NANS = 1
    INFINITE = 2
    WRONG_TYPE = 3
    INVALID = 4
    BELOW = 5
    ABOVE = 6
    SUM = 7
    SUM_SQUARES = 8


class Score(IntEnum):
    """Positions in the last axis of `Counters.score`; s is the score of a row."""

    WEIGHT = 0
    SUM = 1
    SUM_SQUARES = 2
    SUM_LOG = 3
    SUM_LOG_COMPLEMENT = 4


class Error(IntEnum):
    """Positions in the last axis of `Counters.errors`; e = prediction - label = p - y."""

    WEIGHT = 0
    SUM = 1
    ABSOLUTE = 2
    SQUARES = 3
    LABEL = 4
    LABEL_SQUARES = 5
    LABEL_ABSOLUTE = 6
    PERCENT = 7
    PERCENT_WEIGHT = 8
    SYMMETRIC_PERCENT = 9
    FOURTH_POWERS = 10
    PERCENT_SQUARES = 11
    SYMMETRIC_PERCENT_SQUARES = 12


class Loss(IntEnum):
    """Positions in the last axis of `Counters.cell_losses` (regression)."""

    SUM = 0
    ABSOLUTE = 1
    SQUARES = 2


@dataclass(frozen=True, slots=True)
class Counters:
    """The arrays of one profile, or of a stack of R profiles (a leading axis everywhere).

    T is the number of cells of the grid, C of columns, O of outcomes, K of classes, S of score
    cells (the missing cell included). An array that the task does not need has a zero axis.
    All add up, but for the smallest and largest values and times. A count is of rows, or of their
    sample weights where the log has them.

    Attributes:
        totals: [len(Total)].
        earliest: [1] first event time, microseconds since 1970 UTC; +inf without a clock.
        latest: [1] last event time, -inf without a clock.
        hours: [168] rows by hour of the week, UTC, Monday 00:00 first.
        cells: [T, O] weight by cell and outcome.
        cell_sums: [T] weighted sum of x by cell.
        cell_losses: [T, len(Loss)] regression: sums of e, |e| and e^2 by cell.
        moments: [C, len(Moment)].
        minimum: [C] smallest finite value, +inf when there is none.
        maximum: [C] largest finite value.
        score: [S, 2, 3, len(Score)] binary: score cell x predicted class x (negative, positive,
            not labelled yet). Multiclass: [S, 1, 3, ...] by (wrong, right, not labelled yet).
        confusion: [K, K + 1] multiclass: predicted x label, last column not labelled yet; K is
            at least 1, also where no class is known.
        class_scores: [K, S, 2, 3] multiclass: by class, its score cell x (another class predicted
            or none, this one) x (other, this, no label). Of more than 50 classes what was
            predicted is not told apart: [K, S, 1, 3].
        class_losses: [K, S, 2] multiclass: by class and its score cell, weight and sum of
            -log(score of the class, scaled so that those of the row add up to 1), whatever the
            label; rows without a score for each class are left out. Of at most 50 classes.
        log_losses: [3] multiclass: weight, sum and sum of squares of -log(score of the label).
        errors: [S, len(Error)] regression: by prediction cell.
        ranking: [M, 3] queries, sum and sum of squares of each list metric.
        ages: [A, O] labels by age and outcome, when label times are given.
        latest_label: [1] time of the label that came last, microseconds since 1970 UTC; -inf
            without label times.
    """

    totals: NDArray[np.float64]
    earliest: NDArray[np.float64]
    latest: NDArray[np.float64]
    hours: NDArray[np.float64]
    cells: NDArray[np.float64]
    cell_sums: NDArray[np.float64]
    cell_losses: NDArray[np.float64]
    moments: NDArray[np.float64]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]
    score: NDArray[np.float64]
    confusion: NDArray[np.float64]
    class_scores: NDArray[np.float64]
    class_losses: NDArray[np.float64]
    log_losses: NDArray[np.float64]
    errors: NDArray[np.float64]
    ranking: NDArray[np.float64]
    ages: NDArray[np.float64]
    latest_label: NDArray[np.float64]

    def __add__(self, other: Counters) -> Counters:
        return Counters(
            **{
                f.name: COMBINE.get(f.name, np.add)(getattr(self, f.name), getattr(other, f.name))
                for f in fields(self)
            }
        )

    def each(self, change: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Counters:
        """The counters with `change` applied to every array."""
        return Counters(**{f.name: change(getattr(self, f.name)) for f in fields(self)})

    def at(self, index: int | slice | NDArray[np.intp]) -> Counters:
        """One profile of a stack, or some of them."""
        return self.each(lambda array: array[index])

    def as_stack(self) -> Counters:
        """One profile as a stack of one."""
        return self.each(lambda array: array[None])

    def total(self) -> Counters:
        """The sum of a stack."""
        return Counters(
            **{
                f.name: COMBINE.get(f.name, np.add).reduce(getattr(self, f.name), axis=0)
                for f in fields(self)
            }
        )

    @classmethod
    def stack(cls, parts: Sequence[Counters]) -> Counters:
        """Several profiles as one stack, in order."""
        return cls(
            **{f.name: np.stack([getattr(part, f.name) for part in parts]) for f in fields(cls)}
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Counters]) -> Counters:
        """Several stacks as one, in order."""
        return cls(
            **{
                f.name: np.concatenate([getattr(part, f.name) for part in parts])
                for f in fields(cls)
            }
        )


COMBINE: dict[str, np.ufunc] = {
    "earliest": np.minimum,
    "latest": np.maximum,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "latest_label": np.maximum,
}
NEUTRAL = {
    "earliest": np.inf,
    "latest": -np.inf,
    "minimum": np.inf,
    "maximum": -np.inf,
    "latest_label": -np.inf,
}


def shapes(grid: Grid, outcomes: int) -> dict[str, tuple[int, ...]]:
    """Shape of every counter on a grid whose cells are split by that many outcomes."""
    classes = len(grid.classes)
    score = grid.one(Part.SCORE)
    score_cells = 1 if score is None else grid.columns[score].cells.size
    prediction = grid.one(Part.PREDICTION)
    cells = int(grid.starts[-1])
    binary, multi = grid.task is Task.BINARY, grid.task is Task.MULTICLASS
    regression = grid.task is Task.REGRESSION
    error_cells = grid.columns[prediction].cells.size if prediction is not None else 0
    per_class = multi and len(grid.of_part(Part.SCORE)) == classes
    told_apart = classes <= MOST_CLASSES_APART
    return {
        "totals": (len(Total),),
        "earliest": (1,),
        "latest": (1,),
        "hours": (HOURS_OF_WEEK,),
        "cells": (cells, outcomes),
        "cell_sums": (cells,),
        "cell_losses": (cells if regression else 0, len(Loss)),
        "moments": (len(grid.columns), len(Moment)),
        "minimum": (len(grid.columns),),
        "maximum": (len(grid.columns),),
        "score": (score_cells if binary or multi else 0, 2 if binary else 1, 3, len(Score)),
        "confusion": (max(classes, 1), max(classes, 1) + 1) if multi else (0, 0),
        "class_scores": (classes if per_class else 0, score_cells, 2 if told_apart else 1, 3),
        "class_losses": (classes if per_class and told_apart else 0, score_cells, 2),
        "log_losses": (3,),
        "errors": (error_cells if regression else 0, len(Error)),
        "ranking": (5 * len(grid.top_k) + 1 if grid.task is Task.RANKING else 0, 3),
        "ages": (len(AGE_LIMITS_HOURS) + 1, outcomes),
        "latest_label": (1,),
    }


def zeros(grid: Grid, outcomes: int, rows: int | None = None) -> Counters:
    """Counters of nothing: the neutral element. With `rows`, a stack of that many."""
    lead = () if rows is None else (rows,)
    return Counters(
        **{
            name: np.full((*lead, *shape), NEUTRAL[name])
            if name in NEUTRAL
            else np.zeros((*lead, *shape))  # memory that is not touched before it is used
            for name, shape in shapes(grid, outcomes).items()
        }
    )
