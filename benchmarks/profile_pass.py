#!/usr/bin/env python3
"""Reading and counting alone: a Parquet log to profiles, on a grid laid from the reference.

Usage: python benchmarks/profile_pass.py LOG.parquet REFERENCE.parquet
Prints the seconds of the pass, with the workers running and the grid laid.
"""

from __future__ import annotations

import datetime as dt
import sys
import time

from wane.engine.deal import add_up
from wane.engine.local import Workers
from wane.engine.messages import Plan
from wane.pipeline.asked import Asked
from wane.pipeline.look import look
from wane.pipeline.open import Refinement, open_reading
from wane.pipeline.watching import Watching
from wane.schema import Schema
from wane.window import to_microseconds

NOW = to_microseconds(dt.datetime(2027, 1, 1, tzinfo=dt.UTC))


def profile_pass(log: str, reference: str) -> float:
    """Seconds from the first byte of the log to its profiles."""
    with Workers() as workers:
        current = open_reading(log, workers, Refinement())
        before = open_reading(reference, workers, Refinement(), name="reference")
        asked = Asked(
            model="bench",
            current=current,
            reference=before,
            looks=(current.describe(), before.describe()),
            schema=Schema(),
            every="1d",
            timezone="UTC",
            rules=None,
            watching=Watching(),
            costs={},
            now=NOW,
            until=None,
            deep=False,
            progress=lambda _what, _share: None,
        )
        looked = look(asked)
        started = time.perf_counter()
        plan = Plan(looked.grid, looked.schema, looked.every, NOW)
        counted = add_up(asked.current.count(plan, lambda _rows: None))
        seconds = time.perf_counter() - started
    assert counted.summarised.used == counted.summarised.read > 0
    return seconds


if __name__ == "__main__":
    print(f"{profile_pass(*sys.argv[1:]):.4f}")
