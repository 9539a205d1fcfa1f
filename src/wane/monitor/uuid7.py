"""Ids that sort by the time they were made: UUID version 7 of RFC 9562."""

from __future__ import annotations

import os
import threading
import time
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FRESH_BITS = 61
"""The top bit of the last 62 starts at 0, so that there is room to count up in a millisecond."""
LAST = 1 << 62
LOW = (1 << 48) - 1


class Uuid7:
    """Makes ids, each greater than the one before, also when the clock stands or goes back.

    Within a millisecond the last 62 bits count up in random steps (RFC 9562, section 6.2, method
    2). They come from a generator that the system seeds: unique, but no secret. To ask the system
    each time would let other threads go first each time.

    Args:
        clock: Nanoseconds since 1970.
        draw: A random number of so many bits; None: a generator of its own.
    """

    def __init__(
        self,
        clock: Callable[[], int] = time.time_ns,
        draw: Callable[[int], int] | None = None,
    ) -> None:
        self._clock = clock
        self._given_draw = draw
        self.renew()

    def renew(self) -> None:
        """Forget what was made, as a child process must, lest it repeat its parent."""
        self._lock = threading.Lock()
        self._millisecond = -1
        self._head = ""
        self._last = 0
        self._draw = self._given_draw or Random(os.urandom(32)).getrandbits  # noqa: S311

    def __call__(self) -> str:
        """The next id, in lower case with hyphens."""
        now = self._clock() // 1_000_000
        with self._lock:
            drawn = self._draw(80)
            last = self._last + 1 + (drawn & 0xFFFF_FFFF)
            if now > self._millisecond or last >= LAST:
                self._begin(max(now, self._millisecond + 1), drawn & 0xFFF)
                last = drawn >> (80 - FRESH_BITS)
            self._last = last
            head = self._head
        return f"{head}-{0x8000 | last >> 48:04x}-{last & LOW:012x}"

    def _begin(self, millisecond: int, drawn: int) -> None:
        """Begin a millisecond: what its ids have in common."""
        self._millisecond = millisecond
        self._head = f"{millisecond >> 16:08x}-{millisecond & 0xFFFF:04x}-7{drawn:03x}"


uuid7 = Uuid7()
