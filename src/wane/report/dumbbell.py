"""From the reference (ring) to now (disc) on a scale that all segments share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.report.svg import element, number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup

    from wane.diagnose.segment import SegmentChange
    from wane.report.scale import Linear

WIDTH, HEIGHT, EDGE = 170, 20, 8


@dataclass(frozen=True, slots=True)
class Extent:
    """Lowest and highest value that any of the drawings shows."""

    low: float
    high: float


def extent(segments: Iterable[SegmentChange]) -> Extent | None:
    """The range of references, values and intervals; None when nothing is defined."""
    found = [
        value
        for segment in segments
        for value in (segment.reference, segment.value, segment.low, segment.high)
        if value is not None
    ]
    return Extent(min(found), max(found)) if found else None


def draw(segment: SegmentChange, scale: Linear, tone: str, label: str) -> Markup | None:
    """One segment.

    Args:
        segment: Its reference, value and interval.
        scale: From values to [EDGE, WIDTH - EDGE].
        tone: CSS class of the line between them: "worse", "better" or "same".
        label: What a screen reader says.

    Returns:
        The drawing; None when the value is undefined.
    """
    if segment.value is None:
        return None
    middle = HEIGHT // 2
    now = scale.clamped(segment.value)
    parts = [element("path", d=f"M{EDGE} {middle}H{WIDTH - EDGE}", class_="grid")]
    if segment.low is not None and segment.high is not None:
        ends = (
            f"M{number(scale.clamped(segment.low))} {middle}H{number(scale.clamped(segment.high))}"
        )
        parts.append(element("path", d=ends, class_="interval"))
    if segment.reference is not None:
        then = scale.clamped(segment.reference)
        parts.append(
            element("path", d=f"M{number(then)} {middle}H{number(now)}", class_=f"move {tone}")
        )
        parts.append(element("circle", cx=then, cy=middle, r=4, class_="ref"))
    parts.append(element("circle", cx=now, cy=middle, r=4.5, class_="cur"))
    return element(
        "svg",
        *parts,
        class_="dumbbell",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=label,
    )
