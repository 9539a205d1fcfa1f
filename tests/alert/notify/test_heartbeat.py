from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest

from alert.notify.receiving import BAD_WAYS, HERE, HURRIED, FakeReceiver, Reply
from alert.notify.told import NASTY, NOW
from wane.alert.notify.channel import Again, Delivered, Refused
from wane.alert.notify.heartbeat import LONGEST_REASON, Heartbeat, HeartbeatSettings
from wane.alert.notify.outbound import Outbound
from wane.alert.notify.receivers import open_heartbeat
from wane.errors import ConfigError

DOCS = Path(__file__).parents[3] / "docs" / "alerts.md"


def heartbeat(fake: FakeReceiver, *, way: Outbound = HERE, **more: str) -> Heartbeat:
    return open_heartbeat({"url": f"{fake.url}/well", **more}, way)


def test_a_beat_says_that_all_is_well(receiver: FakeReceiver) -> None:
    assert heartbeat(receiver).beat((), NOW) == Delivered()
    assert [(got.path, got.body) for got in receiver.got] == [("/well", b"well")]


def test_what_is_not_well_is_silence(receiver: FakeReceiver) -> None:
    assert heartbeat(receiver).beat(("the disk is full",), NOW) is None
    assert receiver.got == []


def test_what_is_not_well_is_told_where_an_address_is_set_for_that(receiver: FakeReceiver) -> None:
    ill = heartbeat(receiver, failing=f"{receiver.url}/fail")
    assert ill.beat(("the disk is full", "two\nlines"), NOW) == Delivered()
    assert [(got.path, got.body) for got in receiver.got] == [
        ("/fail", b"the disk is full\ntwo lines")
    ]


@pytest.mark.parametrize("name", NASTY)
def test_hostile_names_are_cut_and_stay_on_their_line(receiver: FakeReceiver, name: str) -> None:
    ill = heartbeat(receiver, failing=f"{receiver.url}/fail")
    assert ill.beat((f"model {name}: ill", "disk"), NOW) == Delivered()
    first, second = receiver.got[0].body.decode().split("\n")
    assert len(first) <= LONGEST_REASON
    assert second == "disk"


@pytest.mark.parametrize("reply", BAD_WAYS.values(), ids=BAD_WAYS)
def test_whatever_answers_is_an_outcome(receiver: FakeReceiver, reply: Reply) -> None:
    receiver.replies.append(reply)
    assert isinstance(heartbeat(receiver, way=HURRIED).beat((), NOW), Again | Refused)


def test_the_address_may_be_a_secret(
    receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = open_heartbeat({"url": "env:WANE_BEAT"}, HERE)
    monkeypatch.delenv("WANE_BEAT", raising=False)
    assert one.beat((), NOW) == Again("the environment variable WANE_BEAT is not set")
    monkeypatch.setenv("WANE_BEAT", f"{receiver.url}/0a1b2c3d4e5f")
    receiver.replies.append(Reply(404, b"no check 0a1b2c3d4e5f"))
    outcome = one.beat((), NOW)
    assert isinstance(outcome, Refused)
    assert "0a1b2c3d4e5f" not in outcome.reason
    assert one.beat((), NOW) == Delivered()
    assert receiver.got[0].path == "/0a1b2c3d4e5f"


def test_it_goes_nowhere_inside_that_is_not_allowed(receiver: FakeReceiver) -> None:
    assert isinstance(heartbeat(receiver, way=Outbound()).beat((), NOW), Refused)
    assert receiver.got == []


def test_what_the_documentation_shows_is_read(receiver: FakeReceiver) -> None:
    text = DOCS.read_text("utf-8").partition("    [alerts.heartbeat]\n")[2].partition("\n\n")[0]
    table = tomllib.loads("\n".join(line.strip() for line in text.splitlines()))
    assert set(table) == set(HeartbeatSettings.model_fields)
    assert open_heartbeat(table, HERE).every == heartbeat(receiver).every


def test_lengths_of_time_are_read(receiver: FakeReceiver) -> None:
    assert heartbeat(receiver).every == dt.timedelta(minutes=1)
    assert heartbeat(receiver).lag == dt.timedelta(hours=1)
    assert heartbeat(receiver, every="30s", lag="2d").lag == dt.timedelta(days=2)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({}, r"\[alerts.heartbeat\] has no 'url'"),
        ({"url": "ftp://x"}, "an address begins with"),
        ({"url": "https://x", "every": "soon"}, "every"),
        ({"url": "https://x", "urls": "y"}, "unknown key 'urls'"),
    ],
)
def test_what_cannot_be_used_is_said(table: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        open_heartbeat(table, HERE)
