"""Held against a real Alertmanager, and its payload against what its OpenAPI document says."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given

from alert.notify.receiving import BAD_WAYS, HERE, FakeReceiver, Reply
from alert.notify.told import NASTY, NOW, group, groups, many, message, resolved
from wane.alert.message import News
from wane.alert.notify.alertmanager import (
    LAPSES_AFTER,
    REFRESH_SECONDS,
    Alertmanager,
    AlertmanagerSettings,
    alerts_of,
)
from wane.alert.notify.channel import Again, Delivered, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wane.alert.message import Group

SECONDS = 60
"""Longest wait for a server to do what it was asked."""
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def channel(url: str, **other: str) -> Alertmanager:
    return Alertmanager(AlertmanagerSettings.model_validate({"url": url, **other}), HERE)


def wrong_with(body: bytes, now: dt.datetime) -> list[str]:
    """What Alertmanager's document, or its checks, do not allow."""
    wrong = []
    for alert in json.loads(body.decode("utf-8")):
        starts = dt.datetime.fromisoformat(alert["startsAt"])
        ends = dt.datetime.fromisoformat(alert["endsAt"])
        rules = {
            "keys": set(alert) <= {"labels", "annotations", "startsAt", "endsAt", "generatorURL"},
            "label names": all(LABEL.fullmatch(name) for name in alert["labels"]),
            "annotation names": all(LABEL.fullmatch(name) for name in alert["annotations"]),
            "alertname": bool(alert["labels"]["alertname"]),
            "no empty ones": all(alert["labels"].values()) and all(alert["annotations"].values()),
            "an end after the start": starts <= ends,
            "over or not": (ends <= now) is (alert["annotations"]["state"] == "resolved"),
        }
        wrong += [name for name, holds in rules.items() if not holds]
    return wrong


@given(groups())
def test_whatever_the_names_are_it_can_be_taken(told: Group) -> None:
    assert wrong_with(alerts_of(told, NOW), NOW) == []


def test_labels_hold_no_measured_value_so_that_identity_stays() -> None:
    one = message()
    later = message(
        sequence=2, verdict="It fell to 0.7.", what="0.7", size="19 points", sure="certain"
    )
    before, after = (json.loads(alerts_of(group(told), NOW))[0] for told in (one, later))
    assert before["labels"] == after["labels"]
    assert before["annotations"] != after["annotations"]
    assert before["labels"] == {
        "alertname": "wane accuracy",
        "fingerprint": one.fingerprint,
        "severity": "critical",
        "model": "churn",
        "segment": "channel=mobile",
        "metric": "accuracy",
        "rule": "accuracy < 0.90",
        "owner": "ml-team",
    }


def test_further_labels_do_not_replace_ours() -> None:
    told = message(labels={"model": "x", "team-a": "1", "team a": "2", "9": "nine"})
    (alert,) = json.loads(alerts_of(group(told), NOW))
    assert alert["labels"]["model"] == "churn"
    assert alert["labels"]["model_"] == "x"
    assert {alert["labels"]["team_a"], alert["labels"]["team_a_"]} == {"1", "2"}
    assert alert["labels"]["_9"] == "nine"


def test_what_fires_lapses_when_nobody_sends_it_again() -> None:
    assert LAPSES_AFTER.total_seconds() > 3 * REFRESH_SECONDS
    (alert,) = json.loads(alerts_of(group(), NOW))
    assert alert["endsAt"] == "2026-11-26T12:05:00+00:00"
    tomorrow = NOW + dt.timedelta(days=1)
    (alert,) = json.loads(alerts_of(group(lapses=tomorrow), NOW))
    assert alert["endsAt"] == "2026-11-27T12:00:00+00:00"
    over = resolved(message(), ended=NOW + dt.timedelta(hours=1))
    (alert,) = json.loads(alerts_of(group(over, lapses=tomorrow), NOW))
    assert alert["endsAt"] == NOW.isoformat()


@pytest.mark.parametrize("way", BAD_WAYS)
def test_bad_answers_are_tried_again(way: str, receiver: FakeReceiver) -> None:
    receiver.replies.append(BAD_WAYS[way])
    assert isinstance(channel(receiver.url).send(group(), NOW), Again)


def test_credentials_are_sent_and_never_told(
    receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANE_AM", "Bearer canary-4711")
    receiver.replies.append(Reply(401, b"canary-4711 is not known"))
    outcome = channel(receiver.url + "/prefix/", authorization="env:WANE_AM").send(group(), NOW)
    assert outcome == Refused("401 Unauthorized: *** is not known")
    assert receiver.got[0].headers["authorization"] == "Bearer canary-4711"
    assert receiver.got[0].path == "/prefix/api/v2/alerts"


class Running:
    """An Alertmanager that hands groups on to a receiver of ours."""

    def __init__(self, url: str, notified: FakeReceiver) -> None:
        self.url = url
        self.notified = notified
        self.http = httpx.Client(base_url=f"{url}/api/v2", trust_env=False)

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return self.http.get(path).raise_for_status().json()

    def told(self, group_of: str) -> list[tuple[str, str]]:
        """State and metric of every alert that our receiver was told of, by model."""
        bodies: list[dict[str, Any]] = [got.json() for got in self.notified.got]
        return [
            (alert["status"], alert["labels"]["metric"])
            for body in bodies
            for alert in body["alerts"]
            if body["groupLabels"]["model"] == group_of
        ]


def until(holds: Callable[[], bool]) -> None:
    """Wait for it."""
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    program = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    assert program is not None, "these tests start Alertmanager: install prometheus-alertmanager"
    path: Path = tmp_path_factory.mktemp("alertmanager")
    with FakeReceiver() as notified, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        config = {
            "route": {
                "receiver": "ours",
                "group_by": ["model"],
                "group_wait": "100ms",
                "group_interval": "1s",
            },
            "receivers": [{"name": "ours", "webhook_configs": [{"url": notified.url}]}],
        }
        (path / "config.yml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
        process = subprocess.Popen(  # noqa: S603 - found on the path
            [
                program,
                f"--config.file={path / 'config.yml'}",
                f"--storage.path={path / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            made = Running(f"http://127.0.0.1:{port}", notified)
            until(lambda: ready(made))
            with made.http:
                yield made
        finally:
            process.terminate()
            process.wait(SECONDS)


def ready(running: Running) -> bool:
    try:
        return httpx.get(f"{running.url}/-/ready", trust_env=False).is_success
    except httpx.TransportError:
        return False


def real_now() -> dt.datetime:
    """Alertmanager goes by its own clock."""
    return dt.datetime.now(dt.UTC)


def test_fire_group_silence_and_resolve_with_a_real_alertmanager(running: Running) -> None:
    am = channel(running.url)
    now = real_now()
    begun = {"started": now - dt.timedelta(hours=1), "model": "fraud"}
    alerts = many(2, **begun)
    other = message(model="silent", fingerprint="f" * 32, started=now - dt.timedelta(hours=1))
    silence = {
        "matchers": [{"name": "model", "value": "silent", "isRegex": False, "isEqual": True}],
        "startsAt": now.isoformat(),
        "endsAt": (now + dt.timedelta(hours=1)).isoformat(),
        "createdBy": "test",
        "comment": "deploy",
    }
    running.http.post("/silences", json=silence).raise_for_status()

    assert am.send(group(*alerts, other), now) == Delivered()
    # An alert that began long ago is told at once, so perhaps the first one alone at first.
    until(lambda: {("firing", one.metric) for one in alerts} <= set(running.told("fraud")))
    found = {alert["labels"]["fingerprint"]: alert for alert in running.get("/alerts")}
    assert found[other.fingerprint]["status"]["state"] == "suppressed"
    assert found[alerts[0].fingerprint]["status"]["state"] == "active"
    assert found[alerts[0].fingerprint]["annotations"]["summary"] == alerts[0].verdict
    fraud = [
        group_["alerts"]
        for group_ in running.get("/alerts/groups")
        if group_["labels"] == {"model": "fraud"}
    ]
    assert [len(each) for each in fraud] == [2]

    # Sent again it is the same alert, not another one.
    assert am.send(group(*alerts), real_now()) == Delivered()
    mine = [one for one in running.get("/alerts") if one["labels"]["model"] == "fraud"]
    assert len(mine) == 2

    # One ends, and the receiver hears of that one alone.
    end = real_now()
    assert am.send(group(resolved(alerts[0], ended=end)), end) == Delivered()
    until(lambda: ("resolved", alerts[0].metric) in running.told("fraud"))
    assert ("resolved", alerts[1].metric) not in running.told("fraud")
    assert running.told("silent") == []


def test_a_real_alertmanager_takes_every_nasty_name(running: Running) -> None:
    now = real_now()
    nasty = [
        message(
            fingerprint=f"{n:032x}",
            started=now,
            segment=text or None,
            labels={text: text},
            **dict.fromkeys(("verdict", "what", "why", "metric", "rule"), text),
            model="nasty",
        )
        for n, text in enumerate(NASTY)
    ]
    assert channel(running.url).send(group(*nasty, summary=NASTY[1]), now) == Delivered()
    taken = [one for one in running.get("/alerts") if one["labels"]["model"] == "nasty"]
    assert len(taken) == len(NASTY)


def test_an_acknowledged_alert_goes_on_there(running: Running) -> None:
    now = real_now()
    one = message(model="acked", state=News.ACKNOWLEDGED, started=now)
    assert channel(running.url).send(group(one), now) == Delivered()
    (found,) = [each for each in running.get("/alerts") if each["labels"]["model"] == "acked"]
    assert found["status"]["state"] == "active"
    assert found["annotations"]["state"] == "acknowledged"


def test_what_a_real_alertmanager_does_not_want_is_refused(running: Running) -> None:
    url = f"{running.url}/no/such/place"
    assert isinstance(channel(url).send(group(), real_now()), Refused)
