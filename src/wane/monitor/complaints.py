"""What goes wrong, said in the log, but each kind of trouble at most once a minute."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from wane.errors import WaneError

LOGGER = logging.getLogger("wane.monitor")
QUIET_SECONDS = 60.0


class Complaints:
    """The one place from which a monitor speaks.

    Args:
        name: What to call the monitor.
        clock: Seconds that only grow.
    """

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._said: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}
        self._first: WaneError | None = None

    def say(self, topic: str, error: WaneError) -> None:
        """Log the error as a warning, unless the topic was spoken of within the last minute."""
        now = self._clock()
        with self._lock:
            self._first = self._first or error
            if now - self._said.get(topic, -QUIET_SECONDS) < QUIET_SECONDS:
                self._unsaid[topic] = self._unsaid.get(topic, 0) + 1
                return
            self._said[topic] = now
            unsaid = self._unsaid.pop(topic, 0)
        more = f" ({unsaid} more like it since the last message)" if unsaid else ""
        LOGGER.warning("%s: %s%s", self._name, error.message, more)

    def take_first(self) -> WaneError | None:
        """The first trouble since this was last asked."""
        with self._lock:
            first, self._first = self._first, None
            return first
