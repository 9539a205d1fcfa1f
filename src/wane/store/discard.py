"""Delete raw files that nothing refers to any more."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING

from wane.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from wane.store.store import Store

DAY_PREFIX = "day="


def discard(store: Store, directory: Path) -> int:
    """Delete the files that were retired.

    Those who read raw files take the list of them from the store first, so a file may be read for a
    while after it was retired. Call this a good while after what retires files, thus before it.

    Args:
        store: Where they are listed.
        directory: Of raw files.

    Returns:
        How many were deleted; those that were gone already included.

    Raises:
        StoreError: A file cannot be deleted; it stays listed.
    """
    names = store.retired()
    deleted = []
    try:
        for name in names:
            _delete(directory / name)
            deleted.append(name)
    except OSError as error:
        raise StoreError(
            f"cannot delete {error.filename}",
            got=error.strerror or str(error),
            hint="Is the directory not writable? It is tried again with the next upkeep.",
        ) from error
    finally:
        store.deleted(deleted)
    return len(deleted)


def discard_strays(directory: Path, before: dt.date) -> int:
    """Delete what was set aside of one model once its rows would not be kept any more.

    Args:
        directory: `stray/<number of the model>`; may be missing.
        before: Files of earlier days go; of those without a day, those last written before it.

    Returns:
        How many were deleted.
    """
    old = [path for path in directory.rglob("*") if path.is_file() and _day(path) < before]
    for path in old:
        _delete(path)
    return len(old)


def _day(path: Path) -> dt.date:
    """The day of the events in a file."""
    with contextlib.suppress(ValueError):
        return dt.date.fromisoformat(path.parent.name.removeprefix(DAY_PREFIX))
    return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).date()


def _delete(path: Path) -> None:
    """Delete a file, and its directory when it was the last."""
    path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        path.parent.rmdir()
