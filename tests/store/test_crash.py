from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CRASH = Path(__file__).parents[2] / "benchmarks" / "crash.py"


def test_twenty_kills_lose_nothing_and_count_nothing_twice() -> None:
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(CRASH), "--kills", "20", "--batches", "150", "--life", "0.2"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("20 kills in ")
    assert "nothing was lost, nothing counted twice" in done.stdout
