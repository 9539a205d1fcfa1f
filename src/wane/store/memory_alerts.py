"""The memory of alerting in memory; a conformance suite holds it to what SQLite does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wane.store.alerts import MOST_SHOWN, REFRESHED, KeptIncident

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from wane.alert.due import Told, Trouble
    from wane.alert.incident import Incident, Transition
    from wane.alert.life import Step
    from wane.store.alerts import Attempt, KeptSilence


@dataclass(slots=True)
class MemoryAlerts:
    """See `AlertStore`."""

    _incidents: dict[tuple[int, str], Incident] = field(default_factory=dict)
    _transitions: dict[tuple[int, str], list[Transition]] = field(default_factory=dict)
    _told: dict[tuple[str, str], Told] = field(default_factory=dict)
    _troubles: dict[str, Trouble] = field(default_factory=dict)
    _memories: dict[str, str] = field(default_factory=dict)
    _attempts: list[Attempt] = field(default_factory=list)
    _silences: dict[str, KeptSilence] = field(default_factory=dict)

    def incidents(self, model: int | None = None) -> tuple[KeptIncident, ...]:
        """See `AlertStore.incidents`."""
        return tuple(
            KeptIncident(of, one)
            for (of, _), one in sorted(self._incidents.items())
            if model in (None, of)
        )

    def stepped(self, model: int, step: Step) -> None:
        """See `AlertStore.stepped`."""
        for one in step.incidents:
            self._incidents[model, one.fingerprint] = one
        for transition in step.transitions:
            self._transitions.setdefault((model, transition.fingerprint), []).append(transition)

    def transitions(self, model: int, fingerprint: str | None = None) -> tuple[Transition, ...]:
        """See `AlertStore.transitions`."""
        found = [
            one
            for (of, name), many in self._transitions.items()
            if of == model and fingerprint in (None, name)
            for one in many
        ]
        return tuple(sorted(found, key=lambda one: (one.at, one.fingerprint, one.sequence)))

    def told(self) -> tuple[Told, ...]:
        """See `AlertStore.told`."""
        return tuple(one for _, one in sorted(self._told.items()))

    def troubles(self) -> tuple[Trouble, ...]:
        """See `AlertStore.troubles`."""
        return tuple(one for _, one in sorted(self._troubles.items()))

    def memories(self) -> dict[str, str]:
        """See `AlertStore.memories`."""
        return dict(sorted(self._memories.items()))

    def attempted(
        self,
        attempt: Attempt,
        told: Sequence[Told] = (),
        trouble: Trouble | None = None,
        memory: str = "",
    ) -> None:
        """See `AlertStore.attempted`."""
        if attempt.outcome != REFRESHED:
            self._attempts.append(attempt)
        self._told |= {(one.receiver, one.fingerprint): one for one in told}
        if memory:
            self._memories[attempt.group] = memory
        self._troubles.pop(attempt.group, None)
        if trouble is not None:
            self._troubles[trouble.group] = trouble

    def attempts(self, most: int = MOST_SHOWN) -> tuple[Attempt, ...]:
        """See `AlertStore.attempts`."""
        return tuple(self._attempts[::-1][:most])

    def silences(self, tenant: str | None = None) -> tuple[KeptSilence, ...]:
        """See `AlertStore.silences`."""
        found = [one for one in self._silences.values() if tenant in (None, one.tenant)]
        return tuple(sorted(found, key=lambda one: (one.silence.starts, one.silence.id)))

    def put_silence(self, kept: KeptSilence) -> None:
        """See `AlertStore.put_silence`."""
        self._silences[kept.silence.id] = kept

    def forget(self, before: dt.datetime) -> None:
        """See `AlertStore.forget`."""
        self._attempts = [one for one in self._attempts if one.at >= before]
        self._silences = {
            name: one for name, one in self._silences.items() if one.silence.ends >= before
        }
        over = {
            place
            for place, one in self._incidents.items()
            if one.ended is not None and one.ended < before
        }
        for place in over:
            self._incidents.pop(place)
            self._transitions.pop(place, None)
        names = {name for _, name in over}
        self._told = {place: one for place, one in self._told.items() if place[1] not in names}
