"""Whether most of a loss lies in one segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.defaults import LEAST_ROWS
from wane.metrics import metric_of
from wane.metrics.catalogue import Better

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wane.diagnose.segment import SegmentChange

MOST = 0.5
"""A segment with more than this share of the loss holds most of it."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """A segment that holds most of a loss.

    Attributes:
        segment: "site=east".
        metric: Key of the main metric.
        value: Its value there, in the recent rows.
        reference: Its value there, in the reference.
        elsewhere: Mean of the other segments of the same column, weighted by rows.
        excess: How much more was lost there than elsewhere, in the metric's unit, > 0.
    """

    segment: str
    metric: str
    value: float
    reference: float
    elsewhere: float
    excess: float


def concentrated(segments: Iterable[SegmentChange]) -> Concentration | None:
    """The segment that holds most of a loss, and clearly lost more than the rest of its column.

    With w the rows and d the loss of each segment of one column, a segment holds w d / sum(w d) of
    the loss. It lost more than the rest if its 95 % interval does not reach the value it would
    have had with the loss of the others. Sums of rows are exact for means, such as accuracy, and
    near enough for the rest, such as AUC.

    Returns:
        Of several the one that lost most beyond the others; None when the loss is spread out,
        when there is none, or without a reference.
    """
    columns: dict[str, list[SegmentChange]] = {}
    for one in segments:
        if one.value is not None and one.reference is not None:
            columns.setdefault(one.segment.partition("=")[0], []).append(one)
    found = [hit for column in columns.values() if (hit := _of_column(column)) is not None]
    return max(found, key=lambda hit: hit.excess, default=None)


def _of_column(column: Sequence[SegmentChange]) -> Concentration | None:
    """The segment of one column that holds most of the loss; at most one does."""
    known = metric_of(column[0].metric)
    sign = -1.0 if known is not None and known.better is Better.LOWER else 1.0
    rows = np.array([one.rows for one in column], dtype=np.float64)
    value = np.array([one.value for one in column], dtype=np.float64)
    reference = np.array([one.reference for one in column], dtype=np.float64)
    lost = rows * sign * (reference - value)
    at = int(np.argmax(lost))
    rest = rows.sum() - rows[at]
    if lost[at] <= MOST * lost.sum() or lost[at] <= 0 or not rest or rows[at] < LEAST_ROWS:
        return None
    others = np.arange(len(column)) != at
    elsewhere = float(np.average(value[others], weights=rows[others]))
    loss_elsewhere = float(lost[others].sum()) / rest
    hit = column[at]
    nearer = hit.high if sign > 0 else hit.low
    edge = value[at] if nearer is None else nearer
    if sign * (reference[at] - edge) <= loss_elsewhere:
        return None
    excess = float(lost[at] / rows[at] - loss_elsewhere)
    return Concentration(
        hit.segment, hit.metric, float(value[at]), float(reference[at]), elsewhere, excess
    )
