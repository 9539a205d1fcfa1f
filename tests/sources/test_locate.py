from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wane.errors import SourceError
from wane.sources.locate import locate

if TYPE_CHECKING:
    from pathlib import Path


def touch(directory: Path, *names: str) -> None:
    for name in names:
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.parquet", "parquet"),
        ("a.PQ", "parquet"),
        ("a.csv", "csv"),
        ("a.csv.gz", "csv"),
        ("a.2026-11.tsv.zst", "tsv"),
        ("a.jsonl", "ndjson"),
        ("a.json", "ndjson"),
        ("a.ndjson.gz", "ndjson"),
        ("a.feather", "arrow"),
        ("a.ipc", "arrow"),
    ],
)
def test_a_file_tells_its_format(tmp_path: Path, name: str, kind: str) -> None:
    touch(tmp_path, name)
    assert locate(tmp_path / name) == ((str(tmp_path / name),), kind)


def test_a_glob_is_sorted(tmp_path: Path) -> None:
    touch(tmp_path, "b.csv", "a.csv", "c.parquet")
    paths, kind = locate(str(tmp_path / "*.csv"))
    assert paths == (str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))
    assert kind == "csv"


def test_a_directory_is_searched_without_what_is_hidden(tmp_path: Path) -> None:
    touch(tmp_path, "2/b.parquet", "1/a.parquet", ".x/c.parquet", "_SUCCESS", "README.md")
    paths, _ = locate(tmp_path)
    assert paths == (str(tmp_path / "1/a.parquet"), str(tmp_path / "2/b.parquet"))


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path: Path) -> None:
    touch(tmp_path, "a [1].csv", "a 1.csv")
    assert locate(tmp_path / "a [1].csv")[0] == (str(tmp_path / "a [1].csv"),)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("missing.csv", "does not exist"),
        ("*.csv", "matches no file"),
        ("empty", "matches no file"),
        ("notes.txt", "unknown format"),
        ("noext", "unknown format"),
        ("mixed", "several formats"),
    ],
)
def test_what_cannot_be_found(tmp_path: Path, where: str, said: str) -> None:
    touch(tmp_path, "notes.txt", "noext", "mixed/a.csv", "mixed/b.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=said) as caught:
        locate(str(tmp_path / where))
    assert where in caught.value.message
    assert caught.value.hint
