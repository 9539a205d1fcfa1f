"""A source that sends no more, and a model version that was not there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wane.diagnose.fault import Fault, FaultKind
from wane.profile.grid import MISSING, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.diagnose.faults.sides import Sides

LEAST_EXPECTED = 30.0
"""Rows that should have come: of fewer, none may be chance."""
SHARE = 0.02
"""Of the rows before that a source had at the least."""
NEW = 0.05
"""Share of the rows of a version that tells of it."""


def silent(sides: Sides) -> Iterator[Fault]:
    """Segments that had rows and have none; not of a column that the reference lacks."""
    for name, (before, now) in sides.segments.items():
        if name.endswith(f"={MISSING}") and before >= sides.rows[0]:
            continue
        share = before / sides.rows[0] if sides.rows[0] else 0.0
        expected = share * sides.rows[1]
        if not now and share > SHARE and expected > LEAST_EXPECTED:
            yield Fault(
                FaultKind.SILENT,
                (name.partition("=")[0],),
                f"no row has {name}; {share:.0%} had before, about {math.floor(expected):,} of now",
                f"Check whether {name} still sends.",
            )


def version(sides: Sides) -> Iterator[Fault]:
    """Versions of the model that the reference does not have."""
    for at in sides.grid.of_part(Part.VERSION):
        before, now = sides.categories(at)
        new = {name: share for name, share in now.items() if name not in before and share > NEW}
        if before and new:
            told = ", ".join(f"{name} ({share:.0%} of the rows)" for name, share in new.items())
            yield Fault(
                FaultKind.VERSION,
                (sides.column(at).name,),
                f"another model version answers: {told}",
                "Compare the versions on the same segments, and roll back if the new one is worse.",
                sum(new.values()),
            )
