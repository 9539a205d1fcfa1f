"""Find the task, the classes and the scores per class from predictions and labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from wane.classes import class_codes, class_number
from wane.errors import SchemaError
from wane.schema import Role, Task
from wane.sources.columns import listed
from wane.sources.positive import positive_class
from wane.sources.probability import (
    are_confidences,
    are_probabilities,
    told_not_a_probability,
    told_outside,
)
from wane.sources.role_names import CLASS_SCORE_PREFIXES, NAMES, plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wane.sources.finding import Finding
    from wane.sources.glance import Glance

MOST_CLASSES = 200
FEW_INTEGERS = 20
"""Whole numbers up to so many different values can be codes of classes."""
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
    if schema.scores and schema.task is Task.MULTICLASS:
        _check_scores(finding)
    if schema.score or schema.scores or not schema.classes:
        return finding
    found = _class_score_columns(finding)
    scores = {name: found[name] for name in schema.classes if name in found}
    if schema.task is Task.BINARY and schema.classes[1] in scores:
        column = scores[schema.classes[1]]
        outside = told_outside(finding.columns[column])
        sentence = f"score = `{column}` (by the name of its class{outside}; change with --score)"
        return finding.assume(sentence, score=column)
    if schema.task is not Task.MULTICLASS or len(scores) < 2:
        return finding
    columns = listed(list(scores.values())).replace("'", "`")
    outside = "".join(told_outside(finding.columns[column]) for column in scores.values())
    sentence = (
        f"scores = {columns} (by the names of their classes{outside}; change with `scores` in "
        "wane.toml)"
    )
    return finding.assume(sentence, scores=scores)


def _check_scores(finding: Finding) -> None:
    """Each class has its score, or none has.

    Raises:
        SchemaError: A class has none, or a score is of no class.
    """
    schema = finding.schema
    lacking = [name for name in schema.classes if name not in schema.scores]
    unknown = [name for name in schema.scores if name not in schema.classes]
    if lacking or unknown:
        raise SchemaError(
            "`scores` does not fit the classes",
            expected=f"a column for each of {listed(list(schema.classes))}",
            got=f"columns for {listed(list(schema.scores))}",
            hint="Name the score of every class, or leave `scores` out.",
        )


def check_score(finding: Finding) -> Finding:
    """Give a score back that was taken by its name but cannot be one for this task."""
    schema = finding.schema
    if not any(f"score = `{schema.score}`" in each for each in finding.assumptions):
        return finding
    if schema.task is Task.REGRESSION:
        return _returned(
            finding, f"`{schema.score}` was not taken for a score: this is a regression"
        )
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


def ask_about_score(finding: Finding) -> Finding:
    """Ask for a probability where a column is called like a score but holds none."""
    schema = finding.schema
    if schema.score or schema.scores or schema.task in {Task.REGRESSION, Task.RANKING}:
        return finding
    names = NAMES[Role.SCORE].split()
    named = [each for each in finding.free().values() if plain_name(each.name) in names]
    for glance in named:
        has_values = glance.family == "number" and glance.low is not None
        if has_values and not are_probabilities(glance):
            finding = finding.ask(told_not_a_probability(glance))
    return finding


def find_score_in_prediction(finding: Finding) -> Finding:
    """A "prediction" between 0 and 1 beside a label of two classes is a probability."""
    schema, columns = finding.schema, finding.columns
    prediction = schema.prediction
    taken = any(f"prediction = `{prediction}`" in each for each in finding.assumptions)
    if not taken or schema.score or schema.scores or schema.task is Task.REGRESSION:
        return finding
    glance = columns[prediction or ""]
    label = columns[schema.label] if schema.label else None
    two_classes = label is not None and label.distinct <= 2 and not glance.whole
    if not (two_classes and are_probabilities(glance)):
        return finding
    others = tuple(each for each in finding.assumptions if f"= `{prediction}`" not in each)
    sentence = (
        f"score = `{prediction}` (it lies between 0 and 1 beside a label of two classes"
        f"{told_outside(glance)}; change with --score or --prediction)"
    )
    return replace(finding, assumptions=others).assume(sentence, prediction=None, score=prediction)


def _task(finding: Finding) -> tuple[Task, str]:
    schema, columns = finding.schema, finding.columns
    if schema.query and schema.item and schema.relevance:
        return Task.RANKING, "there are a query, an item and a relevance"
    named = [columns[name] for name in (schema.label, schema.prediction) if name]
    answers = [glance for glance in named if glance.filled]
    if not answers:
        return _task_of_scores(finding)
    columns_told = " and ".join(f"`{glance.name}`" for glance in answers)
    if all(glance.family == "number" for glance in answers):
        if not _are_codes(answers):
            return Task.REGRESSION, f"{columns_told}: numbers"
        names = _one_spelling(set[str]().union(*(glance.classes() for glance in answers)))
        binary = len(names) == 2 or names <= {"0", "1"}
    else:
        names = _one_spelling(set[str]().union(*(glance.classes() for glance in answers)))
        binary = len(names) == 2 or names <= BOOLEANS.keys() or names <= {"0", "1"}
    values = "1 value" if len(names) == 1 else f"{len(names)} values"
    return (Task.BINARY if binary else Task.MULTICLASS), f"{columns_told}: {values}"


def _task_of_scores(finding: Finding) -> tuple[Task, str]:
    if finding.schema.score:
        return Task.BINARY, f"`{finding.schema.score}` is a probability"
    if finding.schema.scores or len(_class_score_columns(finding)) >= 2:
        return Task.MULTICLASS, "there is a probability for each class"
    return Task.NONE, "there is no prediction, score or label"


def _are_codes(answers: Sequence[Glance]) -> bool:
    """Whether numbers are codes of classes: few, whole, and the same in every column."""
    if not all(glance.whole and glance.distinct <= FEW_INTEGERS for glance in answers):
        return False
    values = [glance.classes() for glance in answers]
    together = set[str]().union(*values)
    if len(together) > FEW_INTEGERS:
        return False
    same = len(together) == max(map(len, values))
    return len(together) == 2 or together <= {"0", "1"} or (same and len(together) > 2)


def _class_names(finding: Finding) -> list[str]:
    schema, columns = finding.schema, finding.columns
    answers = [columns[name] for name in (schema.label, schema.prediction) if name]
    found = _one_spelling(set[str]().union(*(glance.classes() for glance in answers)))
    if not found and not schema.score:
        found = set(schema.scores or _class_score_columns(finding))
    return _in_order(found)


def _binary(finding: Finding, names: list[str]) -> Finding:
    if set(names) <= {"0", "1"}:
        names = ["0", "1"]
    elif set(names) <= BOOLEANS.keys():
        names = ["false", "true"]
    if len(names) != 2:
        raise SchemaError(
            f"{finding.where} is to be a binary task",
            expected="two classes",
            got=_told(names),
            hint='Set `classes = ["negative", "positive"]`, or --task multiclass.',
        )
    positive, why = positive_class(finding, names)
    negative = next(name for name in names if name != positive)
    return finding.assume(
        f"classes = `{negative}`, `{positive}`, of which `{positive}` is positive ({why}; change "
        "with `positive` in wane.toml)",
        classes=(negative, positive),
    )


def _one_spelling(names: set[str]) -> set[str]:
    """Boolean words as 1 and 0 where a column uses those."""
    if not names & {"0", "1"} or not names & BOOLEANS.keys():
        return names
    return {BOOLEANS.get(name, name) for name in names}


def _in_order(names: Iterable[str]) -> list[str]:
    """Numbers by size, else by the alphabet."""
    listed_names = sorted(names)
    numbers = [class_number(name) for name in listed_names]
    if any(number is None for number in numbers):
        return listed_names
    return sorted(listed_names, key=float)


def _most_frequent(finding: Finding, names: Sequence[str]) -> list[str]:
    counts: Counter[str] = Counter()
    for column in (finding.schema.label, finding.schema.prediction):
        counts.update(finding.columns[column].counts() if column else {})
    kept = {name for name, _ in counts.most_common(MOST_CLASSES)}
    return [name for name in names if name in kept]


def _class_score_columns(finding: Finding) -> dict[str, str]:
    """Class as it is spelled in a column name -> that column; for the prefix that fits most."""
    columns = finding.columns if finding.schema.classes else finding.free()
    inside = [name for name, glance in columns.items() if are_probabilities(glance)]
    by_prefix = [_after(prefix, inside, finding.schema.classes) for prefix in CLASS_SCORE_PREFIXES]
    return max(by_prefix, key=len)


def _after(prefix: str, columns: Sequence[str], classes: Sequence[str]) -> dict[str, str]:
    spelled = {plain_name(name): name for name in classes}
    found = {}
    for column in columns:
        rest = column[len(prefix) :]
        if column.casefold().startswith(prefix) and rest:
            known = rest if rest in classes else spelled.get(plain_name(rest))
            name = known if classes else rest
            if name is not None:
                found[name] = column
    return found


def _is_confidence(finding: Finding) -> bool:
    """Never below one half, also where the answer is negative."""
    schema, columns = finding.schema, finding.columns
    if schema.score is None or schema.prediction is None:
        return False
    if not are_confidences(columns[schema.score]):
        return False
    codes = class_codes(columns[schema.prediction].array, schema.classes)
    return bool((codes == 0).any())


def _returned(finding: Finding, question: str) -> Finding:
    score = finding.schema.score
    others = tuple(each for each in finding.assumptions if f"score = `{score}`" not in each)
    without = replace(finding, schema=replace(finding.schema, score=None), assumptions=others)
    return without.ask(question)


def _told(names: Sequence[str], shown: int = 8) -> str:
    text = ", ".join(f"`{name}`" for name in names[:shown])
    return text if len(names) <= shown else f"{text} and {len(names) - shown} more"
