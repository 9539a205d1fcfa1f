"""The entry of the command line: readers are started before anything else is loaded.

Loading the command line and the libraries takes half a second, in which the processes that will
read the files can load theirs.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from wane.engine.lean import leave_out_pandas

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.engine.local import Workers

READING = ("check",)
"""Commands that read files."""
HELP = {"-h", "--help"}
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; those of the process when None. Returns the exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if arguments is None:
        leave_out_pandas()
    try:
        with _readers(words) as workers:
            from wane.cli.app import app, run

            return run(app, words, workers)
    except KeyboardInterrupt:
        return INTERRUPTED


def _readers(words: Sequence[str]) -> AbstractContextManager[Workers | None]:
    """Reader processes for a command that reads files; none where help is all that is wanted."""
    if not words or words[0] not in READING or HELP.intersection(words):
        return nullcontext()
    from wane.engine.local import Workers

    try:
        return Workers()
    except OSError:
        return nullcontext()  # the command tries again, where errors become messages
