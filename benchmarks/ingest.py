#!/usr/bin/env python3
"""How many events a server takes and how long senders wait; each is on the disk before the answer.

A real server in a process of its own, held to one processor; the senders are here, on the others.
Events have 20 features (15 numbers, 5 texts) and ids in order of time, as the monitor makes them.

    closed loop  every sender sends its next batch when the last one was answered: the most it takes
    open loop    batches come by the clock, whether the last was answered or not, and waiting counts
                 from when a batch was due
    singles      as the closed loop, with one event a request

Other work on the machine makes all of it worse, so each is done several times and the best round
counts. Beside it stands how long the disk takes for one small durable write.

Usage: python benchmarks/ingest.py [--seconds 10] [--rounds 3]
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import itertools
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

SENDERS = 32
BATCH = 100
OPEN_EVENTS = 10_000
"""Events a second of the open loop."""
TARGETS = {"closed": 20_000.0, "open": 50.0, "singles": 1_000.0}
WRITES = 500
SEED = 7
KEY = re.compile(rb"wane_[0-9a-f]{12}_[\w-]{43}")


@dataclass
class Tally:
    """What came of requests.

    Attributes:
        events: Accepted.
        refused: Requests told to come back later.
        waits: Seconds of each request.
    """

    events: int = 0
    refused: int = 0
    waits: list[float] = field(default_factory=list)


class Bodies:
    """Batches of events that nobody has seen before."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        chance = random.Random(SEED)  # noqa: S311 - not for secrets
        now = dt.datetime.now(dt.UTC).isoformat()
        self._rests = []
        for _ in range(1_000):
            features: dict[str, object] = {f"number_{i}": chance.random() for i in range(15)}
            features |= {f"text_{i}": f"value {chance.randrange(20)}" for i in range(5)}
            event = {"timestamp": now, "prediction": 1, "score": 0.73, "features": features}
            self._rests.append(json.dumps(event, separators=(",", ":")).encode()[1:])

    def batch(self, events: int) -> bytes:
        """A JSON array of so many."""
        numbers = itertools.islice(self._numbers, events)
        return b"[%s]" % b",".join(
            b'{"id":"%032x",%s' % (n, self._rests[n % len(self._rests)]) for n in numbers
        )


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    pid: int
    port: int
    key: bytes

    def request(self, body: bytes) -> bytes:
        """A whole request."""
        return (
            b"POST /v1/models/bench/predictions HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (self.key, len(body), body)
        )

    @property
    def resident_mb(self) -> float:
        """Memory held by the server itself, in 10^6 bytes."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 1e6


class Sender:
    """One connection that is kept."""

    def __init__(self, server: Server, tally: Tally) -> None:
        self._server, self._tally = server, tally

    async def connect(self) -> None:
        """Open it."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._server.port)

    async def send(self, body: bytes, due: float | None = None) -> None:
        """Send a body and wait for the answer; waiting counts from when it was due."""
        began = time.perf_counter() if due is None else due
        self._writer.write(self._server.request(body))
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        assert length is not None, head
        answer = await self._reader.readexactly(int(length[1]))
        self._tally.waits.append(time.perf_counter() - began)
        if head[9:12] == b"429":
            self._tally.refused += 1
            return
        assert head[9:12] == b"200", head + answer
        self._tally.events += int(json.loads(answer)["accepted"])

    async def close(self) -> None:
        """Close it."""
        self._writer.close()
        await self._writer.wait_closed()


@contextmanager
def running(processor: int) -> Iterator[Server]:
    """A server with an empty directory, held to one processor."""
    with tempfile.TemporaryDirectory() as directory:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        code = (
            f"import os; os.sched_setaffinity(0, {{{processor}}}); import sys; "
            f"sys.argv = ['wane', 'serve', '--data', {directory + '/data'!r}, '--port', '{port}']; "
            "from wane.cli import main; main()"
        )
        command = [sys.executable, "-c", code]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:  # noqa: S603 - ourselves
            try:
                assert process.stderr is not None
                key = next(found[0] for line in process.stderr if (found := KEY.search(line)))
                await_port(port)
                yield Server(process.pid, port, key)
            finally:
                process.terminate()
                process.communicate()


def await_port(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(200):
        with socket.socket() as tried:
            if not tried.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.05)
    sys.exit("the server does not listen")


async def closed(server: Server, bodies: Bodies, events: int, seconds: float) -> Tally:
    """Every sender sends when it was answered."""
    tally, end = Tally(), time.perf_counter() + seconds

    async def go_on(sender: Sender) -> None:
        while time.perf_counter() < end:
            await sender.send(bodies.batch(events))

    await with_senders(server, tally, go_on)
    return tally


async def opened(server: Server, bodies: Bodies, seconds: float) -> Tally:
    """Batches come by the clock; the first free sender takes each."""
    tally, queue = Tally(), asyncio.Queue[float | None]()
    count = int(seconds * OPEN_EVENTS / BATCH)

    async def take(sender: Sender) -> None:
        while (due := await queue.get()) is not None:
            await sender.send(bodies.batch(BATCH), due)

    async def pace() -> None:
        begin = time.perf_counter()
        for n in range(count):
            due = begin + n * BATCH / OPEN_EVENTS
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            queue.put_nowait(due)
        for _ in range(2 * SENDERS):
            queue.put_nowait(None)

    await asyncio.gather(pace(), with_senders(server, tally, take, 2 * SENDERS))
    return tally


async def with_senders(
    server: Server, tally: Tally, work: Callable[[Sender], Awaitable[None]], count: int = SENDERS
) -> None:
    """Have senders work at the same time."""
    senders = [Sender(server, tally) for _ in range(count)]
    await asyncio.gather(*[sender.connect() for sender in senders])
    await asyncio.gather(*[work(sender) for sender in senders])
    await asyncio.gather(*[sender.close() for sender in senders])


def durable_write_ms(directory: str) -> list[float]:
    """Milliseconds of appending 4 kB and having it on the disk, sorted."""
    found = []
    with tempfile.TemporaryFile(dir=directory, buffering=0) as file:
        for _ in range(WRITES):
            began = time.perf_counter()
            file.write(bytes(4_096))
            os.fdatasync(file.fileno())
            found.append((time.perf_counter() - began) * 1e3)
    return sorted(found)


def quantile(values: Sequence[float], share: float) -> float:
    """A quantile of sorted values."""
    return values[min(int(len(values) * share), len(values) - 1)]


def main() -> None:
    """Measure, print, and fail where a target is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each part of a round")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, set(processors[1:]) or set(processors))
    bodies = Bodies()
    best = {"closed": 0.0, "open": float("inf"), "singles": 0.0}
    for number in range(1, asked.rounds + 1):
        writes = durable_write_ms(tempfile.gettempdir())
        print(
            f"round {number}: a durable write of 4 kB takes p50 {quantile(writes, 0.5):.2f} ms, "
            f"p99 {quantile(writes, 0.99):.2f} ms"
        )
        with running(processors[0]) as server:
            asyncio.run(closed(server, bodies, BATCH, 1.0))
            before = server.resident_mb
            tally = asyncio.run(closed(server, bodies, BATCH, asked.seconds))
            rate = tally.events / asked.seconds
            best["closed"] = max(best["closed"], rate)
            print(f"  closed loop  {rate:9,.0f} events/s, {tally.refused} refused")
            tally = asyncio.run(opened(server, bodies, asked.seconds))
            waits = sorted(wait * 1e3 for wait in tally.waits)
            best["open"] = min(best["open"], quantile(waits, 0.99))
            print(
                f"  open loop    {tally.events / asked.seconds:9,.0f} events/s, waits p50 "
                f"{quantile(waits, 0.5):.1f}, p99 {quantile(waits, 0.99):.1f}, max {waits[-1]:.1f} "
                f"ms, {tally.refused} refused"
            )
            tally = asyncio.run(closed(server, bodies, 1, asked.seconds))
            rate = tally.events / asked.seconds
            best["singles"] = max(best["singles"], rate)
            print(f"  singles      {rate:9,.0f} requests/s, {tally.refused} refused")
            print(f"  memory       {before:9,.0f} MB before, {server.resident_mb:,.0f} MB after")
    print(
        f"best: {best['closed']:,.0f} events/s (at least {TARGETS['closed']:,.0f}), "
        f"p99 {best['open']:.1f} ms (less than {TARGETS['open']:.0f}), "
        f"{best['singles']:,.0f} singles/s (at least {TARGETS['singles']:,.0f})"
    )
    missed = (
        best["closed"] < TARGETS["closed"]
        or best["open"] >= TARGETS["open"]
        or best["singles"] < TARGETS["singles"]
    )
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
