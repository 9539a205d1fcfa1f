"""Is a data directory one that can be worked in?"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
import tempfile
from typing import TYPE_CHECKING

from wane.detect.severity import Severity
from wane.store.durable import UNFINISHED
from wane.store.finding import Finding
from wane.store.room import is_short

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wane.store.directory import DataDirectory

LOW_FREE = 5 << 30
LOW_SHARE = 0.10
"""Of a small disk, this share counts instead."""
STALE_SPOOL = dt.timedelta(hours=1)
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def directory_findings(directory: DataDirectory, now: dt.datetime) -> Iterator[Finding]:
    """Rights, room, and what lies about."""
    if not directory.path.is_dir():
        yield Finding(
            Severity.CRITICAL,
            "directory",
            f"there is no directory {directory.path}",
            "Name another one with --data, or start `wane serve` to make it.",
        )
        return
    yield _writable(directory.path)
    usage = shutil.disk_usage(directory.path)
    yield room(usage.free, usage.total)
    yield from _rights(directory)
    yield from _strays(directory)
    yield from _spool(directory, now)


def _writable(path: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=path, prefix=UNFINISHED) as file:
            file.write(b"x")
            os.fsync(file.fileno())
    except OSError as error:
        return Finding(
            Severity.CRITICAL,
            "directory",
            f"{path} cannot be written to: {error.strerror or error}",
            "Give the user that runs wane the right to, or mount the disk for writing.",
        )
    return Finding(Severity.INFO, "directory", f"{path} can be written to")


def room(free: int, total: int) -> Finding:
    """What free bytes, of so many in total, mean."""
    told = f"{free / 2**30:,.1f} of {total / 2**30:,.1f} GB are free"
    if is_short(free, total):
        return Finding(
            Severity.CRITICAL,
            "disk",
            f"{told}: a server takes no events",
            "Make room, or keep rows for a shorter time (`keep_rows`).",
        )
    if free < min(LOW_FREE, LOW_SHARE * total):
        return Finding(Severity.WARNING, "disk", told, "Make room soon.")
    return Finding(Severity.INFO, "disk", told)


def _rights(directory: DataDirectory) -> Iterator[Finding]:
    secret = directory.path / "secret"
    if secret.exists() and secret.stat().st_mode & OTHERS:
        yield Finding(
            Severity.CRITICAL,
            "secret",
            f"others may read {secret}, and with it tell the values of hashed columns",
            f"chmod 600 {secret}",
        )
    if directory.path.stat().st_mode & OTHERS:
        yield Finding(
            Severity.WARNING,
            "directory",
            f"others may look into {directory.path}, where events lie",
            f"chmod 700 {directory.path}",
        )


def _strays(directory: DataDirectory) -> Iterator[Finding]:
    strays = [path for path in directory.stray.rglob("*") if path.is_file()]
    refused = [path for path in strays if path.is_relative_to(directory.stray / "spool")]
    refused = [path for path in refused if path.suffix != ".txt"]
    torn = [path for path in strays if path.parent.name == "inbox"]
    raw = [path for path in strays if path.suffix == ".parquet" and path not in refused]
    if refused:
        yield Finding(
            Severity.WARNING,
            "spool",
            f"{len(refused):,} files from senders could not be read, such as {refused[0]}",
            "The reason lies beside each. Put repaired ones back into spool/, delete the others.",
        )
    if torn:
        yield Finding(
            Severity.CRITICAL,
            "inbox",
            f"{len(torn):,} batches of accepted events were damaged, such as {torn[0]}",
            "Check the disk. Send their events again with new ids; the old ones count as known.",
        )
    if raw:
        yield Finding(
            Severity.WARNING,
            "raw files",
            f"{len(raw):,} raw files that nobody knew were set aside, such as {raw[0]}",
            "After a crash their events are elsewhere, and they can be deleted. After an older "
            "database was put back, they hold what came later: send that again.",
        )


def _spool(directory: DataDirectory, now: dt.datetime) -> Iterator[Finding]:
    waiting = [p for p in directory.spool.glob("*/*") if p.is_file() and p.name[0] != "."]
    if not waiting:
        return
    oldest = min(path.stat().st_mtime for path in waiting)
    age = now - dt.datetime.fromtimestamp(oldest, dt.UTC)
    told = f"{len(waiting):,} files from senders wait to be picked up, the oldest for {hours(age)}"
    if age > STALE_SPOOL:
        yield Finding(
            Severity.WARNING, "spool", told, "Start `wane serve`, or have `wane run` run regularly."
        )
    else:
        yield Finding(Severity.INFO, "spool", told)


def hours(age: dt.timedelta) -> str:
    """A length of time in words: minutes, hours or days."""
    minutes = max(0, age // dt.timedelta(minutes=1))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
