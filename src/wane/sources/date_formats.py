"""Local ways to write a day with a time, which DuckDB's sniffer leaves as text."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

LOCAL_TIME = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4} \d{1,2}:\d{2}(:\d{2})?")
ORDERS = ("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%m-%d-%Y", "%d-%m-%Y")
"""Where a day fits both orders, the month comes first with / and -, the day with a dot."""


def local_time_format(texts: Collection[str]) -> str | None:
    """The strptime format that reads every one of the texts; None when there is none.

    Args:
        texts: Different values of a column, none of them empty; at least one.
    """
    if not all(LOCAL_TIME.fullmatch(text) for text in texts):
        return None
    clock = "%H:%M:%S" if next(iter(texts)).count(":") == 2 else "%H:%M"
    formats = (f"{order} {clock}" for order in ORDERS)
    return next((each for each in formats if all(_reads(text, each) for text in texts)), None)


def _reads(text: str, form: str) -> bool:
    try:
        dt.datetime.strptime(text, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return True
