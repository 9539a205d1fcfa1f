"""The entry of the command line: readers are started before anything else is loaded.

Loading the command line and the libraries takes half a second, in which the processes that will
read the files can load theirs.
"""

from __future__ import annotations

import atexit
import os
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, NoReturn

from wane.engine.lean import be_lean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.engine.local import Workers

READING = ("check", "backtest")
"""Commands that read files."""
HELP = {"-h", "--help"}
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; None: that of the process, and end it."""
    if arguments is None:
        be_lean()
        _end(_run(sys.argv[1:]))
    return _run(list(arguments))


def _run(words: Sequence[str]) -> int:
    try:
        with _readers(words) as workers:
            from wane.cli.app import app, run

            return run(app, words, workers)
    except KeyboardInterrupt:
        return INTERRUPTED


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
