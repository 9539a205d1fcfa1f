"""Findings to group, tell and count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wane.detect.detector import Detector
from wane.detect.finding import Finding
from wane.detect.severity import Severity
from wane.detect.shape import Shape
from wane.metrics.measurement import SeriesKey

FELL = Finding(
    key=SeriesKey("accuracy"),
    severity=Severity.CRITICAL,
    detector=Detector.SHIFT,
    shape=Shape.STEP,
    side=-1,
    first=30,
    earliest=28,
    latest=31,
    raised=31,
    last=40,
    recovered=None,
    adopted=False,
    before=0.944,
    now=0.916,
    usual_low=0.93,
    usual_high=0.96,
    tolerated=0.934,
    once_in=12_345.0,
    reason="accuracy fell",
)
"""Accuracy that fell in a step and has not come back."""


def finding(metric: str = "accuracy", **fields: Any) -> Finding:  # noqa: ANN401 - fields of any kind
    """One like `FELL` of another metric, with fields replaced."""
    column, segment = fields.pop("column", None), fields.pop("segment", None)
    return replace(FELL, key=SeriesKey(metric, column, segment), **fields)
