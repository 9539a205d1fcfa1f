"""State as colour, icon and word together, so that none of them carries it alone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from wane.detect.severity import Severity
from wane.diagnose.verdict import State
from wane.report.svg import element

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup

    from wane.alert.alert import Alert


class Tone(StrEnum):
    """How good or bad something is; the value is its CSS class."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"
    UNKNOWN = "unknown"

    @property
    def word(self) -> str:
        """What a reader who sees no colour reads."""
        return WORDS[self]


WORDS = {Tone.GOOD: "fine", Tone.WATCH: "watch", Tone.BAD: "alert", Tone.UNKNOWN: "unknown"}
SHAPES = {
    Tone.GOOD: "M5 1a4 4 0 1 0 .01 0z",
    Tone.WATCH: "M5 .5L9.5 5L5 9.5L.5 5z",
    Tone.BAD: "M.5 1.5h9L5 9.5z",
    Tone.UNKNOWN: "M5 1a4 4 0 1 0 .01 0zM5 2.5a2.5 2.5 0 1 1-.01 0z",
}
OF_STATE = {
    State.HEALTHY: Tone.GOOD,
    State.ATTENTION: Tone.BAD,
    State.BROKEN: Tone.BAD,
    State.NOT_ENOUGH_DATA: Tone.UNKNOWN,
    State.NO_DATA: Tone.UNKNOWN,
}
OF_SEVERITY = {Severity.INFO: Tone.GOOD, Severity.WARNING: Tone.WATCH, Severity.CRITICAL: Tone.BAD}


def icon(tone: Tone) -> Markup:
    """A small shape in the colour of its tone: disc, diamond, triangle or ring."""
    path = element("path", d=SHAPES[tone])
    return element("svg", path, class_=f"icon {tone}", viewBox="0 0 10 10", aria_hidden="true")


def worst(alerts: Iterable[Alert]) -> Tone:
    """The tone of the most severe alert; good when there is none."""
    ranked = sorted(alerts, key=lambda alert: alert.severity.rank)
    return OF_SEVERITY[ranked[-1].severity] if ranked else Tone.GOOD
