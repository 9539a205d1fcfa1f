from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wane.cli import main
from wane.server.keys import FORM
from wane.store.directory import DataDirectory

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(tmp_path / "data")


def test_a_key_is_shown_once(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--scope", "read", "--scope", "ingest", "--note", "for the pager", "--days", "30"]
    assert main(["keys", "create", "--data", data, *flags]) == 0
    text = capsys.readouterr().out.strip()
    form = FORM.fullmatch(text)
    assert form is not None
    assert main(["keys", "list", "--data", data]) == 0
    shown = capsys.readouterr().out
    assert form[1] in shown
    assert form[2] not in shown
    assert "ingest read" in shown
    assert "for the pager" in shown
    assert main(["keys", "drop", form[1], "--data", data]) == 0
    assert main(["keys", "drop", form[1], "--data", data]) == 2
    assert "there is no key" in capsys.readouterr().err


def test_an_unknown_scope_is_told(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "create", "--data", data, "--scope", "reed"]) == 2
    assert "Did you mean 'read'?" in capsys.readouterr().err


def test_a_directory_that_is_held_is_told(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    with DataDirectory(data):
        assert main(["keys", "create", "--data", data]) == 3
    assert "another process holds" in capsys.readouterr().err
