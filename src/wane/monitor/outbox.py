"""What waits to be sent, bounded in rows and bytes, cut into parcels as it ripens."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from wane.monitor.counts import Drop
from wane.monitor.parcel import Form, Kind, Parcel

if TYPE_CHECKING:
    from collections.abc import Callable

    from wane.monitor.limits import Limits


class _Lane:
    """Rows of one kind that are not yet a parcel."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []
        self.size = 0
        self.since = 0.0


class Outbox:
    """Between the callers, who never wait, and one sender, who does.

    Rows become a parcel when there are `batch_rows` or `batch_bytes` of them, when the first has
    waited `batch_seconds`, or when somebody wants everything sent. Parcels leave in the order in
    which they were cut.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._changed = threading.Condition()
        self._lanes = {Kind.PREDICTIONS: _Lane(), Kind.LABELS: _Lane()}
        self._sealed: deque[Parcel] = deque()
        self._in_flight: Parcel | None = None
        self._rows = self._bytes = 0
        self._cut = self._settled = 0
        self._closed = False
        self._struggling = False

    @property
    def pending(self) -> int:
        """Rows that wait or are under way."""
        with self._changed:
            return self._rows + (self._in_flight.rows if self._in_flight else 0)

    def put(self, kind: Kind, row: bytes) -> Drop | None:
        """Take a row without waiting; the reason when it cannot be taken."""
        size = len(row)
        if size > self._limits.batch_bytes:
            return Drop.ROW_TOO_LARGE
        with self._changed:
            if refusal := self._refusal(1, size):
                return refusal
            lane = self._lanes[kind]
            if lane.size + size > self._limits.batch_bytes:
                self._seal(kind)
            if not lane.rows:
                lane.since = self._clock()
                self._changed.notify_all()
            lane.rows.append(row)
            lane.size += size
            self._rows += 1
            self._bytes += size
            if len(lane.rows) >= self._limits.batch_rows:
                self._seal(kind)
            return None

    def put_parcel(self, parcel: Parcel, patience: float = 0.0) -> Drop | None:
        """Take a finished parcel; the reason when it cannot be taken.

        Args:
            parcel: One larger than the whole outbox is taken when that is empty.
            patience: Seconds to wait for room, for as long as parcels get through.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._struggling or self._refusal(parcel.rows, parcel.size) is None,
                patience,
            )
            if refusal := self._refusal(parcel.rows, parcel.size):
                return refusal
            self._rows += parcel.rows
            self._bytes += parcel.size
            self._append(parcel)
            return None

    def put_reference(self, parcel: Parcel) -> Drop | None:
        """Take a reference in place of one that still waits; it needs no room among the rows."""
        with self._changed:
            if self._closed:
                return Drop.CLOSED
            kept = [each for each in self._sealed if each.kind is not Kind.REFERENCE]
            self._settled += len(self._sealed) - len(kept)
            self._sealed = deque(kept)
            self._append(parcel)
            return None

    def take(self) -> Parcel | None:
        """Wait for a parcel that is ripe; None when the outbox is closed and empty."""
        with self._changed:
            while not self._sealed:
                if self._closed:
                    return None
                ripe_in = self._seal_ripe()
                if not self._sealed:
                    self._changed.wait(ripe_in)
            parcel = self._sealed.popleft()
            self._in_flight = parcel
            if parcel.kind is not Kind.REFERENCE:
                self._rows -= parcel.rows
                self._bytes -= parcel.size
            self._changed.notify_all()
            return parcel

    def claim(self, parcel: Parcel) -> bool:
        """Whether the fate of the parcel that was taken is still to be counted."""
        with self._changed:
            counts = self._in_flight is parcel
            if counts:
                self._in_flight = None
            return counts

    def settle(self) -> None:
        """The fate of the parcel that was taken is known and counted."""
        with self._changed:
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
            self._seal_all()
            last = self._cut
            return self._changed.wait_for(lambda: self._settled >= last, timeout)

    def close(self) -> None:
        """Take nothing more; what is here can still be sent."""
        with self._changed:
            self._seal_all()
            self._closed = True
            self._changed.notify_all()

    def abandon(self) -> tuple[Parcel, ...]:
        """Give up what is here and under way."""
        with self._changed:
            self._closed = True
            self._seal_all()
            left = (
                tuple(self._sealed)
                if self._in_flight is None
                else (
                    self._in_flight,
                    *self._sealed,
                )
            )
            self._sealed.clear()
            self._in_flight = None
            self._rows = self._bytes = 0
            self._settled = self._cut
            self._changed.notify_all()
            return left

    def _refusal(self, rows: int, size: int) -> Drop | None:
        if self._closed:
            return Drop.CLOSED
        limits = self._limits
        is_full = self._rows + rows > limits.queue_rows or self._bytes + size > limits.queue_bytes
        return Drop.QUEUE_FULL if is_full and self._bytes else None

    def _seal_ripe(self) -> float | None:
        """Cut what has waited long enough; seconds until the next is ripe, None when empty."""
        now = self._clock()
        waits = []
        for kind, lane in self._lanes.items():
            if not lane.rows:
                continue
            left = lane.since + self._limits.batch_seconds - now
            if left <= 0:
                self._seal(kind)
            else:
                waits.append(left)
        return min(waits, default=None)

    def _seal_all(self) -> None:
        for kind in self._lanes:
            self._seal(kind)

    def _seal(self, kind: Kind) -> None:
        lane = self._lanes[kind]
        if lane.rows:
            self._append(Parcel(kind, Form.NDJSON, lane.rows, len(lane.rows)))
            lane.rows = []
            lane.size = 0

    def _append(self, parcel: Parcel) -> None:
        self._sealed.append(parcel)
        self._cut += 1
        self._changed.notify_all()
