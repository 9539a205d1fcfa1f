"""The time as text, quickly: it is asked for with every row."""

from __future__ import annotations

import time


class Clock:
    """Tells the time in UTC; the text of a second is made once."""

    def __init__(self) -> None:
        self._second = (-1, "")

    def __call__(self) -> str:
        """The time now as ISO 8601 with microseconds and a Z."""
        second, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
        known, text = self._second
        if known != second:
            text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            self._second = (second, text)  # one assignment, so that threads see both or neither
        return f"{text}.{nanoseconds // 1000:06d}Z"


utc_now = Clock()
