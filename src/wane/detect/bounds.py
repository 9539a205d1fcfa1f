"""What a metric can be at all, so that nothing usual is told beyond it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from wane.metrics import metric_of
from wane.metrics.catalogue import Better

if TYPE_CHECKING:
    from wane.metrics.catalogue import Metric

UNBOUNDED = ("mcc", "r2", "cost")
"""Higher is better, but they may be negative, or have a unit."""


class Bounds(NamedTuple):
    """Least and largest value."""

    low: float
    high: float


def bounds_of(metric: str) -> Bounds:
    """Of shares 0 and 1, of errors and counts 0 and no upper end; none of what is not known."""
    known = metric_of(metric)
    if known is None or metric in UNBOUNDED:
        return Bounds(-math.inf, math.inf)
    if _is_share(known):
        return Bounds(0.0, 1.0)
    positive = known.better is Better.LOWER or metric == "volume"
    return Bounds(0.0 if positive else -math.inf, math.inf)


def _is_share(metric: Metric) -> bool:
    return metric.counted or metric.percent or metric.better is Better.HIGHER
