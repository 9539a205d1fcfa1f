"""First stage: look at the data, complete the schema, lay the grid."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wane.profile.effects import MOST_VALUES
from wane.profile.lay_grid import lay_grid
from wane.profile.learn_risk import MOST_ROWS, with_risk
from wane.profile.values import to_numbers
from wane.schema import Role, Task
from wane.sources.columns import family, listed
from wane.sources.infer import infer
from wane.sources.windows import propose_every
from wane.window import Every

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.pipeline.asked import Asked
    from wane.profile.grid import Grid
    from wane.schema import Schema
    from wane.sources.description import Description
    from wane.sources.infer import Inferred


APART = {"number", "text", "time"}
"""Families of types whose values cannot be taken for each other's."""
MOST_WRONG = 0.5
"""Of texts that spell numbers otherwise."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a first look gave.

    Attributes:
        asked: What was asked.
        schema: Complete: task, features and kinds are known.
        every: How the stream is cut.
        grid: Where rows are counted.
        rows: Rows of the current data, where cheaply known.
        reference_schema: The schema without what the reference lacks; None without a reference.
        assumptions: What was inferred, and how to change it.
        notes: What the user should know.
        lesson: Rows of the reference that are learned from; None without one.
    """

    asked: Asked
    schema: Schema
    every: Every
    grid: Grid
    rows: int | None
    reference_schema: Schema | None
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]
    lesson: pa.Table | None = None


def look(asked: Asked) -> Looked:
    """Describe both sides, infer what was not said, and fix the cells.

    Raises:
        DataError: A side cannot be read, or has no rows.
        SchemaError: A column that the user named is missing.
        ConfigError: The window size or zone is not usable.
    """
    current, *others = (future.result() for future in asked.looks)
    reference = others[0] if others else None
    inferred = _inferred(asked, current, reference)
    changed = _of_another_kind(inferred.schema, current, reference)
    if reference is not None and changed:
        inferred = _inferred(asked, _lent(current, reference, changed), reference)
    schema, notes = inferred.schema, [*current.notes]
    text = asked.every or propose_every(current, schema.timestamp, asked.now)
    every = Every.parse(text, asked.timezone)
    assumptions = [*inferred.assumptions, *inferred.questions]
    if asked.every is None:
        assumptions.append(f"every = {text!r} (by the span of the data; change with --every)")
    if reference is None:
        grid = lay_grid(current.sample, schema, None)
        return Looked(
            asked, schema, every, grid, current.rows, None, tuple(assumptions), tuple(notes)
        )
    notes += [note for note in reference.notes if note not in notes]
    notes += _differences(schema, current, reference)
    if changed:
        notes.append(
            f"{listed(changed)} had values of another kind in the reference: counted as there"
        )
    only = _only(schema, set(reference.sample.column_names))
    lesson = _lesson(asked, only, reference)
    grid = with_risk(_grid(schema, current, reference), lesson, only)
    return Looked(
        asked=asked,
        schema=schema,
        every=every,
        grid=grid,
        rows=current.rows,
        reference_schema=only,
        assumptions=tuple(assumptions),
        notes=tuple(notes),
        lesson=lesson,
    )


def _inferred(asked: Asked, current: Description, reference: Description | None) -> Inferred:
    """The roles, by the current rows; labels that only the reference has are still to come."""
    label = asked.schema.label
    here = set(current.sample.column_names)
    if reference is None or (label is not None and label in here):
        return infer(current, asked.schema)
    if label is None:
        inferred = infer(current, asked.schema)
        if inferred.schema.label is not None:
            return inferred
        there = _only(asked.schema, set(reference.sample.column_names))
        label = infer(reference, replace(there, features=None)).schema.label
        if label is None or label in here:
            return inferred
    if label not in reference.sample.column_names:
        return infer(current, asked.schema)
    return infer(_lent(current, reference, [label]), replace(asked.schema, label=label))


def _lent(current: Description, reference: Description, names: Sequence[str]) -> Description:
    """The current rows with columns of the reference in place of their own, or beside them."""
    sample, rows = current.sample, current.sample.num_rows
    for name in names:
        values = reference.sample[name]
        values = values.take(pa.array(np.resize(np.arange(len(values)), rows)))
        at = sample.schema.get_field_index(name)
        if at < 0:
            sample = sample.append_column(name, values)
        else:
            sample = sample.set_column(at, name, values)
    return replace(current, sample=sample)


def _of_another_kind(
    schema: Schema, current: Description, reference: Description | None
) -> list[str]:
    """Columns without a role that are numbers, texts or times, and were another of these."""
    if reference is None:
        return []
    known = {*schema.roles(), *schema.segments}
    found = []
    for name in reference.sample.column_names:
        if name in known or name not in current.sample.column_names:
            continue
        there, here = (side.sample.schema.field(name).type for side in (reference, current))
        apart = family(there) != family(here) and {family(there), family(here)} <= APART
        if apart and not (family(there) == "text" and _spells_numbers(reference.sample[name])):
            found.append(name)
    return found


def _spells_numbers(texts: pa.ChunkedArray) -> bool:
    """Whether most texts are numbers, which are then numbers on both sides."""
    wrong = to_numbers(texts.combine_chunks()).wrong
    return wrong is None or bool(wrong.mean() < MOST_WRONG)


def _grid(schema: Schema, current: Description, reference: Description) -> Grid:
    """Cells fixed by the reference; those of columns it lacks by the current rows."""
    there, wanted = set(reference.sample.column_names), set(schema.column_names())
    lacking = [n for n in current.sample.column_names if n in wanted and n not in there]
    if not lacking:
        return lay_grid(reference.sample, schema, reference.ranges)
    parts = [reference.sample, current.sample.select(lacking)]
    sample = pa.concat_tables(parts, promote_options="default")
    nowhere = dict.fromkeys(lacking, (math.inf, -math.inf))
    return lay_grid(sample, schema, {**reference.ranges, **nowhere})


def _lesson(asked: Asked, schema: Schema, reference: Description) -> pa.Table:
    """The rows of the reference that are learned from: of small ones all, where labels teach.

    What features tell of labels and errors takes more rows than anything else that is learned.
    """
    sample, rows = reference.sample, reference.rows
    if asked.reference is None or schema.label is None:
        return sample
    if rows is not None and sample.num_rows >= rows:
        return sample
    small = rows is not None and rows * len(schema.features or ()) <= MOST_VALUES
    if small or schema.task is Task.REGRESSION:
        return asked.reference.describe(MOST_ROWS).result().sample
    return sample


def _differences(schema: Schema, current: Description, reference: Description) -> list[str]:
    """Columns that only one side has."""
    here, there = set(current.sample.column_names), set(reference.sample.column_names)
    features = [column.name for column in schema.features or ()]
    lacking = [name for name in features if name not in there]
    notes = []
    if schema.label is not None and schema.label in there - here:
        notes.append(
            f"the current data have no labels ({schema.label!r}): performance is estimated "
            "where that can be learned from the reference"
        )
    if lacking:
        notes.append(f"the reference lacks {listed(lacking)}; drift of these is not measured")
    unused = [name for name in sorted(there - here) if name not in schema.roles()]
    if unused:
        notes.append(f"the current data lack {listed(unused)}, which the reference has")
    return notes


def _only(schema: Schema, names: set[str]) -> Schema:
    """The schema of data that have only these columns."""
    absent: dict[str, Any] = {
        role.value: None
        for role in Role
        if role not in (Role.FEATURE, Role.SEGMENT) and getattr(schema, role.value) not in names
    }
    kept = replace(schema, **absent)
    return replace(
        kept,
        scores={name: column for name, column in schema.scores.items() if column in names},
        features=tuple(c for c in schema.features or () if c.name in names),
        segments=tuple(name for name in schema.segments if name in names),
    )
