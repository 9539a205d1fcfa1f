"""Columns that stand still, or in which one value takes the place of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.diagnose.fault import Fault, FaultKind
from wane.profile.cells import NumericCells
from wane.profile.counters import Moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.diagnose.faults.sides import Numbers, Sides

LEAST_ROWS = 50
LEAST_EXPECTED = 30.0
"""Rows with other values that should have come."""
RARE = 0.02
"""Share that a value had at most before it filled a column."""
RISE = 0.1
"""By which its share rose."""
EXACT = 0.02
"""Standard deviations that the mean of the rows that came may be off the value."""
NEAR = 0.3
"""Standard deviations that the mean of all other rows may be off what was usual."""
USUAL_FILLERS = (0.0, -1.0, 1.0, 99.0, 999.0, 9999.0, -99.0, -999.0, -9999.0)


def constant(sides: Sides) -> Iterator[Fault]:
    """Columns that had several values and have one, where chance would have brought others."""
    for at in sides.features:
        before, now = sides.cells(at)
        if not before.sum() or len(values := np.flatnonzero(now)) != 1:
            continue
        others = 1 - float(before[values[0]] / before.sum())
        if others * sides.rows[1] < LEAST_EXPECTED:
            continue
        name = sides.column(at).name
        if sides.column(at).numeric:
            numbers = sides.numbers(at)[1]
            value, one = f"{numbers.low:g}", numbers.n > 0 and numbers.low == numbers.high
        else:
            names = sides.categories(at)[1]
            value, one = repr(next(iter(names), "")), len(names) == 1
        if one:
            yield Fault(
                FaultKind.CONSTANT,
                (name,),
                f"{name} is {value} in every row, and varied before",
                f"Check what feeds {name}: it seems to have stopped.",
            )


def filled(sides: Sides) -> Iterator[Fault]:
    """Columns of numbers in which one value, rare before, is now frequent."""
    for at in sides.numeric:
        usual, numbers = sides.numbers(at)
        found = _beyond(sides, at) or _inside(sides, at)
        if found is None or not numbers.low < numbers.high:
            continue
        if _rest_is_as_usual(usual, numbers, found):
            name, value = sides.column(at).name, f"{found.value:g}"
            yield Fault(
                FaultKind.FILLED,
                (name,),
                f"{name} is {value} in {found.rows / sides.rows[1]:.0%} of the rows, "
                f"{found.before:.1%} before",
                f"Check whether {value} stands for values of {name} that are not known.",
                found.rows / sides.rows[1],
            )


@dataclass(frozen=True, slots=True)
class _Filler:
    """A value that takes the place of others: how many rows have it now, which share had it."""

    value: float
    rows: float
    before: float


def _beyond(sides: Sides, at: int) -> _Filler | None:
    """A value outside of all that the reference has, where all rows out there have the same."""
    cells = sides.column(at).cells
    usual, numbers = sides.numbers(at)
    if not isinstance(cells, NumericCells) or numbers.n < LEAST_ROWS:
        return None
    for moment, place, value in (
        (Moment.BELOW, 0, numbers.low),
        (Moment.ABOVE, cells.value_cells - 1, numbers.high),
    ):
        rows = float(sides.now.counters.moments[at, moment])
        if rows < RISE * sides.rows[1]:
            continue
        start = int(sides.grid.starts[at]) + place
        others = float(sides.now.counters.cells[start].sum()) - rows
        left = float(sides.now.counters.cell_sums[start]) - rows * value
        mean = left / others if others > 0 else usual.mean
        slack = 1e-6 * (abs(value) + 1) * rows / max(others, 1.0)
        if usual.low - slack <= mean <= usual.high + slack:
            return _Filler(value, rows, 0.0)
    return None


def _inside(sides: Sides, at: int) -> _Filler | None:
    """A value that was rare, and of which the cell is full now."""
    cells = sides.column(at).cells
    before, now = sides.cells(at)
    if not isinstance(cells, NumericCells) or not before.sum() or now.sum() < LEAST_ROWS:
        return None
    then, after = before / before.sum(), now / now.sum()
    values = slice(0, cells.value_cells)
    place = int(np.argmax(after[values] - then[values]))
    if then[place] > RARE or after[place] - then[place] < RISE:
        return None
    cell = int(sides.grid.starts[at]) + place
    others = float(then[place] * now.sum() * (1 - after[place]))  # that would be there anyhow
    mean = sides.before.counters.cell_sums[cell] / before[place] if before[place] else 0.0
    extra = float(now[place]) - others
    value = float((sides.now.counters.cell_sums[cell] - others * mean) / extra)
    nearest = min(USUAL_FILLERS, key=lambda filler: abs(filler - value))
    usual, _ = sides.numbers(at)
    if abs(nearest - value) > max(EXACT * usual.deviation, 1e-9):
        return None
    return _Filler(nearest, extra, float(then[place]))


def _rest_is_as_usual(usual: Numbers, now: Numbers, filler: _Filler) -> bool:
    """Whether rows with other values are as they were: a column that moves is not filled."""
    rest = now.n - filler.rows
    if rest <= 0 or not usual.deviation > 0:
        return False
    mean = (now.n * now.mean - filler.rows * filler.value) / rest
    return bool(abs(mean - usual.mean) < usual.deviation * (NEAR + 2 / rest**0.5))
