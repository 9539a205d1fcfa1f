"""What docs/store.md says to do is done here."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from store.stored import DAY, HOUR, NOW, label, move_all, prediction, sent
from wane.store.backup import backup
from wane.store.directory import DataDirectory
from wane.store.records import StoredReference
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "store.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with DataDirectory("wane-data") as directory:
        store = SqliteStore(directory.state)
        model = store.open_model("default", "churn", NOW)
        secret = directory.secret()
        (directory.references / "a file").write_bytes(b"x")
        store.put_reference(model.id, StoredReference("a file", 1, NOW))
        for value, at in ((1, NOW), (0, NOW + HOUR), (2, NOW - HOUR)):
            event = prediction(f"{value}", NOW - value * DAY, x=value / 2 if value else 1)
            store.append([sent(model, [event], [label("0", value, at)])])
            move_all(store, directory.raw, model)

        result = duckdb.sql(block("sql"))
        assert result is not None
        rows = result.to_arrow_table().to_pylist()
        assert {row["id"]: (row["x"], row["label"]) for row in rows} == {
            "0": (1, 0),
            "1": (0.5, None),
            "2": (1, None),
        }

        made = backup(store, directory, NOW)
        store.close()
    subprocess.run(["/bin/sh", "-e", "-c", block("sh")], check=True)  # noqa: S603 - our own page
    safe = DataDirectory("safe")
    assert all((safe.path / name).exists() for name in made.files)
    with safe:
        again = SqliteStore(safe.state)
        assert again.files(model.id) == SqliteStore(made.path / "state.db").files(model.id)
        assert safe.secret() == secret
        again.close()
