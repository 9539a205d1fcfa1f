"""Why a rule says nothing: what it names is not there, or has no value anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.detect.rule import EVERY
from wane.detect.rules import matching
from wane.errors import did_you_mean
from wane.metrics import (
    adjusted,
    binary,
    maturity,
    metric_of,
    multiclass,
    regression,
    traffic,
)
from wane.metrics.catalogue import Family
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from wane.detect.rule import Rule
    from wane.metrics.catalogue import Definition
    from wane.metrics.measurement import Measurements

DEFINITIONS: Mapping[Task, tuple[Definition, ...]] = {
    Task.BINARY: (*binary.METRICS, *adjusted.METRICS),
    Task.MULTICLASS: multiclass.METRICS,
    Task.REGRESSION: regression.METRICS,
}
SHOWN = 5
"""Segments listed at most."""


def why_silent(rule: Rule, measurements: Measurements) -> str | None:
    """Why no value can be held against a rule, in words that follow its name.

    Returns:
        None when there is at least one value, and when there are no windows at all.
    """
    found = matching(rule, measurements)
    if not measurements.windows or any(series.last_defined is not None for series in found):
        return None
    if found:
        reason = found[0].reasons[-1]
        return f"cannot be judged: {rule.metric} has no value in any window ({reason})"
    if not measurements.of_metric(rule.metric):
        return f"matches nothing: {rule.metric} is not measured here; {_needs(rule.metric)}"
    return _no_column(rule, measurements) or _no_segment(rule, measurements)


def _no_column(rule: Rule, measurements: Measurements) -> str | None:
    """That the column of a rule is not there, or not measured so; None when it is."""
    measured = {series.key.column for series in measurements.of_metric(rule.metric)} - {None}
    if rule.column is None or rule.column in measured or (rule.column == EVERY and measured):
        return None
    if not measured:
        return f"matches no column: {rule.metric} is a number of the whole model"
    text = f"matches no column: {rule.metric} is not measured for column {rule.column!r}"
    mistyped = rule.column not in {key.column for key in measurements.series}
    return _with_hint(text, rule.column, {name for name in measured if name and mistyped})


def _no_segment(rule: Rule, measurements: Measurements) -> str:
    """That the segment of a rule is not there."""
    column, _, value = (rule.segment or "").partition("=")
    values: dict[str, list[str]] = {}
    for segment in dict.fromkeys(key.segment for key in measurements.series if key.segment):
        values.setdefault(segment.partition("=")[0], []).append(segment.partition("=")[2])
    if not values:
        return "matches no segment: there are none; name their columns with `segment`"
    if column not in values:
        return _with_hint("matches no segment", column, values)
    there = values[column]
    listed = ", ".join(there[:SHOWN]) + (" ..." if len(there) > SHOWN else "")
    return _with_hint(f"matches no segment; those of {column} are {listed}", value, there)


def _with_hint(text: str, name: str, there: Collection[str]) -> str:
    """The text, and the name that was meant most likely."""
    hint = did_you_mean(name, there)
    return text if hint is None else f"{text}. {hint}"


def _needs(metric: str) -> str:
    """What a metric cannot be measured without."""
    known = metric_of(metric)
    if known is not None and known.family is Family.DRIFT:
        return "it needs a reference"
    if metric == binary.COST.metric.key:
        return "it needs `cost`, the value of each outcome"
    tasks = [
        task
        for task, definitions in DEFINITIONS.items()
        if any(definition.metric.key == metric for definition in definitions)
    ]
    of = f" of a {' or '.join(tasks)} model" if tasks else ""
    roles = sorted({role.value for d in _definitions(metric) for role in d.needs})
    if not roles and not tasks:
        return "it is of another kind of model or column"
    return f"it needs {' and '.join(roles) or 'the prediction'}{of}"


def _definitions(metric: str) -> list[Definition]:
    """Every definition of a key: one for each kind of model that has it."""
    everywhere = [
        *traffic.METRICS,
        *maturity.METRICS,
        *(d for found in DEFINITIONS.values() for d in found),
    ]
    return [definition for definition in everywhere if definition.metric.key == metric]
