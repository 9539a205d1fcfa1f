"""The thread that tells people: every few seconds it sends what is due, and that wane is well."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from wane.alert.notify.channel import Delivered
from wane.pipeline.notify import notify, undelivered
from wane.server.logged import one_line, traced
from wane.server.recent import recent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from wane.alert.notify.heartbeat import Heartbeat
    from wane.pipeline.desk import Desk
    from wane.store.store import Store

LOG = logging.getLogger("wane.server")
TICK_SECONDS = 5.0
"""Pause between two looks."""
Ailments = tuple[str, ...]


class Notifier:
    """Sends what is due, beside evaluations, so that a slow receiver holds up nothing else.

    Args:
        store: Where incidents are, and who was told.
        desk: Who is told, and how.
        clock: The time.
        ailing: The time, and for how long a model may go without being looked at -> what is not
            well with the rest of the server.
    """

    def __init__(
        self,
        store: Store,
        desk: Desk,
        clock: Callable[[], dt.datetime],
        ailing: Callable[[dt.datetime, dt.timedelta], Ailments],
    ) -> None:
        self._store, self._desk, self._clock = store, desk, clock
        self._ailing = ailing
        self._beaten: dt.datetime | None = None
        self._known: Ailments = ()
        self._wake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="wane-notifier", daemon=True)

    def start(self) -> None:
        """Begin, if there is anybody to tell."""
        if self._desk.routes or self._desk.heartbeat is not None:
            self._thread.start()

    def stop(self) -> None:
        """End after the message at hand."""
        self._ending = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()

    def wake(self) -> None:
        """Look at once."""
        self._wake.set()

    def _run(self) -> None:
        while not self._ending:
            self._wake.clear()
            self.look()
            self._wake.wait(TICK_SECONDS)

    def look(self) -> None:
        """Send what is due and, when it is time, the heartbeat."""
        ailments: Ailments = ()
        try:
            for attempt in notify(self._store, self._desk, self._clock()):
                if attempt.outcome in ("again", "refused"):
                    LOG.warning("%s: %s: %s", attempt.receiver, attempt.outcome, attempt.reason)
        except Exception as error:  # noqa: BLE001 - the loop of the thread
            LOG.error("telling people goes on after an error: %s", traced(error))  # noqa: TRY400
            ailments = ("people could not be told: see the log of the server",)
        if self._desk.heartbeat is not None:
            self._beat(self._desk.heartbeat, ailments, self._clock())

    def _beat(self, heartbeat: Heartbeat, ailments: Ailments, now: dt.datetime) -> None:
        if recent(self._beaten, heartbeat.every, now):
            return
        self._beaten = now
        try:
            ailments += self._ailing(now, heartbeat.lag)
            ailments += undelivered(self._store, self._desk, now)
        except Exception as error:  # noqa: BLE001 - whatever it was, wane is not well
            LOG.error("whether all is well is not known: %s", traced(error))  # noqa: TRY400
            ailments += ("whether all is well is not known: see the log of the server",)
        for ailment in ailments:
            if ailment not in self._known:
                LOG.warning("no heartbeat: %s", one_line(ailment))
        self._known = ailments
        outcome = heartbeat.beat(ailments, now)
        if outcome is not None and not isinstance(outcome, Delivered):
            LOG.warning("the heartbeat was not delivered: %s", one_line(outcome.reason))
