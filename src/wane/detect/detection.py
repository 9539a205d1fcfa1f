"""What applying a rule yields: a broken rule in one window, or that it cannot be told yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wane.detect.rule import Rule
    from wane.metrics.measurement import SeriesKey


@dataclass(frozen=True, slots=True)
class Detection:
    """A rule that is broken in one window.

    Attributes:
        rule: Which rule.
        key: Which series.
        index: Number of the window among those measured.
        value: The measured value.
        threshold: The limit in the metric's own unit, also for relative rules.
        n: Rows behind the value.
        reason: What was measured, against what, on how many rows.
    """

    rule: Rule
    key: SeriesKey
    index: int
    value: float
    threshold: float
    n: int
    reason: str


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule that cannot be judged in one window.

    Attributes:
        rule: Which rule.
        key: Which series.
        index: Number of the window among those measured.
        needed: About how many more rows would tell; None when rows are not what is missing.
        reason: Why it cannot be told, and what would help.
    """

    rule: Rule
    key: SeriesKey
    index: int
    needed: int | None
    reason: str
