from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.fake_server import FakeServer


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment of the machine, and a directory that is thrown away."""
    monkeypatch.delenv("WANE_URL", raising=False)
    monkeypatch.delenv("WANE_KEY", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as running:
        yield running
