"""Days are compared by the rows of an hour, as often as that hour was seen."""

from __future__ import annotations

import numpy as np
import pytest

from diagnose.faults.build_sides import GRID, HOUR, SCHEMA, columns, table
from streams import START, count
from wane.diagnose.fault import FaultKind
from wane.diagnose.faults.clock import clock
from wane.diagnose.faults.sides import Sides


def even(first: int, last: int) -> dict[str, np.ndarray]:
    """60 rows an hour, from one hour on until another."""
    n = (last - first) * 60
    return columns(n, 1) | {"at": START + first * HOUR + np.arange(n) * (HOUR // 60)}


def sides(before: dict[str, np.ndarray], now: dict[str, np.ndarray]) -> Sides:
    first, last = (count(table(of), SCHEMA, GRID, every=None) for of in (before, now))
    return Sides(GRID, first.whole.total(), last.whole.total())


@pytest.mark.parametrize("hours", [(0, 12, 48), (0, 12, 24), (6, 18, 48), (0, 24, 36), (0, 36, 60)])
def test_even_traffic_is_not_shifted_by_where_the_sides_begin(hours: tuple[int, int, int]) -> None:
    start, middle, end = hours
    assert list(clock(sides(even(start, middle), even(middle, end)))) == []


@pytest.mark.parametrize("days", [1, 7])
def test_a_shift_is_told_of_whole_days(days: int) -> None:
    before, now = columns(6_000, 1), columns(6_000, 2)
    now["at"] = START + (now["at"] - START + 5 * HOUR) % (days * 24 * HOUR)
    (fault,) = clock(sides(before, now))
    assert fault.kind is FaultKind.CLOCK
    assert "5 hours later" in fault.sentence
