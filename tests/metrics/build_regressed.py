"""Logs of a regression that is far off where two columns come together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from streams import DAILY, NOW, START, count, grid_of
from wane.metrics.measure import Reference, measure
from wane.profile.collapse import totals
from wane.profile.learn_risk import with_risk
from wane.schema import Column, Kind, Schema, Task
from wane.window import DAY

if TYPE_CHECKING:
    from wane.metrics.measurement import Measurements
    from wane.profile.grid import Grid

SCHEMA = Schema(
    task=Task.REGRESSION,
    timestamp="at",
    prediction="prediction",
    label="label",
    features=(Column("age", Kind.NUMERIC), Column("fuel", Kind.CATEGORICAL)),
    segments=("site",),
)
FAR, NEAR = 5.0, 1.0
"""Standard deviation of the error of old diesels, and of other rows."""


@dataclass(frozen=True, slots=True)
class Day:
    """What one day is like.

    Attributes:
        old: Share of rows whose age is above 10.
        diesel: Share of rows by diesel.
        scale: All errors are larger by this factor: the same rows are answered worse.
        labelled: Share of rows whose label is in.
    """

    old: float = 0.3
    diesel: float = 0.3
    scale: float = 1.0
    labelled: float = 1.0


QUIET = Day()


def log_of(days: list[Day], rows: int, seed: int) -> pa.Table:
    """The rows of some days, one after the other."""
    rng = np.random.default_rng(seed)
    return pa.concat_tables(_rows_of(day, at, rows, rng) for at, day in enumerate(days))


def _rows_of(day: Day, at: int, rows: int, rng: np.random.Generator) -> pa.Table:
    old, diesel = rng.random(rows) < day.old, rng.random(rows) < day.diesel
    prediction = rng.normal(20, 4, rows)
    spread = np.where(old & diesel, FAR, NEAR) * day.scale
    label = prediction + rng.normal(0, 1, rows) * spread
    return pa.table(
        {
            "at": pa.array(np.full(rows, START + at * DAY), pa.timestamp("us", "UTC")),
            "age": np.where(old, rng.uniform(10, 20, rows), rng.uniform(0, 10, rows)),
            "fuel": np.where(diesel, "diesel", "petrol"),
            "site": rng.choice(["north", "south"], rows),
            "prediction": prediction,
            "label": pa.array(label, mask=rng.random(rows) >= day.labelled),
            "truth": label,
        }
    )


def grid_with_risk(reference: pa.Table, schema: Schema = SCHEMA) -> Grid:
    """The grid of a reference, with what it teaches of errors."""
    return with_risk(grid_of(reference, schema), reference, schema)


def measured_days(
    days: list[Day], *, rows: int = 1_500, seed: int = 0, learned: bool = True
) -> Measurements:
    """Days measured against a quiet reference, with or without a model of errors."""
    before = log_of([QUIET], 12_000, seed + 1_000)
    grid = grid_with_risk(before) if learned else grid_of(before, SCHEMA)
    then = count(before, SCHEMA, grid, every=None)
    found = count(log_of(days, rows, seed), SCHEMA, grid)
    split = {name: part for name, part in totals(then.segments, {0}).items() if name}
    reference = Reference(then.whole.total(), split)
    windows = [DAILY.window(START + at * DAY) for at in range(len(days))]
    return measure(windows, found.whole, found.segments, reference, schema=SCHEMA, now=NOW)
