"""What every backend remembers of incidents, and of who was told."""

from __future__ import annotations

import datetime as dt  # noqa: TC003  # what is stored is decoded by its annotations
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from wane.alert.incident import Incident  # noqa: TC001  # as above
from wane.alert.route import matches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.alert.due import Told, Trouble
    from wane.alert.incident import Transition
    from wane.alert.life import Step
    from wane.alert.silence import Silence

MOST_SHOWN = 200
REFRESHED = "refreshed"
"""Outcome of an attempt that told nothing new, and is not kept: there is one every minute."""


@dataclass(frozen=True, slots=True)
class KeptIncident:
    """An incident and the number of its model."""

    model: int
    incident: Incident


@dataclass(frozen=True, slots=True)
class KeptSilence:
    """A silence and whose it is."""

    tenant: str
    silence: Silence

    @property
    def bound(self) -> Silence:
        """The silence of this tenant's incidents alone, whatever else it matches."""
        own = matches({"tenant": self.silence.match.get("tenant", "*")}, {"tenant": self.tenant})
        tenant = self.tenant if own else ""  # which is nobody's
        return replace(self.silence, match={**self.silence.match, "tenant": tenant})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to tell a receiver something, for people to read.

    Attributes:
        at: When.
        receiver: Name of the receiver.
        group: Key of the group.
        fingerprints: Of the incidents in it.
        outcome: "delivered", "again" or "refused".
        reason: What the receiver said; empty where it took the message.
    """

    at: dt.datetime
    receiver: str
    group: str
    fingerprints: tuple[str, ...]
    outcome: str
    reason: str = ""

    @property
    def failed(self) -> bool:
        """Whether the receiver did not take it."""
        return self.outcome in ("again", "refused")


class AlertStore(Protocol):
    """The memory of alerting. Writes are durable when they return."""

    def incidents(self, model: int | None = None) -> tuple[KeptIncident, ...]:
        """The newest incident of each fingerprint, of one model or of all."""
        ...

    def stepped(self, model: int, step: Step) -> None:
        """Keep what happened to the incidents of a model, states and transitions together."""
        ...

    def transitions(self, model: int, fingerprint: str | None = None) -> tuple[Transition, ...]:
        """What happened, oldest first: to one incident, or to all of a model."""
        ...

    def told(self) -> tuple[Told, ...]:
        """What each receiver was told last of each incident."""
        ...

    def troubles(self) -> tuple[Trouble, ...]:
        """Groups that could not be delivered."""
        ...

    def memories(self) -> dict[str, str]:
        """Group -> what its channel wants to be given with the next message."""
        ...

    def attempted(
        self,
        attempt: Attempt,
        told: Sequence[Told] = (),
        trouble: Trouble | None = None,
        memory: str = "",
    ) -> None:
        """Keep what came of an attempt, all together; without trouble that of the group ends.

        An attempt that only refreshed is not kept itself.

        An empty memory leaves what is remembered of the group as it is.
        """
        ...

    def attempts(self, most: int = MOST_SHOWN) -> tuple[Attempt, ...]:
        """The newest attempts, newest first."""
        ...

    def silences(self, tenant: str | None = None) -> tuple[KeptSilence, ...]:
        """All silences, of a tenant or of all, by begin."""
        ...

    def put_silence(self, kept: KeptSilence) -> None:
        """Keep a silence; one of the same id is replaced."""
        ...

    def forget(self, before: dt.datetime) -> None:
        """Forget attempts, and silences that ended, before a time; and incidents that ended."""
        ...
