import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any

import pytest

from server.served import NOW
from wane.errors import StoreError
from wane.events.event import Label, Prediction
from wane.server.problem import Problem
from wane.server.writer import TOGETHER, Outcome, Room, Writer
from wane.store.records import Delivery, Kind, Receipt


class Kept:
    """A store that keeps deliveries as long as its gate is open, or fails with an error."""

    def __init__(self) -> None:
        self.transactions: list[Sequence[Delivery]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.writing = threading.Event()
        self.error: Exception | None = None

    def append(self, deliveries: Sequence[Delivery]) -> tuple[Receipt, ...]:
        self.writing.set()
        self.gate.wait(30)
        self.transactions.append(deliveries)
        if self.error is not None:
            raise self.error
        return tuple(Receipt(len(one.predictions) + len(one.labels), 0) for one in deliveries)


def delivery(events: int = 1, model: int = 1) -> Delivery:
    return Delivery(model, NOW, [Prediction(id=str(n)) for n in range(events)])


@contextlib.contextmanager
def writing(store: Kept, room: Room | None = None) -> Iterator[Writer]:
    writer = Writer(store, room)
    writer.start()
    try:
        yield writer
    finally:
        store.gate.set()
        writer.stop()


def run(asked: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401
    return asyncio.run(asyncio.wait_for(asked, 30))


async def blocked(
    writer: Writer, store: Kept, events: int = 1, size: int = 1
) -> asyncio.Future[tuple[Receipt, ...]]:
    """Have the writer wait in the middle of a transaction."""
    store.gate.clear()
    store.writing.clear()
    first = writer.submit([delivery(events)], size, asyncio.get_running_loop())
    await asyncio.to_thread(store.writing.wait, 30)
    return first


def test_a_submission_is_answered_when_it_is_kept() -> None:
    store = Kept()

    async def ask(writer: Writer) -> tuple[Receipt, ...]:
        loop = asyncio.get_running_loop()
        return await writer.submit([delivery(3), delivery(2)], 10, loop)

    with writing(store) as writer:
        assert run(ask(writer)) == (Receipt(3, 0), Receipt(2, 0))
        assert writer.waiting == 0


def test_what_comes_together_is_one_transaction() -> None:
    store = Kept()

    async def ask(writer: Writer) -> Sequence[tuple[Receipt, ...]]:
        first = await blocked(writer, store)
        loop = asyncio.get_running_loop()
        others = [writer.submit([delivery(n)], 1, loop) for n in range(1, 11)]
        assert writer.waiting == 55
        store.gate.set()
        return await asyncio.gather(first, *others)

    with writing(store) as writer:
        found = run(ask(writer))
    assert [len(one) for one in store.transactions] == [1, 10]
    assert found == [(Receipt(1, 0),), *[(Receipt(n, 0),) for n in range(1, 11)]]


def test_a_transaction_has_a_bound() -> None:
    store = Kept()

    async def ask(writer: Writer) -> None:
        first = await blocked(writer, store)
        loop = asyncio.get_running_loop()
        others = [writer.submit([delivery()], 1, loop) for _ in range(TOGETHER + 1)]
        store.gate.set()
        await asyncio.gather(first, *others)

    with writing(store) as writer:
        run(ask(writer))
    assert [len(one) for one in store.transactions] == [1, TOGETHER, 1]


@pytest.mark.parametrize(
    "error", [StoreError("disk full"), RuntimeError("something else"), MemoryError()]
)
def test_a_failure_reaches_every_sender_and_the_thread_goes_on(error: Exception) -> None:
    store = Kept()

    async def ask(writer: Writer) -> list[Any]:
        loop = asyncio.get_running_loop()
        store.error = error
        first = await blocked(writer, store)
        others = [writer.submit([delivery()], 1, loop) for _ in range(5)]
        store.gate.set()
        failed = await asyncio.gather(first, *others, return_exceptions=True)
        store.error = None
        return [*failed, await writer.submit([delivery()], 1, loop)]

    with writing(store) as writer:
        *failed, after = run(ask(writer))
    assert [type(one) for one in failed] == [StoreError] * 6
    assert all(one is error or one.__cause__ is error for one in failed)
    assert after == (Receipt(1, 0),)


def test_a_queue_that_is_half_full_has_senders_wait() -> None:
    store = Kept()

    async def ask(writer: Writer) -> None:
        loop = asyncio.get_running_loop()
        first = await blocked(writer, store, events=100)
        second = writer.submit([delivery(6)], 1, loop)
        with pytest.raises(Problem) as caught:
            writer.submit([delivery()], 1, loop)
        assert (caught.value.status, caught.value.code) == (429, "queue_full")
        assert caught.value.retry_after == 1
        with pytest.raises(Problem):
            writer.check_room()
        store.gate.set()
        await asyncio.gather(first, second)
        writer.check_room()

    with writing(store, Room(events=10)) as writer:
        run(ask(writer))


def test_a_few_large_events_fill_the_queue_too() -> None:
    store = Kept()

    async def ask(writer: Writer) -> None:
        loop = asyncio.get_running_loop()
        first = await blocked(writer, store)
        second = writer.submit([delivery()], 600, loop)
        with pytest.raises(Problem):
            writer.submit([delivery()], 1, loop)
        store.gate.set()
        await asyncio.gather(first, second)

    with writing(store, Room(size=1_000)) as writer:
        run(ask(writer))


def test_stopping_writes_what_waits_and_takes_no_more() -> None:
    store = Kept()

    async def ask(writer: Writer) -> Sequence[tuple[Receipt, ...]]:
        loop = asyncio.get_running_loop()
        first = await blocked(writer, store)
        second = writer.submit([delivery(2)], 1, loop)
        stopping = asyncio.to_thread(writer.stop)
        store.gate.set()
        await stopping
        with pytest.raises(Problem) as caught:
            writer.submit([delivery()], 1, loop)
        assert (caught.value.status, caught.value.code) == (503, "stopping")
        return await asyncio.gather(first, second)

    with writing(store) as writer:
        assert list(run(ask(writer))) == [(Receipt(1, 0),), (Receipt(2, 0),)]


def test_a_writer_that_never_began_can_be_stopped() -> None:
    Writer(Kept()).stop()


def test_senders_on_several_event_loops_are_all_answered() -> None:
    store = Kept()
    found: list[object] = []

    def sender(writer: Writer) -> None:
        async def ask() -> tuple[Receipt, ...]:
            return await writer.submit([delivery()], 1, asyncio.get_running_loop())

        found.append(run(ask()))

    with writing(store) as writer:
        store.gate.clear()
        threads = [threading.Thread(target=sender, args=(writer,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        store.gate.set()
        for thread in threads:
            thread.join()
    assert found == [(Receipt(1, 0),)] * 8


def test_a_sender_that_went_away_costs_the_others_nothing() -> None:
    store = Kept()

    async def leave(writer: Writer) -> None:
        await blocked(writer, store)
        writer.submit([delivery()], 1, asyncio.get_running_loop())

    async def give_up(writer: Writer) -> tuple[Receipt, ...]:
        loop = asyncio.get_running_loop()
        first = await blocked(writer, store)
        given_up = writer.submit([delivery()], 1, loop)
        other = writer.submit([delivery(4)], 1, loop)
        given_up.cancel()
        store.gate.set()
        await first
        return await other

    with writing(store) as writer:
        run(leave(writer))  # its loop is closed when the writer comes to answer
        store.gate.set()
        assert run(give_up(writer)) == (Receipt(4, 0),)


def test_outcomes_are_counted_by_model_and_kind() -> None:
    store = Kept()
    labels = Delivery(2, NOW, labels=[Label(id="a", label=1)])

    async def ask(writer: Writer) -> None:
        loop = asyncio.get_running_loop()
        await writer.submit([delivery(3), labels], 1, loop)
        await writer.submit([delivery(2)], 1, loop)

    with writing(store) as writer:
        run(ask(writer))
    assert {outcome: n for outcome, n in writer.outcomes.items() if n} == {
        Outcome(1, Kind.PREDICTION, "accepted"): 5,
        Outcome(2, Kind.LABEL, "accepted"): 1,
    }
