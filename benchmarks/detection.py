#!/usr/bin/env python3
"""How good detection is: every promise with what was to hold, what wane did, what peers did.

Usage: python benchmarks/detection.py [DATA] [--only NAME] [--quick] [--peers-python PYTHON]
DATA is a directory with the streams; without it, the environment variable WANE_DATA names one.
PYTHON is an interpreter that has river, ruptures or apache-otava; may be given several times.
"""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
import time
from itertools import zip_longest
from pathlib import Path

import detection_friedman
import detection_null
import detection_series
import detection_streams
from detection_row import Line, Row, Setting
from peer_detectors import Peers

ROWS: tuple[Row, ...] = (
    *detection_null.ROWS,
    *detection_friedman.ROWS,
    *detection_streams.ROWS,
    *detection_series.ROWS,
)
WIDTHS = (4, 34, 30, 44, 40)
MARKS = {True: "OK", False: "NOT", None: "-"}


def main() -> int:
    """Print the table; returns 1 when something did not hold."""
    options = arguments()
    peers = Peers((sys.executable, *options.peers_python))
    data = Path(options.data) if options.data else None
    if data is None or not data.is_dir():
        print("no directory with the streams (first argument, or WANE_DATA): those are skipped")
        data = None
    setting = Setting(data, options.quick, peers)
    lines: list[Line] = []
    for row in ROWS:
        if not options.only or row.name in options.only:
            lines += measured(row, setting)
    print_table(lines)
    return int(any(line.holds is False for line in lines))


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", nargs="?", default=os.environ.get("WANE_DATA"))
    names = [row.name for row in ROWS]
    parser.add_argument("--only", action="append", default=[], choices=names, metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="few seeds and runs")
    parser.add_argument("--peers-python", action="append", default=[], metavar="PYTHON")
    return parser.parse_args()


def measured(row: Row, setting: Setting) -> list[Line]:
    """The lines of a row; one that says why when it cannot be measured."""
    started = time.perf_counter()
    try:
        lines = row.measure(setting)
    except FileNotFoundError as error:
        lines = [Line(row.name, "", f"skipped: {error} not there")]
    except Exception as error:  # noqa: BLE001 - the others are measured all the same
        lines = [Line(row.name, "", f"failed: {type(error).__name__}: {error}", holds=False)]
    print(f"{row.name}: {time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)
    return lines


def print_table(lines: list[Line]) -> None:
    """All lines below each other, wrapped to the width of their columns."""
    _print_cells(("", "stream", "to hold", "wane", "peers"))
    print("  ".join("-" * width for width in WIDTHS))
    for line in lines:
        _print_cells((MARKS[line.holds], line.stream, line.hold, line.wane, line.peers))


def _print_cells(cells: tuple[str, ...]) -> None:
    wrapped = [textwrap.wrap(cell, width) for cell, width in zip(cells, WIDTHS, strict=True)]
    for parts in zip_longest(*wrapped, fillvalue=""):
        padded = (part.ljust(width) for part, width in zip(parts, WIDTHS, strict=True))
        print("  ".join(padded).rstrip())


if __name__ == "__main__":
    raise SystemExit(main())
