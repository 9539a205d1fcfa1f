"""Parcels as files in a directory, where `wane run` and `wane serve` pick them up."""

from __future__ import annotations

import os
from pathlib import Path

from wane.monitor.parcel import Accepted, Answer, Failed, Parcel
from wane.monitor.uuid7 import uuid7
from wane.store.durable import sync

SPOOL = "spool"
TEMPORARY = ".tmp-"


class DirectoryTransport:
    """Files `<data>/spool/<model>/<uuid7>.<kind>.<form>`, in the order of their names.

    A file is written under a name that begins with `.tmp-`, brought to the disk, and only then
    renamed: whoever reads sees whole files alone. Any number of processes may write to one
    directory.

    Args:
        data: The data directory; made when the first parcel comes.
        model: The model's name.
    """

    def __init__(self, data: str | os.PathLike[str], model: str) -> None:
        self._directory = Path(data).expanduser().absolute() / SPOOL / model

    @property
    def destination(self) -> str:
        """See `Transport.destination`."""
        return str(self._directory)

    def send(self, parcel: Parcel) -> Answer:
        """See `Transport.send`. Accepted means that a loss of power does not lose it."""
        name = uuid7()
        temporary = self._directory / f"{TEMPORARY}{name}"
        try:
            _make(self._directory)
            try:
                _write(temporary, parcel.body())
                temporary.rename(self._directory / f"{name}.{parcel.kind}.{parcel.form}")
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
            sync(self._directory)
        except OSError as error:
            return Failed(f"{type(error).__name__}: {error}", away=True)
        return Accepted()

    def close(self) -> None:
        """See `Transport.close`. Nothing is open between two parcels."""


def _write(path: Path, body: bytes) -> None:
    with path.open("xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _make(directory: Path) -> None:
    """Make a directory and those above it, each of which is then on the disk."""
    if directory.is_dir():
        return
    _make(directory.parent)
    directory.mkdir(exist_ok=True)
    sync(directory.parent)
