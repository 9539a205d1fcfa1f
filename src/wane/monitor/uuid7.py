"""Ids that sort by the time they were made: UUID version 7 of RFC 9562."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable

RANDOM_BITS = 74
FRESH_BITS = RANDOM_BITS - 1
"""The top random bit starts at 0, so that there is room to count up within a millisecond."""
STEP_BYTES = 4
VERSION = 0x7 << 76
VARIANT = 0b10 << 62
LOW = (1 << 62) - 1
"""The random bits to the right of the variant."""


class Uuid7:
    """Makes ids, each greater than the one before, also when the clock stands or goes back.

    Within a millisecond the 74 random bits count up in random steps (RFC 9562, section 6.2,
    method 2), so ids stay hard to guess.
    """

    def __init__(
        self,
        clock: Callable[[], int] = time.time_ns,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._clock = clock
        self._entropy = entropy
        self.renew()

    def renew(self) -> None:
        """Forget what was made, as a child process must, lest it repeat its parent."""
        self._lock = threading.Lock()
        self._millisecond = -1
        self._random = 0

    def __call__(self) -> str:
        """The next id, in lower case with hyphens."""
        now = self._clock() // 1_000_000
        with self._lock:
            if now > self._millisecond:
                self._millisecond = now
                self._random = self._bits(10) >> (80 - FRESH_BITS)
            else:
                self._random += 1 + self._bits(STEP_BYTES)
                if self._random >> RANDOM_BITS:
                    self._millisecond += 1
                    self._random = self._bits(10) >> (80 - FRESH_BITS)
            made = self._millisecond << 80 | VERSION | VARIANT
            made |= self._random >> 62 << 64 | self._random & LOW
        digits = f"{made:032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def _bits(self, count: int) -> int:
        return int.from_bytes(self._entropy(count))


uuid7 = Uuid7()


def made_at(text: str) -> int:
    """The time of an id of version 7, in milliseconds since 1970."""
    return UUID(text).int >> 80
