"""The memory of alerting in SQLite, beside the other tables of the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from wane.alert.due import Told, Trouble
from wane.alert.incident import Incident, Transition
from wane.alert.silence import Silence
from wane.store.alerts import MOST_SHOWN, REFRESHED, Attempt, KeptIncident, KeptSilence
from wane.window import to_microseconds

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from wane.alert.life import Step

INCIDENT = msgspec.msgpack.Decoder(Incident)
TRANSITION = msgspec.msgpack.Decoder(Transition)
TOLD = msgspec.msgpack.Decoder(Told)
TROUBLE = msgspec.msgpack.Decoder(Trouble)
ATTEMPT = msgspec.msgpack.Decoder(Attempt)
SILENCE = msgspec.msgpack.Decoder(Silence)
encode = msgspec.msgpack.Encoder().encode


def write_step(write: sqlite3.Connection, model: int, step: Step) -> None:
    """Keep a step, as a part of a transaction."""
    write.executemany(
        "INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?)",
        [
            (
                *(model, one.fingerprint),
                None if one.ended is None else to_microseconds(one.ended),
                encode(one),
            )
            for one in step.incidents
        ],
    )
    write.executemany(
        "INSERT OR REPLACE INTO transitions VALUES (?, ?, ?, ?, ?)",
        [
            (model, one.fingerprint, one.sequence, to_microseconds(one.at), encode(one))
            for one in step.transitions
        ],
    )


class SqliteAlerts:
    """See `AlertStore`.

    Args:
        writing: Begins a transaction.
        rows: Answers a query.
    """

    def __init__(
        self,
        writing: Callable[[], AbstractContextManager[sqlite3.Connection]],
        rows: Callable[..., list[tuple[Any, ...]]],
    ) -> None:
        self._writing, self._rows = writing, rows

    def incidents(self, model: int | None = None) -> tuple[KeptIncident, ...]:
        """See `AlertStore.incidents`."""
        query = "SELECT model, body FROM incidents {} ORDER BY model, fingerprint"
        found = (
            self._rows(query.format(""))
            if model is None
            else self._rows(query.format("WHERE model = ?"), model)
        )
        return tuple(KeptIncident(of, INCIDENT.decode(body)) for of, body in found)

    def stepped(self, model: int, step: Step) -> None:
        """See `AlertStore.stepped`."""
        with self._writing() as write:
            write_step(write, model, step)

    def transitions(self, model: int, fingerprint: str | None = None) -> tuple[Transition, ...]:
        """See `AlertStore.transitions`."""
        found = self._rows(
            "SELECT body FROM transitions WHERE model = ? AND (? IS NULL OR fingerprint = ?) "
            "ORDER BY at, fingerprint, sequence",
            model,
            fingerprint,
            fingerprint,
        )
        return tuple(TRANSITION.decode(body) for (body,) in found)

    def told(self) -> tuple[Told, ...]:
        """See `AlertStore.told`."""
        found = self._rows("SELECT body FROM told ORDER BY receiver, fingerprint")
        return tuple(TOLD.decode(body) for (body,) in found)

    def troubles(self) -> tuple[Trouble, ...]:
        """See `AlertStore.troubles`."""
        found = self._rows("SELECT body FROM troubles ORDER BY name")
        return tuple(TROUBLE.decode(body) for (body,) in found)

    def memories(self) -> dict[str, str]:
        """See `AlertStore.memories`."""
        return dict(self._rows("SELECT name, body FROM memories ORDER BY name"))

    def attempted(
        self,
        attempt: Attempt,
        told: Sequence[Told] = (),
        trouble: Trouble | None = None,
        memory: str = "",
    ) -> None:
        """See `AlertStore.attempted`."""
        with self._writing() as write:
            if attempt.outcome != REFRESHED:
                write.execute(
                    "INSERT INTO attempts (at, body) VALUES (?, ?)",
                    (to_microseconds(attempt.at), encode(attempt)),
                )
            write.executemany(
                "INSERT OR REPLACE INTO told VALUES (?, ?, ?)",
                [(one.receiver, one.fingerprint, encode(one)) for one in told],
            )
            if memory:
                write.execute(
                    "INSERT OR REPLACE INTO memories VALUES (?, ?)", (attempt.group, memory)
                )
            write.execute("DELETE FROM troubles WHERE name = ?", (attempt.group,))
            if trouble is not None:
                write.execute(
                    "INSERT INTO troubles VALUES (?, ?)", (trouble.group, encode(trouble))
                )

    def attempts(self, most: int = MOST_SHOWN) -> tuple[Attempt, ...]:
        """See `AlertStore.attempts`."""
        found = self._rows("SELECT body FROM attempts ORDER BY number DESC LIMIT ?", most)
        return tuple(ATTEMPT.decode(body) for (body,) in found)

    def silences(self, tenant: str | None = None) -> tuple[KeptSilence, ...]:
        """See `AlertStore.silences`."""
        found = self._rows(
            "SELECT tenant, body FROM silences WHERE ? IS NULL OR tenant = ? ORDER BY starts, id",
            tenant,
            tenant,
        )
        return tuple(KeptSilence(of, SILENCE.decode(body)) for of, body in found)

    def put_silence(self, kept: KeptSilence) -> None:
        """See `AlertStore.put_silence`."""
        one = kept.silence
        with self._writing() as write:
            write.execute(
                "INSERT OR REPLACE INTO silences VALUES (?, ?, ?, ?, ?)",
                (
                    *(one.id, kept.tenant),
                    *(to_microseconds(one.starts), to_microseconds(one.ends), encode(one)),
                ),
            )

    def forget(self, before: dt.datetime) -> None:
        """See `AlertStore.forget`."""
        at = to_microseconds(before)
        with self._writing() as write:
            write.execute("DELETE FROM attempts WHERE at < ?", (at,))
            write.execute("DELETE FROM silences WHERE ends < ?", (at,))
            over = "SELECT model, fingerprint FROM incidents WHERE ended < ?"
            write.execute(
                f"DELETE FROM transitions WHERE (model, fingerprint) IN ({over})",  # noqa: S608
                (at,),
            )
            write.execute(
                "DELETE FROM told WHERE fingerprint IN "
                "(SELECT fingerprint FROM incidents WHERE ended < ?)",
                (at,),
            )
            write.execute("DELETE FROM incidents WHERE ended < ?", (at,))
