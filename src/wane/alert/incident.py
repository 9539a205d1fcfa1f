"""An incident: one condition from its first alert to its end, however many windows that takes."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  # what is stored is decoded by its annotations
from dataclasses import dataclass
from enum import StrEnum

from wane.alert.signal import Signal  # noqa: TC001  # as above


class State(StrEnum):
    """Where an incident is in its life; the words are those of Prometheus and Grafana."""

    PENDING = "pending"
    """Its rule is broken, but not for as many windows as it asks for."""
    FIRING = "firing"
    RECOVERING = "recovering"
    """Quiet, but not for long enough to say that it is over."""
    RESOLVED = "resolved"


class Cause(StrEnum):
    """Why an incident went from one state to another."""

    PENDING = "pending"
    PASSED = "passed"
    """It was pending, and did not last."""
    RAISED = "raised"
    ESCALATED = "escalated"
    EASED = "eased"
    QUIET = "quiet"
    AGAIN = "fires again"
    RECOVERED = "recovered"
    WITHDRAWN = "withdrawn"
    """The windows were measured again, and do not fire any more."""
    RULE_GONE = "rule removed"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Incident:
    """One condition that needs, or needed, somebody's attention.

    Attributes:
        signal: The condition as it was last seen firing.
        state: Where it is.
        sequence: Counts transitions, from 1.
        opened: When it was raised, by the clock of the evaluation.
        changed: When the state last changed.
        worst: The value furthest beyond the threshold.
        acknowledged: By whom; None while nobody has.
        ended: When it was resolved.
    """

    signal: Signal
    state: State
    sequence: int
    opened: dt.datetime
    changed: dt.datetime
    worst: float
    acknowledged: str | None = None
    ended: dt.datetime | None = None

    @property
    def fingerprint(self) -> str:
        """Of the condition."""
        return self.signal.fingerprint

    @property
    def is_open(self) -> bool:
        """Whether it is not over."""
        return self.state is not State.RESOLVED

    @property
    def is_told(self) -> bool:
        """Whether it is open, and more than pending."""
        return self.state in (State.FIRING, State.RECOVERING)

    @property
    def order(self) -> tuple[bool, bool, int, dt.datetime]:
        """Sorts incidents for people: open ones first, the worst of them first, then the oldest."""
        return not self.is_open, not self.is_told, -self.signal.severity.rank, self.opened


@dataclass(frozen=True, slots=True)
class Transition:
    """A step in the life of an incident.

    Attributes:
        fingerprint: Of the incident.
        sequence: Its number after the step.
        at: When.
        before: State before; None when it was raised.
        after: State after.
        cause: Why.
        reason: The same as a sentence.
    """

    fingerprint: str
    sequence: int
    at: dt.datetime
    before: State | None
    after: State
    cause: Cause
    reason: str
