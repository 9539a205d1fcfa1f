"""Whether something was done so short a time ago that it need not be done again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt


def recent(since: dt.datetime | None, length: dt.timedelta, now: dt.datetime) -> bool:
    """Whether less than a length of time has passed.

    Args:
        since: When it was done; None: never.
        length: How long that holds.
        now: The time; where the clock was put back to before `since`, that was not recent.
    """
    return since is not None and since <= now < since + length
