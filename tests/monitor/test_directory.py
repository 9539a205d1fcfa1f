from __future__ import annotations

import errno
import os
from pathlib import Path
from uuid import UUID

import pytest

from wane.monitor.directory import DirectoryTransport
from wane.monitor.parcel import Accepted, Failed, Form, Kind, Parcel

LINES = Parcel(Kind.PREDICTIONS, Form.NDJSON, (b"one\n", b"two\n"), 2)


def spool(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "spool" / "churn").iterdir())


def test_a_parcel_is_a_file(tmp_path: Path) -> None:
    assert DirectoryTransport(tmp_path / "new" / "data", "churn").send(LINES) == Accepted()
    (name,) = spool(tmp_path / "new" / "data")
    uuid, kind, form = name.split(".")
    assert (UUID(uuid).version, kind, form) == (7, "predictions", "ndjson")
    path = tmp_path / "new" / "data" / "spool" / "churn" / name
    assert path.read_bytes() == b"one\ntwo\n"


def test_names_sort_in_the_order_of_sending(tmp_path: Path) -> None:
    transport = DirectoryTransport(tmp_path, "churn")
    kinds = [Kind.REFERENCE, Kind.LABELS, Kind.PREDICTIONS, Kind.CLIENT] * 5
    for kind in kinds:
        transport.send(Parcel(kind, Form.JSON, (b"",)))
    assert [name.split(".")[1] for name in spool(tmp_path)] == kinds


@pytest.mark.parametrize(("owner", "call"), [(os, "fsync"), (Path, "open")])
def test_a_full_disk_is_a_failure_that_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, call: str
) -> None:
    transport = DirectoryTransport(tmp_path, "churn")
    transport.send(LINES)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(owner, call, full)
        answer = transport.send(LINES)
    assert isinstance(answer, Failed)
    assert answer.away
    assert "No space left" in answer.reason
    assert len(spool(tmp_path)) == 1
    assert transport.send(LINES) == Accepted()


def test_a_file_in_the_way_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("in the way")
    assert isinstance(DirectoryTransport(tmp_path, "churn").send(LINES), Failed)


def test_the_file_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    sync, rename = os.fsync, Path.rename

    def synced(handle: int) -> None:
        steps.append("sync")
        sync(handle)

    def renamed(path: Path, target: Path) -> Path:
        assert path.name.startswith(".tmp-")
        steps.append("rename")
        return rename(path, target)

    transport = DirectoryTransport(tmp_path, "churn")
    transport.send(LINES)
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    transport.send(LINES)
    assert steps == ["sync", "rename", "sync"]
