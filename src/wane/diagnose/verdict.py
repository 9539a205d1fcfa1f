"""The verdict: a state, a sentence with numbers and a date, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from wane.diagnose.decide import Action, Decision

if TYPE_CHECKING:
    from wane.diagnose.episode import Episode

NO_DECISION = Decision(Action.NOTHING)


class State(StrEnum):
    """The five states of a model."""

    HEALTHY = "healthy"
    ATTENTION = "needs attention"
    BROKEN = "broken"
    NOT_ENOUGH_DATA = "not enough data"
    NO_DATA = "no data"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to think of a model.

    Attributes:
        state: How it is.
        sentence: What happened, with numbers and dates.
        advice: The next step; empty when there is nothing to do.
        decision: Which of seven things to do, why, and by which numbers.
        concerns: The episodes it rests on, oldest first: those that stand, that ended just now, or
            that belong to a loss of the main metric that lasts.
    """

    state: State
    sentence: str
    advice: str = ""
    concerns: tuple[Episode, ...] = ()
    decision: Decision = NO_DECISION
