from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wane.cli import main
from wane.config import load

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400 * 10**6
NOW = ["--now", "2026-01-31T00:00:00Z"]
START = 1_767_225_600 * 10**6
"""2026-01-01 in microseconds."""


def write_log(path: Path, *, wrong: float) -> None:
    """Ten days of a binary model whose share of wrong answers jumps to `wrong` after five."""
    random = np.random.default_rng(5)
    n = 5000
    at = START + np.arange(n) * (10 * DAY // n)
    label = random.integers(0, 2, n)
    flipped = random.random(n) < np.where(np.arange(n) < n // 2, 0.05, wrong)
    table = pa.table(
        {
            "id": np.arange(n),
            "timestamp": pa.array(at, pa.timestamp("us", "UTC")),
            "prediction": np.where(flipped, 1 - label, label),
            "label": label,
            "age": random.normal(40, 9, n),
        }
    )
    pq.write_table(table, path)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.parquet"
    write_log(path, wrong=0.4)
    write_log(tmp_path / "train.parquet", wrong=0.05)
    return path


def test_a_fall_is_seen(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["check", str(log), "--reference", str(log.parent / "train.parquet"), *NOW]
    assert main([*words, "--format", "json"]) == 1
    shown = capsys.readouterr()
    found = json.loads(shown.out)
    critical = [one for one in found["alerts"] if one["severity"] == "critical"]
    assert {one["metric"] for one in critical} == {"accuracy"}
    assert critical[0]["window_start"] == "2026-01-06T00:00:00Z"
    assert found["reference"]["kind"] == "given"
    assert "assumed:" in shown.err


def test_a_proposal_is_written_and_used(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = log.parent / "wane.toml"
    reference = str(log.parent / "train.parquet")
    words = ["init", str(log), "--reference", reference, "--out", str(config), "-q"]
    assert main(words) == 0
    assert capsys.readouterr().out == config.read_text(encoding="utf-8")
    settings = load(config)
    assert (settings.task, settings.label, settings.every) == ("binary", "label", "1d")
    assert main(["check", "--config", str(config), "-q", *NOW]) == 1
    assert main(words) == 2
    assert main([*words, "--force"]) == 0


def test_rules_of_the_command_line(log: Path) -> None:
    words = ["check", str(log), "-q", *NOW]
    assert main([*words, "--rule", "accuracy < 0.5"]) == 0
    assert main([*words, "--rule", "accuracy < 0.9"]) == 1
    assert main([*words, "--rule", "accurcy < 0.9"]) == 2


def test_data_errors(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(log.parent / "none.parquet")]) == 3
    assert "none.parquet" in capsys.readouterr().err
    assert main(["check", str(log), "--label", "lable"]) == 3
    assert "Did you mean 'label'?" in capsys.readouterr().err
