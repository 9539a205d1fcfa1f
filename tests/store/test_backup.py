from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from store.stored import HOUR, NOW, label, move_all, prediction, rows_in_files, sent
from wane.errors import StoreError
from wane.store.backup import backup
from wane.store.directory import DataDirectory
from wane.store.move import sweep
from wane.store.records import Kind, StoredReference
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path


def test_a_backup_and_the_files_it_lists_are_a_whole_directory(
    directory: DataDirectory, store: SqliteStore, tmp_path: Path
) -> None:
    model = store.open_model("default", "churn", NOW)
    secret = directory.secret()
    store.put_reference(model.id, StoredReference("1/r.parquet", 3, NOW))
    (directory.references / "1").mkdir()
    (directory.references / "1" / "r.parquet").write_bytes(b"reference")
    store.append([sent(model, [prediction("a")], [label("a")])])
    move_all(store, directory.raw, model)
    store.append([sent(model, [prediction("b")])])
    made = backup(store, directory, NOW)
    store.append([sent(model, [prediction("c")])])
    move_all(store, directory.raw, model)

    assert made.path == directory.backups / "2026-11-26T12-00-00Z"
    assert sorted(path.name for path in made.path.iterdir()) == [
        *("files.json", "secret", "state.db")
    ]
    assert {path.stat().st_mode & 0o777 for path in made.path.iterdir()} == {0o600}
    listed = json.loads((made.path / "files.json").read_text())
    assert list(listed["files"]) == list(made.files)
    assert listed["files"]["references/1/r.parquet"] == 3

    restored = DataDirectory(tmp_path / "restored")
    for name in made.files:
        (restored.path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(directory.path / name, restored.path / name)
    for name in ("state.db", "secret"):
        shutil.copy2(made.path / name, restored.path / name)
    with restored:
        again = SqliteStore(restored.state)
        assert sweep(again, restored.raw) == 0
        assert restored.secret() == secret
        move_all(again, restored.raw, model)
        assert rows_in_files(again, model, Kind.PREDICTION) == 2
        assert again.times_of(model.id, ["a", "b", "c"]).keys() == {"a", "b"}
        again.close()


def test_none_is_overwritten(directory: DataDirectory, store: SqliteStore) -> None:
    first, second, third = (backup(store, directory, NOW) for _ in range(3))
    assert [made.path.name for made in (first, second, third)] == [
        "2026-11-26T12-00-00Z",
        "2026-11-26T12-00-00Z-2",
        "2026-11-26T12-00-00Z-3",
    ]
    assert backup(store, directory, NOW + HOUR).path.name == "2026-11-26T13-00-00Z"
    assert not (first.path / "secret").exists()


def test_a_failure_leaves_nothing_behind(
    directory: DataDirectory, store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wane.store.backup.sync", full)
    with pytest.raises(StoreError, match="No space left"):
        backup(store, directory, NOW)
    assert list(directory.backups.iterdir()) == []


def test_putting_an_older_database_back_loses_no_file(
    directory: DataDirectory, store: SqliteStore
) -> None:
    model = store.open_model("default", "churn", NOW)
    made = backup(store, directory, NOW)
    store.append([sent(model, [prediction("later")])])
    move_all(store, directory.raw, model)
    (file,) = store.files(model.id)
    store.close()
    shutil.copy2(made.path / "state.db", directory.state)
    again = SqliteStore(directory.state)
    assert sweep(again, directory.raw) == 1
    assert (directory.stray / file.name).exists()
    again.close()
