"""A data directory and its store, held by a command for as long as it needs them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.store.directory import DataDirectory
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Held:
    """The directory, locked, and the store in it."""

    directory: DataDirectory
    store: SqliteStore


@contextmanager
def held(data: str) -> Iterator[Held]:
    """Hold a data directory; made when it is not there.

    Raises:
        StoreError: It cannot be used, or another process holds it.
    """
    with DataDirectory(data) as directory:
        store = SqliteStore(directory.state)
        try:
            yield Held(directory, store)
        finally:
            store.close()
