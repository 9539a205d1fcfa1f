"""Values that are missing, or no numbers, where they were there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.diagnose.fault import Fault, FaultKind
from wane.profile.counters import Moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.diagnose.faults.sides import Sides

RISE = 0.05
"""More of the rows than before that lack a value: fewer are an alert's business."""
TIMES = 2.0
"""And so many times as before, where some always did."""


def missing(sides: Sides) -> Iterator[Fault]:
    """Columns that lack values much more often than before."""
    for at in sides.features:
        kinds = [Moment.NULLS, Moment.NANS] if sides.column(at).numeric else [Moment.NULLS]
        before, now = (
            sum(part) for part in zip(*(sides.shares(at, k) for k in kinds), strict=True)
        )
        if now - before > RISE and now > TIMES * before:
            name = sides.column(at).name
            yield Fault(
                FaultKind.MISSING,
                (name,),
                f"{name} is missing in {now:.0%} of the rows, {before:.0%} before",
                f"Check what feeds {name}.",
                now,
            )


def no_numbers(sides: Sides) -> Iterator[Fault]:
    """Columns of numbers that hold something else."""
    for at in sides.numeric:
        before, now = sides.shares(at, Moment.WRONG_TYPE)
        if now - before > RISE:
            name = sides.column(at).name
            yield Fault(
                FaultKind.NO_NUMBERS,
                (name,),
                f"{name} holds no number in {now:.0%} of the rows, {before:.0%} before",
                f"Check the type of {name}, decimal commas and units in texts among it.",
                now,
            )
