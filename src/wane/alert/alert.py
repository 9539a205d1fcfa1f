"""An alert: a rule that was broken for long enough, in one window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wane.detect.severity import Severity
    from wane.metrics.measurement import SeriesKey
    from wane.window import Window


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule firing in one window.

    Attributes:
        rule: The rule as text, e.g. "accuracy < 0.90".
        key: Metric, column and segment.
        severity: How much it matters.
        window: The window in which the rule fires.
        value: The measured value.
        threshold: The limit it was held against (for relative rules, the limit in the metric's
            own unit).
        reason: One sentence: what was measured, against what, on how many rows.
    """

    rule: str
    key: SeriesKey
    severity: Severity
    window: Window
    value: float
    threshold: float
    reason: str
