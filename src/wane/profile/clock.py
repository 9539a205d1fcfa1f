"""Reading event times, and setting aside the rows that have none."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wane.classes import stored
from wane.profile.values import is_text, to_numbers
from wane.window import DAY, SECOND, to_microseconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_TIME = np.iinfo(np.int64).min
"""Stands for a missing time."""
BROKEN_TIME = NO_TIME + 1
"""Stands for a value that is no time."""
EARLIEST = to_microseconds(dt.datetime(1900, 1, 1, tzinfo=dt.UTC))
LATEST = to_microseconds(dt.datetime(2200, 1, 1, tzinfo=dt.UTC))


def to_times(array: pa.Array) -> NDArray[np.int64]:
    """Event times as microseconds since 1970-01-01 UTC; NO_TIME and BROKEN_TIME where not.

    Times without a zone are taken as UTC. Dates are their midnight. Texts are ISO 8601. Numbers
    are seconds since 1970; those too large for that (beyond 1e11, the year 5138) milliseconds,
    beyond 1e14 microseconds, beyond 1e17 nanoseconds.
    """
    array = stored(array)
    kind = array.type
    if pa.types.is_dictionary(kind):
        values = to_times(array.dictionary)
        codes = pc.fill_null(array.indices, -1).to_numpy(zero_copy_only=False).astype(np.intp)
        taken: NDArray[np.int64] = np.append(values, NO_TIME)[codes]
        return taken
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        micros = array.cast(pa.timestamp("us", getattr(kind, "tz", None)), safe=False)
        return _plausible(_integers(micros.cast(pa.int64())))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _plausible(_epochs(to_numbers(array).values))
    if is_text(kind):
        return _plausible(_texts(array.cast(pa.string())))
    nulls = np.asarray(array.is_null().to_numpy(zero_copy_only=False))
    return np.where(nulls, NO_TIME, BROKEN_TIME)


def _plausible(times: NDArray[np.int64]) -> NDArray[np.int64]:
    """Times before 1900 or after 2200 are broken; so are the unit's own overflows."""
    outside = (times != NO_TIME) & ((times < EARLIEST) | (times > LATEST))
    return np.where(outside, BROKEN_TIME, times) if outside.any() else times


def _integers(array: pa.Array) -> NDArray[np.int64]:
    filled = pc.fill_null(array, NO_TIME) if array.null_count else array
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.int64)


def _epochs(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers since 1970, each in the unit that its size tells."""
    size = np.abs(values)
    unit = np.select([size >= 1e17, size >= 1e14, size >= 1e11], [1e-3, 1.0, 1e3], float(SECOND))
    scaled = values * unit
    readable = np.abs(scaled) <= LATEST
    times = np.rint(np.where(readable, scaled, 0.0)).astype(np.int64)
    times[~readable] = BROKEN_TIME
    times[np.isnan(values)] = NO_TIME
    return times


def _texts(array: pa.Array) -> NDArray[np.int64]:
    for zone in (None, "UTC"):
        try:
            return _integers(array.cast(pa.timestamp("us", zone)).cast(pa.int64()))
        except pa.ArrowInvalid:
            continue
    return np.array([_parse(text) for text in array.to_pylist()], dtype=np.int64)


def _parse(text: str | None) -> int:
    if text is None or not text.strip():
        return NO_TIME
    try:
        return to_microseconds(dt.datetime.fromisoformat(text.strip()))
    except ValueError:
        return BROKEN_TIME


def hour_of_week(times: NDArray[np.int64]) -> NDArray[np.intp]:
    """Hour of the week in UTC, 0 = Monday 00:00."""
    hours = times // (3_600 * SECOND) + 3 * 24
    return (hours % 168).astype(np.intp)


def is_future(times: NDArray[np.int64], now: int) -> NDArray[np.bool_]:
    """Times more than a day after `now`, which no clock skew explains."""
    return times > now + DAY
