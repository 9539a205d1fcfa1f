"""A model behind a service, with one reader for all tests of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline.served import Served, serve
from wane.engine.local import Workers
from wane.store.directory import DataDirectory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    with Workers(1) as started:
        yield started


@pytest.fixture
def served(tmp_path: Path, workers: Workers) -> Iterator[Served]:
    with DataDirectory(tmp_path / "data") as directory:
        made = serve(directory, workers)
        yield made
        made.store.close()
