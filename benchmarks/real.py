#!/usr/bin/env python3
"""`wane check` on real streams, beside what is known about them.

Usage: python benchmarks/real.py [DATA] [--only NAME]
DATA is a directory with the streams; without it, the environment variable WANE_DATA names one.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from threadpoolctl import threadpool_limits

from known_streams import STREAMS, Saw, Stream
from seen import check

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(data: Path | None, only: Sequence[str]) -> int:
    """Print one line a stream; returns 1 when wane was wrong about one."""
    if data is None or not data.is_dir():
        print("skipped: no directory with the streams (first argument, or WANE_DATA)")
        return 0
    wrong = 0
    for stream in STREAMS:
        path = data / f"{stream.file}.parquet"
        if only and stream.file not in only:
            continue
        if not path.exists():
            print(f"skipped  {stream.file}: not there")
            continue
        started = time.perf_counter()
        saw = look(stream, path)
        wrong += not saw.right
        mark = "OK  " if saw.right else "NOT "
        seconds = time.perf_counter() - started
        print(f"{mark} {stream.file:28} known: {stream.known}", flush=True)
        print(f"     {seconds:5.1f} s{'':20} saw:   {saw.words}")
    return int(wrong > 0)


def look(stream: Stream, path: Path) -> Saw:
    """Prepare one stream, run wane on it, and judge."""
    with tempfile.TemporaryDirectory() as box:
        with threadpool_limits(limits=1):  # two spinning threads are slow on a busy machine
            arguments = stream.arguments(pd.read_parquet(path), Path(box))
        try:
            seen = check(arguments)
        except RuntimeError as error:
            return Saw(right=False, words=f"wane check failed: {error}")
        saw = stream.judge(seen)
        return Saw(saw.right, f"{saw.words}\n{'':36}says:  {seen.sentence}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, nargs="?", default=os.environ.get("WANE_DATA"))
    parser.add_argument("--only", action="append", default=[])
    options = parser.parse_args()
    raise SystemExit(main(options.data and Path(options.data), options.only))
