"""A held data directory with a store on the disk, and a model in the store of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from store.stored import NOW
from wane.store.directory import DataDirectory
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wane.store.records import Model
    from wane.store.store import Store


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[DataDirectory]:
    with DataDirectory(tmp_path / "data") as held:
        yield held


@pytest.fixture
def store(directory: DataDirectory) -> Iterator[SqliteStore]:
    made = SqliteStore(directory.state)
    yield made
    made.close()


@pytest.fixture
def model(store: Store) -> Model:
    return store.open_model("default", "churn", NOW)
