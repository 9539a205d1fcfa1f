"""Where it happened: segments, worst change first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.metrics.catalogue import Better
from wane.report import dumbbell
from wane.report.numbers import format_count, format_margin
from wane.report.scale import Linear
from wane.report.words import (
    format_metric,
    is_percent,
    metric_better,
    metric_title,
    readable,
    shorten,
)

if TYPE_CHECKING:
    from markupsafe import Markup

    from wane.diagnose.segment import SegmentChange
    from wane.report.result import Result

FEW = 30
"""Rows below which a segment is shown in grey."""
MOST = 50


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment; `drawing` is None and `reason` told when its value is undefined."""

    segment: str
    rows: str
    reference: str
    value: str
    margin: str
    drawing: Markup | None
    is_small: bool
    reason: str


def segment_rows(result: Result) -> tuple[SegmentRow, ...]:
    """The segments of the report, at most 50, on one scale."""
    shown = result.segments[:MOST]
    large = tuple(segment for segment in shown if segment.rows >= FEW)
    extent = dumbbell.extent(large or shown)
    low, high = (extent.low, extent.high) if extent else (0.0, 1.0)
    scale = Linear(low, high, dumbbell.EDGE, dumbbell.WIDTH - dumbbell.EDGE)
    return tuple(_row(segment, scale) for segment in shown)


def finding(result: Result) -> str:
    """Which segment changed most for the worse."""
    for segment in result.segments:
        if segment.value is not None and segment.reference is not None and segment.rows >= FEW:
            name, title = shorten(segment.segment), metric_title(segment.metric)
            then = format_metric(segment.metric, segment.reference)
            now = format_metric(segment.metric, segment.value)
            return f"Where: {title} in {name} went from {then} to {now}"
    return "Where: segments, worst first"


def _row(segment: SegmentChange, scale: Linear) -> SegmentRow:
    value = format_metric(segment.metric, segment.value)
    reference = format_metric(segment.metric, segment.reference)
    label = f"{shorten(segment.segment)}: {reference} on the reference, {value} now"
    return SegmentRow(
        segment=segment.segment,
        rows=format_count(segment.rows),
        reference=reference,
        value=value,
        margin=_margin(segment),
        drawing=dumbbell.draw(segment, scale, direction(segment), label),
        is_small=segment.rows < FEW,
        reason=readable(segment.reason or ""),
    )


def _margin(segment: SegmentChange) -> str:
    """Half the width of the interval."""
    if segment.low is None or segment.high is None:
        return ""
    half = (segment.high - segment.low) / 2
    return f"±{format_margin(half, percent=is_percent(segment.metric))}"


def direction(segment: SegmentChange) -> str:
    """Whether a change is better, worse, or neither."""
    better = metric_better(segment.metric)
    if segment.value is None or segment.reference is None or better is Better.NEITHER:
        return "same"
    rose = segment.value > segment.reference
    return "better" if rose is (better is Better.HIGHER) else "worse"
