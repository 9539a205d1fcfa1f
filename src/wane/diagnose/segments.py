"""Where: the main metric in every segment, worst change first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.diagnose.segment import SegmentChange
from wane.metrics import metric_of
from wane.metrics.catalogue import Better

if TYPE_CHECKING:
    from wane.metrics.measurement import Measurements, Series


def segment_changes(recent: Measurements, metric: str | None) -> tuple[SegmentChange, ...]:
    """The main metric of each segment in the recent rows.

    Args:
        recent: Measurements of the recent rows as a single window.
        metric: Key of the main metric; None gives no segments.

    Returns:
        Worst change first, then those without a reference, worst value first; undefined last.
    """
    if metric is None:
        return ()
    known = metric_of(metric)
    sign = -1.0 if known is not None and known.better is Better.LOWER else 1.0
    found = [s for s in recent.of_metric(metric) if s.key.segment and s.key.column is None]
    changes = [_change(recent, series) for series in found]
    return tuple(sorted(changes, key=lambda change: _order(change, sign)))


def _change(recent: Measurements, series: Series) -> SegmentChange:
    measured = recent.at(series, 0)
    volume = recent.get("volume", None, series.key.segment)
    return SegmentChange(
        segment=series.key.segment or "",
        rows=0 if volume is None else int(volume.n[0]),
        metric=series.key.metric,
        reference=measured.reference_value,
        value=measured.value,
        low=measured.low,
        high=measured.high,
        reason=measured.reason,
    )


def _order(change: SegmentChange, sign: float) -> tuple[bool, bool, float]:
    """By the change from the reference; without one by the value; undefined ones last."""
    if change.value is None:
        return True, True, 0.0
    base = 0.0 if change.reference is None else change.reference
    return False, change.reference is None, sign * (change.value - base)
