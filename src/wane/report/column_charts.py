"""One column over time: a chart of each of its metrics, from the tidy table of measurements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wane.report.chart_card import SMALL
from wane.report.chart_since_when import draw
from wane.report.since_when import Guess, SinceWhen
from wane.report.words import format_metric, metric_title, sentence_case
from wane.window import Window

if TYPE_CHECKING:
    from markupsafe import Markup
    from numpy.typing import NDArray

FIRST = ("psi", "missing_share", "unseen_share", "out_of_range_share", "wasserstein", "ks")
"""What people look for, in this order; the other metrics follow as they were measured."""


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """A metric of a column.

    Attributes:
        title: Name of the metric and its newest value.
        drawings: One per width.
    """

    title: str
    drawings: tuple[Markup, ...]


@dataclass(frozen=True, slots=True)
class ColumnCharts:
    """All metrics of a column.

    Attributes:
        charts: Those that vary.
        steady: "missing share 0 %" of those that have one value throughout.
    """

    charts: tuple[ColumnChart, ...]
    steady: tuple[str, ...]


def column_charts(table: pa.Table, column: str, timezone: str) -> ColumnCharts:
    """The charts of a column.

    Args:
        table: A tidy table of measurements with a clock.
        column: Which column.
        timezone: For the axis.

    Returns:
        Nothing where the column was not measured.
    """
    mine = table.filter(pc.and_(pc.equal(table["column"], column), pc.is_null(table["segment"])))
    metrics = list(dict.fromkeys(mine["metric"].to_pylist()))
    ranked = sorted(metrics, key=lambda key: FIRST.index(key) if key in FIRST else len(FIRST))
    charts, steady = [], []
    for metric in ranked:
        chart = _since_when(mine.filter(pc.equal(mine["metric"], metric)), metric, timezone)
        known = chart.values[~np.isnan(chart.values)]
        if not len(known):
            continue
        newest = format_metric(metric, float(known[-1]))
        name = metric_title(metric)
        if (known == known[0]).all():
            steady.append(f"{name} {newest}")
            continue
        title = f"{sentence_case(name)}: {newest}"
        charts.append(ColumnChart(title, tuple(draw(chart, view, title) for view in SMALL)))
    return ColumnCharts(tuple(charts), tuple(steady))


def _since_when(rows: pa.Table, metric: str, timezone: str) -> SinceWhen:
    """One metric as a chart without events, rules and volume."""
    starts, ends = (
        rows[name].cast(pa.int64()).to_pylist() for name in ("window_start", "window_end")
    )
    reference = _numbers(rows["reference_value"])
    nothing = np.full(len(starts), np.nan)
    level = float(reference[-1]) if len(reference) else float("nan")
    return SinceWhen(
        key=metric,
        windows=tuple(Window(start, end) for start, end in zip(starts, ends, strict=True)),
        timezone=timezone,
        values=_numbers(rows["value"]),
        low=_numbers(rows["low"]),
        high=_numbers(rows["high"]),
        volume=nothing,
        unusual=np.zeros(len(starts), dtype=bool),
        reference=None,
        reference_value=None if np.isnan(level) else level,
        adjusted=nothing,
        estimated=Guess.nowhere(len(starts)),
        spans=(),
        usual_low=nothing,
        usual_high=nothing,
        thresholds=(),
        changes=(),
        marks=(),
    )


def _numbers(values: pa.ChunkedArray) -> NDArray[np.float64]:
    """As floats, NaN for null."""
    found: NDArray[np.float64] = pc.fill_null(values.cast(pa.float64()), float("nan")).to_numpy()
    return found
