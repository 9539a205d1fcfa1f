"""Two columns that changed places."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from wane.diagnose.fault import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from wane.diagnose.faults.sides import Numbers, Sides

    Floats = NDArray[np.float64]

LEAST_ROWS = 100
NEAR = 0.3
"""Mean and spread of one column must be as near to the old ones of the other."""
FAR = 1.0
"""And so far from its own."""
ALIKE = 0.15
"""Or its quantiles must be as near to the old ones of the other, in standard deviations of these,
on average."""
UNLIKE = 0.5
"""And so far from its own, and three times as far as from the other's."""
KNOWN = 0.8
"""Share of the rows of a column of categories that must be those of the other."""


def swapped(sides: Sides) -> Iterator[Fault]:
    """Pairs of columns of which each now is as the other was."""
    known = [at for at in sides.numeric if min(n.n for n in sides.numbers(at)) >= LEAST_ROWS]
    numbers = {at: sides.numbers(at) for at in known}
    shapes = {at: sides.quantiles(at) for at in known}
    moved = [at for at in known if _off(*numbers[at]) > FAR or _apart(*shapes[at]) > UNLIKE]
    for place, one in enumerate(moved):
        for other in moved[place + 1 :]:
            if _by_moments(numbers[one], numbers[other]) or _by_shape(shapes[one], shapes[other]):
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


def _by_moments(one: tuple[Numbers, Numbers], other: tuple[Numbers, Numbers]) -> bool:
    """Whether each column has the mean and the spread of the other, and not its own."""
    across = max(_off(one[0], other[1]), _off(other[0], one[1]))
    return across < NEAR and min(_off(*one), _off(*other)) > FAR


def _by_shape(one: tuple[Floats, Floats], other: tuple[Floats, Floats]) -> bool:
    """Whether each column has the quantiles of the other, and not its own."""
    across = max(_apart(one[0], other[1]), _apart(other[0], one[1]))
    own = min(_apart(*one), _apart(*other))
    return across < ALIKE and own > max(UNLIKE, 3 * across)


def _off(before: Numbers, now: Numbers) -> float:
    """How far numbers are apart: means in standard deviations, spreads as a logarithm."""
    if not before.deviation > 0 or not now.deviation > 0:
        return math.inf
    mean = abs(now.mean - before.mean) / before.deviation
    return max(mean, abs(math.log(now.deviation / before.deviation)))


def _apart(before: Floats, now: Floats) -> float:
    """How far quantiles are apart on average, in standard deviations of those before."""
    spread = float(np.std(before))
    return float(np.abs(now - before).mean()) / spread if spread > 0 else math.inf


def _foreign(sides: Sides, of: int, known: int) -> float:
    """Share of the rows of one column now with values that another did not have before."""
    before, now = sides.categories(known)[0], sides.categories(of)[1]
    total = sum(now.values())
    return sum(s for name, s in now.items() if name not in before) / total if total else 0.0
