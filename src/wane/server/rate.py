"""How often a key may ask: a bucket of tokens that fills at a steady rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

from wane.server.problem import Problem

PER_SECOND = 2_000.0
BURST = 4_000.0
MOST_BUCKETS = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimit:
    """Buckets by key.

    Args:
        per_second: Requests a second that may go on for ever.
        burst: Requests at once after a pause.
    """

    def __init__(self, per_second: float = PER_SECOND, burst: float = BURST) -> None:
        self._rate, self._burst = per_second, burst
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str, at: float) -> None:
        """Take a token.

        Args:
            key: Whose bucket.
            at: Seconds by a clock that never goes back.

        Raises:
            Problem: 429; the bucket is empty.
        """
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= MOST_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets[key] = _Bucket(self._burst, at)
        bucket.tokens = min(self._burst, bucket.tokens + (at - bucket.at) * self._rate)
        bucket.at = at
        if bucket.tokens < 1:
            wait = math.ceil((1 - bucket.tokens) / self._rate)
            raise Problem(
                429, "rate_limited", "this key asks too often; wait a moment", retry_after=wait
            )
        bucket.tokens -= 1
