"""Which windows still wait for their labels, and what in them rests on labels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics import metric_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from wane.metrics.measurement import Measurements, Series, SeriesKey

MATURITY = "label_maturity"
MATURE = 0.8
"""With a smaller share of the labels in, what rests on labels is provisional."""


@dataclass(frozen=True, slots=True)
class Provisional:
    """What waits for labels.

    Attributes:
        share: Index of each window with less than 80 % of its labels in, of all or of those of a
            predicted class -> that share, the least of them; oldest window first.
        columns: Columns that are made of labels.
    """

    share: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({}))
    columns: frozenset[str] = frozenset()

    def concerns(self, key: SeriesKey) -> bool:
        """Whether a series rests on labels."""
        metric = metric_of(key.metric)
        return key.column in self.columns or (metric is not None and metric.waits)

    def told(self, *windows: int) -> str:
        """What windows wait for, in words: "provisional: 31 % of labels in"."""
        shares = [round(100 * self.share[at]) for at in windows]
        between = "" if min(shares) == max(shares) else f"{min(shares)} to "
        return f"provisional: {between}{max(shares)} % of labels in"

    def holds(self, key: SeriesKey, at: int) -> bool:
        """Whether a series is provisional in a window."""
        return at in self.share and self.concerns(key)

    def waits(self, key: SeriesKey, windows: int) -> NDArray[np.bool_]:
        """In which of so many windows a series is provisional."""
        mask = np.zeros(windows, dtype=np.bool_)
        if self.concerns(key):
            mask[list(self.share)] = True
        return mask


def settled(measurements: Measurements, waiting: Provisional) -> Measurements:
    """The measurements without what is provisional: undefined there, as labels are to come."""
    if not waiting.share:
        return measurements
    return replace(
        measurements,
        series={
            key: _settled(series, waiting) if waiting.concerns(key) else series
            for key, series in measurements.series.items()
        },
    )


def _settled(series: Series, waiting: Provisional) -> Series:
    late = waiting.waits(series.key, len(series.values))
    values, low, high = (
        np.where(late, np.nan, part) for part in (series.values, series.low, series.high)
    )
    reasons = tuple(
        reason or (waiting.told(at) if late[at] else None)
        for at, reason in enumerate(series.reasons)
    )
    return replace(series, values=values, low=low, high=high, reasons=reasons)


def provisional(measurements: Measurements, columns: frozenset[str] = frozenset()) -> Provisional:
    """What is provisional in a run; nothing where it is not known how labels mature.

    Args:
        measurements: Of the run, with the share of the labels that are in.
        columns: Columns that are made of labels, such as the label itself.
    """
    share: dict[int, float] = {}
    for series in measurements.of_metric(MATURITY):
        for at in np.flatnonzero(series.values < MATURE).tolist():
            share[at] = min(share.get(at, 1.0), float(series.values[at]))
    return Provisional(dict(sorted(share.items())), columns)
