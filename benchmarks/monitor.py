#!/usr/bin/env python3
"""Microseconds of `Monitor.log` in the caller, with a server that is dead, slow to answer, or none.

Each call is timed on its own, with 20 features (15 numbers, 5 texts). The queue is kept from
filling, lest most calls be quick refusals: after every 5,000 calls a new monitor takes over. In a
tight loop the sending thread and the caller compete for the interpreter's lock; `--pause` puts some
work of another kind between the calls.

    nothing     an empty loop that takes about as long: what the machine itself adds
    dead        nobody listens at the address
    hanging     connections are taken and never answered
    directory   embedded, with fsync

Usage: python benchmarks/monitor.py [--calls 100000] [--pause 0]
"""

from __future__ import annotations

import argparse
import logging
import random
import socket
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import wane

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PER_MONITOR = 5_000
LIMIT_MICROSECONDS = 50.0
SEED = 7
CONTROL_STEPS = 800


def rows(count: int) -> Iterator[dict[str, object]]:
    """Rows as a service has them."""
    chance = random.Random(SEED)  # noqa: S311 - not for secrets
    for _ in range(count):
        numbers: dict[str, object] = {f"number_{i}": chance.random() for i in range(15)}
        yield numbers | {f"text_{i}": f"value {chance.randrange(20)}" for i in range(5)}


def timed(target: Mapping[str, str], calls: int, pause: float) -> list[float]:
    """Seconds of every call, sorted."""
    url, data = target.get("url"), target.get("data")
    seconds: list[float] = []
    for _ in range(0, calls, PER_MONITOR):
        monitor = wane.Monitor("bench", version="12", url=url, data=data)
        for row in rows(PER_MONITOR):
            if pause:
                time.sleep(pause)
            started = time.perf_counter()
            monitor.log(features=row, prediction=1, score=0.73)
            seconds.append(time.perf_counter() - started)
        dropped = monitor.counts.dropped
        assert not dropped, f"refusals were timed too: {dropped}"
        monitor.close(0.01 if url else 30.0)
    return sorted(seconds)


def control(calls: int) -> list[float]:
    """Seconds of a loop that does nothing, sorted: what the machine itself adds."""
    seconds: list[float] = []
    for _ in range(calls):
        started = time.perf_counter()
        for _ in range(CONTROL_STEPS):
            pass
        seconds.append(time.perf_counter() - started)
    return sorted(seconds)


def show(name: str, seconds: list[float]) -> float:
    """Print a line; the 99th percentile in microseconds."""
    p50, p99, p999 = (seconds[int(len(seconds) * share)] * 1e6 for share in (0.5, 0.99, 0.999))
    print(f"{name:10} p50 {p50:6.1f}  p99 {p99:6.1f}  p99.9 {p999:7.1f} microseconds", flush=True)
    return p99


def listening() -> socket.socket:
    """A socket that takes connections, and nothing else."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(64)
    return server


def main() -> None:
    """Print one line a target; fail where the 99th percentile is beyond the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between the calls")
    asked = parser.parse_args()
    logging.getLogger("wane.monitor").setLevel(logging.ERROR)
    hanging, dead = listening(), listening()
    ports = {"dead": dead.getsockname()[1], "hanging": hanging.getsockname()[1]}
    dead.close()
    late = []
    show("nothing", control(asked.calls))
    with tempfile.TemporaryDirectory() as data:
        targets = {name: {"url": f"http://127.0.0.1:{port}"} for name, port in ports.items()}
        for name, target in {**targets, "directory": {"data": data}}.items():
            p99 = show(name, timed(target, asked.calls, asked.pause))
            late += [name] if p99 >= LIMIT_MICROSECONDS else []
    if late:
        sys.exit(f"p99 beyond {LIMIT_MICROSECONDS:.0f} microseconds: {', '.join(late)}")


if __name__ == "__main__":
    main()
