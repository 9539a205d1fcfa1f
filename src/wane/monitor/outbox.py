"""What waits to be sent, bounded in rows and bytes, cut into batches as it ripens."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wane.monitor.counts import Drop
from wane.monitor.pack import Batch
from wane.monitor.parcel import Kind, Parcel

if TYPE_CHECKING:
    from collections.abc import Callable

    from wane.monitor.event import Event
    from wane.monitor.limits import Limits

ROW_BYTES = 1_000
"""What a row is taken to need, until the first have been written out."""


@dataclass(slots=True)
class _Lane:
    """Rows of one kind that are not yet a batch."""

    events: list[Event] = field(default_factory=list)
    size: int = 0
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Left:
    """What was given up: rows, and references."""

    rows: int
    references: int


class Outbox:
    """Between the callers, who never wait, and one sender, who does.

    Rows become a batch when there are `batch_rows` or about `batch_bytes` of them, when the first
    has waited `batch_seconds`, or when somebody wants everything sent. Batches and parcels leave
    in the order in which they were cut or came.

    What rows need is not known before they are written out, so for each as much is set aside as
    the last ones needed.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._changed = threading.Condition()
        self._lanes = {Kind.PREDICTIONS: _Lane(), Kind.LABELS: _Lane()}
        self._cut: deque[Batch | Parcel] = deque()
        self._under_way: Batch | Parcel | None = None
        self._rows_under_way = 0
        self._rows = self._events = self._bytes = 0
        self._row_bytes = ROW_BYTES
        self._cuts = self._settled = 0
        self._closed = False
        self._struggling = False

    @property
    def pending(self) -> int:
        """Rows that wait or are under way."""
        with self._changed:
            return self._rows + self._rows_under_way

    @property
    def under_way(self) -> int:
        """Rows that are under way."""
        with self._changed:
            return self._rows_under_way

    def put(self, kind: Kind, event: Event) -> Drop | None:
        """Take a row without waiting; the reason when it cannot be taken."""
        with self._changed:
            size, limits = self._row_bytes, self._limits
            if self._closed:
                return Drop.CLOSED
            if self._events >= limits.queue_rows or not self._has_room(size, limits.queue_bytes):
                return Drop.QUEUE_FULL
            lane = self._lanes[kind]
            if not lane.events:
                lane.since = self._clock()
            lane.events.append(event)
            lane.size += size
            self._rows += 1
            self._events += 1
            self._bytes += size
            if len(lane.events) >= limits.batch_rows or lane.size >= limits.batch_bytes:
                self._cut_lane(kind)
            return None

    def put_parcel(self, parcel: Parcel, patience: float = 0.0) -> Drop | None:
        """Take a finished parcel; the reason when it cannot be taken.

        Parcels use half of the bytes, so that rows that come one by one find room beside a frame.

        Args:
            parcel: One that is larger is taken when nothing waits.
            patience: Seconds to wait for room, for as long as parcels get through.
        """
        half = self._limits.queue_bytes // 2
        with self._changed:
            self._changed.wait_for(
                lambda: self._struggling or self._closed or self._has_room(parcel.size, half),
                patience,
            )
            if self._closed:
                return Drop.CLOSED
            if not self._has_room(parcel.size, half):
                return Drop.QUEUE_FULL
            self._rows += parcel.rows
            self._bytes += parcel.size
            self._append(parcel)
            return None

    def put_reference(self, parcel: Parcel) -> Drop | None:
        """Take a reference in place of one that still waits; it needs no room among the rows."""
        with self._changed:
            if self._closed:
                return Drop.CLOSED
            kept = [each for each in self._cut if each.kind is not Kind.REFERENCE]
            self._settled += len(self._cut) - len(kept)
            self._cut = deque(kept)
            self._append(parcel)
            return None

    def take(self) -> Batch | Parcel | None:
        """Wait for something that is ripe; None when the outbox is closed and empty."""
        with self._changed:
            while not self._cut:
                if self._closed:
                    return None
                ripe_in = self._cut_ripe()
                if not self._cut:
                    self._changed.wait(ripe_in)
            taken = self._cut.popleft()
            self._under_way = taken
            self._rows_under_way = taken.rows
            self._rows -= taken.rows
            self._events -= taken.rows if isinstance(taken, Batch) else 0
            self._bytes -= 0 if taken.kind is Kind.REFERENCE else taken.size
            self._changed.notify_all()
            return taken

    def weigh(self, rows: int, size: int) -> None:
        """Rows that were written out needed so many bytes."""
        with self._changed:
            self._row_bytes = max(1, size // max(rows, 1))

    def claim(self, rows: int) -> bool:
        """Whether the fate of rows under way is still to be counted; then that is now done."""
        with self._changed:
            if self._under_way is None:
                return False
            self._rows_under_way -= rows
            return True

    def settle(self) -> None:
        """The fate of what was taken is known and counted."""
        with self._changed:
            self._under_way = None
            self._rows_under_way = 0
            self._settled += 1
            self._changed.notify_all()

    def struggle(self, *, struggling: bool) -> None:
        """Whether parcels get through: nobody waits for room while they do not."""
        with self._changed:
            self._struggling = struggling
            self._changed.notify_all()

    def drain(self, timeout: float | None) -> bool:
        """Have everything sent that is here now; whether its fate was known in time (seconds)."""
        with self._changed:
            self._cut_all()
            last = self._cuts
            return self._changed.wait_for(lambda: self._settled >= last, timeout)

    def close(self) -> None:
        """Take nothing more; what is here can still be sent."""
        with self._changed:
            self._cut_all()
            self._closed = True
            self._changed.notify_all()

    def abandon(self) -> Left:
        """Give up what is here and under way."""
        with self._changed:
            self._closed = True
            self._cut_all()
            every = [*self._cut, *([self._under_way] if self._under_way else [])]
            references = sum(each.kind is Kind.REFERENCE for each in every)
            left = Left(self._rows + self._rows_under_way, references)
            self._cut.clear()
            self._under_way = None
            self._rows_under_way = self._rows = self._events = self._bytes = 0
            self._settled = self._cuts
            self._changed.notify_all()
            return left

    def _has_room(self, size: int, most: int) -> bool:
        return not self._bytes or self._bytes + size <= most

    def _cut_ripe(self) -> float:
        """Cut what has waited long enough; seconds until there can be more.

        The sender looks by itself every `batch_seconds`, since to wake it for the first row of
        a batch would cost the caller more than all the rest of the call.
        """
        now, ripe_in = self._clock(), self._limits.batch_seconds
        for kind, lane in self._lanes.items():
            left = lane.since + self._limits.batch_seconds - now
            if lane.events and left <= 0:
                self._cut_lane(kind)
            elif lane.events:
                ripe_in = min(ripe_in, left)
        return ripe_in

    def _cut_all(self) -> None:
        for kind in self._lanes:
            self._cut_lane(kind)

    def _cut_lane(self, kind: Kind) -> None:
        lane = self._lanes[kind]
        if lane.events:
            self._append(Batch(kind, lane.events, lane.size))
            self._lanes[kind] = _Lane()

    def _append(self, each: Batch | Parcel) -> None:
        self._cut.append(each)
        self._cuts += 1
        self._changed.notify_all()
