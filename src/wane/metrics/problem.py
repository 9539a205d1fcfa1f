"""What there is to estimate of a classifier: by which counters, and what is measured on them.

Of a binary model its labels. Of a multiclass one whether its answers are right, by the score of the
class that was predicted; and, where each class has a score, the label itself, class by class.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from wane.metrics import binary
from wane.metrics.adjusted import only_positives
from wane.metrics.by_class import ByClass
from wane.metrics.calibrator import (
    NO_REFERENCE,
    UNLABELLED_REFERENCE,
    calibrator,
    class_calibrator,
)
from wane.metrics.class_cells import ClassCells
from wane.metrics.confident import Confident
from wane.metrics.estimable import ANSWERS, CLASSES, ESTIMABLE, of_each_class
from wane.metrics.estimates import effective_scale
from wane.metrics.multiclass import NO_CLASS_SCORES
from wane.profile.counters import MOST_CLASSES_APART, Score
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from wane.metrics.calibrator import Calibrator
    from wane.metrics.estimable import Estimable
    from wane.metrics.expected import Rows
    from wane.profile.counters import Counters
    from wane.profile.profile import Profile

    Floats = NDArray[np.float64]

TOO_MANY_CLASSES = f"it has more than {MOST_CLASSES_APART} classes, which are not told apart"


@dataclass(frozen=True, slots=True)
class Problem:
    """Labels that can be expected, and what is measured on them.

    Attributes:
        metrics: What is measured.
        score: [R, S, G, 3, ...] rows by score cell, group of answers and label, in effective rows,
            of the counters of R profiles; as `expected` wants them.
        answer: What metrics are measured on, of rows with the labels to expect.
        calibrator: What the reference promises; None where that cannot be known.
        reason: Why not.
        only_positives: Whether labels come of positives alone, by the counters of R profiles.
    """

    metrics: tuple[Estimable, ...]
    score: Callable[[Counters], Floats]
    answer: Callable[[Rows], Any]
    calibrator: Calibrator | None
    reason: str = ""
    only_positives: Callable[[Counters], bool] = lambda _: False


def problems(
    task: Task, reference: Profile | None, classes: Sequence[str], costs: Mapping[str, float]
) -> tuple[Problem, ...]:
    """What there is to estimate of a classifier.

    Args:
        task: Binary or multiclass.
        reference: To learn from; None without one.
        classes: Their names.
        costs: Value of a row by outcome; empty without a cost matrix.
    """
    counted = None if reference is None else reference.counters.as_stack()
    if task is Task.BINARY:
        metrics = [of for of in ESTIMABLE[task] if costs or of.key != binary.COST.metric.key]
        learned, reason = _learned(counted, _scores, calibrator)
        answer = partial(_positive, costs=costs)
        return (Problem(tuple(metrics), _scores, answer, learned, reason, _positives_alone),)
    learned, reason = _learned(counted, _scores, calibrator)
    answers = Problem(ANSWERS, _scores, _right, learned, reason)
    return answers, _of_classes(counted, classes)


def of_reference(problem: Problem, segment: Profile | None) -> Floats | None:
    """[S, G, 3] the rows of a part of the reference; None where it has none."""
    return None if segment is None else _weights(problem.score, segment.counters.as_stack())


def _of_classes(reference: Counters | None, classes: Sequence[str]) -> Problem:
    """The label itself, where each class has a score."""
    if reference is None:
        return _unknown_classes(NO_REFERENCE)
    if not reference.class_scores.shape[1]:
        return _unknown_classes(NO_CLASS_SCORES)
    if not reference.class_losses.shape[1]:
        return _unknown_classes(TOO_MANY_CLASSES)
    cells = ClassCells.of(reference.at(0))
    learned, reason = _learned(reference, cells.scores, class_calibrator)
    if learned is None:
        return _unknown_classes(reason)
    metrics = (*CLASSES, *of_each_class(classes))
    answer = partial(_by_class, cells=cells, known=learned.known)
    return Problem(metrics, cells.scores, answer, learned)


def _unknown_classes(reason: str) -> Problem:
    """Classes of which nothing can be told; for those one by one the averages stand."""
    return Problem(CLASSES, _scores, _right, None, reason)


def _learned(
    reference: Counters | None,
    score: Callable[[Counters], Floats],
    learn: Callable[[Floats], Calibrator | None],
) -> tuple[Calibrator | None, str]:
    """What a reference promises, or why that is not known."""
    if reference is None:
        return None, NO_REFERENCE
    found = learn(_weights(score, reference))
    return found, "" if found else UNLABELLED_REFERENCE


def _weights(score: Callable[[Counters], Floats], reference: Counters) -> Floats:
    """[S, G, 3] what rows of one profile weigh."""
    return np.asarray(score(reference)[0, ..., Score.WEIGHT])


def _scores(counters: Counters) -> Floats:
    """[R, S, G, 3, len(Score)] the score counters."""
    return counters.score * effective_scale(counters)[:, None, None, None, None]


def _positives_alone(counters: Counters) -> bool:
    return only_positives(counters.ages)


def _positive(rows: Rows, costs: Mapping[str, float]) -> binary.Answered:
    return binary.Answered(rows.states, rows.totals, costs)


def _right(rows: Rows) -> Confident:
    return Confident(rows.states, rows.totals)


def _by_class(rows: Rows, cells: ClassCells, known: NDArray[np.bool_]) -> ByClass:
    return ByClass(rows, cells, known)
