"""Is a database whole, and does somebody attend to it?"""

from __future__ import annotations

import datetime as dt
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from wane.detect.severity import Severity
from wane.errors import StoreError
from wane.store.check_directory import hours
from wane.store.finding import Finding
from wane.store.migrations import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wane.store.store import Store

FIXED = (3, 51, 3)
"""First release without the WAL-reset bug (https://sqlite.org/wal.html)."""
STALE_INBOX = dt.timedelta(hours=1)
STALE_LABELS = dt.timedelta(days=7)


def database_findings(path: Path, store: Store, now: dt.datetime) -> Iterator[Finding]:
    """The library, the file, and what waits in it.

    Raises:
        StoreError: The file cannot be read at all.
    """
    yield library(sqlite3.sqlite_version_info)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as looking:
            faults = [row[0] for row in looking.execute("PRAGMA integrity_check(5)")]
            (version,) = looking.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read", got=str(error)) from error
    if faults != ["ok"]:
        yield Finding(
            Severity.CRITICAL,
            "database",
            f"{path} is damaged: {'; '.join(faults)}",
            "Stop wane, check the disk, and restore state.db from a backup.",
        )
        return
    yield Finding(Severity.INFO, "database", f"{path} is whole")
    yield _tables(version)
    if version != len(STEPS):
        return
    yield from _waiting(store, now)


def library(version: tuple[int, ...]) -> Finding:
    """What is to be said of a release of SQLite."""
    text = ".".join(map(str, version))
    if version < FIXED:
        return Finding(
            Severity.INFO,
            "SQLite",
            f"SQLite {text} can damage a database that two connections write back at once; wane "
            "has one only",
            "Let no other program write to state.db. SQLite 3.51.3 has this mended.",
        )
    return Finding(Severity.INFO, "SQLite", f"SQLite {text}")


def _tables(version: int) -> Finding:
    told = f"its tables are of version {version}"
    if version > len(STEPS):
        return Finding(
            Severity.CRITICAL,
            "database",
            f"{told}, this release knows {len(STEPS)}",
            "Install the newer release of wane that wrote it.",
        )
    if version < len(STEPS):
        return Finding(
            Severity.WARNING,
            "database",
            f"{told}, this release has {len(STEPS)}",
            "The next `wane serve` or `wane run` makes a copy and brings it up to date.",
        )
    return Finding(Severity.INFO, "database", told)


def _waiting(store: Store, now: dt.datetime) -> Iterator[Finding]:
    for model in store.models():
        for batch in store.inbox(model.id, 1):
            age = now - batch.received
            if age > STALE_INBOX:
                yield Finding(
                    Severity.WARNING,
                    "inbox",
                    f"events of {model.name} have waited for {hours(age)} to be counted",
                    "Start `wane serve`, or have `wane run` run regularly; see its log.",
                )
        old = [one for one in store.parked(model.id) if now - one.received > STALE_LABELS]
        if old:
            yield Finding(
                Severity.WARNING,
                "labels",
                f"{len(old):,} labels of {model.name} have waited for more than "
                f"{STALE_LABELS.days} days for their predictions, such as that of {old[0].id!r}",
                "Do predictions and labels have the same ids? Are predictions sent?",
            )
