"""Columns of frames as they are sent: few types, each what its role needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wane.monitor.roles import SCORES
from wane.monitor.uuid7 import uuid7
from wane.monitor.value import LONGEST_ID, LONGEST_TEXT
from wane.profile.clock import BROKEN_TIME, NO_TIME, to_times
from wane.profile.values import is_text, to_numbers
from wane.sources.identity import id_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

NUMBERS = ("score", "latency", "weight", "rank", "relevance")
TIME = pa.timestamp("us", "UTC")


@dataclass(frozen=True, slots=True)
class Sent:
    """A column in the form in which it is sent.

    Attributes:
        array: The values.
        nulled: Values that could not be sent, and are null.
    """

    array: pa.Array
    nulled: int = 0


def as_sent(name: str, array: pa.Array) -> Sent:
    """A column under its name on the wire.

    Args:
        name: A role, "scores.<class>", or a feature.
        array: Shape [n], of a type that `sources` hands on.

    Returns:
        Ids and versions as text, the timestamp in UTC microseconds, scores and other numbers as
        float64, errors as boolean or text, other times as ISO 8601; the rest as it is, texts of
        more than 65,536 bytes as null.
    """
    plain = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
    if name == "timestamp":
        return _times(plain)
    if name in NUMBERS or name.startswith(SCORES):
        return _numbers(plain)
    if name in {"id", "version"}:
        texts = _short(id_text(plain), LONGEST_ID if name == "id" else LONGEST_TEXT)
        return Sent(pc.if_else(pc.equal(texts.array, ""), None, texts.array), texts.nulled)
    if name == "error" and not is_text(plain.type) and not pa.types.is_boolean(plain.type):
        numbers = _numbers(plain)
        return Sent(pc.not_equal(numbers.array, 0.0), numbers.nulled)
    return _scalars(plain)


def timed(arrays: Mapping[str, pa.Array], rows: int, now: dt.datetime) -> dict[str, pa.Array]:
    """The columns with a time in every row: `now` where it does not tell its own."""
    times = arrays.get("timestamp", pa.nulls(rows, TIME))
    return {**arrays, "timestamp": pc.fill_null(times, pa.scalar(now, TIME))}


def identified(
    arrays: Mapping[str, pa.Array], rows: int, version: str | None
) -> dict[str, pa.Array]:
    """The columns with an id in every row, and where one is given a version."""
    ids = arrays.get("id", pa.nulls(rows, pa.string()))
    if ids.null_count:
        ids = pa.array([each or uuid7() for each in ids.to_pylist()], pa.string())
    if version is None:
        return {**arrays, "id": ids}
    versions = arrays.get("version", pa.nulls(rows, pa.string()))
    return {**arrays, "id": ids, "version": pc.fill_null(versions, version)}


def _times(array: pa.Array) -> Sent:
    times = to_times(array)
    missing = (times == NO_TIME) | (times == BROKEN_TIME)
    sent = pa.array(np.where(missing, 0, times), mask=missing).cast(TIME)
    return Sent(sent, int((times == BROKEN_TIME).sum()))


def _scalars(array: pa.Array) -> Sent:
    """Values of any kind, each as `log` would send it."""
    if pa.types.is_timestamp(array.type):
        return Sent(_iso(array))
    if pa.types.is_date(array.type):
        return Sent(array.cast(pa.string()))
    return _short(array, LONGEST_TEXT) if is_text(array.type) else Sent(array)


def _iso(array: pa.Array) -> pa.Array:
    """Times as the same text that `log` sends: a frame and a row say the same."""
    zone = array.type.tz
    micros = array.cast(pa.timestamp("us", zone), safe=False).cast(pa.int64()).cast(TIME)
    texts = pc.strftime(micros, format="%Y-%m-%dT%H:%M:%SZ")
    return pc.replace_substring(texts, ".000000Z", "Z")


def _numbers(array: pa.Array) -> Sent:
    read = to_numbers(array)
    values = pa.array(read.values, pa.float64(), from_pandas=True)
    return Sent(values, 0 if read.wrong is None else int(read.wrong.sum()))


def _short(array: pa.Array, longest: int) -> Sent:
    """Texts; null where they are longer than so many bytes."""
    too_long = pc.fill_null(pc.greater(pc.binary_length(array), longest), False)
    nulled = pc.sum(too_long).as_py() or 0
    return Sent(pc.if_else(too_long, None, array) if nulled else array, nulled)
