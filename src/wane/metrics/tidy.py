"""Measurements as one tidy Arrow table: one row per window, segment, metric and column."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from wane.metrics.measurement import Measurements, Series

TIME = pa.timestamp("us", tz="UTC")
NAMES = (
    *("window_start", "window_end", "segment", "metric", "column"),
    *("value", "low", "high", "n", "reference_value", "reason"),
)


def tidy_table(measurements: Measurements) -> pa.Table:
    """Every measurement as a row, series after series, windows in order within.

    Returns:
        Columns `NAMES`: window bounds as UTC timestamps in microseconds (row numbers, int64,
        for row windows); segment, metric, column and reason as text; value, low, high and
        reference_value as float64; n as int64. Null stands for "does not apply" in segment and
        column, and for "undefined" in value, with the reason beside it. Typed, without rows,
        when nothing was measured.
    """
    windows = measurements.windows
    every = tuple(measurements.series.values())
    by_rows = bool(windows) and windows[0].by_rows
    bounds = pa.int64() if by_rows else TIME
    columns = {
        "window_start": _repeated([window.start for window in windows], len(every)).cast(bounds),
        "window_end": _repeated([window.end for window in windows], len(every)).cast(bounds),
        "segment": _names([series.key.segment for series in every], len(windows)),
        "metric": _names([series.key.metric for series in every], len(windows)),
        "column": _names([series.key.column for series in every], len(windows)),
        "value": _numbers([series.values for series in every]),
        "low": _numbers([series.low for series in every]),
        "high": _numbers([series.high for series in every]),
        "n": pa.array(_joined([series.n for series in every], np.int64)),
        "reference_value": _numbers([_reference(series, len(windows)) for series in every]),
        "reason": _reasons(every),
    }
    return pa.table(columns)


def to_objects(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a tidy table as the objects of the JSON result, times as ISO 8601 with Z."""
    bounds = [name for name in NAMES[:2] if pa.types.is_timestamp(table.schema.field(name).type)]
    rows: list[dict[str, Any]] = table.to_pylist()
    for row in rows:
        for name in bounds:
            row[name] = row[name].isoformat().replace("+00:00", "Z")
    return rows


def from_objects(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The tidy table of a JSON result's measurements; the inverse of `to_objects`.

    Raises:
        KeyError: A key is missing from a row.
        ValueError: A time or number is not one.
    """
    by_rows = bool(rows) and isinstance(rows[0]["window_start"], int)
    bounds = pa.int64() if by_rows else TIME
    types = [bounds, bounds, *[pa.string()] * 3, *[pa.float64()] * 3]
    schema = pa.schema(zip(NAMES, [*types, pa.int64(), pa.float64(), pa.string()], strict=True))
    columns = {name: [row[name] for row in rows] for name in NAMES}
    if not by_rows:
        for name in NAMES[:2]:
            columns[name] = [dt.datetime.fromisoformat(text) for text in columns[name]]
    return pa.table(columns, schema=schema)


def _repeated(bounds: Sequence[int], times: int) -> pa.Array:
    """The bounds of all windows, once for each series."""
    return pa.array(np.tile(np.array(bounds, dtype=np.int64), times))


def _names(names: Sequence[str | None], times: int) -> pa.Array:
    """Each series' name, once for each window."""
    rows = np.repeat(np.arange(len(names)), times)
    return pa.array(names, pa.string()).take(pa.array(rows, pa.int64()))


def _numbers(parts: Sequence[NDArray[np.float64]]) -> pa.Array:
    """Numbers with null where they are undefined or not finite."""
    joined = _joined(parts, np.float64)
    return pa.array(joined, pa.float64(), mask=~np.isfinite(joined))


def _joined(parts: Sequence[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype, copy=False)


def _reference(series: Series, windows: int) -> NDArray[np.float64]:
    return np.full(windows, series.reference)


def _reasons(every: Sequence[Series]) -> pa.Array:
    """Why there is no number; an infinite value has no place in a table either."""
    reasons = [reason for series in every for reason in series.reasons]
    infinite = np.isinf(_joined([series.values for series in every], np.float64))
    for index in np.flatnonzero(infinite):
        reasons[index] = "the value is infinite"
    return pa.array(reasons, pa.string())
