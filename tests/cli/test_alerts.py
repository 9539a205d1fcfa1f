from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from alert.notify.receiving import FakeReceiver, Reply
from alert.signals import signal
from wane.alert.life import step
from wane.cli import main
from wane.report.parts import SUMMARY
from wane.store.directory import DataDirectory
from wane.store.records import Evaluated
from wane.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wane.alert.incident import Incident

NOW = dt.datetime.now(dt.UTC)


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(tmp_path / "data")


@pytest.fixture
def incident(data: str) -> Incident:
    with DataDirectory(data) as directory:
        store = SqliteStore(directory.state)
        model = store.open_model("default", "churn", NOW)
        done = step([], [signal(5)], NOW)
        store.alerts.stepped(model.id, done)
        store.close()
    return done.incidents[0]


def test_incidents_are_listed_shown_and_looked_after(
    data: str, incident: Incident, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["alerts", "list", "--data", data]) == 0
    listed = capsys.readouterr().out
    assert incident.fingerprint[:8] in listed
    assert "accuracy 0.8 is below 0.9" in " ".join(listed.split())
    short = incident.fingerprint[:6]
    assert main(["alerts", "ack", short, "--by", "ann", "--data", data]) == 0
    assert capsys.readouterr().out == "ann looks after it\n"
    assert main(["alerts", "ack", short, "--by", "bob", "--data", data]) == 2
    assert "ann looks after it already" in capsys.readouterr().err
    assert main(["alerts", "show", short, "--data", data]) == 0
    shown = capsys.readouterr().out
    assert "raised: accuracy 0.8 is below 0.9" in shown
    assert "acknowledged: ann looks after it" in shown


def test_silences_say_by_whom_why_and_until_when(
    data: str, incident: Incident, capsys: pytest.CaptureFixture[str]
) -> None:
    assert incident.is_open
    flags = ["--match", "model=churn", "--for", "2h", "--by", "ann", "--data", data]
    assert main(["alerts", "silence", *flags, "--why", "deploy"]) == 0
    assert "silent until" in capsys.readouterr().out
    store = SqliteStore(DataDirectory(data).state, read_only=True)
    (kept,) = store.alerts.silences("default")
    store.close()
    assert (dict(kept.silence.match), kept.silence.why) == ({"model": "churn"}, "deploy")
    assert kept.silence.ends - kept.silence.starts == dt.timedelta(hours=2)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["ack", "zzzz", "--by", "ann"], "no incident begins with"),
        (["show", ""], "several incidents begin with ''"),
        (["silence", "--for", "2h", "--why", "x"], "needs something to match"),
        (["silence", "--match", "model", "--for", "2h", "--why", "x"], "not label=value"),
        (["silence", "--match", "modle=x", "--for", "2h", "--why", "x"], "Did you mean 'model'?"),
        (["silence", "--match", "model=x", "--for", "soon", "--why", "x"], "no length of time"),
    ],
)
def test_what_cannot_be_done_is_told(
    data: str,
    incident: Incident,
    capsys: pytest.CaptureFixture[str],
    command: list[str],
    told: str,
) -> None:
    assert incident.is_open
    assert main(["alerts", *command, "--data", data]) == 2
    assert told in capsys.readouterr().err


def test_nothing_has_happened_yet(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "create", "--data", data]) == 0
    capsys.readouterr()
    assert main(["alerts", "list", "--data", data]) == 0
    assert capsys.readouterr().out == "No incident is open.\n"
    assert main(["alerts", "list", "--all", "--data", data]) == 0
    assert capsys.readouterr().out == "There has been no incident.\n"


@pytest.fixture
def hook() -> Iterator[FakeReceiver]:
    with FakeReceiver() as started:
        yield started


def test_a_receiver_is_tried_out(
    tmp_path: Path,
    hook: FakeReceiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    config = tmp_path / "wane.toml"
    config.write_text(
        '[alerts]\nallow = ["127.0.0.1"]\n[alerts.receivers.hook]\n'
        f'webhook = {{ url = "{hook.url}/hook", secret = "env:HOOK_SECRET" }}\n',
        encoding="utf-8",
    )
    assert main(["alerts", "test", "hook", "--config", str(config)]) == 0
    assert capsys.readouterr().out == "webhook: delivered\n"
    (got,) = hook.got
    assert got.json()["data"]["alerts"][0]["rule"] == "test"
    hook.answer = lambda _: Reply(404)
    assert main(["alerts", "test", "hook", "--config", str(config)]) == 1
    assert "not delivered" in capsys.readouterr().out
    assert main(["alerts", "test", "hok", "--config", str(config)]) == 2
    assert "Did you mean 'hook'?" in capsys.readouterr().err


def test_the_heartbeat_is_tried_out(
    tmp_path: Path, hook: FakeReceiver, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "wane.toml"
    config.write_text(
        f'[alerts]\nallow = ["127.0.0.1"]\n[alerts.heartbeat]\nurl = "{hook.url}/beat"\n',
        encoding="utf-8",
    )
    assert main(["alerts", "test", "heartbeat", "--config", str(config)]) == 0
    assert capsys.readouterr().out == "heartbeat: delivered\n"
    assert [got.path for got in hook.got] == ["/beat"]
    hook.answer = lambda _: Reply(404)
    assert main(["alerts", "test", "heartbeat", "--config", str(config)]) == 1
    assert "heartbeat: not delivered (" in capsys.readouterr().out
    config.write_text("[alerts]\n", encoding="utf-8")
    assert main(["alerts", "test", "heartbeat", "--config", str(config)]) == 2


def test_what_is_still_learned_is_listed(
    data: str, incident: Incident, capsys: pytest.CaptureFixture[str]
) -> None:
    told = b'{"learning": "Learning: 3 series with fewer than 21 usable windows."}'
    with DataDirectory(data) as directory:
        store = SqliteStore(directory.state)
        (model,) = store.models()
        store.evaluated(model.id, Evaluated("", {}, (), {}, {SUMMARY: told}), NOW)
        store.close()
    assert main(["alerts", "list", "--data", data]) == 0
    listed = capsys.readouterr().out
    assert incident.fingerprint[:8] in listed
    assert "churn: Learning: 3 series" in listed
