"""A copy of what cannot be counted again, and the list of the files that belong to it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from wane.errors import StoreError
from wane.store.durable import UNFINISHED, make_directory, sync
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from wane.store.directory import DataDirectory
    from wane.store.records import RawFile

STATE, FILES, SECRET = "state.db", "files.json", "secret"


@dataclass(frozen=True, slots=True)
class Backup:
    """What was made.

    Attributes:
        path: Directory with state.db, files.json and, if there is one, the secret.
        files: Raw files and references that belong to it: paths below the data directory. They do
            not change, and stay for at least one upkeep: copy them too.
    """

    path: Path
    files: Sequence[str]


def backup(store: SqliteStore, directory: DataDirectory, now: dt.datetime) -> Backup:
    """Make a backup below `backups/`, while everything goes on. None is ever overwritten.

    Raises:
        StoreError: It cannot be written; nothing is left behind.
    """
    stem = now.strftime("%Y-%m-%dT%H-%M-%SZ")
    names = (stem if i == 1 else f"{stem}-{i}" for i in count(1))
    path = next(p for name in names if not (p := directory.backups / name).exists())
    unfinished = path.with_name(f"{UNFINISHED}{path.name}")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        make_directory(unfinished)
        store.backup(unfinished / STATE)
        files = _files(unfinished / STATE)
        _write(unfinished / FILES, json.dumps({"made": now.isoformat(), "files": files}, indent=1))
        if (directory.path / SECRET).exists():
            shutil.copy2(directory.path / SECRET, unfinished / SECRET)
        for part in unfinished.iterdir():
            sync(part)
        sync(unfinished)
        unfinished.rename(path)
        sync(directory.backups)
    except OSError as error:
        raise StoreError(
            f"the backup {path} cannot be written",
            got=error.strerror or str(error),
            hint="Is the disk full, or the directory not writable?",
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Backup(path, list(files))


def _files(state: Path) -> dict[str, int]:
    """Path below the data directory -> rows, by the copy itself, so that both fit together."""
    copy = SqliteStore(state, read_only=True)
    try:
        files: dict[str, int] = {}
        for model in copy.models():
            raw: Sequence[RawFile] = copy.files(model.id)
            files |= {f"raw/{file.name}": file.rows for file in raw}
            if (reference := copy.reference(model.id)) is not None:
                files[f"references/{reference.name}"] = reference.rows
        return files
    finally:
        copy.close()


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
