"""Each fault is named with its column, and nothing is named where nothing broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.faults.build_sides import HOUR, columns, named
from streams import START
from wane.diagnose.fault import FaultKind
from wane.window import DAY

if TYPE_CHECKING:
    from collections.abc import Callable

Rows = dict[str, np.ndarray]
N = 2_000


def missing(now: Rows) -> None:
    now["income"][: N // 5] = np.nan


def new_values(now: Rows) -> None:
    now["plan"] = np.where(np.arange(N) % 4 == 0, "student", now["plan"])


def cut_off(now: Rows) -> None:
    now["town"] = np.array([town[:6] for town in now["town"]])


def respelled(now: Rows) -> None:
    now["plan"] = np.array([f" {plan.upper()}" for plan in now["plan"]])


def stopped(now: Rows) -> None:
    now["temperature"][:] = 15.0


def stopped_text(now: Rows) -> None:
    now["town"][:] = "Dortmund"


def filled(now: Rows) -> None:
    now["temperature"][: N // 3] = -999.0


def filled_inside(now: Rows) -> None:
    now["temperature"][: N // 3] = 0.0


def cents(now: Rows) -> None:
    now["income"] *= 100


def fahrenheit(now: Rows) -> None:
    now["temperature"] = now["temperature"] * 1.8 + 32


def swapped(now: Rows) -> None:
    now["income"], now["temperature"] = now["temperature"], now["income"]


def swapped_texts(now: Rows) -> None:
    now["plan"], now["town"] = now["town"], now["plan"]


def shifted(now: Rows) -> None:
    now["at"] = START + (now["at"] - START + 5 * HOUR) % (7 * DAY)


def silent(now: Rows) -> None:
    kept = now["source"] != "south"
    for name, values in now.items():
        now[name] = values[kept]


def released(now: Rows) -> None:
    now["version"][: N // 2] = "v2"


BROKEN: dict[Callable[[Rows], None], tuple[FaultKind, tuple[str, ...]]] = {
    missing: (FaultKind.MISSING, ("income",)),
    new_values: (FaultKind.NEW_VALUES, ("plan",)),
    cut_off: (FaultKind.TRUNCATED, ("town",)),
    respelled: (FaultKind.RESPELLED, ("plan",)),
    stopped: (FaultKind.CONSTANT, ("temperature",)),
    stopped_text: (FaultKind.CONSTANT, ("town",)),
    filled: (FaultKind.FILLED, ("temperature",)),
    filled_inside: (FaultKind.FILLED, ("temperature",)),
    cents: (FaultKind.UNIT, ("income",)),
    fahrenheit: (FaultKind.UNIT, ("temperature",)),
    swapped: (FaultKind.SWAPPED, ("income", "temperature")),
    swapped_texts: (FaultKind.SWAPPED, ("plan", "town")),
    shifted: (FaultKind.CLOCK, ()),
    silent: (FaultKind.SILENT, ("source",)),
    released: (FaultKind.VERSION, ("version",)),
}


@pytest.mark.parametrize("breaks", BROKEN, ids=lambda breaks: breaks.__name__)
def test_what_broke_is_named_and_nothing_else(breaks: Callable[[Rows], None]) -> None:
    now = columns(N, 2)
    breaks(now)
    (fault,) = named(now)
    assert (fault.kind, fault.columns) == BROKEN[breaks]
    for column in fault.columns:
        assert column in fault.sentence
    assert fault.advice.endswith(".")
    assert 0 < fault.share <= 1


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(50, 3_000))
def test_nothing_is_named_of_more_of_the_same(seed: int, rows: int) -> None:
    assert named(columns(rows, seed)) == ()


def test_a_change_of_the_world_is_no_fault() -> None:
    """Warmer, richer, more on one plan, a busier night: all of it can be so."""
    now = columns(N, 3)
    now["temperature"] = now["temperature"] + 8
    now["income"] = now["income"] * 1.3
    now["count"] = now["count"] + 1
    now["plan"][: N // 3] = "family"
    assert named(now) == ()


def test_what_is_seen_is_told_in_numbers() -> None:
    now = columns(N, 2)
    fahrenheit(now)
    (fault,) = named(now)
    assert "Fahrenheit for Celsius" in fault.sentence
    now = columns(N, 2)
    filled(now)
    (fault,) = named(now)
    assert fault.sentence == "temperature is -999 in 33% of the rows, 0.0% before"


def test_a_factor_that_the_world_can_bring_too_must_fit_well() -> None:
    now = columns(20_000, 4)
    now["income"] *= 2.20462
    (fault,) = named(now)
    assert "pounds for kilograms" in fault.sentence
    now = columns(20_000, 4)
    now["income"] *= 2.0
    assert named(now) == ()


def test_numbers_that_came_as_texts() -> None:
    """A column of numbers, read as categories because texts are among it."""
    now = columns(N, 2)
    now["income"] = np.array([f"{value:.0f} EUR" for value in now["income"]])
    (fault,) = named(now)
    assert (fault.kind, fault.columns) == (FaultKind.NO_NUMBERS, ("income",))
