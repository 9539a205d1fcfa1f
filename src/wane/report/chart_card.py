"""A chart with its title, legend, drawings and the table behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.severity import Severity
from wane.metrics.measurement import SeriesKey
from wane.report import chart_since_when
from wane.report.newest import newest_chart, newest_measured
from wane.report.numbers import DASH, format_count, format_date
from wane.report.since_when import finding, since_when
from wane.report.words import format_metric, metric_title, readable, sentence_case

if TYPE_CHECKING:
    from markupsafe import Markup

    from wane.report.chart_since_when import View
    from wane.report.result import Result
    from wane.report.since_when import SinceWhen

MOST_ROWS = 200
MAIN = (chart_since_when.WIDE, chart_since_when.MEDIUM, chart_since_when.NARROW)
SMALL = (chart_since_when.SMALL, chart_since_when.SLIM)


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A window in the table behind the chart."""

    when: str
    value: str
    interval: str
    n: str
    rows: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChartCard:
    """What the template needs for one chart.

    Attributes:
        title: The finding.
        metric: Title of the metric, for the legend and the table.
        drawings: One per width.
        has_line: Whether values are drawn that labels tell.
        has_band: Whether an interval is drawn.
        has_adjusted: Whether values corrected for late labels are drawn.
        has_estimated: Whether values are drawn that are estimated.
        has_usual: Whether the usual range is drawn.
        has_changes: Whether it is drawn since when the metric changed.
        has_releases: Whether new versions of the model are drawn.
        has_annotations: Whether something is drawn that people said.
        has_critical: Whether critical alerts are drawn.
        has_warnings: Whether warnings are drawn.
        has_lane: Whether alerts on other metrics are drawn, in a row of their own.
        has_unusual: Whether some volume is drawn as unusual.
        rows: The last windows, latest last.
        left_out: How many earlier windows the table leaves out.
    """

    title: str
    metric: str
    drawings: tuple[Markup, ...]
    has_line: bool
    has_band: bool
    has_adjusted: bool
    has_estimated: bool
    has_usual: bool
    has_changes: bool
    has_releases: bool
    has_annotations: bool
    has_critical: bool
    has_warnings: bool
    has_lane: bool
    has_unusual: bool
    rows: tuple[ChartRow, ...]
    left_out: int


def chart_card(
    result: Result, key: str, views: tuple[View, ...] = MAIN, since: int | None = None
) -> ChartCard | None:
    """The card of one metric, from a window on; None when it was not measured in any window."""
    chart = since_when(result, key)
    if chart is None:
        return None
    if since is not None:
        chart = newest_chart(chart, since)
    measured = result if since is None else newest_measured(result, since)
    title = _title(result, key) if views is MAIN else finding(result, key)
    drawn = {mark.severity for mark in chart.marks if views is MAIN or mark.value is not None}
    return ChartCard(
        title=title,
        metric=metric_title(key),
        drawings=tuple(chart_since_when.draw(chart, view, title) for view in views),
        has_line=bool((~np.isnan(chart.values)).any()),
        has_band=bool((~np.isnan(chart.low) & ~np.isnan(chart.high)).any()),
        has_adjusted=bool((~np.isnan(chart.adjusted)).any()),
        has_estimated=bool((~np.isnan(chart.estimated.values)).any()),
        has_usual=bool((~np.isnan(chart.usual_low)).any()),
        has_changes=bool(chart.changes),
        has_releases=bool(chart.releases),
        has_annotations=bool(chart.annotations),
        has_critical=Severity.CRITICAL in drawn,
        has_warnings=Severity.WARNING in drawn,
        has_lane=views is MAIN and any(mark.value is None for mark in chart.marks),
        has_unusual=bool(chart.unusual.any()) and views is MAIN,
        rows=_rows(measured, key, chart),
        left_out=max(0, len(measured.measurements.windows) - MOST_ROWS),
    )


def _title(result: Result, key: str) -> str:
    """The finding; when another metric stands in for the main one, why."""
    main = result.main_metric
    if main is None or main == key:
        return finding(result, key)
    series = result.measurements.get(main)
    reason = next((why for why in series.reasons if why), None) if series else None
    told = readable(reason or "it was not measured").rstrip(".")
    return f"{sentence_case(metric_title(main))} is unknown ({told}); {metric_title(key)} is shown"


def _rows(result: Result, key: str, chart: SinceWhen) -> tuple[ChartRow, ...]:
    measurements = result.measurements
    series = measurements.series[SeriesKey(key)]
    offset = len(chart.windows) - len(measurements.windows)
    first = max(0, len(measurements.windows) - MOST_ROWS)
    rows = []
    for index in range(first, len(measurements.windows)):
        low, high = float(series.low[index]), float(series.high[index])
        volume = chart.volume[offset + index]
        rows.append(
            ChartRow(
                when=format_date(measurements.windows[index], chart.timezone, year=True),
                value=format_metric(key, float(series.values[index])),
                interval="" if np.isnan(low + high) else _interval(key, low, high),
                n=format_count(int(series.n[index])) if series.n.any() else "",
                rows="" if np.isnan(volume) else format_count(volume),
                reason=readable(series.reasons[index] or ""),
            )
        )
    return tuple(rows)


def _interval(key: str, low: float, high: float) -> str:
    return f"{format_metric(key, low)} {DASH} {format_metric(key, high)}"
