from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from build_log import log
from wane.cli import main

if TYPE_CHECKING:
    from pathlib import Path

ALERTS = """
[[alerts.route]]
receiver = "team"
[alerts.receivers.team]
webhook = { url = "https://hooks.example", secret = "env:WANE_NO_SUCH_SECRET" }
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    pq.write_table(log(6, 100, seed=2), tmp_path / "log.parquet")
    return tmp_path


def replayed(here: Path, config: str, *more: str) -> int:
    (here / "wane.toml").write_text(f'rules = ["accuracy < 0.99"]\n{config}', encoding="utf-8")
    return main(["backtest", "log.parquet", "--config", "wane.toml", "--quiet", *more])


def test_what_would_have_been_sent_is_told_and_nothing_is_sent(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replayed(here, ALERTS) == 0
    assert "team would have had " in capsys.readouterr().out
    assert replayed(here, ALERTS, "--format", "json") == 0
    sent = json.loads(capsys.readouterr().out)["sent"]
    assert sent[0]["receiver"] == "team"
    assert sent[0]["alerts"][0]["rule"] == "accuracy < 0.99"


def test_without_routes_nothing_is_said_of_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replayed(here, "") == 0
    assert "would have" not in capsys.readouterr().out


def test_a_receiver_that_cannot_be_used_is_an_error(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replayed(here, ALERTS.replace("webhook", "pigeon")) == 2
    assert "unknown channel 'pigeon'" in capsys.readouterr().err
