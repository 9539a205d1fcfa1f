"""`wane init`: look at the data and propose the settings."""

from __future__ import annotations

from dataclasses import dataclass

from wane.engine.local import started
from wane.pipeline.open import Refinement, is_path, open_reading
from wane.schema import Schema
from wane.sources.infer import infer
from wane.sources.windows import propose_every


@dataclass(frozen=True, slots=True)
class Proposal:
    """Settings to be reviewed by the user.

    Attributes:
        schema: A complete schema.
        every: Window size.
        assumptions: What was inferred, and how to change it.
        questions: What only the user can know.
    """

    schema: Schema
    every: str
    assumptions: tuple[str, ...]
    questions: tuple[str, ...]


def propose(
    current: object, *, reference: object | None = None, schema: Schema | None = None
) -> Proposal:
    """Look at a log (and a reference) and propose roles, kinds and windows.

    Raises:
        DataError: The data cannot be read, or have no rows.
    """
    files = any(is_path(data) for data in (current, reference) if data is not None)
    with started(None, needed=files) as workers:
        readings = [open_reading(current, workers, Refinement())]
        if reference is not None:
            readings.append(open_reading(reference, workers, Refinement(), name="reference"))
        description, *others = (future.result() for future in [r.describe() for r in readings])
    inferred = infer(description, schema or Schema())
    absent = [
        f"the reference has no column `{column.name}`"
        for column in inferred.schema.features or ()
        if others and column.name not in others[0].sample.column_names
    ]
    every = propose_every(description, inferred.schema.timestamp)
    return Proposal(inferred.schema, every, inferred.assumptions, (*inferred.questions, *absent))
