#!/usr/bin/env python3
"""Seconds of `import wane` and `wane --help`, each in a fresh process; median of several.

The time of an empty interpreter is printed beside them and not taken off.

Usage: python benchmarks/imports.py
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from process import run

REPEATS = 9
LIMITS = {"import wane": 0.3, "wane --help": 0.5}


def main() -> None:
    """Print one line a command."""
    python, wane = sys.executable, str(Path(sys.executable).with_name("wane"))
    commands = {
        "python -c pass": [python, "-c", "pass"],
        "import wane": [python, "-c", "import wane"],
        "wane --help": [wane, "--help"],
    }
    for name, command in commands.items():
        runs = [run(command) for _ in range(REPEATS)]
        if runs[-1].exit_code:
            sys.exit(f"{name} failed:\n{runs[-1].said}")
        seconds = statistics.median(r.seconds for r in runs[1:])
        limit = f"limit {LIMITS[name]:.1f} s" if name in LIMITS else ""
        print(f"{name:16}{seconds:7.3f} s  {limit}")


if __name__ == "__main__":
    main()
