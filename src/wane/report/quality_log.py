"""Missing, invalid, unseen and wrongly typed values, by column: what is not zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.measurement import last_value
from wane.report import sparkline
from wane.report.moment import timezone_of
from wane.report.numbers import format_date
from wane.report.words import metric_title

if TYPE_CHECKING:
    from markupsafe import Markup

    from wane.metrics.measurement import Series
    from wane.report.result import Result
    from wane.window import Window

QUALITY = (
    "missing_share",
    "nan_share",
    "invalid_share",
    "unseen_share",
    "out_of_range_share",
    "wrong_type_share",
)
MOST = 100


@dataclass(frozen=True)
class Fault:
    """One kind of fault in one column.

    Attributes:
        column: Its name.
        word: The kind, as in "7 % of income missing".
        series: Its share in each window.
        peak: The highest share.
        peak_when: The window of the peak.
        last: The share in the last window where it is defined.
        windows: In how many windows it is above zero.
        reference: The share on the reference; None when unknown.
    """

    column: str
    word: str
    series: Series
    peak: float
    peak_when: str
    last: float
    windows: int
    reference: float | None

    @property
    def spark(self) -> Markup | None:
        """Its course over the windows."""
        return sparkline.draw(self.series.values, from_zero=True)

    @property
    def excess(self) -> float:
        """How far the peak is above the reference (or above zero)."""
        return self.peak - (self.reference or 0.0)


def faults(result: Result) -> tuple[Fault, ...]:
    """Every column and kind with a share above zero in some window, the largest excess first."""
    found = [fault for fault in _all(result) if fault.peak > 0]
    return tuple(sorted(found, key=lambda fault: (-fault.excess, fault.column)))


def worst_of(result: Result) -> Fault | None:
    """The fault with the largest excess; None when nothing was checked."""
    return max(_all(result), key=lambda fault: fault.excess, default=None)


def constant_columns(result: Result) -> tuple[str, ...]:
    """Columns with one value only in the last window where that is known."""
    return tuple(
        series.key.column
        for series in result.measurements.of_metric("constant")
        if series.key.column
        and series.key.segment is None
        and last_value(result.measurements, *series.key) == 1
    )


def _all(result: Result) -> list[Fault]:
    """Every share of every column that has a value, zeros included."""
    return [
        _fault(series, result.measurements.windows, timezone_of(result))
        for key in QUALITY
        for series in result.measurements.of_metric(key)
        if series.key.column is not None
        and series.key.segment is None
        and series.last_defined is not None
        and not _is_late_label(result, series)
    ]


def _is_late_label(result: Result, series: Series) -> bool:
    """A label that is not there yet is told by the label coverage; it is no fault."""
    label = result.schema.label if result.schema else None
    return series.key.metric == "missing_share" and series.key.column == label


def _fault(series: Series, windows: tuple[Window, ...], timezone: str) -> Fault:
    peak, known = int(np.nanargmax(series.values)), series.values[~np.isnan(series.values)]
    return Fault(
        column=series.key.column or "",
        word=metric_title(series.key.metric),
        series=series,
        peak=float(series.values[peak]),
        peak_when=format_date(windows[peak], timezone),
        last=float(known[-1]),
        windows=int(np.count_nonzero(known > 0)),
        reference=None if np.isnan(series.reference) else series.reference,
    )
