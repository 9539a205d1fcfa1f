"""Traffic: how many predictions, how many failed, how long they took, how many have a label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.catalogue import Better, Family, define
from wane.metrics.estimates import Estimates, estimates
from wane.metrics.quantiles import ColumnCells, column_cells, quantile
from wane.profile.counters import Moment, Total
from wane.profile.grid import Grid, Part
from wane.schema import Role
from wane.stats import interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.profile.counters import Counters


@dataclass(frozen=True, slots=True)
class Carried:
    """The traffic counters of R windows.

    Attributes:
        totals: [R, len(Total)].
        latency: Cells of the latency; None without a latency column.
        latency_sums: [R, 2] sum and sum of squares of the latency.
    """

    totals: NDArray[np.float64]
    latency: ColumnCells | None
    latency_sums: NDArray[np.float64]

    @classmethod
    def of(cls, counters: Counters, grid: Grid) -> Carried:
        """The traffic counters of a stack of profiles."""
        position = grid.one(Part.LATENCY)
        if position is None:
            return cls(counters.totals, None, np.zeros((len(counters.totals), 2)))
        sums = counters.moments[:, position, [Moment.SUM, Moment.SUM_SQUARES]]
        return cls(counters.totals, column_cells(counters, grid, position), sums)


def volume(c: Carried) -> Estimates:
    """Number of rows in the window."""
    rows = c.totals[:, Total.ROWS]
    return estimates(rows, rows)


def error_rate(c: Carried) -> Estimates:
    """Share of calls that failed; Wilson interval."""
    known, failed = c.totals[:, Total.ERROR_KNOWN], c.totals[:, Total.ERRORS]
    return estimates(
        failed / np.where(known > 0, known, np.nan),
        known,
        interval=interval.wilson(failed, known),
        otherwise="no row says whether the call failed",
    )


def latency_mean(c: Carried) -> Estimates:
    """Mean latency, in the unit of its column; normal interval."""
    n = c.totals[:, Total.ROWS] if c.latency is None else c.latency.counts.sum(axis=1)
    total, squares = c.latency_sums.T
    return estimates(
        total / np.where(n > 0, n, np.nan),
        n,
        interval=interval.mean(total, squares, n),
        otherwise="no latencies in this window",
    )


def latency_p50(c: Carried) -> Estimates:
    """Median latency, in the unit of its column."""
    return _latency(c, 0.5)


def latency_p95(c: Carried) -> Estimates:
    """95th percentile of the latency, in the unit of its column."""
    return _latency(c, 0.95)


def latency_p99(c: Carried) -> Estimates:
    """99th percentile of the latency, in the unit of its column."""
    return _latency(c, 0.99)


def label_coverage(c: Carried) -> Estimates:
    """Share of predictions whose label is known."""
    predicted, labelled = c.totals[:, Total.PREDICTED], c.totals[:, Total.LABELLED]
    share = labelled / np.where(predicted > 0, predicted, np.nan)
    return estimates(share, predicted, otherwise="no predictions in this window")


_TRAFFIC, _LOWER = Family.TRAFFIC, Better.LOWER
_LATENCY = (Role.LATENCY,)
METRICS = (
    define(volume, family=_TRAFFIC, better=Better.NEITHER),
    define(
        error_rate,
        family=_TRAFFIC,
        better=_LOWER,
        percent=True,
        counted=True,
        needs=(Role.ERROR,),
    ),
    define(latency_mean, title="mean latency", family=_TRAFFIC, better=_LOWER, needs=_LATENCY),
    define(latency_p50, title="median latency", family=_TRAFFIC, better=_LOWER, needs=_LATENCY),
    define(latency_p95, title="latency p95", family=_TRAFFIC, better=_LOWER, needs=_LATENCY),
    define(latency_p99, title="latency p99", family=_TRAFFIC, better=_LOWER, needs=_LATENCY),
    define(
        label_coverage,
        title="labels in",
        family=Family.LABELS,
        better=Better.NEITHER,
        percent=True,
        needs=(Role.LABEL, Role.PREDICTION),
    ),
)


def _latency(c: Carried, probability: float) -> Estimates:
    if c.latency is None:
        return estimates(np.full(len(c.totals), np.nan), 0, otherwise="there is no latency column")
    return quantile(c.latency, probability)
