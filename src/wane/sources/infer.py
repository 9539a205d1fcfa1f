"""Complete a schema from names and types, and say what was assumed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.sources.answer import (
    ask_about_score,
    check_score,
    find_class_scores,
    find_classes,
    find_score_in_prediction,
    find_task,
)
from wane.sources.features import ask_for_answers, find_features
from wane.sources.finding import Finding
from wane.sources.glance import glances
from wane.sources.roles import check_given, find_ranking, find_roles

if TYPE_CHECKING:
    from wane.schema import Schema
    from wane.sources.description import Description

STEPS = (
    check_given,
    find_ranking,
    find_roles,
    find_score_in_prediction,
    find_task,
    find_classes,
    find_class_scores,
    check_score,
    ask_about_score,
    find_features,
    ask_for_answers,
)


@dataclass(frozen=True, slots=True)
class Inferred:
    """A complete schema and what to tell the user about it.

    Attributes:
        schema: With task, classes and features.
        assumptions: One sentence for each thing taken for granted, with how to change it.
        questions: One sentence for each thing that only the user knows.
    """

    schema: Schema
    assumptions: tuple[str, ...]
    questions: tuple[str, ...]


def infer(description: Description, given: Schema) -> Inferred:
    """Complete a partial schema from the columns of a source. What is given wins.

    Args:
        description: The source, usually the reference: labels are known there.
        given: The schema as far as the user wrote it; may be empty.

    Raises:
        SchemaError: A given column does not exist or cannot play its role.
    """
    finding = Finding(given, glances(description), description.name)
    for step in STEPS:
        finding = step(finding)
    return Inferred(finding.schema, finding.assumptions, finding.questions)
