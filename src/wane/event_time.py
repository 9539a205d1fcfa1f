"""Event times of any spelling, as microseconds since 1970-01-01 UTC."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from wane.window import to_microseconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

FINEST_SECONDS = 1e11
"""Numbers below are seconds (until the year 5138), above milliseconds."""
FINEST_MILLISECONDS = 1e14
FINEST_MICROSECONDS = 1e17


def event_microseconds(array: pa.Array) -> pa.Array:
    """Read event times from a timestamp, date, epoch number or ISO 8601 text column.

    Times without a zone are UTC. The unit of an epoch number (seconds, milliseconds,
    microseconds, nanoseconds) is told from its magnitude.

    Args:
        array: Shape [n], any type; chunked or not.

    Returns:
        int64 array, shape [n]; null where the time is missing or cannot be read. A column of
        another type (boolean, nested) is null throughout.
    """
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_decode()
    kind = whole.type
    if pa.types.is_timestamp(kind):
        return whole.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64())
    if pa.types.is_date(kind):
        return whole.cast(pa.timestamp("us")).cast(pa.int64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _from_epoch(whole.cast(pa.float64(), safe=False), whole)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _from_text(whole)
    return pa.nulls(len(whole), pa.int64())


def _from_epoch(numbers: pa.Array, exact: pa.Array) -> pa.Array:
    values = numbers.fill_null(np.nan).to_numpy(zero_copy_only=False)
    usable = np.isfinite(values) & (np.abs(values) < 9e18)
    size = np.abs(np.where(usable, values, 0.0))
    scale = np.select(
        [size < FINEST_SECONDS, size < FINEST_MILLISECONDS, size < FINEST_MICROSECONDS],
        [1e6, 1e3, 1.0],
        1e-3,
    )
    times = np.rint(np.where(usable, values, 0.0) * scale).astype(np.int64)
    if pa.types.is_integer(exact.type) and exact.type.bit_width == 64:
        times = _exactly(exact, times, scale)
    return pa.array(times, mask=~usable)


def _exactly(
    exact: pa.Array, times: NDArray[np.int64], scale: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Microseconds and nanoseconds without the rounding of a float64."""
    integers = exact.cast(pa.int64(), safe=False).fill_null(0).to_numpy(zero_copy_only=False)
    return np.select([scale == 1.0, scale < 1.0], [integers, integers // 1_000], times)


def _from_text(texts: pa.Array) -> pa.Array:
    for target in (pa.timestamp("us"), pa.timestamp("us", "UTC")):
        try:
            return texts.cast(target).cast(pa.int64())
        except pa.ArrowInvalid:
            continue  # some text is not of this form: the next one, at last value by value
    encoded = texts.dictionary_encode()
    read = pa.array([_parse(text) for text in encoded.dictionary.to_pylist()], pa.int64())
    return read.take(encoded.indices)


def _parse(text: str | None) -> int | None:
    if text is None:
        return None
    stripped = text.strip()
    try:
        return to_microseconds(dt.datetime.fromisoformat(stripped))
    except (ValueError, OverflowError):
        pass
    try:
        number = float(stripped)
    except ValueError:
        return None
    single = pa.array([number], pa.float64())
    result: int | None = _from_epoch(single, single)[0].as_py()
    return result
