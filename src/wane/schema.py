"""What is monitored: which column plays which role, and what kind of answer the model gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from wane.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Task(StrEnum):
    """The kind of answer a model gives; decides which metrics exist."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
    RANKING = "ranking"
    NONE = "none"
    """No prediction to judge: traffic, data quality and drift only."""


class Kind(StrEnum):
    """How a column's values are counted."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"


class Role(StrEnum):
    """What a column is for."""

    TIMESTAMP = "timestamp"
    ID = "id"
    PREDICTION = "prediction"
    SCORE = "score"
    LABEL = "label"
    LABEL_TIME = "label_time"
    FEATURE = "feature"
    SEGMENT = "segment"
    LATENCY = "latency"
    ERROR = "error"
    VERSION = "version"
    WEIGHT = "weight"
    QUERY = "query"
    ITEM = "item"
    RANK = "rank"
    RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True)
class Column:
    """A feature: its name and how its values are counted (None: inferred from the data)."""

    name: str
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """The roles of the columns of a prediction log. Every role is optional.

    What is left out is inferred from names and types (`sources.infer`), except roles that only
    the user can know. A schema that went through inference has a task, features and classes.

    Attributes:
        task: Which metrics apply; None: inferred.
        timestamp: When the prediction was made (event time).
        id: Identifies a prediction; labels are joined by it.
        prediction: The answer given: a class, or a number for regression.
        score: Probability in [0, 1] of the positive class (binary), or of the predicted class
            (multiclass). For ranking, the number that items are sorted by, highest first.
        scores: Multiclass only: class name -> column with its probability.
        label: The true answer; null where not known yet.
        label_time: When the label became known.
        features: The model's inputs, as columns or plain names; None: every column left over.
        segments: Columns whose values split the rows into segments.
        latency: Time taken, in whatever unit the column has (shown as given).
        error: True, 1 or a non-empty text where the call failed.
        version: The model version that answered.
        weight: Non-negative sample weight of a row.
        query: Ranking: the list a row belongs to.
        item: Ranking: what was recommended.
        rank: Ranking: position in the list, 1 is the top.
        relevance: Ranking: gain of the item, 0 is not relevant.
        classes: Classification: class names; for binary (negative, positive).
        threshold: Binary without a prediction column: score >= threshold is positive.
        top_k: Ranking: the list lengths at which metrics are taken.
    """

    task: Task | None = None
    timestamp: str | None = None
    id: str | None = None
    prediction: str | None = None
    score: str | None = None
    scores: Mapping[str, str] = field(default_factory=dict)
    label: str | None = None
    label_time: str | None = None
    features: tuple[Column, ...] | None = None
    segments: tuple[str, ...] = ()
    latency: str | None = None
    error: str | None = None
    version: str | None = None
    weight: str | None = None
    query: str | None = None
    item: str | None = None
    rank: str | None = None
    relevance: str | None = None
    classes: tuple[str, ...] = ()
    threshold: float = 0.5
    top_k: tuple[int, ...] = (5, 10)

    def __post_init__(self) -> None:
        self._take_plain_values()
        if self.task is Task.BINARY and len(self.classes) not in (0, 2):
            raise ConfigError(
                "a binary task has two classes",
                expected="(negative, positive)",
                got=repr(self.classes),
            )
        if self.label is not None:
            self._label_is_no_answer()
        if self.features is None:
            return
        columns = tuple(
            Column(column) if isinstance(column, str) else column for column in self.features
        )
        object.__setattr__(self, "features", columns)
        names = [column.name for column in columns]
        if len(set(names)) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise ConfigError("a feature is named twice", got=repr(twice))

    def _label_is_no_answer(self) -> None:
        """A model judged by its own answers is never wrong."""
        answers = {"prediction": self.prediction, "score": self.score}
        for role, name in (*answers.items(), *(("scores", name) for name in self.scores.values())):
            if name == self.label:
                raise ConfigError(
                    f"the label and the {role} are the same column",
                    expected="the true answer in a column of its own",
                    got=repr(name),
                    hint="Leave the label out where it is not known.",
                )

    def _take_plain_values(self) -> None:
        """What people write as well: a task by its word, one name for a list, 0 and 1."""
        if self.task is not None and not isinstance(self.task, Task):
            if self.task not in list(Task):
                tasks = ", ".join(repr(task.value) for task in Task)
                raise ConfigError("unknown task", expected=tasks, got=repr(self.task))
            object.__setattr__(self, "task", Task(self.task))
        for name in ("features", "segments", "classes"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(value))
        object.__setattr__(self, "classes", tuple(map(_class_name, self.classes)))

    def roles(self) -> dict[str, Role]:
        """Column name -> role, without features and segments; scores per class included."""
        single = {
            getattr(self, role.value): role
            for role in Role
            if role not in (Role.FEATURE, Role.SEGMENT) and getattr(self, role.value) is not None
        }
        return {**single, **dict.fromkeys(self.scores.values(), Role.SCORE)}

    def column_names(self) -> tuple[str, ...]:
        """Every column that has to be read, each once, roles first."""
        names = [*self.roles(), *self.segments, *(column.name for column in self.features or ())]
        return tuple(dict.fromkeys(names))


def _class_name(value: object) -> str:
    """The text of a class: that of a number or a truth value as `classes.class_text` writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
