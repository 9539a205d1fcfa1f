"""How much a monitor holds, how long it waits, how often it tries."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite

from wane.errors import UsageError


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a monitor. All are positive; the defaults suit a service.

    Attributes:
        queue_rows: Rows that wait to be sent, at most, not counting those of frames; what comes
            then is dropped and counted.
        queue_bytes: Bytes of everything that waits, at most, half of them for frames.
        batch_rows: A batch is sent when it has so many rows ...
        batch_bytes: ... or bytes ...
        batch_seconds: ... or when its first row has waited so long.
        timeout_seconds: What one request may take until it counts as failed.
        attempts: Tries at a batch that the server answers with an error of its own. While there
            is no server at all, or it asks for patience, tries do not end.
        first_retry_seconds: Mean wait before the second try; it doubles from try to try.
        longest_retry_seconds: It grows no further than this.
        exit_seconds: How long the end of the process may be held up for what is not yet sent.
    """

    queue_rows: int = 10_000
    queue_bytes: int = 64_000_000
    batch_rows: int = 100
    batch_bytes: int = 1_000_000
    batch_seconds: float = 1.0
    timeout_seconds: float = 10.0
    attempts: int = 8
    first_retry_seconds: float = 0.5
    longest_retry_seconds: float = 30.0
    exit_seconds: float = 5.0

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise UsageError(f"`{each.name}` is not a number", got=repr(value))
            if not isfinite(value) or value <= 0:
                raise UsageError(
                    f"`{each.name}` is out of range", expected="above 0", got=repr(value)
                )
