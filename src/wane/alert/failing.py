"""The incident of a model that cannot be evaluated: its monitoring has stopped."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from wane.alert.incident import State
from wane.alert.life import NOTHING, Step, recover, step
from wane.alert.signal import Signal, Waiting, fingerprint
from wane.detect.severity import Severity
from wane.window import to_microseconds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from wane.alert.incident import Incident

FAILS = "evaluation fails"
"""What stands in place of a rule."""
SERIES = ("evaluation", None, None)
"""Metric, column and segment."""
TWICE = 2
"""Failures in a row after which people are told: one alone may be a file that is still written."""
REASON = "the model could not be evaluated: the log of the server, or of the run, says why"
"""Messages of errors stay in the log, for they can hold what not everybody should read."""


def failing(tenant: str, model: str, known: Sequence[Incident], now: dt.datetime) -> Step:
    """What a failure does: the first one makes it pending, the second one makes it fire.

    Args:
        tenant: Whose model.
        model: Its name.
        known: The incident, if there was one.
        now: The time of the failure.
    """
    signal = Signal(
        fingerprint=fingerprint(tenant, model, FAILS, SERIES),
        rule=FAILS,
        metric=SERIES[0],
        column=None,
        segment=None,
        severity=Severity.WARNING,
        windows=(to_microseconds(now),),
        since=to_microseconds(now),
        gap=0,
        quiet=0,
        waiting=Waiting.NOTHING,
        value=math.nan,
        threshold=math.nan,
        reason=REASON,
    )
    before = next(iter(known), None)
    if before is None or before.state is State.RESOLVED:
        return step(known, (), now, pending=[replace(signal, asked=TWICE)])
    if before.state is not State.PENDING:
        return NOTHING
    since = before.signal.since
    return step(known, [replace(signal, since=since, windows=(since, *signal.windows))], now)


def recovered(known: Sequence[Incident], now: dt.datetime) -> Step:
    """What a success does: nothing where there is nothing to end."""
    steps = [recover(one, "it was evaluated again", now) for one in known if one.is_open]
    return next(iter(steps), NOTHING)
