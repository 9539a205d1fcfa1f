from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CRASH = Path(__file__).parents[2] / "benchmarks" / "crash_alerts.py"


def test_twenty_kills_lose_no_message_and_none_lies() -> None:
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, str(CRASH), "--kills", "20"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("20 kills in ")
    assert "none was lost, none contradicts what was" in done.stdout
