"""Windows of time, as everything that is remembered has them, and whether one has closed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.errors import ConfigError
from wane.pipeline.recall import closed
from wane.report.parts import SUMMARY
from wane.window import to_microseconds

if TYPE_CHECKING:
    import datetime as dt

    from wane.config import Settings
    from wane.store.records import Model
    from wane.store.store import Store
    from wane.window import Every


def clocked(every: Every | None) -> Every:
    """Windows of time.

    Raises:
        ConfigError: They are cut by rows, which has no meaning where rows come in any order.
    """
    if every is None or every.by_rows:
        raise ConfigError(
            "what is remembered is cut by time, not by rows",
            expected='every = "1h" or "1d", for example, and a timestamp',
            got=repr(every.text if every else None),
            hint="`wane check` cuts by rows.",
        )
    return every


def window_of(every: Every, moment: int) -> int:
    """Start of the window in which a moment lies, both in microseconds."""
    return int(every.keys(np.array([moment], np.int64))[0])


def time_passed(
    store: Store, model: Model, settings: Settings, every: Every, now: dt.datetime
) -> bool:
    """Whether a window has closed since the newest evaluation: without rows, that says much."""
    newest = store.result(model.id, SUMMARY)
    if newest is None:
        return True
    then, today = (to_microseconds(closed(settings, time)) for time in (newest.made, now))
    return window_of(every, then) < window_of(every, today)
