"""Steady harm that no detector calls: what ten points can say, and a history that itself drifts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wane.detect.detector import Detector
from wane.detect.finding import Finding
from wane.detect.limits import BASE_WINDOWS, allowed_alarms
from wane.detect.severity import Severity
from wane.detect.shape import gradual
from wane.detect.state import NEVER

if TYPE_CHECKING:
    from wane.detect.place import Place
    from wane.detect.state import State
    from wane.detect.streams import Streams

LONGEST = 400
"""Newest windows that are looked at; time grows with their square."""
SURE_P_VALUE = 0.001
"""A trend where limits are known needs at most this, and less where the budget is tighter."""


def steady_findings(streams: Streams, state: State, place: Place, rate: float) -> list[Finding]:
    """Declines and growths that do harm, in series of the whole model without an open alarm.

    While a series is still learning they are information, as so few windows bear no alarm. Later
    they are a warning: what declines from its first window on is its own history, so that limits
    learned from it do not see it.

    Args:
        streams: What was watched.
        state: After the last window.
        place: Where its windows lie.
        rate: False alarms that may be expected in one window of all streams.
    """
    open_now = {mark.stream for mark in state.marks if mark.open}
    found = []
    for at, key in enumerate(streams.keys):
        whole = key.column is None and key.segment is None
        watched = streams.harm[at] and not streams.adopts[at]
        if whole and watched and at not in open_now:
            finding = _steady(streams, state, at, place, rate)
            found += [finding] if finding else []
    return found


def _steady(streams: Streams, state: State, at: int, place: Place, rate: float) -> Finding | None:
    harm, tolerance = int(streams.harm[at]), float(streams.tolerance[at])
    begin = max(streams.begin, streams.length - LONGEST)
    steady = gradual(streams.values[at, begin:], tolerance=tolerance)
    if steady is None or steady.slope * harm < 0:
        return None
    learning = state.judged_from[at] == NEVER
    allowed = BASE_WINDOWS * float(allowed_alarms(streams, rate)[at])
    if not learning and steady.p_value > min(SURE_P_VALUE, allowed):
        return None
    shaped, newest = steady.shaped, len(place.measurements.windows) - 1
    first, earliest, latest = (
        place.index(begin + window) for window in (shaped.first, shaped.earliest, shaped.latest)
    )
    return Finding(
        key=streams.keys[at],
        severity=Severity.INFO if learning else Severity.WARNING,
        detector=Detector.TREND,
        shape=shaped.shape,
        side=harm,
        first=first,
        earliest=earliest,
        latest=latest,
        raised=newest,
        last=newest,
        recovered=None,
        adopted=False,
        before=shaped.before,
        now=shaped.now,
        usual_low=math.nan,
        usual_high=math.nan,
        tolerated=shaped.before + harm * tolerance,
        once_in=math.nan,
        reason="",
    )
