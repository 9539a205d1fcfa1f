"""How the main metric changed in one segment."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """A row of the report's list of segments, worst change first.

    Attributes:
        segment: "channel=mobile".
        rows: Current rows.
        metric: Key of the main metric.
        reference: Its value on the reference; None when undefined.
        value: Its value on the current rows; None when undefined.
        low: Lower end of the 95 % interval of `value`.
        high: Upper end.
        reason: Why the value is undefined.
    """

    segment: str
    rows: int
    metric: str
    reference: float | None
    value: float | None
    low: float | None
    high: float | None
    reason: str | None = None
