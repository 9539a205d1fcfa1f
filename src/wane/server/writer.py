"""Group commit: deliveries that come at the same time are made durable together.

One thread writes. A delivery is acknowledged when its transaction is on the disk, so a sender who
was answered has nothing to fear from a crash.
"""

from __future__ import annotations

import contextlib
import threading
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from wane.errors import StoreError, WaneError
from wane.server.problem import Problem, behind
from wane.store.records import Kind

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wane.store.records import Delivery, Receipt

TOGETHER = 64
"""Submissions in one transaction at most."""


class Keeper(Protocol):
    """What a writer needs of a store."""

    def append(self, deliveries: Sequence[Delivery]) -> tuple[Receipt, ...]:
        """Keep all deliveries, or none and raise; they are on the disk when it returns."""
        ...


@dataclass(frozen=True, slots=True)
class Room:
    """When the queue is full; at half of that, senders are asked to wait.

    Attributes:
        events: Events.
        size: Bytes of the bodies they came in: a few events can be large.
    """

    events: int = 50_000
    size: int = 256 << 20


@dataclass(frozen=True, slots=True)
class _Waiting:
    deliveries: Sequence[Delivery]
    events: int
    size: int
    answer: asyncio.Future[tuple[Receipt, ...]]
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of events: kind of event, and the word for what became of it."""

    model: int
    kind: Kind
    word: str


class Writer:
    """The thread that appends events.

    Args:
        store: Where to.
        room: What the queue holds.
    """

    def __init__(self, store: Keeper, room: Room | None = None) -> None:
        self._store = store
        self._room = room or Room()
        self._queue: deque[_Waiting] = deque()
        self._events = self._size = 0
        self._outcomes: Counter[Outcome] = Counter()
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

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        """Events accepted, and known already, since the start."""
        return dict(self._outcomes)

    def check_room(self) -> None:
        """Refuse to take more when the queue is half full.

        Raises:
            Problem: 429, with a time to come back.
        """
        if self._events * 2 > self._room.events or self._size * 2 > self._room.size:
            raise behind()

    def submit(
        self, deliveries: Sequence[Delivery], size: int, loop: asyncio.AbstractEventLoop
    ) -> asyncio.Future[tuple[Receipt, ...]]:
        """Hand deliveries over, to be kept all or none.

        Args:
            deliveries: Any number.
            size: Bytes of the body they came in.
            loop: Of the caller.

        Returns:
            Receipts in order, when all is durable.

        Raises:
            Problem: The queue is half full (429), or the server stops (503).
        """
        answer: asyncio.Future[tuple[Receipt, ...]] = loop.create_future()
        events = sum(len(one.predictions) + len(one.labels) for one in deliveries)
        with self._ready:
            if self._ending:
                raise Problem(503, "stopping", "the server is stopping", retry_after=5)
            self.check_room()
            self._queue.append(_Waiting(deliveries, events, size, answer, loop))
            self._events += events
            self._size += size
            self._ready.notify()
        return answer

    def _write(self) -> None:
        while group := self._next():
            try:
                deliveries = [delivery for one in group for delivery in one.deliveries]
                receipts = self._store.append(deliveries)
            except Exception as error:  # noqa: BLE001 - each sender is told, the thread goes on
                _fail(group, error)
            else:
                self._count(deliveries, receipts)
                _answer(group, iter(receipts))

    def _next(self) -> Sequence[_Waiting]:
        """What is written next; nothing only at the end."""
        with self._ready:
            while not self._queue and not self._ending:
                self._ready.wait()
            group = [self._queue.popleft() for _ in range(min(TOGETHER, len(self._queue)))]
            self._events -= sum(one.events for one in group)
            self._size -= sum(one.size for one in group)
        return group

    def _count(self, deliveries: Sequence[Delivery], receipts: Sequence[Receipt]) -> None:
        for delivery, receipt in zip(deliveries, receipts, strict=True):
            kind = Kind.PREDICTION if delivery.predictions else Kind.LABEL
            self._outcomes[Outcome(delivery.model, kind, "accepted")] += receipt.accepted
            self._outcomes[Outcome(delivery.model, kind, "duplicate")] += receipt.duplicate


def _answer(group: Sequence[_Waiting], receipts: Iterator[Receipt]) -> None:
    """Tell senders what became of their events."""
    found = [tuple(next(receipts) for _ in one.deliveries) for one in group]

    def tell(at: int) -> None:
        group[at].answer.set_result(found[at])

    _call(group, tell)


def _fail(group: Sequence[_Waiting], error: Exception) -> None:
    told = error if isinstance(error, WaneError) else StoreError("events cannot be written")
    if told is not error:
        told.__cause__ = error

    def tell(at: int) -> None:
        group[at].answer.set_exception(told)

    _call(group, tell)


def _call(group: Sequence[_Waiting], tell: Callable[[int], None]) -> None:
    """Tell those who still wait, with one call for each event loop."""
    loops: dict[asyncio.AbstractEventLoop, list[int]] = {}
    for at, one in enumerate(group):
        loops.setdefault(one.loop, []).append(at)

    def tell_all(places: Sequence[int]) -> None:
        for at in places:
            if not group[at].answer.done():
                tell(at)

    for loop, places in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(tell_all, places)
