"""The local engine: a few worker processes map rows to profiles, this one adds them up.

Importing this module is quick, so that workers can be started first and load their libraries
while this process loads its own.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from wane.engine import pipe
from wane.engine.failure import unpack_failure
from wane.engine.processes import Twin, start_processes
from wane.errors import SourceError, WaneError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from types import TracebackType

    from wane.engine.messages import Counted, LeafPlan, Plan
    from wane.engine.processes import Process
    from wane.profile.leaves import Leaves
    from wane.profile.summarise import Share
    from wane.sources.description import Description
    from wane.sources.request import Request
    from wane.sources.source import Source

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
        self._idle: queue.SimpleQueue[Process] = queue.SimpleQueue()
        self._all: list[Process] = []
        self._closing = False
        # Removed at the end of the process at the latest, whenever that is interrupted.
        self._scratch = tempfile.TemporaryDirectory(prefix="wane-", ignore_cleanup_errors=True)
        try:
            self._start(self.processes)
        except BaseException:
            self.kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._all:
            process.wait()
            for end in (process.stdin, process.stdout):
                if end is not None:
                    with suppress(BrokenPipeError):  # what a dead worker has not read yet
                        end.close()
        self._scratch.cleanup()  # again, as none of them writes any more

    def kill(self) -> None:
        """End all of them at once, whatever they do, and remove what they wrote for a while."""
        self._closing = True
        for process in self._all:
            process.kill()
        self._scratch.cleanup()

    def describe(self, request: Request, sample_rows: int) -> Future[Description]:
        """Look at files: columns, sample, ranges."""
        job = {"do": "describe", "request": request.to_json(), "sample_rows": sample_rows}
        work = Work(job, request.name)
        return self._threads.submit(lambda: _description(self._do(work)))

    def fields(self, request: Request) -> Future[tuple[str, ...]]:
        """Names of the columns of files."""
        work = Work({"do": "fields", "request": request.to_json()}, request.name)
        return self._threads.submit(lambda: tuple(json.loads(self._do(work))))

    def count(
        self, request: Request, plan: Plan, share: Share, seen: Callable[[int], None]
    ) -> Future[Counted]:
        """Count a share of the columns of files."""
        from wane.engine import messages  # noqa: PLC0415

        job = {
            "do": "count",
            "request": request.to_json(),
            "plan": plan.to_json(),
            "share": messages.pack_share(share),
        }
        work = Work(job, request.name, seen)
        return self._threads.submit(lambda: messages.unpack_counted(self._do(work), plan.grid))

    def leaves(self, request: Request, asked: LeafPlan) -> Future[Leaves]:
        """Count the rows of files by several columns together."""
        from wane.engine import messages  # noqa: PLC0415

        job = {"do": "leaves", "request": request.to_json(), "asked": asked.to_json()}
        work = Work(job, request.name)
        return self._threads.submit(lambda: messages.unpack_leaves(self._do(work)))

    def duplicates(self, request: Request, id_column: str) -> Future[int]:
        """Count rows beyond the first of each id."""
        job = {"do": "duplicates", "request": request.to_json(), "id": id_column}
        work = Work(job, request.name)
        return self._threads.submit(lambda: int(self._do(work)))

    def spool(self, request: Request, columns: Sequence[str]) -> Source:
        """Have columns of files written down, so that this process can read them safely.

        Raises:
            SourceError: The files cannot be read.
            SchemaError: A column does not exist.
        """
        from wane.sources.spooled import Spooled, SpooledSource  # noqa: PLC0415  # loads pyarrow

        directory = tempfile.mkdtemp(prefix="wane-")
        job = {
            "do": "spool",
            "request": request.to_json(),
            "columns": list(columns),
            "directory": directory,
        }
        try:
            written = self._threads.submit(self._do, Work(job, request.name)).result()
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
        return SpooledSource(Spooled.from_json(json.loads(written)))

    def _do(self, work: Work) -> bytes:
        """Give a job to an idle worker and wait for the answer."""
        process = self._idle.get()
        try:
            answer = _converse(process, work)
        except WaneError:
            self._idle.put(process)
            raise
        except OSError as error:
            process.kill()
            code = process.wait()
            if self._closing:
                self._idle.put(process)  # for a job that is begun all the same to fail at once
            else:
                self._start(1)
            raise SourceError(
                f"the reader of {work.name} ended unexpectedly",
                got=_ending(code),
                hint="The file may be damaged, or memory short: write it again, or in parts.",
            ) from error
        self._idle.put(process)
        return answer

    def _start(self, count: int) -> None:
        """Start workers and make them available."""
        for process in start_processes(count, self._memory_bytes, self._scratch.name):
            self._all.append(process)
            self._idle.put(process)


@contextmanager
def started(
    workers: Workers | None, *, needed: bool, processes: int | None = None
) -> Iterator[Workers | None]:
    """Workers for the length of a block: those given, or new ones, or none where none are needed.

    Those given are left running.
    """
    if workers is not None or not needed:
        yield workers
        return
    with Workers(processes) as fresh:
        yield fresh


def _description(answer: bytes) -> Description:
    """What a worker saw; what reads it is loaded once the worker has been asked."""
    from wane.engine.described import unpack_description  # noqa: PLC0415  # loads pyarrow

    return unpack_description(answer)


def _ending(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None:
        return "no answer"
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _converse(process: Process, work: Work) -> bytes:
    """Send a job and wait for its answer.

    Raises:
        WaneError: The job failed for a reason the worker could name.
        OSError: The worker is gone.
    """
    if process.stdin is None or process.stdout is None:
        raise OSError("the worker has no pipes")
    pipe.send(process.stdin, pipe.JOB, json.dumps(work.job).encode())
    while (message := pipe.receive(process.stdout)) is not None:
        kind, data = message
        if kind == pipe.FAILURE:
            raise unpack_failure(data)
        if kind == pipe.ANSWER:
            return data
        if kind == pipe.HELLO and isinstance(process, Twin):
            process.pid = int(data)
        elif kind == pipe.PROGRESS:
            work.seen(int(data))
    raise OSError("the worker closed its pipe")
