"""A column that came in another unit: its numbers are the old ones by a known factor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.diagnose.fault import Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.diagnose.faults.sides import Numbers, Sides

LEAST_ROWS = 100
LEAST_VALUES = 15
"""Cells with rows: what has fewer values counts something, and has no unit."""
NEAR, NEARER = 0.3, 0.05
"""Mean and spread must be as near to those of the old numbers in the new unit; nearer by a factor
that a change of the world can bring too."""
LIKELY = 5.0
"""Up to this factor it can."""
ENDS = 0.15
"""And the smallest or largest number as near to the old one in the new unit."""
FAR_OFF = 3.0
"""Or, with an offset, the numbers so many standard deviations from the old ones."""
FAR = 0.4
"""And so far from those in the old unit."""
BETTER = 0.25
"""A conversion must fit so much better than none."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """new = old * factor + offset."""

    factor: float
    offset: float
    words: str


PLAIN = Conversion(1.0, 0.0, "as they were")
CONVERSIONS = (
    *(
        Conversion(10.0**power, 0.0, words)
        for power, words in (
            (2, "100 times as large: cents for euros, percent for shares?"),
            (-2, "a hundredth: euros for cents, shares for percent?"),
            (3, "1,000 times as large: milli for whole units?"),
            (-3, "a thousandth: thousands for single units?"),
            (6, "a million times as large: micro for whole units?"),
            (-6, "a millionth: millions for single units?"),
        )
    ),
    Conversion(1.8, 32.0, "times 1.8 plus 32: Fahrenheit for Celsius"),
    Conversion(1 / 1.8, -32 / 1.8, "less 32, by 1.8: Celsius for Fahrenheit"),
    Conversion(1.0, 273.15, "plus 273.15: Kelvin for Celsius"),
    Conversion(1.609344, 0.0, "times 1.609: kilometres for miles"),
    Conversion(1 / 1.609344, 0.0, "by 1.609: miles for kilometres"),
    Conversion(2.20462, 0.0, "times 2.205: pounds for kilograms"),
    Conversion(1 / 2.20462, 0.0, "by 2.205: kilograms for pounds"),
    Conversion(3.28084, 0.0, "times 3.281: feet for metres"),
    Conversion(1 / 3.28084, 0.0, "by 3.281: metres for feet"),
    Conversion(2.54, 0.0, "times 2.54: centimetres for inches"),
    Conversion(1 / 2.54, 0.0, "by 2.54: inches for centimetres"),
    Conversion(60.0, 0.0, "60 times as large: seconds for minutes?"),
    Conversion(1 / 60, 0.0, "a sixtieth: minutes for seconds?"),
    Conversion(3600.0, 0.0, "3,600 times as large: seconds for hours?"),
    Conversion(1 / 3600, 0.0, "by 3,600: hours for seconds?"),
    Conversion(-1.0, 0.0, "with the other sign"),
)


def unit(sides: Sides) -> Iterator[Fault]:
    """Columns whose numbers are the old ones in another unit."""
    for at in sides.numeric:
        if np.count_nonzero(sides.cells(at)[0]) < LEAST_VALUES:
            continue
        before, now = sides.numbers(at)
        found = conversion(before, now)
        if found is not None and _fits(found, before, now):
            name = sides.column(at).name
            yield Fault(
                FaultKind.UNIT,
                (name,),
                f"{name} looks {found.words} (mean {before.mean:.4g} before, {now.mean:.4g} now)",
                f"Bring {name} back to the unit of the training data.",
            )


def conversion(before: Numbers, now: Numbers) -> Conversion | None:
    """The conversion that fits best, if one fits and none at all does not."""
    if min(before.n, now.n) < LEAST_ROWS or not before.deviation > 0 or not now.deviation > 0:
        return None
    plain = _off(before, now, PLAIN)
    if plain < FAR:
        return None
    best = min(CONVERSIONS, key=lambda one: _off(before, now, one))
    near = NEARER if _is_likely(best) and not best.offset else NEAR
    return best if _off(before, now, best) < min(BETTER * plain, near) else None


def _is_likely(by: Conversion) -> bool:
    """Whether a change of the world could bring about the same."""
    return 1 / LIKELY < by.factor < LIKELY


def _fits(by: Conversion, before: Numbers, now: Numbers) -> bool:
    """Whether a likely conversion fits at an end, or leads so far off that nothing else would."""
    if not _is_likely(by) or _end_off(before, now, by) <= ENDS:
        return True
    return bool(by.offset) and _off(before, now, PLAIN) > FAR_OFF


def _off(before: Numbers, now: Numbers, by: Conversion) -> float:
    """How far the numbers of now are from the converted old ones: mean and spread.

    In standard deviations, and as a logarithm of the spread.
    """
    spread = abs(by.factor) * before.deviation
    return max(
        abs(now.mean - (before.mean * by.factor + by.offset)) / spread,
        abs(math.log(now.deviation / spread)),
    )


def _end_off(before: Numbers, now: Numbers, by: Conversion) -> float:
    """How far an end is from the converted old one: of two the nearer with an offset.

    Without one the end of the larger size, as a share of it: a zero stays where it is.
    """
    ends = sorted(end * by.factor + by.offset for end in (before.low, before.high))
    off = abs(now.low - ends[0]), abs(now.high - ends[1])
    if by.offset:
        return min(off) / (abs(by.factor) * before.deviation)
    larger = int(abs(ends[1]) >= abs(ends[0]))
    return off[larger] / abs(ends[larger]) if ends[larger] else math.inf
