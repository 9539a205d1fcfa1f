"""Two columns that changed places."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wane.diagnose.fault import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.diagnose.faults.sides import Numbers, Sides

LEAST_ROWS = 100
NEAR = 0.3
"""The numbers of one column must be as near to the old ones of the other."""
FAR = 1.0
"""And so far from its own."""
KNOWN = 0.8
"""Share of the rows of a column of categories that must be those of the other."""


def swapped(sides: Sides) -> Iterator[Fault]:
    """Pairs of columns of which each now is as the other was."""
    moved = [
        at
        for at in sides.numeric
        if min(n.n for n in sides.numbers(at)) >= LEAST_ROWS and _off(*sides.numbers(at)) > FAR
    ]
    for place, one in enumerate(moved):
        for other in moved[place + 1 :]:
            first, second = sides.numbers(one), sides.numbers(other)
            if max(_off(first[0], second[1]), _off(second[0], first[1])) < NEAR:
                yield _fault(sides, one, other)
    strange = [at for at in sides.categorical if _foreign(sides, at, at) > KNOWN]
    for place, one in enumerate(strange):
        for other in strange[place + 1 :]:
            if max(_foreign(sides, one, other), _foreign(sides, other, one)) < 1 - KNOWN:
                yield _fault(sides, one, other)


def _fault(sides: Sides, one: int, other: int) -> Fault:
    names = sides.column(one).name, sides.column(other).name
    return Fault(
        FaultKind.SWAPPED,
        names,
        f"{names[0]} is as {names[1]} was, and the other way round",
        f"Check the order of the columns where {names[0]} and {names[1]} are filled.",
    )


def _off(before: Numbers, now: Numbers) -> float:
    """How far numbers are apart: means in standard deviations, spreads as a logarithm."""
    if not before.deviation > 0 or not now.deviation > 0:
        return math.inf
    mean = abs(now.mean - before.mean) / before.deviation
    return max(mean, abs(math.log(now.deviation / before.deviation)))


def _foreign(sides: Sides, of: int, known: int) -> float:
    """Share of the rows of one column now with values that another did not have before."""
    before, now = sides.categories(known)[0], sides.categories(of)[1]
    total = sum(now.values())
    return sum(s for name, s in now.items() if name not in before) / total if total else 0.0
