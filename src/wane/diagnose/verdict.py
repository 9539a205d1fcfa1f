"""The verdict: a state, a sentence with numbers and a date, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """The five states of a model."""

    HEALTHY = "healthy"
    ATTENTION = "needs attention"
    BROKEN = "broken"
    NOT_ENOUGH_DATA = "not enough data"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Verdict:
    """State, one sentence, and the next step (empty when there is nothing to do)."""

    state: State
    sentence: str
    advice: str = ""
