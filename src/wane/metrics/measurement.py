"""What was measured: one number per window, or a reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from numpy.typing import NDArray

    from wane.window import Window


class SeriesKey(NamedTuple):
    """Which number: the metric, and the column and segment it is about (None: the whole)."""

    metric: str
    column: str | None = None
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """A metric in one window.

    Attributes:
        window: When.
        key: What.
        value: The number; None when undefined, and then `reason` says why.
        low: Lower end of the 95 % interval, None where the metric has none.
        high: Upper end.
        n: Rows the number rests on.
        reference_value: The same metric on the reference; None when there is none.
        reason: Why the value is undefined; None when it is defined.
    """

    window: Window
    key: SeriesKey
    value: float | None
    low: float | None
    high: float | None
    n: int
    reference_value: float | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Series:
    """One metric over all windows of a run, as arrays of one length W.

    Attributes:
        key: Which metric, column and segment.
        values: [W]; NaN exactly where `reasons` has a text.
        low: [W] lower ends of the 95 % intervals, NaN where there is none.
        high: [W] upper ends.
        n: [W] rows behind each value.
        reasons: Length W; None where the value is defined.
        reference: The metric on the reference, NaN when there is none.
        reference_low: Lower end of the 95 % interval of that, NaN where there is none.
        reference_high: Upper end.
    """

    key: SeriesKey
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: NDArray[np.int64]
    reasons: tuple[str | None, ...]
    reference: float = math.nan
    reference_low: float = math.nan
    reference_high: float = math.nan

    def __post_init__(self) -> None:
        lengths = {len(self.values), len(self.low), len(self.high), len(self.n), len(self.reasons)}
        if len(lengths) != 1:
            raise ValueError(f"series {self.key}: arrays differ in length: {sorted(lengths)}")
        told = np.array([reason is not None for reason in self.reasons], dtype=bool)
        if not np.array_equal(np.isnan(self.values), told):
            raise ValueError(f"series {self.key}: a value is undefined without a reason")

    @property
    def last_defined(self) -> int | None:
        """Index of the last window with a value; None when there is none."""
        defined = np.flatnonzero(~np.isnan(self.values))
        return int(defined[-1]) if len(defined) else None

    @property
    def first_defined(self) -> int | None:
        """Index of the first window with a value; None when there is none."""
        defined = np.flatnonzero(~np.isnan(self.values))
        return int(defined[0]) if len(defined) else None


@dataclass(frozen=True)
class Measurements:
    """All series of a run over the same windows; iterates as single measurements.

    It is also a tidy table, one row for each measurement: `to_arrow`, `to_pandas`, `to_polars`, or
    anything that takes an Arrow stream (`duckdb`, `polars.DataFrame(measurements)`).

    Attributes:
        windows: The windows, in order of time (or rows); those without rows are absent,
            but for those in which rows are missed.
        series: Every series by its key, in the order they were measured.
    """

    windows: tuple[Window, ...]
    series: Mapping[SeriesKey, Series]

    def __len__(self) -> int:
        return len(self.windows) * len(self.series)

    def __iter__(self) -> Iterator[Measurement]:
        for series in self.series.values():
            for index in range(len(self.windows)):
                yield self.at(series, index)

    def at(self, series: Series, index: int) -> Measurement:
        """The measurement of `series` in window number `index`."""
        return Measurement(
            window=self.windows[index],
            key=series.key,
            value=_number(series.values[index]),  # noqa: PD011 - a Series of ours, not of pandas
            low=_number(series.low[index]),
            high=_number(series.high[index]),
            n=int(series.n[index]),
            reference_value=_number(series.reference),
            reason=series.reasons[index],
        )

    def get(
        self, metric: str, column: str | None = None, segment: str | None = None
    ) -> Series | None:
        """The series of that key, or None when it was not measured."""
        return self.series.get(SeriesKey(metric, column, segment))

    def of_metric(self, metric: str) -> tuple[Series, ...]:
        """Every series of one metric, whatever its column and segment."""
        return self._by_metric.get(metric, ())

    def to_arrow(self) -> pa.Table:
        """The tidy table, with the columns that `metrics.tidy.tidy_table` describes."""
        from wane.metrics.tidy import tidy_table  # noqa: PLC0415  # only for those who ask

        return tidy_table(self)

    def to_pandas(self) -> pd.DataFrame:
        """The tidy table as a pandas frame; needs pandas.

        Raises:
            ImportError: pandas is not installed.
        """
        return self.to_arrow().to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """The tidy table as a Polars frame; needs Polars.

        Raises:
            ImportError: Polars is not installed.
        """
        import polars as pl  # noqa: PLC0415  # not a dependency

        return pl.DataFrame(self.to_arrow())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The tidy table by the Arrow PyCapsule protocol."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    @cached_property
    def _by_metric(self) -> dict[str, tuple[Series, ...]]:
        grouped: dict[str, list[Series]] = {}
        for series in self.series.values():
            grouped.setdefault(series.key.metric, []).append(series)
        return {metric: tuple(found) for metric, found in grouped.items()}


def last_value(
    measurements: Measurements, metric: str, column: str | None = None, segment: str | None = None
) -> float | None:
    """The newest value of a series; None where it was not measured, or never defined."""
    series = measurements.get(metric, column, segment)
    last = None if series is None else series.last_defined
    return None if series is None or last is None else measurements.at(series, last).value


def cut(series: Series, part: slice) -> Series:
    """Some of the windows of a series."""
    return replace(
        series,
        values=series.values[part],  # noqa: PD011 - as above
        low=series.low[part],
        high=series.high[part],
        n=series.n[part],
        reasons=series.reasons[part],
    )


def cut_all(measurements: Measurements, part: slice) -> Measurements:
    """Every series, in some of the windows."""
    series = {key: cut(one, part) for key, one in measurements.series.items()}
    return Measurements(measurements.windows[part], series)


def _number(value: float) -> float | None:
    """The value as a plain float; None for NaN."""
    return None if math.isnan(value) else float(value)
