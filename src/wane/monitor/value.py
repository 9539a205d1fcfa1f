"""Any scalar of Python, numpy or a frame as a value that JSON has."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from math import isfinite
from typing import Any, Final
from uuid import UUID

Plain = str | int | float | bool | None
LONGEST_TEXT = 65_536
LONGEST_ID = 256
SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""Whole numbers beyond are sent as floats, for nobody keeps more than 64 bits."""


class Lost(Enum):
    """Stands for a value that cannot be sent."""

    LOST = "lost"


LOST: Final = Lost.LOST


def plain(value: object) -> Plain | Lost:
    """A scalar as a text, number, boolean or None.

    Args:
        value: A Python scalar (bool, int, float, str, Decimal, Fraction, datetime, date, time,
            timedelta, UUID, Enum, UTF-8 bytes), or anything with one value and an `item` method
            (numpy scalars, tensors).

    Returns:
        NaN, NaT, NA and None as None; times in UTC as ISO 8601, those without a zone taken as
        UTC; timedeltas in seconds; LOST for infinities, texts of more than 65,536 characters and
        everything else.
    """
    kind = type(value)
    if kind is float:
        return _number(value)  # type: ignore[arg-type]  # mypy does not narrow by `type() is`
    if kind is str:
        return value if len(value) <= LONGEST_TEXT else LOST  # type: ignore[return-value,arg-type]
    if value is None or kind is bool:
        return value  # type: ignore[return-value]
    if kind is int and SMALLEST <= value <= LARGEST:  # type: ignore[operator]
        return value  # type: ignore[return-value]
    try:
        return _converted(value)
    except Exception:  # noqa: BLE001 - foreign objects raise what they like
        return LOST


def number(value: object) -> float | int | Lost | None:
    """A number; booleans as 0 and 1, LOST for what is none."""
    read = plain(value)
    if isinstance(read, bool):
        return int(read)
    return LOST if isinstance(read, str) else read


def text(value: object) -> str | Lost | None:
    """A scalar as text: whole numbers without decimals, booleans as "true" and "false"."""
    read = plain(value)
    if isinstance(read, bool):
        return "true" if read else "false"
    if isinstance(read, float) and read.is_integer():
        return str(int(read))
    return read if read is None or read is LOST else str(read)


def id_text(value: object) -> str | Lost | None:
    """An id as text; None when it is missing or empty, LOST beyond 256 characters."""
    read = text(value)
    if read is LOST or read is None:
        return read
    return (read or None) if len(read) <= LONGEST_ID else LOST


def failure(value: object) -> bool | str | Lost | None:
    """Whether, or how, a call failed: a boolean or text; numbers as booleans."""
    read = plain(value)
    return bool(read) if isinstance(read, int | float) else read


def utc_text(time: dt.datetime) -> str:
    """ISO 8601 in UTC with a Z; without a zone the time is taken as UTC."""
    if time.tzinfo is not dt.UTC:
        time = time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
    return time.isoformat()[:-6] + "Z"


def _number(value: float) -> float | Lost | None:
    if isfinite(value):
        return value
    return None if value != value else LOST  # noqa: PLR0124 - true of NaN alone


def _converted(value: Any) -> Plain | Lost:  # noqa: ANN401, C901, PLR0911 - one line a type
    match value:
        case Enum():
            return plain(value.value)
        case int():
            return int(value) if SMALLEST <= value <= LARGEST else _number(float(value))
        case float():
            return _number(float(value))
        case str():
            return plain(str.__str__(value))
        case dt.datetime() if value != value:  # noqa: PLR0124 - NaT
            return None
        case dt.datetime():
            return utc_text(value)
        case dt.date() | dt.time():
            return value.isoformat()
        case dt.timedelta():
            return _number(value.total_seconds())
        case Decimal() if value.is_nan():
            return None
        case Decimal() | Fraction():
            return _number(float(value))
        case bytes():
            return plain(value.decode())
        case UUID():
            return str(value)
    return _single(value)


def _single(value: Any) -> Plain | Lost:  # noqa: ANN401 - any foreign object
    """The one value inside a numpy scalar or a tensor, known by its behaviour."""
    name = type(value).__name__
    if name == "NAType":
        return None
    if name in {"datetime64", "timedelta64"}:  # `item` of nanoseconds would be a bare integer
        item = value.astype(f"{name}[us]").item()
        return LOST if isinstance(item, int) else plain(item)
    if not hasattr(value, "item"):
        return LOST
    item = value.item()
    return _number(float(item)) if type(item) is type(value) else plain(item)
