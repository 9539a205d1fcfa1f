"""Look at a data directory and say what is wrong with it. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.detect.severity import Severity
from wane.errors import StoreError
from wane.store.check_database import database_findings
from wane.store.check_directory import directory_findings
from wane.store.check_files import file_findings
from wane.store.finding import Finding
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    import datetime as dt

    from wane.store.directory import DataDirectory


def doctor(
    directory: DataDirectory, now: dt.datetime, *, thorough: bool = False
) -> tuple[Finding, ...]:
    """What there is to say of a data directory, worst first.

    Args:
        directory: It need not be held, and a server may be at work on it.
        now: The time.
        thorough: Read every page of every raw file, not only the footers.
    """
    found = [*directory_findings(directory, now)]
    if not directory.state.exists():
        found.append(
            Finding(
                Severity.CRITICAL,
                "database",
                f"there is no {directory.state}",
                "Name another directory with --data, or start `wane serve` to make one.",
            )
        )
    else:
        found += _of_store(directory, now, thorough=thorough)
    return tuple(sorted(found, key=lambda finding: -finding.severity.rank))


def _of_store(directory: DataDirectory, now: dt.datetime, *, thorough: bool) -> list[Finding]:
    """What the database and the files say; one that cannot be read is a finding, too."""
    store = SqliteStore(directory.state, read_only=True)
    try:
        found = [*database_findings(directory.state, store, now)]
        if all(finding.severity is not Severity.CRITICAL for finding in found):
            found += file_findings(directory, store, thorough=thorough)
    except StoreError as error:
        told = Finding(
            Severity.CRITICAL, "database", error.message, "Restore state.db from a backup."
        )
        return [told]
    finally:
        store.close()
    return found
