#!/usr/bin/env python3
"""How long alerting takes: 500 models with 20 incidents each, all of which change in every window.

Prints, for each window, the time of the steps in the lives of all incidents, of deciding what is
due, and of remembering what was told, beside the machine's time for one durable write.

Usage: python benchmarks/alerts.py [MODELS [INCIDENTS]]
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from wane.alert.due import Situation, Watched, delivered, due
from wane.alert.life import step
from wane.alert.route import Route
from wane.alert.signal import Signal, Waiting, fingerprint
from wane.detect.severity import Severity
from wane.store.alerts import Attempt
from wane.store.sqlite import SqliteStore
from wane.window import DAY

NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
WINDOWS = 10
ROUTES = [Route("pager", {"severity": "critical"}), Route("team")]


def main(models: int, incidents: int) -> None:
    """Ten windows, in which every incident fires and is quiet in turn."""
    with tempfile.TemporaryDirectory() as directory:
        store = SqliteStore(Path(directory) / "state.db")
        numbers = [store.open_model("default", f"model-{at}", NOW).id for at in range(models)]
        print(f"{models} models, {incidents} incidents each; fsync {fsync_ms(directory):.2f} ms")
        print(
            f"{'window':>6} {'steps s':>8} {'due s':>8} {'told s':>8} {'messages':>9} {'RSS MB':>7}"
        )
        for window in range(WINDOWS):
            now = NOW + dt.timedelta(days=window)
            begin = time.perf_counter()
            for at, number in enumerate(numbers):
                known = [kept.incident for kept in store.alerts.incidents(number)]
                signals = [signal(at, one, window) for one in range(incidents)]
                store.alerts.stepped(number, step(known, signals, now, keep_firing=0))
            stepped = time.perf_counter()
            later = now + dt.timedelta(minutes=10)
            kept = store.alerts.incidents()
            watched = [Watched(one.incident, "default", f"model-{one.model}") for one in kept]
            told = {(one.receiver, one.fingerprint): one for one in store.alerts.told()}
            sendings = due(Situation(watched, ROUTES, told=told), later)
            decided = time.perf_counter()
            for sending in sendings:
                names = tuple(item.watched.incident.fingerprint for item in sending.items)
                attempt = Attempt(later, sending.receiver, sending.group, names, "delivered")
                store.alerts.attempted(attempt, delivered(sending, later))
            ended = time.perf_counter()
            times = (stepped - begin, decided - stepped, ended - decided)
            print(
                f"{window:6}", *(f"{one:8.2f}" for one in times), f"{len(sendings):9} {rss():7.0f}"
            )
        store.close()


def signal(model: int, number: int, window: int) -> Signal:
    """A condition that holds in every other window."""
    rule = f"psi(x{number}) > 0.2"
    fires = window % 2 == 0
    newest = 20_000 * DAY + (window if fires else window - 1) * DAY
    return Signal(
        fingerprint=fingerprint("default", f"model-{model}", rule, ("psi", f"x{number}", None)),
        rule=rule,
        metric="psi",
        column=f"x{number}",
        segment=None,
        severity=Severity.CRITICAL if number % 2 else Severity.WARNING,
        windows=(newest,),
        since=newest,
        gap=1,
        quiet=0 if fires else 1,
        waiting=Waiting.NOTHING,
        value=0.3,
        threshold=0.2,
        reason="psi 0.3 is above 0.2",
    )


def rss() -> float:
    """The most memory so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fsync_ms(directory: str) -> float:
    """Median time of one small durable write."""
    times = []
    with (Path(directory) / "probe").open("wb") as file:
        for _ in range(50):
            begin = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - begin) * 1e3)
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    arguments = [int(text) for text in sys.argv[1:]]
    main(*(arguments or [500, 20])) if len(arguments) != 1 else main(arguments[0], 20)
