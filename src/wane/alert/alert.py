"""An alert: a rule that was broken for long enough, in one window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wane.detect.finding import Finding
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
        n: Rows behind the value; 0 where that is not known.
        finding: The event it tells of, where learned limits raised it; None for rules.
        asked: Windows for which the rule has to be broken, where it has not been for so many yet;
            0 where it fires.
    """

    rule: str
    key: SeriesKey
    severity: Severity
    window: Window
    value: float
    threshold: float
    reason: str
    n: int = 0
    finding: Finding | None = None
    asked: int = 0

    @property
    def downward(self) -> bool:
        """Whether a value was too small."""
        if self.finding is not None:
            return self.finding.side < 0
        return self.value <= self.threshold
