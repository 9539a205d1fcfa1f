"""The whole report as values: everything the template writes, and nothing it has to compute."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wane.report import changes, heat_strip, segments
from wane.report.alert_list import grouped, grouped_pending, grouped_withdrawn
from wane.report.chart_card import SMALL, chart_card
from wane.report.event_list import event_section
from wane.report.fault_list import fault_rows
from wane.report.header import header, reference_in_words, rows_in_words
from wane.report.metrics_table import metric_rows
from wane.report.newest import newest_events, newest_measured
from wane.report.origin import origin
from wane.report.quality_log import MOST as MOST_FAULTS
from wane.report.quality_log import constant_columns, faults
from wane.report.reliability import reliability_card
from wane.report.since_when import charted_metric
from wane.report.tiles import tiles
from wane.report.where import where
from wane.report.words import metric_title

if TYPE_CHECKING:
    from markupsafe import Markup

    from wane.report.alert_list import AlertGroup
    from wane.report.changes import ChangeRow, FeatureRow
    from wane.report.chart_card import ChartCard
    from wane.report.event_list import EventSection
    from wane.report.fault_list import FaultRow
    from wane.report.header import Header
    from wane.report.metrics_table import MetricRow
    from wane.report.origin import Origin
    from wane.report.quality_log import Fault
    from wane.report.reliability import ReliabilityCard
    from wane.report.result import Result
    from wane.report.segments import SegmentRow
    from wane.report.tiles import Tile
    from wane.report.where import Where

MOST_ALERTS = 200
MOST_CHARTS = 24
MOST_CONSTANT = 30


@dataclass(frozen=True, slots=True)
class Hours:
    """The heat strip, once per width, and the table behind it: day, then 24 shares."""

    title: str
    drawings: tuple[Markup, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Sections from top to bottom; an empty tuple or None leaves a section out.

    The numbers ending in `_left_out` count what a cap left out, so that the page can say so.
    """

    header: Header
    tiles: tuple[Tile, ...]
    chart: ChartCard | None
    small_charts: tuple[ChartCard, ...]
    small_charts_left_out: int
    events: EventSection | None
    changes_title: str
    changes: tuple[ChangeRow, ...]
    without_change: str
    contribution_title: str | None
    where: Where | None
    segments_title: str
    segments: tuple[SegmentRow, ...]
    segments_left_out: int
    pipeline_faults: tuple[FaultRow, ...]
    reasons: tuple[str, ...]
    origin: Origin | None
    reliability: ReliabilityCard | None
    metrics: tuple[MetricRow, ...]
    alerts: tuple[AlertGroup, ...]
    alerts_left_out: int
    pending: tuple[AlertGroup, ...]
    pending_left_out: int
    withdrawn: tuple[AlertGroup, ...]
    withdrawn_left_out: int
    features: tuple[FeatureRow, ...]
    features_left_out: int
    faults: tuple[Fault, ...]
    faults_left_out: int
    constant: tuple[str, ...]
    constant_left_out: int
    hours: Hours | None
    rules: tuple[str, ...]
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]
    reference: str
    rows: str


def page(result: Result) -> Page:
    """Every section of the report of one result."""
    main = charted_metric(result)
    others = _other_charts(result, main)
    alerts, pending, withdrawn = grouped(result), grouped_pending(result), grouped_withdrawn(result)
    found, constant = faults(result), constant_columns(result)
    return Page(
        header=header(result),
        tiles=tiles(result),
        chart=chart_card(result, main) if main else None,
        small_charts=others[:MOST_CHARTS],
        small_charts_left_out=max(0, len(others) - MOST_CHARTS),
        events=event_section(result),
        changes_title=changes.finding(result),
        changes=changes.what_changed(result),
        without_change=changes.without_change(result),
        contribution_title=_contribution_title(result),
        where=where(result),
        segments_title=segments.finding(result),
        segments=segments.segment_rows(result),
        segments_left_out=max(0, len(result.segments) - segments.MOST),
        pipeline_faults=fault_rows(result),
        reasons=result.verdict.decision.reasons,
        origin=origin(result),
        reliability=reliability_card(result),
        metrics=metric_rows(result),
        alerts=alerts[:MOST_ALERTS],
        alerts_left_out=max(0, len(alerts) - MOST_ALERTS),
        pending=pending[:MOST_ALERTS],
        pending_left_out=max(0, len(pending) - MOST_ALERTS),
        withdrawn=withdrawn[:MOST_ALERTS],
        withdrawn_left_out=max(0, len(withdrawn) - MOST_ALERTS),
        features=changes.every_feature(result),
        features_left_out=max(0, len(result.changes) - changes.MOST),
        faults=found[:MOST_FAULTS],
        faults_left_out=max(0, len(found) - MOST_FAULTS),
        constant=constant[:MOST_CONSTANT],
        constant_left_out=max(0, len(constant) - MOST_CONSTANT),
        hours=_hours(result),
        rules=result.rules,
        assumptions=result.assumptions,
        notes=result.notes,
        reference=reference_in_words(result),
        rows=rows_in_words(result),
    )


def page_since(whole: Page, result: Result, since: int) -> Page:
    """The page with chart, events, alerts and the table of metrics from a window on.

    Args:
        whole: The page of the whole result.
        result: The result.
        since: Start of the first window that is shown.
    """
    main, shown = charted_metric(result), newest_measured(result, since)
    alerts = grouped(shown)
    return replace(
        whole,
        chart=chart_card(result, main, since=since) if main else None,
        events=event_section(newest_events(result, since)),
        metrics=metric_rows(shown),
        alerts=alerts[:MOST_ALERTS],
        alerts_left_out=max(0, len(alerts) - MOST_ALERTS),
    )


def _other_charts(result: Result, main: str | None) -> tuple[ChartCard, ...]:
    """One small chart per metric of a table of metrics; a check has sparklines instead."""
    if result.schema is not None:
        return ()
    cards = (chart_card(result, key, SMALL) for key in result.summary if key != main)
    return tuple(card for card in cards if card)


def _contribution_title(result: Result) -> str | None:
    if result.main_metric is None or not changes.has_contributions(result):
        return None
    return metric_title(result.main_metric)


def _hours(result: Result) -> Hours | None:
    if result.hours is None or not result.hours.any():
        return None
    title = heat_strip.finding(result.hours)
    drawings = tuple(heat_strip.draw(result.hours, view, title) for view in heat_strip.WIDTHS)
    return Hours(title, drawings, heat_strip.table(result.hours))
