"""Files that are whole or not there, also after a crash or a loss of power."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from wane.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

UNFINISHED = ".unfinished-"
"""What names of files begin with while they are written."""


def write_durably(path: Path, write: Callable[[Path], object]) -> int:
    """Write a file under another name, make it durable, and give it its name.

    Args:
        path: Where it shall lie; what lies there is replaced.
        write: Is given the path to write to.

    Returns:
        Its size in bytes.

    Raises:
        StoreError: It cannot be written; nothing is left behind.
    """
    unfinished = path.with_name(f"{UNFINISHED}{path.name}")
    try:
        make_directory(path.parent)
        write(unfinished)
        sync(unfinished)
        size = unfinished.stat().st_size
        unfinished.replace(path)
        sync(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        if not isinstance(error, OSError):
            raise
        raise StoreError(
            f"cannot write {path}",
            got=error.strerror or str(error),
            hint="Is the disk full, or the directory not writable?",
        ) from error
    return size


def stray(directory: Path) -> Path:
    """Where things are set aside that do not belong in the directory of raw files."""
    return directory.with_name("stray")


def set_aside(path: Path, to: Path) -> None:
    """Give a file another place on the same disk, durably; what lies there is replaced.

    Raises:
        StoreError: It cannot be moved.
    """
    try:
        make_directory(to.parent)
        path.replace(to)
        sync(to.parent)
        sync(path.parent)
    except OSError as error:
        raise StoreError(f"cannot move {path} to {to}", got=error.strerror or str(error)) from error


def make_directory(path: Path) -> None:
    """Make a directory and those above it, each durable in the one above."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """Have a file or directory on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
