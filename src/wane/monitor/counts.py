"""What became of the rows."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Drop(StrEnum):
    """Why a row was not sent."""

    QUEUE_FULL = "queue full"
    ROW_TOO_LARGE = "row too large"
    UNREADABLE = "unreadable"
    NO_ID = "no id"
    NO_LABEL = "no label"
    NOT_DELIVERED = "not delivered"
    CLOSED = "closed"
    MONITOR_ERROR = "monitor error"


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows that a monitor was given, predictions and labels together.

    `logged == sent + pending + sum(dropped.values()) + sum(rejected.values())`, exactly once
    nothing is under way.

    Attributes:
        logged: Rows given to the monitor.
        sent: Rows that the server (or the directory) has durably.
        duplicates: Those of `sent` that it had already.
        pending: Rows that wait or are under way.
        dropped: Reason -> rows that were not sent.
        rejected: The server's code -> rows that it did not take.
        nulled: Values that could not be sent and were sent as missing.
        errors: Calls or deliveries that failed inside the monitor, a lost reference among them.
    """

    logged: int = 0
    sent: int = 0
    duplicates: int = 0
    pending: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    nulled: int = 0
    errors: int = 0


class Tally:
    """Counts that several threads add to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logged = self._sent = self._duplicates = self._nulled = self._errors = 0
        self._dropped: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._reported: Counter[str] = Counter()

    def log(self, rows: int) -> None:
        """Rows given to the monitor."""
        with self._lock:
            self._logged += rows

    def null(self, values: int) -> None:
        """Values of rows that cannot be sent."""
        with self._lock:
            self._nulled += values

    def send(self, rows: int, duplicates: int, rejected: Mapping[str, int]) -> None:
        """A batch was answered."""
        with self._lock:
            self._sent += rows
            self._duplicates += duplicates
            self._rejected.update(rejected)

    def drop(self, reason: Drop, rows: int) -> None:
        """Rows are lost."""
        with self._lock:
            self._dropped[reason.value] += rows

    def fail(self) -> None:
        """Something went wrong inside."""
        with self._lock:
            self._errors += 1

    def unreported(self) -> dict[str, int]:
        """Reason -> rows whose loss the server has not been told."""
        with self._lock:
            return dict(self._dropped - self._reported)

    def report(self, told: Mapping[str, int]) -> None:
        """The server was told of these."""
        with self._lock:
            self._reported.update(told)

    def counts(self, pending: int) -> Counts:
        """The state as a value."""
        with self._lock:
            return Counts(
                logged=self._logged,
                sent=self._sent,
                duplicates=self._duplicates,
                pending=pending,
                dropped=MappingProxyType({k: n for k, n in self._dropped.items() if n}),
                rejected=MappingProxyType({k: n for k, n in self._rejected.items() if n}),
                nulled=self._nulled,
                errors=self._errors,
            )
