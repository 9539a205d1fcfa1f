"""Group commit: deliveries that come at the same time are made durable together.

One thread writes. A delivery is acknowledged when its transaction is on the disk, so a sender who
was answered has nothing to fear from a crash.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.errors import StoreError, WaneError
from wane.server.problem import Problem

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from wane.store.records import Delivery, Receipt
    from wane.store.store import Store

MOST_WAITING = 50_000
"""Events in the queue at which it is full."""
TOGETHER = 64
"""Deliveries in one transaction at most."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    delivery: Delivery
    size: int
    answer: asyncio.Future[Receipt]
    loop: asyncio.AbstractEventLoop


class Writer:
    """The thread that appends events.

    Args:
        store: Where to.
        most_waiting: Events that the queue holds; at half of that, senders are asked to wait.
    """

    def __init__(self, store: Store, most_waiting: int = MOST_WAITING) -> None:
        self._store = store
        self._most_waiting = most_waiting
        self._queue: deque[_Waiting] = deque()
        self._events = 0
        self._ready = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._write, name="wane-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, then end."""
        with self._ready:
            self._ending = True
            self._ready.notify()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def waiting(self) -> int:
        """Events in the queue."""
        return self._events

    def check_room(self) -> None:
        """Refuse to take more when the queue is half full.

        Raises:
            Problem: 429, with a time to come back.
        """
        if self._events * 2 > self._most_waiting:
            raise Problem(
                429, "queue_full", "the server is behind; send this again later", retry_after=1
            )

    def submit(
        self, delivery: Delivery, loop: asyncio.AbstractEventLoop
    ) -> asyncio.Future[Receipt]:
        """Hand a delivery over; the future ends when it is durable.

        Raises:
            Problem: The queue is half full.
        """
        self.check_room()
        answer: asyncio.Future[Receipt] = loop.create_future()
        size = len(delivery.predictions) + len(delivery.labels)
        with self._ready:
            if self._ending:
                raise Problem(503, "stopping", "the server is stopping", retry_after=5)
            self._queue.append(_Waiting(delivery, size, answer, loop))
            self._events += size
            self._ready.notify()
        return answer

    def _write(self) -> None:
        while group := self._next():
            try:
                receipts = self._store.append([one.delivery for one in group])
            except Exception as error:  # noqa: BLE001 - each sender is told, the thread goes on
                _fail(group, error)
            else:
                _answer(group, receipts)

    def _next(self) -> Sequence[_Waiting]:
        """What is written next; nothing only at the end."""
        with self._ready:
            while not self._queue and not self._ending:
                self._ready.wait()
            group = [self._queue.popleft() for _ in range(min(TOGETHER, len(self._queue)))]
            self._events -= sum(one.size for one in group)
        return group


def _answer(group: Sequence[_Waiting], receipts: Sequence[Receipt]) -> None:
    """Tell senders what became of their events, with one call for each event loop."""

    def tell() -> None:
        for one, receipt in zip(group, receipts, strict=True):
            if not one.answer.done():
                one.answer.set_result(receipt)

    _call(group, tell)


def _fail(group: Sequence[_Waiting], error: Exception) -> None:
    told = error if isinstance(error, WaneError) else StoreError("events cannot be written")
    if told is not error:
        told.__cause__ = error

    def tell() -> None:
        for one in group:
            if not one.answer.done():
                one.answer.set_exception(told)

    _call(group, tell)


def _call(group: Sequence[_Waiting], tell: Callable[[], None]) -> None:
    loop = group[0].loop
    if not loop.is_closed():
        loop.call_soon_threadsafe(tell)
