"""What is sent: one message for each alert, and the group that goes out together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from wane.detect.severity import Severity

TOP = 5
"""Messages of a group that are told in full; of the others there is the number."""


class News(StrEnum):
    """What is told of an alert."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Message:
    """What people are told of one alert. No feature value of a row is in it.

    Names come from data and may hold anything; channels make them fit. Texts are one sentence or
    a few words each, and empty where there is nothing to say.

    Attributes:
        fingerprint: 32 hex digits, the same over restarts: what receivers know the alert by.
        sequence: Counts the transitions of the alert, from 1; it tells two messages apart.
        state: Whether it fires, is looked after or is over.
        severity: How much it matters.
        model: Name of the model.
        segment: Which rows, e.g. "channel=mobile"; None for all.
        metric: Key of the metric, e.g. "accuracy".
        rule: The rule as text.
        verdict: One sentence: what happened.
        what: What was measured, against what.
        since: Since when, in words.
        started: Since when, with a time zone.
        owner: Who looks after the model; None where that is not said.
        ended: When it was over; None while it lasts.
        size: How large the change is.
        sure: How sure that is.
        where: Segments or columns that explain most of it.
        why: The likely reason.
        advice: The next step.
        link: Address of the alert's page; None where there is none.
        picture: The course of the series, PNG or SVG; None where there is none.
        labels: A few further names to route by, none of them a measured value.
    """

    fingerprint: str
    sequence: int
    state: News
    severity: Severity
    model: str
    segment: str | None
    metric: str
    rule: str
    verdict: str
    what: str
    since: str
    started: dt.datetime
    owner: str | None = None
    ended: dt.datetime | None = None
    size: str = ""
    sure: str = ""
    where: str = ""
    why: str = ""
    advice: str = ""
    link: str | None = None
    picture: bytes | None = field(default=None, repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Names this message among all: sent again after a failure, it is the same."""
        return f"{self.fingerprint}-{self.sequence}"


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that go to one receiver together.

    Channels that page (PagerDuty, Alertmanager) tell each message apart; those that people read
    tell the group in one. A storm that should page once is therefore one alert with a fingerprint
    of its own.

    Attributes:
        receiver: Name of the receiver.
        key: What the messages have in common; the same for the whole life of the group.
        messages: At least one.
        summary: What they say together, e.g. "37 of 120 features drifted"; empty: the channel
            counts them.
        lapses: When a receiver that hears nothing more may take what fires for over; None: the
            channel's own default. A run that ends sets its next one, with some grace.
        memory: What the channel returned with its last delivery to this group, opaque; empty
            before the first, or where nothing is kept.
    """

    receiver: str
    key: str
    messages: tuple[Message, ...]
    summary: str = ""
    lapses: dt.datetime | None = None
    memory: str = ""

    @property
    def id(self) -> str:
        """Names this sending: 32 hex digits, or the message's own id if it is alone."""
        if len(self.messages) == 1:
            return self.messages[0].id
        return hexdigest(self.receiver, self.key, *sorted(message.id for message in self.messages))

    @property
    def thread(self) -> str:
        """32 hex digits that are the same for all sendings that belong together."""
        return hexdigest(self.receiver, self.key)

    @property
    def state(self) -> News:
        """Firing while any message is, then acknowledged, then resolved."""
        states = {message.state for message in self.messages}
        return next(state for state in News if state in states)

    @property
    def severity(self) -> Severity:
        """The greatest."""
        return max(
            (message.severity for message in self.messages), key=lambda severity: severity.rank
        )

    @property
    def headline(self) -> str:
        """One sentence for all of them."""
        if len(self.messages) == 1:
            return self.messages[0].verdict
        return self.summary or f"{len(self.messages)} alerts: {self._counts()}"

    @property
    def top(self) -> tuple[Message, ...]:
        """The `TOP` that matter most: what fires before what does not, the most severe first."""
        states = list(News)
        return tuple(
            sorted(
                self.messages,
                key=lambda message: (states.index(message.state), -message.severity.rank),
            )[:TOP]
        )

    @property
    def rest(self) -> str:
        """How many are not among the top, as a sentence; empty for none."""
        left = len(self.messages) - TOP
        return f"And {left} more." if left > 0 else ""

    def _counts(self) -> str:
        """How many are in which state: "2 firing, 1 resolved"."""
        states = [message.state for message in self.messages]
        return ", ".join(f"{states.count(state)} {state}" for state in News if state in states)


def hexdigest(*parts: str) -> str:
    """The first 32 hex digits of SHA-256 over texts, in this order."""
    joined = "\x1f".join(part.replace("\x1f", " ") for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]
