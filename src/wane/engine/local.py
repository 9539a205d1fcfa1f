"""The local engine: a few worker processes map rows to profiles, this one adds them up."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from wane.engine import messages
from wane.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from types import TracebackType

    from wane.engine.messages import Counted, Plan
    from wane.profile.summarise import Share
    from wane.sources.description import Description
    from wane.sources.request import Request

MEMORY_BYTES = 16 << 30
"""Address space of a worker: virtual, so well above what it uses; stops a file that explodes."""


@dataclass(frozen=True, slots=True)
class Work:
    """One job: what to do, for whom, and who wants to know how far it is."""

    job: dict[str, Any]
    name: str
    seen: Callable[[int], None] = lambda _rows: None


class Workers:
    """Worker processes, started at once and stopped at the end of the `with` block.

    Args:
        processes: How many; None for one per processor, at most 4.
        memory_bytes: Address space of each, 0 for no bound.
    """

    def __init__(self, processes: int | None = None, memory_bytes: int = MEMORY_BYTES) -> None:
        self.processes = processes or max(1, min(4, os.cpu_count() or 1))
        self._memory_bytes = memory_bytes
        self._threads = ThreadPoolExecutor(self.processes, thread_name_prefix="wane-worker")
        self._idle: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        self._all: list[subprocess.Popen[bytes]] = []
        self._closing = False
        for _ in range(self.processes):
            self._idle.put(self._start())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing = True
        for process in self._all:
            process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._all:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def describe(self, request: Request, sample_rows: int) -> Future[Description]:
        """Look at files: columns, sample, ranges."""
        job = {"do": "describe", "request": request.to_json(), "sample_rows": sample_rows}
        work = Work(job, request.name)
        return self._threads.submit(lambda: messages.unpack_description(self._do(work)))

    def count(
        self, request: Request, plan: Plan, share: Share, seen: Callable[[int], None]
    ) -> Future[Counted]:
        """Count a share of the columns of files."""
        job = {
            "do": "count",
            "request": request.to_json(),
            "plan": plan.to_json(),
            "share": messages.pack_share(share),
        }
        work = Work(job, request.name, seen)
        return self._threads.submit(lambda: messages.unpack_counted(self._do(work)))

    def duplicates(self, request: Request, id_column: str) -> Future[int]:
        """Count rows beyond the first of each id."""
        job = {"do": "duplicates", "request": request.to_json(), "id": id_column}
        work = Work(job, request.name)
        return self._threads.submit(lambda: int(self._do(work)))

    def _do(self, work: Work) -> bytes:
        """Give a job to an idle worker and wait for the answer."""
        process = self._idle.get()
        try:
            return _converse(process, work)
        except OSError as error:
            process.kill()
            code = process.wait()
            if not self._closing:
                process = self._start()
            raise SourceError(
                f"the reader of {work.name} ended unexpectedly",
                got=signal.Signals(-code).name if code < 0 else f"exit code {code}",
                hint="The file is probably damaged; write it again, or leave it out.",
            ) from error
        finally:
            self._idle.put(process)

    def _start(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "WANE_WORKER_MEMORY_BYTES": str(self._memory_bytes),
            "OPENBLAS_NUM_THREADS": "1",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "wane.engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        self._all.append(process)
        return process


def _converse(process: subprocess.Popen[bytes], work: Work) -> bytes:
    """Send a job and wait for its answer.

    Raises:
        WaneError: The job failed for a reason the worker could name.
        OSError: The worker is gone.
    """
    if process.stdin is None or process.stdout is None:
        raise OSError("the worker has no pipes")
    messages.send(process.stdin, messages.JOB, json.dumps(work.job).encode())
    while (message := messages.receive(process.stdout)) is not None:
        kind, data = message
        if kind == messages.FAILURE:
            raise messages.unpack_failure(data)
        if kind == messages.ANSWER:
            return data
        work.seen(int(data))
    raise OSError("the worker closed its pipe")
