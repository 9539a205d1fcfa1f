"""Every metric of the whole model: first, last, change, mean, reference, course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.report import sparkline
from wane.report.numbers import format_count
from wane.report.words import (
    format_metric,
    format_metric_change,
    metric_title,
    readable,
    sentence_case,
)

if TYPE_CHECKING:
    from markupsafe import Markup

    from wane.metrics.measurement import Series
    from wane.report.result import Result


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric; `reason` is told instead of numbers when it is undefined in every window."""

    key: str
    title: str
    first: str
    last: str
    change: str
    mean: str
    reference: str
    n: str
    undefined: int
    spark: Markup | None
    reason: str


def metric_rows(result: Result) -> tuple[MetricRow, ...]:
    """One row per metric without column and segment, in the order they were measured."""
    return tuple(
        _row(result, series)
        for series in result.measurements.series.values()
        if series.key.column is None and series.key.segment is None
    )


def _row(result: Result, series: Series) -> MetricRow:
    key = series.key.metric
    summary = result.summary.get(key)
    last = series.last_defined
    reference = "" if np.isnan(series.reference) else format_metric(key, series.reference)
    return MetricRow(
        key=key,
        title=sentence_case(metric_title(key)),
        first=format_metric(key, summary.first) if summary else "",
        last=format_metric(key, summary.last) if summary else "",
        change=format_metric_change(key, summary.change) if summary else "",
        mean=format_metric(key, summary.mean) if summary else "",
        reference=reference,
        n="" if last is None or not series.n.any() else format_count(int(series.n[last])),
        undefined=int(np.count_nonzero(np.isnan(series.values))),
        spark=sparkline.draw(series.values),
        reason=_reason(series) if last is None else "",
    )


def _reason(series: Series) -> str:
    told = next((reason for reason in reversed(series.reasons) if reason), "not measured")
    return readable(told)
