"""Every test of this directory runs against every backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wane.store.memory import MemoryStore
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wane.store.store import Store


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made: Store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "state.db")
    yield made
    made.close()


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "raw"
