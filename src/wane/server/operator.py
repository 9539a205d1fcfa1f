"""The loop of the service: move what came, evaluate what closed, store what was found."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import logging
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from wane.alert.life import KEEP_FIRING
from wane.engine import pipe
from wane.engine.failure import unpack_failure
from wane.errors import StoreError, WaneError
from wane.pipeline.alerted import failed, well
from wane.pipeline.attend import keep
from wane.pipeline.upkeep import upkeep
from wane.server.evaluator import EVALUATE, MOVE, Job
from wane.server.intake import Intake
from wane.server.logged import one_line, traced
from wane.server.recent import recent
from wane.store.records import Evaluated, Moved
from wane.store.spool import pick_up
from wane.window import to_microseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from wane.store.directory import DataDirectory
    from wane.store.records import Model
    from wane.store.store import Store

LOG = logging.getLogger("wane.server")
LEASE = dt.timedelta(minutes=5)
UPKEEP = dt.timedelta(hours=1)
"""Between two upkeeps of the directory: longer than an evaluation, which may be reading."""
MEMORY = dt.timedelta(days=400)
"""How long incidents that are over, and attempts to tell of them, are remembered."""
MANY = 500
"""Batches in the inbox that are moved without waiting for the next evaluation."""
TURN = 20_000
"""Batches of one model that are moved in a turn: the others have theirs too."""
FAILED = "evaluation_failed"
"""Counter: evaluations that failed."""
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
        intake: What models take, for events that processes left in the spool.
        told: Called when incidents may have changed.
        keep_firing: Quiet windows after which an incident is still not over.

    Attributes:
        failures: Models whose newest evaluation failed.
    """

    def __init__(
        self,
        store: Store,
        directory: DataDirectory,
        clock: Callable[[], dt.datetime],
        pace: Pace | None = None,
        *,
        intake: Intake | None = None,
        told: Callable[[], object] = lambda: None,
        keep_firing: int = KEEP_FIRING,
    ) -> None:
        self._keep_firing = keep_firing
        self._intake = intake or Intake(store, directory)
        self._told = told
        self._kept_up: dt.datetime | None = None
        self._store, self._directory, self._clock = store, directory, clock
        self._pace = pace or Pace()
        self._holder = _identity(directory)
        self._child: subprocess.Popen[bytes] | None = None
        self._wake = threading.Event()
        self._ending = False
        self._leased: dt.datetime | None = None
        self._evaluated: dict[int, dt.datetime] = {}
        self._started = clock()
        self._attended: dict[int, dt.datetime] = {}
        self.failures: dict[int, Failure] = {}
        self._thread = threading.Thread(target=self._run, name="wane-operator", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End now. The job at hand is given up: it wrote nothing that counts, and is done again."""
        self._ending = True
        self._wake.set()
        child = self._child
        if child is not None:
            child.kill()
        if self._thread.ident is not None:
            self._thread.join()
        self._end_child()

    def wake(self, model: int | None = None) -> None:
        """Look at once; a model named is evaluated even if that was done just now."""
        if model is not None:
            self._evaluated.pop(model, None)
        self._wake.set()

    def lag(self, model: Model, now: dt.datetime) -> dt.timedelta:
        """How long ago a model was looked at with success, or has waited for that since the start.

        What closed before then is evaluated.
        """
        since = self._attended.get(model.id) or max(self._started, model.created)
        return max(now - since, dt.timedelta())

    def _run(self) -> None:
        while not self._ending:
            self._wake.clear()
            try:
                self.attend_all()
            except Exception as error:  # noqa: BLE001 - the loop of the process
                LOG.error("the loop goes on after an error: %s", traced(error))  # noqa: TRY400
            self._wake.wait(self._pace.tick_seconds)

    def attend_all(self) -> None:
        """Once over all models; a failure of one is noted, and the others have their turn."""
        self._keep_house(self._clock())
        for model in self._store.models():
            now = self._clock()
            if self._ending or not self._holds(now):
                return
            try:
                self._attend(model, now)
            except Exception as error:  # noqa: BLE001 - whatever it was, people must hear of it
                if self._ending:
                    return
                self._failed(model, now, error)

    def _keep_house(self, now: dt.datetime) -> None:
        """Pick up what processes left, and now and then forget, merge and delete."""
        if not self._holds(now):
            return
        pick_up(
            self._store,
            self._directory,
            lambda model: self._intake.of(model.tenant, model.name, now)[1],
            now,
        )
        if not recent(self._kept_up, UPKEEP, now):
            self._kept_up = now
            done = upkeep(self._store, self._directory, now)
            self._store.alerts.forget(now - MEMORY)
            for name, reason in done.failures.items():
                LOG.warning("upkeep of %s: %s", one_line(name), one_line(reason))

    def _holds(self, now: dt.datetime) -> bool:
        """Whether this is the one loop of the store; the lease is renewed when half of it is over.

        Models are asked one by one, because one can take longer than a lease.
        """
        if not recent(self._leased, LEASE / 2, now):
            held = self._store.lease("operator", self._holder, now + LEASE, now)
            self._leased = now if held else None
        return self._leased is not None

    def _failed(self, model: Model, now: dt.datetime, error: Exception) -> None:
        """Note a failure. It is written down last: the store may be what fails."""
        if isinstance(error, WaneError):
            told = error.message
            LOG.warning("model %s: %s", model.name, one_line(told))
        else:
            told = f"{type(error).__name__}: {error}"
            LOG.error("model %s: %s", model.name, traced(error))
        self.failures[model.id] = Failure(now, told)
        self._evaluated[model.id] = now
        self._store.count(model.id, {FAILED: 1}, now)
        failed(self._store, model, now)
        self._told()

    def _attend(self, model: Model, now: dt.datetime) -> None:
        pause = dt.timedelta(seconds=self._pace.evaluate_seconds)
        rests = recent(self._evaluated.get(model.id), pause, now)
        if rests and self._store.waiting(model.id, MANY) < MANY:
            return  # each move makes files of its own: few large ones are better than many
        self._move(model, now)
        if rests:
            return
        outcome = self._ask(EVALUATE, model, now, Evaluated)
        if outcome is not None:
            keep(self._store, model, outcome, now, self._keep_firing)
            self._told()
            if outcome.laid is not None:
                self._intake.forget(model.id)
        elif model.id in self.failures or model.id not in self._attended:
            well(self._store, model, now)
        self._evaluated[model.id] = self._attended[model.id] = now
        self.failures.pop(model.id, None)

    def _move(self, model: Model, now: dt.datetime) -> None:
        """Have events lie in files; what is more than a turn's share comes at the next, at once.

        What comes meanwhile is left, or there would be ever smaller files.
        """
        wanted = self._store.waiting(model.id, TURN)
        if wanted == TURN:
            self._wake.set()
        while wanted > 0:
            moved = self._ask(MOVE, model, now, Moved)
            if moved is None:
                return
            self._store.moved(model.id, moved)
            wanted -= len(moved.sequences)

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
        try:
            return msgspec.msgpack.decode(message[1], type=kind | None)
        except msgspec.DecodeError as error:
            raise StoreError(
                f"what came of {model.name!r} cannot be read",
                got=str(error),
                hint="Were files of the program replaced while it ran? Restart it.",
            ) from error

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


def _identity(directory: DataDirectory) -> str:
    """Names the directory: whoever holds that may go on with the lease of an earlier process."""
    return hashlib.sha256(b"operator" + directory.secret()).hexdigest()[:32]


def _ended(model: Model) -> StoreError:
    return StoreError(
        f"the process that evaluates ended while it looked at {model.name!r}",
        hint="Is memory short? It is started again at the next turn.",
    )
