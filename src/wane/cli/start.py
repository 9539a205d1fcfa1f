"""The entry of the command line: readers are started before anything else is loaded.

Loading the command line and the libraries takes half a second, in which the processes that will
read the files can load theirs.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from wane.engine.lean import be_lean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.engine.local import Workers

READING = ("check", "backtest")
"""Commands that read files."""
HELP = {"-h", "--help"}
INTERRUPTED = 130
CLEAR = "\r\x1b[K"
"""Takes back the line of a terminal on which a progress bar stands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; None: that of the process, and end it."""
    if arguments is None:
        be_lean()
        _end(_run(sys.argv[1:], alone=True))
    return _run(list(arguments), alone=False)


def _run(words: Sequence[str], *, alone: bool) -> int:
    """Run one command line; `alone` in a process that is there for nothing else."""
    try:
        with _readers(words) as workers:
            if alone and workers is not None:
                _end_when_interrupted(workers)
            from wane.cli.app import app, run

            return run(app, words, workers)
    except KeyboardInterrupt:
        return INTERRUPTED


def _end_when_interrupted(workers: Workers) -> None:
    """End at once on Ctrl-C, where that is heard at all.

    An exception would do, were it not lost where a library calls back from C. Nothing is left half
    written: files are made beside their place and then renamed.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, partial(_interrupted, workers))


def _interrupted(workers: Workers, _number: int, _frame: object) -> NoReturn:
    workers.kill()
    if sys.stderr is not None and sys.stderr.isatty():
        os.write(sys.stderr.fileno(), CLEAR.encode())
    _end(INTERRUPTED)


def _end(code: int) -> NoReturn:
    """End the process without taking its libraries apart, which takes a tenth of a second."""
    atexit._run_exitfuncs()  # noqa: SLF001 - removes, among others, what was written for a while
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, gone, or never there
            stream.flush()
    os._exit(code)


def _readers(words: Sequence[str]) -> AbstractContextManager[Workers | None]:
    """Reader processes for a command that reads files; none where help is all that is wanted."""
    if not words or words[0] not in READING or HELP.intersection(words):
        return nullcontext()
    from wane.engine.local import Workers

    try:
        return Workers()
    except OSError:
        return nullcontext()  # the command tries again, where errors become messages
