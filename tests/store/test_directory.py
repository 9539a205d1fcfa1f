from __future__ import annotations

import errno
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from wane.errors import StoreError
from wane.store.directory import DataDirectory

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys
from wane.store.directory import DataDirectory
DataDirectory(sys.argv[1]).hold()
print("held", flush=True)
sys.stdin.read()
"""


def test_it_is_made_for_the_owner_alone(tmp_path: Path) -> None:
    with DataDirectory(tmp_path / "a" / "data") as directory:
        parts = [directory.path, directory.raw, directory.spool, directory.references]
        assert [part.stat().st_mode & 0o777 for part in parts] == [0o700] * 4


def test_one_process_holds_it_at_a_time(tmp_path: Path) -> None:
    holder = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(StoreError, match=f"got process {holder.pid}"):
        DataDirectory(tmp_path).hold()
    holder.kill()
    holder.communicate()
    with DataDirectory(tmp_path):
        pass


def test_nor_twice_in_one_process(tmp_path: Path) -> None:
    with (
        DataDirectory(tmp_path),
        pytest.raises(StoreError, match="another process holds the data directory"),
    ):
        DataDirectory(tmp_path).hold()
    DataDirectory(tmp_path).hold().release()


def test_a_directory_that_cannot_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> int:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "open", refused)
    with pytest.raises(StoreError, match=r"Read-only file system.*--data"):
        DataDirectory(tmp_path / "data").hold()


def test_a_file_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(StoreError, match="cannot be used"):
        DataDirectory(tmp_path / "data").hold()


def test_the_secret_is_made_once(tmp_path: Path) -> None:
    with DataDirectory(tmp_path) as directory:
        (tmp_path / f".unfinished-secret-{os.getpid()}").write_bytes(b"half")
        secret = directory.secret()
        assert len(secret) == 32
        assert directory.secret() == DataDirectory(tmp_path).secret() == secret
        assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
        assert not list(tmp_path.glob(".unfinished-*"))


def test_a_secret_that_is_cut_off_is_not_replaced(tmp_path: Path) -> None:
    with DataDirectory(tmp_path) as directory:
        (tmp_path / "secret").write_bytes(b"short")
        with pytest.raises(StoreError, match="cut off"):
            directory.secret()
        assert (tmp_path / "secret").read_bytes() == b"short"
