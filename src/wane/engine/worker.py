"""A worker process: reads foreign files, so that a malformed one can only take the worker down.

Run as `python -m wane.engine.worker`. Jobs come on standard input, answers go to standard output;
what libraries print goes to standard error.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import traceback
from typing import IO, TYPE_CHECKING, Any, NoReturn

from wane.engine import pipe
from wane.engine.failure import pack_failure
from wane.engine.lean import be_lean
from wane.engine.processes import MEMORY_VARIABLE, TWINS_VARIABLE

if TYPE_CHECKING:
    from wane.errors import SourceError
    from wane.sources.source import Source

REPORT_EVERY = 100_000
"""Rows between two progress messages."""


def main() -> None:
    """Answer jobs until standard input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _bound_memory(int(os.environ.get(MEMORY_VARIABLE, "0")))
    be_lean()
    from wane.engine import described  # noqa: F401, PLC0415  # once, before forking
    from wane.sources import parquet, request  # noqa: F401, PLC0415

    pairs = [pair.split(",") for pair in os.environ.get(TWINS_VARIABLE, "").split()]
    for own, (jobs, twin_answers) in enumerate(pairs):
        if os.fork() == 0:
            _become_twin(int(jobs), int(twin_answers), [answers.fileno(), *_others(pairs, own)])
    for descriptor in _others(pairs, None):
        os.close(descriptor)
    _serve_and_end(sys.stdin.buffer, answers)


def _others(pairs: list[list[str]], own: int | None) -> list[int]:
    """The descriptors of all twins but one."""
    return [int(number) for at, pair in enumerate(pairs) if at != own for number in pair]


def _become_twin(jobs: int, answers: int, foreign: list[int]) -> NoReturn:
    """Serve the pipes of a twin, and end with them."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    for descriptor in foreign:
        os.close(descriptor)
    asked, told = os.fdopen(jobs, "rb"), os.fdopen(answers, "wb")
    with contextlib.suppress(BrokenPipeError):
        pipe.send(told, pipe.HELLO, str(os.getpid()).encode())
    _serve_and_end(asked, told)


def _serve_and_end(jobs: IO[bytes], answers: IO[bytes]) -> NoReturn:
    """Answer jobs until the pipe ends, or nobody listens any more."""
    with contextlib.suppress(BrokenPipeError):
        _serve(jobs, answers)
    os._exit(0)


def _serve(jobs: IO[bytes], answers: IO[bytes]) -> None:
    """Answer jobs until the pipe ends."""
    from wane.errors import WaneError  # noqa: PLC0415

    while (message := pipe.receive(jobs)) is not None:
        try:
            answer = _answer(json.loads(message[1]), answers)
        except WaneError as error:
            pipe.send(answers, pipe.FAILURE, pack_failure(error))
        except MemoryError:
            pipe.send(answers, pipe.FAILURE, pack_failure(_too_large()))
        except Exception as error:  # noqa: BLE001  # the process edge: the parent must hear of it
            told = WaneError("a reader failed", got=f"{type(error).__name__}: {error}")
            told.add_note(traceback.format_exc())
            pipe.send(answers, pipe.FAILURE, pack_failure(told))
        else:
            pipe.send(answers, pipe.ANSWER, answer)
            from wane.engine import work  # noqa: F401, PLC0415  # while the answer is thought over


def _answer(job: dict[str, Any], answers: IO[bytes]) -> bytes:
    """Do one job."""
    from wane.sources.request import Request, open_request  # noqa: PLC0415

    source = open_request(Request.from_json(job["request"]))
    match job["do"]:
        case "fields":
            return json.dumps(list(source.fields())).encode()
        case "describe":
            from wane.engine.described import pack_description  # noqa: PLC0415

            return pack_description(source.describe(job["sample_rows"]))
        case "count":
            return _count(job, source, answers)
        case "leaves":
            from wane.engine import messages  # noqa: PLC0415
            from wane.engine.work import leaves_of_source  # noqa: PLC0415

            asked = messages.LeafPlan.from_json(job["asked"])
            return messages.pack_leaves(leaves_of_source(source, asked))
        case "spool":
            from wane.sources.spooled import spool  # noqa: PLC0415

            written = spool(source, job["columns"], job["directory"])
            return json.dumps(written.to_json()).encode()
        case _:
            from wane.sources.duplicates import count_duplicate_ids  # noqa: PLC0415

            return str(count_duplicate_ids(source, job["id"])).encode()


def _count(job: dict[str, Any], source: Source, answers: IO[bytes]) -> bytes:
    """Count a source, sending the number of rows now and then."""
    from wane.engine import messages  # noqa: PLC0415
    from wane.engine.work import count_source  # noqa: PLC0415

    untold = 0

    def tell(rows: int) -> None:
        nonlocal untold
        untold += rows
        if untold >= REPORT_EVERY:
            pipe.send(answers, pipe.PROGRESS, str(untold).encode())
            untold = 0

    counted = count_source(
        source, messages.Plan.from_json(job["plan"]), messages.unpack_share(job["share"]), tell
    )
    return messages.pack_counted(counted)


def _bound_memory(limit: int) -> None:
    """Bound the address space where the platform can; 0 for no bound."""
    if not limit:
        return
    try:
        import resource  # noqa: PLC0415  # not on every platform
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _too_large() -> SourceError:
    from wane.errors import SourceError  # noqa: PLC0415

    return SourceError(
        "this file needs more memory than a reader may use",
        hint="Is it damaged or compressed to an extreme? If not, split it into smaller files.",
    )


if __name__ == "__main__":
    main()
