from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import wane
from alert.notify.receiving import FakeReceiver, Reply
from build_log import log
from wane.cli import main, run_run
from wane.pipeline.attend import Attended

if TYPE_CHECKING:
    from pathlib import Path

LOG = log(8, 100, seed=2)
NOW = "2026-11-09T01:00:00Z"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs").mkdir()
    pq.write_table(log(7, 100, seed=1, first_day=-7), tmp_path / "train.parquet")
    (tmp_path / "wane.toml").write_text(
        'model = "m"\ncurrent = "logs/*.parquet"\nreference = "train.parquet"\nevery = "1d"\n',
        encoding="utf-8",
    )
    return tmp_path


def write(here: Path, name: str, first: int, end: int) -> None:
    days = pc.day(LOG["timestamp"])
    inside = pc.and_(pc.greater(days, first), pc.less_equal(days, end))
    pq.write_table(LOG.filter(inside), here / "logs" / name)


def run(*more: str) -> int:
    return main(["run", "--config", "wane.toml", "--now", NOW, *more])


def test_a_log_is_followed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, "a.parquet", 0, 5)
    assert run("--format", "json", "--fail-on", "never") == 0
    first = json.loads(capsys.readouterr().out)
    assert first["rows"]["read"] == 500
    assert run() in (0, 1)
    assert capsys.readouterr().out.startswith("m: nothing new since 2026-11-09 01:00 UTC. ")
    write(here, "b.parquet", 5, 8)
    assert run("--format", "json", "--fail-on", "never", "--out", "out") == 0
    second = json.loads(capsys.readouterr().out)
    assert second["rows"]["read"] == 800
    assert (here / "out/report.html").is_file()


def test_the_exit_code_stays_while_nothing_is_new(here: Path) -> None:
    write(here, "a.parquet", 0, 5)  # then silence: an outage up to now
    assert run("--quiet") == 1
    assert run("--quiet") == 1
    assert run("--quiet", "--fail-on", "never") == 0


def test_what_monitors_left_is_evaluated(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WANE_URL", raising=False)
    for day in range(1, 4):
        rows = LOG.filter(pc.equal(pc.day(LOG["timestamp"]), day))
        with wane.Monitor("m", data="wane-data") as monitor:
            monitor.log_batch(
                rows.drop_columns(["label"]),
                timestamp="timestamp",
                prediction="prediction",
                score="score",
            )
    options = ["--now", "2026-11-04T01:00:00Z", "--fail-on", "never"]
    assert main(["run", *options, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    volume = [m["value"] for m in found["measurements"] if m["metric"] == "volume"]
    assert volume == [100, 100, 100]
    assert main(["run", *options]) == 0
    assert "nothing new" in capsys.readouterr().out
    assert main(["export", "m", "--data", "wane-data"]) == 0
    assert '"volume"' in capsys.readouterr().out
    assert main(["rebuild", "m"]) == 0
    assert capsys.readouterr().out == "m: 3 windows counted\n"
    assert main(["report", "m", "--to", "m.html", "--last", "7d"]) == 0
    assert (here / "m.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert main(["doctor"]) == 0
    assert "raw files: m: 3 files with 300 rows" in capsys.readouterr().out
    assert main(["backup"]) == 0
    assert (here / capsys.readouterr().out.strip() / "state.db").is_file()


def test_a_run_that_came_to_its_end_is_a_beat_of_the_heart(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, "a.parquet", 0, 5)
    with FakeReceiver() as outside, (here / "wane.toml").open("a", encoding="utf-8") as more:
        more.write('[alerts]\nallow = ["127.0.0.1"]\n')
        more.write(f'[alerts.heartbeat]\nurl = "{outside.url}/well"\n')
        more.flush()
        assert run("--quiet") == 1
        assert [(got.path, got.body) for got in outside.got] == [("/well", b"well")]
        outside.replies.append(Reply(500, b"busy"))
        assert run("--quiet") == 1
        assert "heartbeat was not delivered: 500" in capsys.readouterr().err
        (here / "logs/b.parquet").write_bytes(b"PAR1 torn")
        assert run("--quiet") == 3
        assert len(outside.got) == 2


def test_settings_hold_for_rows_that_waited_for_them(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the first run is told to drop never reaches the disk in plain."""
    monkeypatch.delenv("WANE_URL", raising=False)
    with wane.Monitor("m", data="wane-data") as monitor:
        monitor.log_batch(
            LOG.drop_columns(["label"]), timestamp="timestamp", prediction="prediction"
        )
    (here / "wane.toml").write_text(
        'model = "m"\nevery = "1d"\n[service]\nprivate = { channel = "drop" }\n', encoding="utf-8"
    )
    assert run("--quiet", "--fail-on", "never") == 0
    files = list((here / "wane-data" / "raw").rglob("*.parquet"))
    assert files
    for file in files:
        assert "channel" not in pq.read_schema(file).names


def test_incidents_keep_firing_as_long_as_settings_say(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WANE_URL", raising=False)
    kept: list[int] = []

    def attend(*_: object, keep_firing: int, **__: object) -> Attended:
        kept.append(keep_firing)
        return Attended(0, 0, None)

    monkeypatch.setattr(run_run, "attend", attend)
    with wane.Monitor("m", data="wane-data") as monitor:
        monitor.log(prediction=1)
    (here / "wane.toml").write_text('model = "m"\n[alerts]\nkeep_firing = 7\n', encoding="utf-8")
    assert run("--quiet") == 0
    assert kept == [7]


@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        (["run", "--data", "d"], 2, "holds no model"),
        (["run", "--config", "unnamed.toml"], 2, "wane run remembers models by name"),
        (["report", "m", "--data", "nowhere"], 2, "is no data directory"),
        (["report", "m", "--data", "empty"], 2, "there is no model 'm'"),
        (["export", "m", "--data", "nowhere"], 2, "is no data directory"),
        (["rebuild", "m", "--data", "empty"], 2, "there is no model 'm': expected one of: none"),
        (["backup", "--data", "nowhere"], 2, "is no data directory"),
        (["doctor", "--data", "nowhere"], 3, ""),
    ],
)
def test_what_cannot_be_done_is_told(
    here: Path,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    code: int,
    told: str,
) -> None:
    (here / "unnamed.toml").write_text('current = "logs/*.parquet"\n', encoding="utf-8")
    assert main(["keys", "create", "--data", "empty"]) == 0
    capsys.readouterr()
    assert main(command) == code
    assert told in capsys.readouterr().err
