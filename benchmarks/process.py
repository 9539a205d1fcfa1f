"""Run a command and say how long it took and how much memory it and its children held."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MEGABYTE = 1_000_000
SAMPLE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a command cost.

    Attributes:
        seconds: Wall-clock time of the whole process, start-up included.
        cpu_seconds: Processor time of the process and of its children that it waited for.
        own_seconds: What the command itself printed as its last word; None when not a number.
        peak_mb: Largest resident memory of the process and its descendants together, in 10^6
            bytes. Sampled every 20 ms, and never less than the largest single one of them.
        exit_code: How it ended.
        said: Its standard error, for when it failed.
    """

    seconds: float
    cpu_seconds: float
    own_seconds: float | None
    peak_mb: float
    exit_code: int
    said: str


def run(command: Sequence[str]) -> Run:
    """Run `command` to its end. Standard output is kept from the terminal."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as said:
        started = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - the benchmarks' own commands
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=said, env=environment
        )
        watch = _Watch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said.seek(0)
        return Run(
            seconds=seconds,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            own_seconds=_last_number(out.read()),
            peak_mb=max(watch.stop(), usage.ru_maxrss * 1024) / MEGABYTE,
            exit_code=process.returncode,
            said=said.read(),
        )


class _Watch(threading.Thread):
    """Adds up the resident memory of a process tree until it is told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._done = threading.Event()
        self._peak = 0

    def run(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self._peak = max(self._peak, sum(_resident(pid) for pid in _tree(self._pid)))

    def stop(self) -> int:
        """The peak in bytes."""
        self._done.set()
        self.join()
        return self._peak


def _tree(pid: int) -> list[int]:
    """A process and all its descendants; empty when it has ended."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in _read(children).split()]
    return found


def _resident(pid: int) -> int:
    """Resident bytes of one process; 0 when it has ended."""
    fields = _read(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * resource.getpagesize() if fields else 0


def _read(path: Path) -> str:
    """The text of a file of /proc; empty when its process has ended meanwhile."""
    try:
        return path.read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _last_number(out: str) -> float | None:
    """The last word of a text as a number."""
    words = out.split()
    try:
        return float(words[-1]) if words else None
    except ValueError:
        return None
