from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from store.stored import DAY, HOUR, NOW, label, move_all, prediction, sent
from wane.detect.severity import Severity
from wane.store.check_database import library
from wane.store.check_directory import hours, room
from wane.store.directory import DataDirectory
from wane.store.doctor import doctor
from wane.store.durable import write_durably
from wane.store.finding import Finding
from wane.store.records import StoredReference

if TYPE_CHECKING:
    from pathlib import Path

    from wane.store.records import Model
    from wane.store.sqlite import SqliteStore

GB = 1 << 30


@pytest.fixture
def model(directory: DataDirectory, store: SqliteStore) -> Model:
    model = store.open_model("default", "churn", NOW)
    events = [prediction("a"), prediction("b", NOW - DAY)]
    store.append([sent(model, events, [label("a")])])
    move_all(store, directory.raw, model)
    return model


def troubles(directory: DataDirectory, *, thorough: bool = False) -> list[Finding]:
    found = doctor(directory, NOW + HOUR / 2, thorough=thorough)
    assert found == tuple(sorted(found, key=lambda finding: -finding.severity.rank))
    assert all(finding.advice for finding in found if finding.severity is not Severity.INFO)
    return [
        finding
        for finding in found
        if finding.severity is not Severity.INFO and finding.subject != "disk"
    ]


@pytest.mark.usefixtures("model")
def test_nothing_is_wrong_with_a_good_directory(directory: DataDirectory) -> None:
    before = sorted(path for path in directory.path.rglob("*") if "state.db" not in path.name)
    assert troubles(directory) == []
    assert troubles(directory, thorough=True) == []
    told = [finding.what for finding in doctor(directory, NOW)]
    assert any("3 files with 3 rows" in what for what in told)
    assert before == sorted(p for p in directory.path.rglob("*") if "state.db" not in p.name)


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    first, second = doctor(DataDirectory(tmp_path / "none"), NOW)
    assert (first.severity, second.severity) == (Severity.CRITICAL, Severity.CRITICAL)
    assert not (tmp_path / "none").exists()


def test_a_directory_that_cannot_be_written_to(
    directory: DataDirectory, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    del store

    def refused(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    (found,) = troubles(directory)
    assert "Read-only file system" in found.what


def test_what_free_room_means() -> None:
    severities = [
        room(free, total).severity
        for free, total in (
            (500 * GB, 1_000 * GB),
            (4 * GB, 1_000 * GB),
            (GB // 2, 1_000 * GB),
            (3 * GB, 10 * GB),
            (GB * 3 // 4, 10 * GB),
            (GB // 4, 10 * GB),
        )
    ]
    info, warning, critical = Severity
    assert severities == [info, warning, critical, info, warning, critical]


def test_releases_of_sqlite() -> None:
    assert "two connections" in library((3, 40, 1)).what
    assert "two connections" in library((3, 51, 2)).what
    assert library((3, 51, 3)) == Finding(Severity.INFO, "SQLite", "SQLite 3.51.3")
    assert library((3, 52, 0)).advice == ""


@pytest.mark.usefixtures("model")
def test_files_that_are_gone_or_damaged(directory: DataDirectory, store: SqliteStore) -> None:
    first, second, third = store.files(1)
    (directory.raw / first.name).unlink()
    (directory.raw / second.name).write_bytes(b"PAR1")
    (found,) = troubles(directory)
    assert found.severity is Severity.CRITICAL
    assert "2 of 3 files" in found.what
    assert f"{first.name} (it is not there)" in found.what
    assert second.name in found.what
    assert third.name not in found.what


@pytest.mark.usefixtures("model")
def test_a_damaged_page_is_found_by_a_thorough_look(
    directory: DataDirectory, store: SqliteStore
) -> None:
    file = store.files(1)[0]
    body = bytearray((directory.raw / file.name).read_bytes())
    body[4:60] = bytes(56)
    (directory.raw / file.name).write_bytes(body)
    assert troubles(directory) == []
    (found,) = troubles(directory, thorough=True)
    assert file.name in found.what


@pytest.mark.usefixtures("model")
def test_damage_that_was_mended(directory: DataDirectory, store: SqliteStore) -> None:
    store.put_damage(1, {store.files(1)[0].name: "torn"})
    (found,) = troubles(directory)
    assert "wane rebuild" in found.advice


@pytest.mark.usefixtures("store")
def test_things_that_lie_about(directory: DataDirectory) -> None:
    for name in (
        "raw/1/predictions/day=2026-11-26/x.parquet",
        "stray/1/predictions/day=2026-11-26/y.parquet",
        "stray/1/inbox/7.predictions.json",
        "stray/spool/churn/z.parquet",
        "stray/spool/churn/z.parquet.txt",
    ):
        write_durably(directory.path / name, lambda path: path.write_bytes(b"x"))
    found = {finding.subject: finding for finding in troubles(directory)}
    assert {name: finding.severity for name, finding in found.items()} == {
        "spool": Severity.WARNING,
        "inbox": Severity.CRITICAL,
        "raw files": Severity.WARNING,
    }
    assert found["spool"].what.startswith("1 files")
    assert any("not in the manifest" in finding.what for finding in doctor(directory, NOW))


def test_events_and_labels_that_wait(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    store.append([sent(model, labels=[label("never")], at=NOW - 8 * DAY)])
    move_all(store, directory.raw, model)
    store.append([sent(model, [prediction("c")], at=NOW - 3 * HOUR)])
    found = {finding.subject: finding.what for finding in troubles(directory)}
    assert found.keys() == {"inbox", "labels"}
    assert "waited for 3 h" in found["inbox"]
    assert "such as that of 'never'" in found["labels"]


@pytest.mark.usefixtures("store")
def test_a_spool_that_nobody_empties(directory: DataDirectory) -> None:
    (directory.spool / "churn").mkdir()
    (directory.spool / "churn" / ".tmp-x").write_text("x")
    assert troubles(directory) == []
    (directory.spool / "churn" / "x.labels.ndjson").write_text("x")
    last = doctor(directory, NOW.replace(year=2200))
    assert any("1 files from senders wait" in finding.what for finding in last)


@pytest.mark.usefixtures("store")
def test_secrets_that_others_can_read(directory: DataDirectory) -> None:
    directory.secret()
    assert troubles(directory) == []
    (directory.path / "secret").chmod(0o640)
    directory.path.chmod(0o755)
    assert [finding.subject for finding in troubles(directory)] == ["secret", "directory"]


def test_a_database_that_is_damaged(directory: DataDirectory, store: SqliteStore) -> None:
    model = store.open_model("default", "churn", NOW)
    store.append([sent(model, [prediction(f"{i}") for i in range(2_000)])])
    store.close()
    body = bytearray(directory.state.read_bytes())
    middle = len(body) // 2 // 4096 * 4096
    body[middle : middle + 4096] = b"\xff" * 4096
    directory.state.write_bytes(body)
    (found,) = troubles(directory)
    assert (found.severity, found.subject) == (Severity.CRITICAL, "database")
    assert "backup" in found.advice
    directory.state.write_bytes(b"no database at all, and never was one" * 200)
    (found,) = troubles(directory)
    assert "not a database" in found.what


@pytest.mark.parametrize(("version", "severity"), [(0, Severity.WARNING), (99, Severity.CRITICAL)])
def test_tables_of_other_releases(
    directory: DataDirectory, store: SqliteStore, version: int, severity: Severity
) -> None:
    store.close()
    with sqlite3.connect(directory.state) as other:
        other.execute(f"PRAGMA user_version = {version}")
    other.close()
    assert severity in {finding.severity for finding in troubles(directory)}


def test_a_reference_that_is_gone(
    directory: DataDirectory, store: SqliteStore, model: Model
) -> None:
    store.put_reference(model.id, StoredReference("1/r.parquet", 3, NOW))
    (found,) = troubles(directory)
    assert (found.subject, found.severity) == ("reference", Severity.CRITICAL)


def test_lengths_of_time_in_words() -> None:
    told = [hours(minutes * HOUR / 60) for minutes in (-5, 0, 119, 120, 47 * 60, 48 * 60)]
    assert told == ["0 min", "0 min", "119 min", "2 h", "47 h", "2 days"]
