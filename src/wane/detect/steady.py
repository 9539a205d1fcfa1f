"""Steady harm in series that are still learning: what ten points can say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wane.detect.finding import Finding
from wane.detect.severity import Severity
from wane.detect.shape import gradual
from wane.detect.state import NEVER

if TYPE_CHECKING:
    from wane.detect.place import Place
    from wane.detect.state import State
    from wane.detect.streams import Streams

TREND = "trend"


def steady_findings(streams: Streams, state: State, place: Place) -> list[Finding]:
    """Declines and growths that do harm; information, as so few windows bear no alarm.

    Of the whole model alone, and only of series without limits.
    """
    found = []
    for at, key in enumerate(streams.keys):
        whole = key.column is None and key.segment is None
        if state.judged_from[at] == NEVER and streams.harm[at] and whole:
            finding = _steady(streams, at, place)
            found += [finding] if finding else []
    return found


def _steady(streams: Streams, at: int, place: Place) -> Finding | None:
    harm, tolerance = int(streams.harm[at]), float(streams.tolerance[at])
    steady = gradual(streams.values[at, streams.begin :], tolerance=tolerance)
    if steady is None or steady.slope * harm < 0:
        return None
    shaped, newest = steady.shaped, len(place.measurements.windows) - 1
    first, earliest, latest = (
        place.index(streams.begin + window)
        for window in (shaped.first, shaped.earliest, shaped.latest)
    )
    return Finding(
        key=streams.keys[at],
        severity=Severity.INFO,
        detector=TREND,
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
        once_in=1 / max(steady.p_value, 1e-300),
        reason="",
    )
