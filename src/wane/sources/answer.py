"""Find the task, the classes and the scores per class from predictions and labels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from wane.classes import class_codes
from wane.errors import SchemaError
from wane.schema import Task
from wane.sources.columns import listed
from wane.sources.role_names import CLASS_SCORE_PREFIXES, plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wane.sources.finding import Finding
    from wane.sources.glance import Glance

MOST_CLASSES = 200
FEW_INTEGERS = 20
"""Whole numbers up to so many different values can be codes of classes."""
POSITIVE = {"1", "true", "yes", "y", "t", "positive", "pos"}
BOOLEANS = {"true": "1", "false": "0"}


def find_task(finding: Finding) -> Finding:
    """Which kind of answer the model gives."""
    if finding.schema.task is not None:
        return finding
    task, why = _task(finding)
    return finding.assume(f"task = {task.value} ({why}; change with --task)", task=task)


def find_classes(finding: Finding) -> Finding:
    """The class names, and for a binary task which of them is positive.

    Raises:
        SchemaError: A binary task with more than two values.
    """
    schema = finding.schema
    if schema.classes or schema.task not in {Task.BINARY, Task.MULTICLASS}:
        return finding
    names = _class_names(finding)
    if schema.task is Task.BINARY:
        return _binary(finding, names)
    sentence = f"classes = {_told(names)} (change with `classes` in wane.toml)"
    if len(names) > MOST_CLASSES:
        names = _most_frequent(finding, names)
        sentence = (
            f"classes = the {MOST_CLASSES} most frequent; rows with others count as unknown "
            "classes (change with `classes` in wane.toml)"
        )
    return finding.assume(sentence, classes=tuple(names))


def find_class_scores(finding: Finding) -> Finding:
    """Columns such as proba_cat, proba_dog that hold the probability of each class."""
    schema = finding.schema
    if schema.score or schema.scores or not schema.classes:
        return finding
    found = _class_score_columns(finding)
    scores = {name: found[name] for name in schema.classes if name in found}
    if schema.task is Task.BINARY and schema.classes[1] in scores:
        column = scores[schema.classes[1]]
        sentence = f"score = `{column}` (by the name of its class; change with --score)"
        return finding.assume(sentence, score=column)
    if schema.task is not Task.MULTICLASS or len(scores) < 2:
        return finding
    columns = listed(list(scores.values())).replace("'", "`")
    sentence = f"scores = {columns} (by the names of their classes; change with `scores` in wane.toml)"
    return finding.assume(sentence, scores=scores)


def check_score(finding: Finding) -> Finding:
    """Give a score back that was taken by its name but cannot be one for this task."""
    schema = finding.schema
    if not any(f"score = `{schema.score}`" in each for each in finding.assumptions):
        return finding
    if schema.task is Task.REGRESSION:
        return _returned(finding, f"`{schema.score}` was not taken for a score: this is a regression")
    if schema.task is Task.BINARY and _is_confidence(finding):
        negative, positive = schema.classes
        return _returned(
            finding,
            f"`{schema.score}` looks like the confidence in the answer given, not the probability "
            f"of `{positive}`, and is not used as a score: derive one, for example CASE WHEN "
            f"{schema.prediction} = '{positive}' THEN {schema.score} ELSE 1 - {schema.score} END, "
            f"or name it with --score if it is that of `{positive}` (and not of `{negative}`)",
        )
    return finding


def _task(finding: Finding) -> tuple[Task, str]:
    schema, columns = finding.schema, finding.columns
    if schema.query and schema.item and schema.relevance:
        return Task.RANKING, "there are a query, an item and a relevance"
    answers = [columns[name] for name in (schema.label, schema.prediction) if name]
    answers = [glance for glance in answers if glance.filled]
    if not answers:
        return _task_of_scores(finding)
    names = set[str]().union(*(_few_classes(glance) for glance in answers))
    names = _one_spelling(names)
    told = " and ".join(f"`{glance.name}`" for glance in answers)
    if any(glance.family in {"text", "boolean"} for glance in answers):
        return (Task.BINARY if len(names) <= 2 else Task.MULTICLASS), _holds(told, answers, names)
    whole = all(glance.whole for glance in answers)
    if whole and len(names) == 2 or names == {"1"} or names == {"0"}:
        return Task.BINARY, _holds(told, answers, names)
    if whole and len(names) <= FEW_INTEGERS and _same_values(answers):
        return Task.MULTICLASS, _holds(told, answers, names)
    verb = "holds" if len(answers) == 1 else "hold"
    return Task.REGRESSION, f"{told} {verb} numbers"
