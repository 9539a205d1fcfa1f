"""How one column changed between the reference and the current rows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wane.schema import Kind


class Because(StrEnum):
    """The kind of change that weighs most in a column."""

    SAME = "no change"
    MIX = "mix"
    ANSWERS_WORSE = "answers worse"
    MISSING = "missing"
    UNSEEN = "new values"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a small histogram.

    Attributes:
        label: The category, or the range of values ("12.1 to 13.4").
        width: Relative width of the bar, > 0; bars of a column add up to 1.
        reference: Share of reference rows in [0, 1]; None without a reference.
        current: Share of current rows in [0, 1].
    """

    label: str
    width: float
    reference: float | None
    current: float


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column of the report's list of what changed.

    Attributes:
        column: Its name.
        role: "feature", "score", "prediction" or "label".
        kind: Numeric or categorical.
        what: The change in words and numbers: "+0.42 sd", "mobile 31 → 52 %".
        psi: Population stability index over all current windows after the change; None when
            undefined.
        noise: The PSI that pure noise would give at this size (95th percentile).
        drifted: Whether the change is beyond noise and large enough to matter.
        contribution: Part of the change of the main metric that a changed mix or changed answers
            in this column explain, in the metric's unit; None when not known.
        because: The kind of change.
        bars: Histogram of reference and current rows, left to right.
        reason: Why PSI is undefined, if it is.
    """

    column: str
    role: str
    kind: Kind
    what: str
    psi: float | None
    noise: float | None
    drifted: bool
    contribution: float | None
    because: Because
    bars: tuple[Bar, ...]
    reason: str | None = None
