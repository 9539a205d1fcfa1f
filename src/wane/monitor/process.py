"""What has to happen when the process forks, and when it ends."""

from __future__ import annotations

import atexit
import os
import sys
import weakref
from typing import Protocol

from wane.monitor.uuid7 import uuid7


class Living(Protocol):
    """Something with a thread, which no child process inherits."""

    def renew(self) -> None:
        """Start from nothing, in a child process."""
        ...

    def end(self) -> None:
        """Finish what can be finished in a moment."""
        ...


class Process:
    """Hooks for everything that is alive, set when the first of it starts."""

    def __init__(self) -> None:
        self._alive: weakref.WeakSet[Living] = weakref.WeakSet()
        self._hooked_in: int | None = None

    def watch_over(self, living: Living) -> None:
        """Renew it in forked children, and end it with the process."""
        self._alive.add(living)
        if self._hooked_in == os.getpid():
            return
        if self._hooked_in is None:
            os.register_at_fork(after_in_child=self._renew_all)
            atexit.register(self._end_all)
        self._hooked_in = os.getpid()
        util = sys.modules.get("multiprocessing.util")
        if util is not None:  # its children end without `atexit`, but with its own finalizers
            util.Finalize(None, self._end_all, exitpriority=0)

    def _renew_all(self) -> None:
        uuid7.renew()
        for living in list(self._alive):
            living.renew()

    def _end_all(self) -> None:
        for living in list(self._alive):
            living.end()


process = Process()
