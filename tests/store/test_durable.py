from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from wane.errors import StoreError
from wane.store.durable import make_directory, set_aside, write_durably


def names(path: Path) -> list[str]:
    return sorted(each.name for each in path.rglob("*"))


def test_a_file_has_its_name_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"

    def look(unfinished: Path) -> None:
        assert not path.exists()
        unfinished.write_text("whole")

    assert write_durably(path, look) == 5
    assert path.read_text() == "whole"
    assert names(tmp_path) == ["a", "b", "file"]


def test_what_lies_there_is_replaced_also_what_a_crash_left(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    (tmp_path / ".unfinished-file").write_text("half of a longer text")
    write_durably(path, lambda to: to.write_text("new"))
    assert path.read_text() == "new"
    assert names(tmp_path) == ["file"]


def test_file_and_directory_are_on_the_disk_in_this_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync = os.fsync

    def noted(handle: int) -> None:
        done.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", noted)
    write_durably(tmp_path / "new" / "file", lambda to: to.write_text("x"))
    new = str(tmp_path / "new")
    assert done == [str(tmp_path), f"{new}/.unfinished-file", new]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_failure_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    def half(to: Path) -> None:
        to.write_text("half")
        fail()

    with pytest.raises(StoreError, match=r"cannot write .*file") as told:
        write_durably(path, half)
    assert os.strerror(code) in str(told.value)
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match="cannot write"):
        write_durably(path, lambda to: to.write_text("new"))
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_a_directory_that_cannot_be_written_to(tmp_path: Path) -> None:
    def refused(_: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with pytest.raises(StoreError, match=r"Permission denied.* not writable"):
        write_durably(tmp_path / "file", refused)


def test_another_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def half(to: Path) -> None:
        to.write_text("half")
        raise ValueError("no table")

    with pytest.raises(ValueError, match="no table"):
        write_durably(tmp_path / "file", half)
    assert names(tmp_path) == []


def test_a_file_in_the_way_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("in the way")
    with pytest.raises(StoreError, match="cannot write"):
        write_durably(tmp_path / "a" / "file", lambda to: to.write_text("x"))


def test_directories_are_for_the_owner_alone(tmp_path: Path) -> None:
    make_directory(tmp_path / "a" / "b")
    make_directory(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_setting_aside(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "file").write_text("x")
    set_aside(tmp_path / "raw" / "file", tmp_path / "stray" / "raw" / "file")
    assert (tmp_path / "stray" / "raw" / "file").read_text() == "x"
    with pytest.raises(StoreError, match="cannot move"):
        set_aside(tmp_path / "raw" / "file", tmp_path / "elsewhere")
