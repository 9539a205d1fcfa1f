"""Second stage: read every row once and keep the profiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.engine.deal import add_up
from wane.engine.messages import Plan
from wane.errors import DataError
from wane.profile.effects import feature_effects

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    import numpy as np
    from numpy.typing import NDArray

    from wane.engine.messages import Counted
    from wane.engine.reading import Reading
    from wane.pipeline.look import Looked
    from wane.window import Every


@dataclass(frozen=True, slots=True)
class Profiled:
    """The profiles of both sides.

    Attributes:
        looked: The first look.
        current: The current rows.
        reference: The rows of a given reference; None without one.
        notes: What the user should know.
        effects: What features of the reference tell of labels, see `profile.effects`.
        repeated: Rows of the current side, and of the reference, beyond the first of their id.
    """

    looked: Looked
    current: Counted
    reference: Counted | None
    notes: tuple[str, ...]
    effects: NDArray[np.float64] | None = None
    repeated: tuple[int, int] = (0, 0)


def count(looked: Looked, meanwhile: Callable[[], object] = lambda: None) -> Profiled:
    """Count both sides.

    Args:
        looked: The first look.
        meanwhile: Called once the readers count, when this process has nothing else to do.

    Raises:
        DataError: No row of a side can be used.
    """
    asked, done = looked.asked, 0

    def seen(rows: int) -> None:
        nonlocal done
        done += rows
        asked.progress("reading", min(1.0, done / looked.rows) if looked.rows else 0.0)

    waiting_reference = counting_reference(looked)
    plan = Plan(looked.grid, looked.schema, looked.every, asked.now)
    waiting = asked.current.count(plan, seen)
    repeated = _repeated(asked.current, looked.schema.id)
    there = None if looked.reference_schema is None else looked.reference_schema.id
    known = None if asked.reference is None else _repeated(asked.reference, there)
    meanwhile()
    effects = reference_effects(looked)
    reference = (
        None if waiting_reference is None else _usable(add_up(waiting_reference), "reference")
    )
    current = _usable(add_up(waiting), asked.current.name)
    notes = [*looked.notes, *(note for note in current.notes if note not in looked.notes)]
    twice = tuple(0 if one is None else one.result() for one in (repeated, known))
    if found := twice[0]:
        rows = f"{found:,} row{'s' if found > 1 else ''}"
        notes.append(
            f"{rows} repeat an id in {looked.schema.id!r}; they are counted like the others"
        )
    asked.progress("reading", 1.0)
    return Profiled(looked, current, reference, tuple(notes), effects, (twice[0], twice[1]))


def _repeated(side: Reading, column: str | None) -> Future[int] | None:
    """How many rows repeat an id; None without ids."""
    return None if column is None else side.duplicates(column)


def counting_reference(looked: Looked) -> Sequence[Future[Counted]] | None:
    """Have the reference counted; None without one."""
    reference, schema = looked.asked.reference, looked.reference_schema
    if reference is None or schema is None:
        return None
    plan = Plan(looked.grid, schema, reference_clock(looked), looked.asked.now)
    return reference.count(plan, lambda _rows: None)


def reference_clock(looked: Looked) -> Every | None:
    """How the reference is cut; None for a single window, where it has no time."""
    schema = looked.reference_schema
    has_time = schema is not None and schema.timestamp is not None
    return looked.every if has_time or looked.every.by_rows else None


def reference_effects(looked: Looked) -> NDArray[np.float64] | None:
    """What features of a given reference tell of labels beyond scores, from its sample."""
    schema = looked.reference_schema
    if schema is None or looked.lesson is None:
        return None
    return feature_effects(looked.lesson, schema, looked.grid)


def _usable(counted: Counted, name: str) -> Counted:
    """The counted rows, if there are any."""
    summarised = counted.summarised
    if summarised.used:
        return counted
    reasons = {**summarised.rejected, **dict(counted.unparsed)}
    told = "; ".join(f"{count:,} rows: {reason}" for reason, count in reasons.items())
    raise DataError(
        f"{name} has no usable rows",
        expected="at least one row",
        got=told or f"{summarised.read} rows",
        hint="Check the timestamp column, the filter, and the clock of the machine."
        if told
        else "Check the path and the filter.",
    )
