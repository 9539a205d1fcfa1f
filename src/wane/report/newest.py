"""Only the newest windows of a result: what a time range shows.

The verdict, the tiles and what changed speak of now whatever the range, and stay.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wane.diagnose.summary import summarise_series
from wane.metrics.measurement import cut_all

if TYPE_CHECKING:
    from wane.metrics.measurement import Measurements
    from wane.report.result import Result
    from wane.report.since_when import SinceWhen, Span


def since_of(result: Result, length: int) -> int | None:
    """Start of the newest windows within a length of time.

    Args:
        result: Any result.
        length: Microseconds, counted back from the end of the newest window.

    Returns:
        The key of the first of them; None where that is all windows, or they have no clock.
    """
    windows = result.measurements.windows
    if not windows or windows[0].by_rows:
        return None
    kept = [window.start for window in windows if window.start >= windows[-1].end - length]
    return kept[0] if kept and len(kept) < len(windows) else None


def newest_measured(result: Result, since: int) -> Result:
    """Measurements of the whole model, their summary, and alerts, of the windows from `since` on.

    Findings stay as they are: their windows are counted from the first one of the whole result.
    """
    whole = {
        key: series
        for key, series in result.measurements.series.items()
        if key.column is None and key.segment is None
    }
    first = sum(window.start < since for window in result.measurements.windows)
    measurements = cut_all(replace(result.measurements, series=whole), slice(first, None))
    return replace(
        result,
        measurements=measurements,
        summary=summarise_series(measurements),
        alerts=tuple(alert for alert in result.alerts if alert.window.start >= since),
    )


def last_window(measurements: Measurements) -> Measurements:
    """The newest window alone; nothing where there is none."""
    return cut_all(measurements, slice(-1, None))


def newest_events(result: Result, since: int) -> Result:
    """Findings that still stood in the windows from `since` on."""
    windows = result.measurements.windows
    kept = tuple(
        finding for finding in result.found.findings if windows[finding.last].start >= since
    )
    return replace(result, found=replace(result.found, findings=kept))


def newest_chart(chart: SinceWhen, since: int) -> SinceWhen:
    """The chart from `since` on; what began earlier is cut off there."""
    first = sum(window.start < since for window in chart.windows)
    part = slice(first, None)
    reference = chart.reference
    return replace(
        chart,
        windows=chart.windows[part],
        values=chart.values[part],
        low=chart.low[part],
        high=chart.high[part],
        volume=chart.volume[part],
        adjusted=chart.adjusted[part],
        estimated=chart.estimated.part(part),
        unusual=chart.unusual[part],
        usual_low=chart.usual_low[part],
        usual_high=chart.usual_high[part],
        reference=None if reference is None else _clipped(reference, since),
        spans=tuple(one for span in chart.spans if (one := _clipped(span, since)) is not None),
        changes=tuple(change for change in chart.changes if change.earliest >= since),
        marks=tuple(mark for mark in chart.marks if mark.at >= since),
        releases=tuple(one for one in chart.releases if one.start >= since),
        annotations=tuple(one for one in chart.annotations if one.at >= since),
    )


def _clipped(span: Span, since: int) -> Span | None:
    """The part of a stretch from `since` on."""
    return replace(span, start=max(span.start, since)) if span.end > since else None
