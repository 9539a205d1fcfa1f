"""How far the windows of a run are those of the whole stream."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wane.metrics.provisional import Provisional

if TYPE_CHECKING:
    from wane.metrics.measurement import Measurements
    from wane.profile.profile import Ledger

PARTIAL = 0.05
"""A window is complete when its data reach at least this close to both of its ends."""


@dataclass(frozen=True, slots=True)
class Covered:
    """How far the windows are those of the whole stream.

    Attributes:
        partial: Windows that were only seen in part: their volume breaks no rule.
        days_off: Windows in which a default rule says nothing of the volume.
        provisional: What rests on labels that are still to come: it breaks no default rule.
        complete: Whether the log is said to be all there, so that silence is an outage of the
            service and no hole in the log.
    """

    partial: frozenset[int] = frozenset()
    days_off: frozenset[int] = frozenset()
    provisional: Provisional = field(default_factory=Provisional)
    complete: bool = True


WHOLLY = Covered()
"""Nothing is known to be left out."""


def incomplete_windows(
    ledger: Ledger, measurements: Measurements, until: int | None = None
) -> frozenset[int]:
    """The first and last window, where the data begin or end inside of it.

    Their volume says nothing: the window was only seen in part. Of windows by rows it is the last.
    Data that should reach `until` (microseconds) were seen up to then, whether there are any there
    or not.
    """
    windows = measurements.windows
    if not windows or not len(ledger):
        return frozenset()
    if windows[0].by_rows:
        return frozenset({len(windows) - 1})
    earliest = float(ledger.counters.earliest.min())
    latest = max(float(ledger.counters.latest.max()), -math.inf if until is None else until)
    first, last = windows[0], windows[-1]
    found = set()
    if earliest > first.start + PARTIAL * (first.end - first.start):
        found.add(0)
    if latest < last.end - PARTIAL * (last.end - last.start):
        found.add(len(windows) - 1)
    return frozenset(found)
