"""Missing, invalid, unseen and wrongly typed values, by column: what is not zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.report import sparkline
from wane.report.numbers import format_date

if TYPE_CHECKING:
    from markupsafe import Markup

    from wane.metrics.measurement import Series
    from wane.report.result import Result

QUALITY = {
    "missing_share": "missing",
    "nan_share": "NaN or infinite",
    "invalid_share": "invalid",
    "unseen_share": "unseen before",
    "out_of_range_share": "out of range",
    "wrong_type_share": "of a wrong type",
}
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
        and series.last_defined is not None
        and series.values[series.last_defined] == 1
    )


def _all(result: Result) -> list[Fault]:
    timezone = result.every.timezone if result.every else "UTC"
    found = []
    for key, word in QUALITY.items():
        for series in result.measurements.of_metric(key):
            if series.key.column is None or series.key.segment or series.last_defined is None:
                continue
            peak = int(np.nanargmax(series.values))
            found.append(
                Fault(
                    column=series.key.column,
                    word=word,
                    series=series,
                    peak=float(series.values[peak]),
                    peak_when=format_date(result.measurements.windows[peak], timezone),
                    last=float(series.values[series.last_defined]),
                    windows=int(np.count_nonzero(np.nan_to_num(series.values) > 0)),
                    reference=None if np.isnan(series.reference) else series.reference,
                )
            )
    return found
