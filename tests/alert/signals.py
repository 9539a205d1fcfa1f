"""Signals and incidents that tests build on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from wane.alert.incident import Incident, State
from wane.alert.signal import Signal, Waiting, fingerprint
from wane.detect.severity import Severity
from wane.window import DAY

NOW = dt.datetime(2026, 11, 26, 1, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
FIRST = 20_000 * DAY


def signal(
    *days: int,
    rule: str = "accuracy < 0.90",
    metric: str = "accuracy",
    quiet: int = 0,
    severity: Severity = Severity.CRITICAL,
    segment: str | None = None,
    column: str | None = None,
    value: float = 0.8,
) -> Signal:
    """A condition that held on these days, the newest run being the days side by side."""
    windows = tuple(FIRST + day * DAY for day in days)
    since = windows[-1]
    for window in reversed(windows[:-1]):
        if window != since - DAY:
            break
        since = window
    earlier = [window for window in windows if window < since]
    return Signal(
        fingerprint=fingerprint("default", "churn", rule, (metric, column, segment)),
        rule=rule,
        metric=metric,
        column=column,
        segment=segment,
        severity=severity,
        windows=windows,
        since=since,
        gap=(since - earlier[-1]) // DAY - 1 if earlier else 0,
        quiet=quiet,
        waiting=Waiting.NOTHING,
        value=value,
        threshold=0.9,
        reason=f"{metric} {value} is below 0.9",
    )


def incident(state: State = State.FIRING, **changes: object) -> Incident:
    """An incident raised an hour ago."""
    opened = NOW - 60 * MINUTE
    made = Incident(signal(5), state, 1, opened, opened, 0.8)
    return replace(made, **changes)  # type: ignore[arg-type]
