"""Something wrong with the pipeline rather than with the world: named, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What may be wrong with what feeds a model."""

    MISSING = "values are missing"
    NEW_VALUES = "values never seen before"
    TRUNCATED = "texts are cut off"
    RESPELLED = "texts are spelled otherwise"
    CONSTANT = "one value only"
    FILLED = "filled with one value"
    NO_NUMBERS = "no numbers any more"
    UNIT = "another unit"
    SWAPPED = "columns are swapped"
    CLOCK = "the clock is shifted"
    SILENT = "a source is silent"
    REPEATED = "rows come twice"
    VERSION = "another model version"


@dataclass(frozen=True, slots=True)
class Fault:
    """A named fault.

    Attributes:
        kind: What it is.
        columns: The columns it is seen in; empty for the whole log.
        sentence: What was seen, with numbers.
        advice: What to look at.
        share: Of the rows of now that are hit, in [0, 1].
        since: Index of the first window that shows it without a break; None where not known.
    """

    kind: FaultKind
    columns: tuple[str, ...]
    sentence: str
    advice: str
    share: float = 1.0
    since: int | None = None
