"""Room on the disk: events are refused before the database meets a full one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from wane.server.problem import Problem
from wane.store.room import is_short

if TYPE_CHECKING:
    from pathlib import Path


def check_space(path: Path) -> None:
    """Refuse events when the disk is nearly full.

    Raises:
        Problem: 503; what is there can still be read.
    """
    try:
        usage = shutil.disk_usage(path)
    except OSError as error:
        raise Problem(
            503, "disk_unavailable", "the server's disk does not answer", retry_after=60
        ) from error
    if is_short(usage.free, usage.total):
        raise Problem(
            503,
            "disk_full",
            f"only {usage.free >> 20:,} MB are free on the server's disk: no events are taken",
            retry_after=60,
        )
