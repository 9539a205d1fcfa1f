"""Two sides of a small log, with and without something broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streams import START, count, grid_of
from wane.diagnose.faults.find import find_faults
from wane.diagnose.faults.sides import Sides
from wane.profile.collapse import totals
from wane.profile.counters import Total
from wane.schema import Column, Kind, Schema, Task
from wane.window import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wane.diagnose.fault import Fault

SCHEMA = Schema(
    task=Task.NONE,
    timestamp="at",
    version="version",
    features=(
        Column("income", Kind.NUMERIC),
        Column("temperature", Kind.NUMERIC),
        Column("count", Kind.NUMERIC),
        Column("plan", Kind.CATEGORICAL),
        Column("town", Kind.CATEGORICAL),
    ),
    segments=("source",),
)
HOUR = DAY // 24
SHAPE = np.array([1] * 7 + [3] * 4 + [6] * 8 + [4] * 3 + [2] * 2, dtype=float)
TOWNS = ("Amsterdam", "Birmingham", "Copenhagen", "Dortmund", "Edinburgh")


def columns(n: int, seed: int) -> dict[str, np.ndarray]:
    """The columns of a quiet log."""
    rng = np.random.default_rng(seed)
    hours = rng.choice(24, n, p=SHAPE / SHAPE.sum())
    days = rng.integers(0, 7, n)
    return {
        "at": START + days * DAY + hours * HOUR,
        "income": rng.lognormal(10, 0.2, n),
        "temperature": rng.normal(15, 6, n),
        "count": rng.poisson(2, n).astype(float),
        "plan": rng.choice(["basic", "premium", "family"], n, p=[0.6, 0.3, 0.1]),
        "town": rng.choice(TOWNS, n),
        "source": rng.choice(["north", "south", "east"], n, p=[0.6, 0.3, 0.1]),
        "version": np.full(n, "v1"),
    }


def table(of: Mapping[str, np.ndarray]) -> pa.Table:
    arrays = {name: pa.array(values, from_pandas=True) for name, values in of.items()}
    return pa.table(arrays | {"at": pa.array(of["at"], pa.timestamp("us", "UTC"))})


BEFORE = table(columns(6_000, 1))
GRID = grid_of(BEFORE, SCHEMA)


def sides(now: Mapping[str, np.ndarray]) -> Sides:
    """The quiet log before, and this one now."""
    then, after = (count(part, SCHEMA, GRID, every=None) for part in (BEFORE, table(now)))
    segments = [totals(side.segments, {0}) for side in (then, after)]
    weights = [
        {name: float(p.counters.totals[Total.WEIGHT]) for name, p in of.items() if name}
        for of in segments
    ]
    pairs = {name: (rows, weights[1].get(name, 0.0)) for name, rows in weights[0].items()}
    return Sides(GRID, then.whole.total(), after.whole.total(), pairs)


def named(now: Mapping[str, np.ndarray]) -> tuple[Fault, ...]:
    return find_faults(sides(now))
