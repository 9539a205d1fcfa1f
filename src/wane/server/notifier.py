"""The thread that tells people: every few seconds it sends what is due."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from wane.errors import WaneError
from wane.pipeline.notify import notify

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from wane.pipeline.desk import Desk
    from wane.store.store import Store

LOG = logging.getLogger("wane.server")
TICK_SECONDS = 5.0


class Notifier:
    """Sends what is due, beside evaluations, so that a slow receiver holds up nothing else.

    Args:
        store: Where incidents are, and who was told.
        desk: Who is told, and how.
        clock: The time.
        tick_seconds: Pause between two looks.
    """

    def __init__(
        self,
        store: Store,
        desk: Desk,
        clock: Callable[[], dt.datetime],
        tick_seconds: float = TICK_SECONDS,
    ) -> None:
        self._store, self._desk, self._clock = store, desk, clock
        self._tick_seconds = tick_seconds
        self._wake = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="wane-notifier", daemon=True)

    def start(self) -> None:
        """Begin, if there is anybody to tell."""
        if self._desk.routes:
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
            try:
                for attempt in notify(self._store, self._desk, self._clock()):
                    if attempt.outcome in ("again", "refused"):
                        LOG.warning("%s: %s: %s", attempt.receiver, attempt.outcome, attempt.reason)
            except WaneError:
                LOG.exception("telling people goes on after an error")
            self._wake.wait(self._tick_seconds)
