from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wane.cli.propose import proposed_toml
from wane.config import from_toml_text, load
from wane.schema import Column, Kind, Schema, Task

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True)
class Suggestion:
    schema: Schema
    every: str | None
    assumptions: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


SUGGESTION = Suggestion(
    Schema(
        task=Task.BINARY,
        timestamp="at",
        score="p",
        label="repaid",
        features=(Column("age", Kind.NUMERIC), Column('a"; drop table x; --', Kind.CATEGORICAL)),
        classes=("no", "yes"),
    ),
    "1d",
    ("`p` is the score, because it lies in [0, 1].",),
    ("is `grade` a number or a category?",),
)


def test_a_proposal_reads_back_as_what_was_proposed() -> None:
    text = proposed_toml(SUGGESTION, "logs/*.csv", "train.csv", directory=Path())
    settings = from_toml_text(text)
    assert settings.to_schema() == SUGGESTION.schema
    assert settings.every == "1d"
    assert (settings.current, settings.reference) == (("logs/*.csv",), "train.csv")


def test_it_says_what_was_assumed_and_asks() -> None:
    text = proposed_toml(SUGGESTION, "x.csv", None, directory=Path())
    assert "# Assumed: `p` is the score, because it lies in [0, 1].\n" in text
    assert "# Please check: is `grade` a number or a category?\n" in text
    assert "reference =" not in text


def test_paths_lead_there_from_where_the_file_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conf").mkdir()
    text = proposed_toml(SUGGESTION, "x.csv", "s3://bucket/train", directory=Path("conf"))
    (tmp_path / "conf/wane.toml").write_text(text, encoding="utf-8")
    settings = load("conf/wane.toml")
    assert [Path(path).resolve() for path in settings.current] == [tmp_path / "x.csv"]
    assert settings.reference == "s3://bucket/train"
