"""Logs of a binary model whose scores mean what they say, until something changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from streams import DAILY, NOW, START, count, grid_of
from wane.metrics.measure import Reference, measure
from wane.profile.effects import feature_effects
from wane.schema import Column, Kind, Schema, Task
from wane.window import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from wane.metrics.measurement import Measurements, Series

    Floats = NDArray[np.float64]

SCHEMA = Schema(
    task=Task.BINARY,
    timestamp="at",
    score="score",
    prediction="prediction",
    label="label",
    classes=("0", "1"),
    features=(Column("channel", Kind.CATEGORICAL),),
    segments=("site",),
)


@dataclass(frozen=True, slots=True)
class Day:
    """What one day is like.

    Attributes:
        tilt: Added to the log-odds of scores: another mix of rows.
        drift: Added to the log-odds of labels alone: scores do not mean any more what they did.
        mobile: Share of rows by mobile, whose labels are more often positive than scores say.
        labelled: Share of rows whose label is in.
    """

    tilt: float = 0.0
    drift: float = 0.0
    mobile: float = 0.3
    labelled: float = 1.0


QUIET = Day()
EXTRA = 1.0
"""By how much log-odds of labels by mobile are above those of their score."""


def rows_of(day: Day, at: int, rows: int, rng: np.random.Generator) -> dict[str, Any]:
    """The columns of one day."""
    mobile = rng.random(rows) < day.mobile
    odds = rng.normal(day.tilt, 1.6, rows)
    score = 1 / (1 + np.exp(-odds))
    truth = 1 / (1 + np.exp(-(odds + day.drift + EXTRA * (mobile - 0.3))))
    label = (rng.random(rows) < truth).astype(np.int8)
    return {
        "at": pa.array(np.full(rows, START + at * DAY), pa.timestamp("us", "UTC")),
        "channel": np.where(mobile, "mobile", "web"),
        "site": rng.choice(["north", "south"], rows),
        "score": score,
        "prediction": (score > 0.5).astype(np.int8),
        "label": pa.array(label, mask=rng.random(rows) >= day.labelled),
        "truth": label,
    }


def log_of(days: list[Day], rows: int, seed: int) -> pa.Table:
    """The rows of some days, one after the other."""
    rng = np.random.default_rng(seed)
    return pa.concat_tables([pa.table(rows_of(day, at, rows, rng)) for at, day in enumerate(days)])


def measured_days(
    days: list[Day],
    *,
    rows: int = 1_000,
    seed: int = 1,
    change: Callable[[pa.Table], pa.Table] = lambda table: table,
    costs: Mapping[str, float] | None = None,
    schema: Schema = SCHEMA,
    reference_labelled: float = 1.0,
) -> Measurements:
    """The measurements of some days, against a quiet reference."""
    before = log_of([Day(labelled=reference_labelled)], 20_000, seed + 1_000)
    grid = grid_of(before, schema)
    found = count(change(log_of(days, rows, seed)), schema, grid, at=NOW)
    reference = Reference(
        count(before, schema, grid, every=None).whole.total(),
        effects=feature_effects(before, schema, grid),
    )
    windows = [DAILY.window(START + at * DAY) for at in range(len(days))]
    given = costs or {}
    return measure(
        windows, found.whole, found.segments, reference, schema=schema, costs=given, now=NOW
    )


def series_of(found: Measurements, metric: str, segment: str | None = None) -> Series:
    """A series that must be there."""
    series = found.get(metric, None, segment)
    assert series is not None, metric
    return series
