"""All checks, and which of their findings are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.diagnose.fault import FaultKind
from wane.diagnose.faults.clock import clock
from wane.diagnose.faults.missing import missing, no_numbers
from wane.diagnose.faults.silent import silent, version
from wane.diagnose.faults.still import constant, filled
from wane.diagnose.faults.swapped import swapped
from wane.diagnose.faults.texts import new_texts
from wane.diagnose.faults.unit import unit

if TYPE_CHECKING:
    from wane.diagnose.fault import Fault
    from wane.diagnose.faults.sides import Sides

CHECKS = (
    swapped,
    unit,
    constant,
    filled,
    no_numbers,
    missing,
    new_texts,
    clock,
    silent,
    version,
)
"""What explains most first: of a column the first fault is told."""
LEAST_ROWS = 100
"""With fewer rows on a side nothing is named."""


def find_faults(sides: Sides) -> tuple[Fault, ...]:
    """The faults that are seen, at most one of each column, those of most rows first.

    Nothing with fewer than a hundred rows on a side.
    """
    if min(sides.rows) < LEAST_ROWS:
        return ()
    found: list[Fault] = []
    told: set[str] = set()
    for check in CHECKS:
        for fault in check(sides):
            if fault.kind is FaultKind.SILENT or not told & set(fault.columns):
                found.append(fault)
            told |= set(fault.columns)
    return tuple(sorted(found, key=lambda fault: -fault.share))
