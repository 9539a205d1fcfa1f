from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

import wane
from build_log import log
from streams import log as stream
from wane.cli import main
from wane.schema import Task

if TYPE_CHECKING:
    from pathlib import Path

LOG, TRAIN = log(6, 100, seed=2), log(5, 100, seed=1, first_day=-5)
NOW = ["--now", "2026-11-22", "-q", "--fail-on", "never", "--format", "json"]


def ranking() -> pa.Table:
    kept = ["at", "query", "item", "rank", "relevance"]
    return stream(Task.RANKING, 400).select(kept)


WORDS = pa.array(["yes" if one else "no" for one in LOG["label"].to_pylist()])
LOGS: dict[str, pa.Table] = {
    "binary": LOG,
    "words": LOG.set_column(5, "label", WORDS).drop_columns(["prediction"]),
    "multiclass": stream(Task.MULTICLASS, 400),
    "regression": stream(Task.REGRESSION, 400),
    "ranking": ranking(),
    "no clock": LOG.drop_columns(["timestamp"]),
    "no answers": LOG.select(["timestamp", "age", "channel"]),
    "operations": LOG.append_column("latency_ms", LOG["age"])
    .append_column("model_version", LOG["channel"])
    .append_column("error", pa.array([False] * LOG.num_rows)),
}


def run(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*words, *NOW]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.parametrize("name", LOGS)
def test_a_proposal_says_what_zero_config_assumes(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, config = tmp_path / "log.parquet", tmp_path / "wane.toml"
    pq.write_table(LOGS[name], path)
    assert main(["init", str(path), "--out", str(config), "-q"]) == 0
    proposed = run(["check", "--config", str(config)], capsys)
    assert proposed == run(["check", str(path)], capsys)


def test_a_proposal_with_a_reference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").mkdir()
    pc.write_csv(LOG, tmp_path / "logs" / "log.csv")
    pq.write_table(TRAIN, tmp_path / "train.parquet")
    words = [str(tmp_path / "logs" / "*.csv"), "--reference", str(tmp_path / "train.parquet")]
    assert main(["init", *words, "--out", str(tmp_path / "wane.toml"), "-q"]) == 0
    proposed = run(["check", "--config", str(tmp_path / "wane.toml")], capsys)
    direct = run(["check", *words], capsys)
    assert proposed["measurements"] == direct["measurements"]
    assert proposed["reference"]["rows"] == TRAIN.num_rows


def test_a_frame_can_be_proposed_for_too() -> None:
    proposal = wane.propose(LOG, reference=TRAIN.drop_columns(["age"]))
    assert proposal.schema.task is Task.BINARY
    assert proposal.every == "1d"
    assert "the reference has no column `age`" in proposal.questions
    assert wane.propose(LOG, schema=wane.Schema(task=Task.NONE)).schema.task is Task.NONE
