"""Starting worker processes: one loads the libraries, the others are forked from it.

Loading numpy and pyarrow takes a third of a second of processor time, which forking saves for
every worker but the first. Where there is no fork, each worker is started by itself.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from typing import IO, Protocol

MEMORY_VARIABLE = "WANE_WORKER_MEMORY_BYTES"
TWINS_VARIABLE = "WANE_WORKER_TWINS"
"""Pairs of file descriptors "jobs,answers", separated by blanks: one for each twin to fork."""
PIPE_BYTES = 1_048_576
"""What pipes hold, where that can be said: an answer of megabytes takes as many turns of both."""


class Process(Protocol):
    """A worker process: jobs go in at `stdin`, answers come out at `stdout`."""

    @property
    def stdin(self) -> IO[bytes] | None:
        """Where jobs are written."""
        ...

    @property
    def stdout(self) -> IO[bytes] | None:
        """Where answers are read."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...

    def wait(self) -> int | None:
        """Exit code once it has ended; None when that is not known."""
        ...


class Twin:
    """A worker that was forked by another one, which is its parent in our place."""

    def __init__(self, jobs: int, answers: int) -> None:
        self.stdin: IO[bytes] | None = os.fdopen(jobs, "wb")
        self.stdout: IO[bytes] | None = os.fdopen(answers, "rb")
        self.pid: int | None = None

    def kill(self) -> None:
        """End it at once; one that has not told its number yet ends when its pipe is closed."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> None:
        """Only its parent learns its exit code."""


def start_processes(count: int, memory_bytes: int, scratch: str) -> list[Process]:
    """Start `count` workers.

    Args:
        count: How many, at least 1.
        memory_bytes: Address space of each; 0 for no bound.
        scratch: Directory for what they write for a while: one that is killed leaves it.
    """
    _fill_standard_descriptors()
    threads = max(1, (os.cpu_count() or 1) // count)
    if count == 1 or not hasattr(os, "fork"):
        return [_spawn(memory_bytes, threads, scratch) for _ in range(count)]
    twins: list[Twin] = []
    inherited: list[int] = []
    for _ in range(count - 1):
        jobs_read, jobs_write = _pipe()
        answers_read, answers_write = _pipe()
        twins.append(Twin(jobs_write, answers_read))
        inherited += [jobs_read, answers_write]
    first = _spawn(memory_bytes, threads, scratch, inherited)
    for descriptor in inherited:
        os.close(descriptor)
    return [first, *twins]


def _pipe() -> tuple[int, int]:
    """A wide pipe: the end that is read, and the one that is written."""
    reads, writes = os.pipe()
    _widen(writes)
    return reads, writes


def _widen(pipe: int) -> None:
    """Let a pipe hold much, where that can be said and is allowed."""
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415  # not on every platform

        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _fill_standard_descriptors() -> None:
    """Put the null device where a standard stream is closed, lest a pipe take its number."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _spawn(
    memory_bytes: int, threads: int, scratch: str, inherited: list[int] | None = None
) -> subprocess.Popen[bytes]:
    """A worker of its own, with descriptors for the twins that it is to fork."""
    descriptors = inherited or []
    pairs = zip(descriptors[::2], descriptors[1::2], strict=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "wane.engine.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=descriptors,
        process_group=0,  # Ctrl-C is for us to hear, and for them to be ended by us
        env=os.environ
        | {
            MEMORY_VARIABLE: str(memory_bytes),
            "TMPDIR": scratch,
            TWINS_VARIABLE: " ".join(f"{jobs},{answers}" for jobs, answers in pairs),
            "OMP_NUM_THREADS": str(threads),  # of Arrow, which would take one per processor
        },
    )
    for end in (process.stdin, process.stdout):
        if end is not None:
            _widen(end.fileno())
    return process
