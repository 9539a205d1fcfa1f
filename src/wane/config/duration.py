"""Lengths of time as they are written: "30s", "10min", "6h", "30d"."""

from __future__ import annotations

import datetime as dt
import re

FORM = r"^[1-9][0-9]{0,4}(s|min|h|d)$"
"""Up to 273 years, so that the calendar does not end before they do."""
UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}


def duration(text: str) -> dt.timedelta:
    """The length of time that a text of `FORM` says.

    Raises:
        ValueError: It is not of that form.
    """
    if re.fullmatch(FORM, text) is None:
        raise ValueError(f'{text!r} is no length of time like "10min", "6h" or "30d"')
    unit = text.lstrip("0123456789")
    return dt.timedelta(**{UNITS[unit]: int(text.removesuffix(unit))})
