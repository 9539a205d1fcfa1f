"""A progress bar on stderr: one line, only on a terminal, gone at the end."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from wane.cli.start import CLEAR

if TYPE_CHECKING:
    from types import TracebackType

WIDTH = 28
PATIENCE_SECONDS = 0.4
"""Short runs show no bar at all."""
PAUSE_SECONDS = 0.1


class Progress:
    """Call it with what is being done and the share done; use it as a context."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = False
        self._active = not quiet and sys.stderr.isatty()
        self._next = time.monotonic() + PATIENCE_SECONDS

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()

    def __call__(self, what: str, share: float) -> None:
        """Draw, unless drawn a moment ago.

        Args:
            what: What is being done, e.g. "reading".
            share: How much of it is done, in [0, 1].
        """
        if not self._active or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PAUSE_SECONDS
        self._shown = True
        sys.stderr.write(f"{CLEAR}{bar(what, share)}")
        sys.stderr.flush()


def bar(what: str, share: float) -> str:
    """One line of ASCII: `reading [#######.....]  42 %`."""
    done = min(max(share, 0.0), 1.0)
    filled = round(done * WIDTH)
    return f"{what} [{'#' * filled}{'.' * (WIDTH - filled)}] {100 * done:3.0f} %"
