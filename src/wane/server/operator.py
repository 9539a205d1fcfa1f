"""The loop of the service: move what came, evaluate what closed, store what was found."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import secrets
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from wane.engine import pipe
from wane.engine.messages import unpack_failure
from wane.errors import StoreError, WaneError
from wane.pipeline.attend import Found, keep
from wane.server.evaluator import EVALUATE, MOVE, Job
from wane.store.records import Moved
from wane.window import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from wane.store.directory import DataDirectory
    from wane.store.records import Model
    from wane.store.store import Store

LOG = logging.getLogger("wane.server")
LEASE = dt.timedelta(minutes=5)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things are done.

    Attributes:
        tick_seconds: Between two looks at what came.
        evaluate_seconds: Between two evaluations of one model, at least.
    """

    tick_seconds: float = 5.0
    evaluate_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Failure:
    """The newest failure of a model's evaluation."""

    at: dt.datetime
    message: str


class Operator:
    """The thread that has models attended to, by a process of its own.

    Args:
        store: Written by this process alone.
        directory: Held by this process.
        clock: The time.
        pace: How often.
        planned: Called with the number of a model that is counted in another way from now on.
    """

    def __init__(
        self,
        store: Store,
        directory: DataDirectory,
        clock: Callable[[], dt.datetime],
        pace: Pace | None = None,
        planned: Callable[[int], object] = lambda _model: None,
    ) -> None:
        self._planned = planned
        self._store, self._directory, self._clock = store, directory, clock
        self._pace = pace or Pace()
        self._holder = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._child: subprocess.Popen[bytes] | None = None
        self._wake = threading.Event()
        self._ending = False
        self._evaluated: dict[int, dt.datetime] = {}
        self.failures: dict[int, Failure] = {}
        self._thread = threading.Thread(target=self._run, name="wane-operator", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the job at hand."""
        self._ending = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._end_child()

    def wake(self, model: int | None = None) -> None:
        """Look at once; a model named is evaluated even if that was done just now."""
        if model is not None:
            self._evaluated.pop(model, None)
        self._wake.set()

    def _run(self) -> None:
        while not self._ending:
            self._wake.clear()
            try:
                self.attend_all()
            except WaneError:
                LOG.exception("the loop goes on after an error")
            self._wake.wait(self._pace.tick_seconds)

    def attend_all(self) -> None:
        """Once over all models."""
        now = self._clock()
        if not self._store.lease("operator", self._holder, now + LEASE, now):
            return
        for model in self._store.models():
            if self._ending:
                return
            try:
                self._attend(model, now)
            except WaneError as error:
                LOG.warning("model %s: %s", model.name, error.message)
                self.failures[model.id] = Failure(now, error.message)
                self._evaluated[model.id] = now
                self._store.count(model.id, {"evaluation_failed": 1}, now)

    def _attend(self, model: Model, now: dt.datetime) -> None:
        while self._store.inbox(model.id, 1):
            moved = self._ask(MOVE, model, now, Moved)
            if moved is None:
                break
            self._store.moved(model.id, moved)
        last = self._evaluated.get(model.id)
        pause = dt.timedelta(seconds=self._pace.evaluate_seconds)
        if last is not None and last <= now < last + pause:
            return
        found = self._ask(EVALUATE, model, now, Found)
        if found is not None:
            keep(self._store, model.id, found, now)
            if found.plan is not None:
                self._planned(model.id)
        self._evaluated[model.id] = now
        self.failures.pop(model.id, None)

    def _ask(self, do: str, model: Model, now: dt.datetime, kind: type[T]) -> T | None:
        """Have a job done by the other process; one that has ended is started again."""
        child = self._running_child()
        if child.stdin is None or child.stdout is None:
            raise StoreError("the evaluating process has no pipes")
        job = Job(do, model.tenant, model.name, to_microseconds(now))
        try:
            pipe.send(child.stdin, pipe.JOB, msgspec.json.encode(job))
            message = pipe.receive(child.stdout)
        except OSError as error:
            self._end_child()
            raise _ended(model) from error
        if message is None:
            self._end_child()
            raise _ended(model)
        if message[0] == pipe.FAILURE:
            raise unpack_failure(message[1])
        return msgspec.msgpack.decode(message[1], type=kind | None)

    def _running_child(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._child = subprocess.Popen(  # noqa: S603  # this interpreter, our own module
                [sys.executable, "-m", "wane.server.evaluator", str(self._directory.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                process_group=0,
            )
        return self._child

    def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        for end in (child.stdin, child.stdout):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.close()
        child.kill()
        child.wait()


def _ended(model: Model) -> StoreError:
    return StoreError(
        f"the process that evaluates ended while it looked at {model.name!r}",
        hint="Is memory short? It is started again at the next turn.",
    )
