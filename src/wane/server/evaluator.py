"""The process that does the heavy work beside the server, so that senders never wait for it.

Run as `python -m wane.server.evaluator DIRECTORY`. It only reads the store; what it finds goes back
over a pipe, and the server, which alone writes, stores it. Jobs come on standard input.
"""

from __future__ import annotations

import os
import sys
import traceback
from typing import IO, TYPE_CHECKING

import msgspec

from wane.engine import pipe
from wane.engine.failure import pack_failure
from wane.errors import WaneError
from wane.window import to_datetime

if TYPE_CHECKING:
    from wane.engine.local import Workers
    from wane.store.directory import DataDirectory
    from wane.store.store import Store

MOVE, EVALUATE = "move", "evaluate"
NICE = 10
"""Where processors are short, senders go first: what came is in the inbox and can wait."""
PROCESSES = 1
"""Readers of this process: a server leaves the other processors to those who ask."""


class Job(msgspec.Struct, frozen=True):
    """What is to be done.

    Attributes:
        do: MOVE or EVALUATE.
        tenant: Whose model.
        model: Its name.
        now: Microseconds since 1970 UTC.
    """

    do: str
    tenant: str
    model: str
    now: int


def main() -> None:
    """Answer jobs until standard input ends."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from wane.engine.local import Workers  # noqa: PLC0415  # once the pipe is safe from prints
    from wane.store.directory import DataDirectory  # noqa: PLC0415
    from wane.store.sqlite import SqliteStore  # noqa: PLC0415

    directory = DataDirectory(sys.argv[1])
    store = SqliteStore(directory.state, read_only=True)
    with Workers(PROCESSES) as workers:
        while (message := pipe.receive(sys.stdin.buffer)) is not None:
            job = msgspec.json.decode(message[1], type=Job)
            _answer(answers, job, store, directory, workers)


def _answer(
    answers: IO[bytes], job: Job, store: Store, directory: DataDirectory, workers: Workers
) -> None:
    """Do a job and tell what came of it."""
    try:
        found = _do(job, store, directory, workers)
    except WaneError as error:
        pipe.send(answers, pipe.FAILURE, pack_failure(error))
    except Exception as error:  # noqa: BLE001 - the process edge: the server must hear of it
        told = WaneError(f"evaluating {job.model!r} failed", got=f"{type(error).__name__}: {error}")
        told.add_note(traceback.format_exc())
        pipe.send(answers, pipe.FAILURE, pack_failure(told))
    else:
        pipe.send(answers, pipe.ANSWER, msgspec.msgpack.encode(found))


def _do(job: Job, store: Store, directory: DataDirectory, workers: Workers) -> object:
    from wane.pipeline.attend import find  # noqa: PLC0415  # loads the whole pipeline
    from wane.store.move import prepare  # noqa: PLC0415

    model = store.model(job.tenant, job.model)
    if model is None:
        return None
    if job.do == MOVE:
        return prepare(store, directory.raw, model.id)
    found = find(store, directory, model, workers, to_datetime(job.now))
    return None if found is None else found[0]


if __name__ == "__main__":
    main()
