"""What a channel is, and what comes of sending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt

    from wane.alert.message import Group


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has it.

    Attributes:
        note: What is worth knowing all the same, e.g. that one of three mailboxes does not exist.
        memory: What the channel wants to be given with the next group of the same key (see
            `Group.memory`).
    """

    note: str = ""
    memory: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """Not this time: the same group is to be sent again.

    Attributes:
        reason: Why, without secrets.
        after_seconds: How long the receiver wants to be left alone, at least; None: it did not
            say.
    """

    reason: str
    after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Never like this: sending the same again is of no use.

    Attributes:
        reason: Why, and what to do about it, without secrets.
    """

    reason: str


Outcome = Delivered | Again | Refused


class Channel(Protocol):
    """A way to one receiver."""

    @property
    def pause_seconds(self) -> float:
        """Least time between two groups that the receiver puts up with; 0: any."""

    @property
    def refresh_seconds(self) -> float:
        """How often the receiver has to hear that something still fires; 0: once is enough."""

    @property
    def pictures(self) -> bool:
        """Whether it shows the course of a series."""

    def send(self, group: Group, now: dt.datetime) -> Outcome:
        """Send a group once.

        Sending the same group twice does no harm where the receiver can tell: what identifies a
        message is the same each time.

        Args:
            group: What to tell.
            now: The time, with a time zone.

        Returns:
            What came of it. Whatever a receiver does, or a secret that is missing, is an outcome
            and no exception.
        """
