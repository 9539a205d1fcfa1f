"""What a detector found: which series left what is usual, since when, in which shape, how sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wane.detect.detector import Detector
    from wane.detect.severity import Severity
    from wane.detect.shape import Shape
    from wane.metrics.measurement import SeriesKey


@dataclass(frozen=True, slots=True)
class Finding:
    """One event in one series; windows are indices among those measured.

    Attributes:
        key: The series that leads: of several that tell of one event the weightiest.
        severity: How much it matters.
        detector: What raised it.
        shape: Spike, step, ramp or a broken season; revised as windows come in.
        side: 1 when values rose, -1 when they fell.
        first: First window of the change, the most likely one.
        earliest: First window that it may have begun in.
        latest: Last window that it may have begun in.
        raised: Window in which the alarm was raised.
        last: Newest window in which it stands.
        recovered: First window of the return to what is usual; None while it lasts.
        adopted: Whether the new level has become the usual one.
        before: Level it left, in the metric's unit.
        now: Level, or end of the ramp, it came to.
        usual_low: Lower end of what 95 % of windows show when nothing is wrong; nan while that is
            still being learned.
        usual_high: Upper end.
        tolerated: The level from which on a change counts.
        once_in: Windows of the series among which noise alone does this once, at the least; nan
            where that is not known.
        reason: One sentence: what happened, since when, how large and how sure.
        also: Other series that tell of the same event.
    """

    key: SeriesKey
    severity: Severity
    detector: Detector
    shape: Shape
    side: int
    first: int
    earliest: int
    latest: int
    raised: int
    last: int
    recovered: int | None
    adopted: bool
    before: float
    now: float
    usual_low: float
    usual_high: float
    tolerated: float
    once_in: float
    reason: str
    also: tuple[SeriesKey, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether it lasts still."""
        return self.recovered is None and not self.adopted
