"""Tables of wane.toml to channels; and what holds for every channel."""

from __future__ import annotations

import logging
import subprocess
import sys
import tomllib
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from alert.notify.receiving import HERE, FakeReceiver, Got, Reply
from alert.notify.told import NOW, group, message
from wane.alert.notify.allowed import Allowed
from wane.alert.notify.channel import Again, Delivered, Refused
from wane.alert.notify.receivers import KINDS, open_receiver, read_receivers
from wane.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.alert.notify.channel import Channel

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
"""Apprise's own matter."""

DOCS = Path(__file__).parents[3] / "docs" / "channels.md"
CANARY = "canaryc0ffee4711"
"""What a secret looks like; in base64 as well, so that a webhook can sign with it."""


def test_what_the_documentation_shows_is_read() -> None:
    shown = [line for line in DOCS.read_text("utf-8").splitlines() if line.startswith("    ")]
    alerts = tomllib.loads("\n".join(shown))["alerts"]
    assert Allowed.of(alerts["allow"]).entries == ("10.0.0.0/8", "localhost")
    tables = read_receivers(alerts["receivers"])
    opened = {name: open_receiver(name, table, HERE) for name, table in tables.items()}
    assert {name: list(one.channels) for name, one in opened.items()} == {
        "team": ["slack", "email"],
        "pager": ["pagerduty"],
        "room": ["slack"],
        "mail": ["email"],
        "hook": ["webhook"],
        "am": ["alertmanager"],
        "other": ["apprise"],
    }
    kinds = {type(channel) for one in opened.values() for channel in one.channels.values()}
    assert kinds == {kind.opened for kind in KINDS.values()}


def test_every_setting_is_described() -> None:
    text = DOCS.read_text("utf-8")
    keys = [
        field.alias or key
        for kind in KINDS.values()
        for key, field in kind.settings.model_fields.items()
    ]
    missing = [key for key in keys if f"`{key}`" not in text and f"{key} = " not in text]
    assert missing == []


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({}, r"\[alerts.receivers.x\] has no channel: expected at least one of alertmanager, "),
        ("slack", r"\[alerts.receivers.x\] has no channel"),
        ({"slak": {}}, r"unknown channel 'slak': .*Did you mean 'slack'\?"),
        ({"slack": {"webhok": "env:X"}}, r"slack: unknown key 'webhok': .* 'webhook'\?"),
        ({"slack": {}}, "either `webhook`, or `token` and `channel`"),
        ({"slack": {"webhook": "env:X", "token": "env:Y", "channel": "c"}}, "either `webhook`"),
        ({"slack": {"token": "env:Y"}}, "`channel` beside `token`"),
        ({"slack": {"webhook": "env:X", "channel": "c"}}, "`channel` beside `token`"),
        ({"slack": "env:X"}, "slack: Input should be a valid dictionary"),
        ({"pagerduty": {}}, "pagerduty has no 'routing_key'"),
        ({"pagerduty": {"routing_key": "env:X", "region": "mars"}}, "region: .* 'us' or 'eu'"),
        ({"email": {"to": [], "smtp": "env:X"}}, "email to: "),
        ({"email": {"to": "nobody", "smtp": "env:X"}}, "email to 1: 'nobody' is not an address"),
        ({"email": {"to": "a@b\r\nBcc: c@d", "smtp": "env:X"}}, "email to 1: .* is not an address"),
        ({"email": {"to": "=?x?=@b.org", "smtp": "env:X"}}, "email to 1: .* is not an address"),
        ({"email": {"to": "a@b.org", "smtp": "http://x"}}, "smtp://HOST:PORT"),
        ({"email": {"to": "a@b.org", "smtp": "env:X", "from": "me"}}, "email from: 'me'"),
        ({"alertmanager": {"url": "localhost:9093"}}, "alertmanager url: an address begins with"),
        ({"webhook": {"url": "https://x.org", "secret": []}}, "webhook secret: "),
        ({"apprise": {"urls": []}}, "apprise urls: "),
    ],
)
def test_what_is_wrong_is_named(table: Any, told: str) -> None:  # noqa: ANN401 - as TOML has it
    with pytest.raises(ConfigError, match=told) as caught:
        read_receivers({"x": table}, "my.toml")
    assert str(caught.value).startswith("my.toml: [alerts.receivers.x]")


@pytest.mark.parametrize(
    "table",
    [
        {"pagerduty": {"routing_key": CANARY}},
        {"pagerduty": {"routing_key": "env:X", "region": CANARY}},
        {"pagerduty": {"routing_key": "env:X", "url": f"https://user:{CANARY}@x.org"}},
        {"slack": {"webhook": f"https://hooks.slack.com/services/{CANARY}"}},
        {"slack": {"token": CANARY, "channel": "c"}},
        {"slack": {"webhook": [CANARY]}},
        {"slack": CANARY},
        {"email": {"to": "a@b.org", "smtp": f"smtp://user:{CANARY}@x.org"}},
        {"email": {"to": "a@b.org", "smtp": CANARY, "starttls": CANARY}},
        {"webhook": {"url": f"https://u:{CANARY}@x.org", "secret": CANARY}},
        {"alertmanager": {"url": f"http://{CANARY}@x.org", "authorization": CANARY}},
        {"apprise": {"urls": [f"slack://{CANARY}"]}},
        {"apprise": {"urls": {"a": CANARY}}},
    ],
)
def test_a_secret_written_out_by_mistake_is_an_error_without_it(table: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        read_receivers({"x": table})
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.fixture
def leaky(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[FakeReceiver, dict[str, Channel]]]:
    """Every channel, its secrets with the canary in them, and a server that says them all again."""

    def echo(got: Got) -> Reply:
        said = "\n".join([got.path, *got.headers.values()]).encode() + got.body[:500]
        return Reply(403 if b"canary" in said else 400, said[:2_000])

    with FakeReceiver(echo) as server:
        secrets = {
            "PD_KEY": CANARY,
            "SLACK": f"{server.url}/services/{CANARY}",
            "SLACK_TOKEN": CANARY,
            "HOOK": f"{server.url}/hook?token={CANARY}",
            "HOOK_SECRET": CANARY,
            "AM": f"Bearer {CANARY}",
            "APPRISE": f"json://user:{CANARY}@127.0.0.1:{server.port}/{CANARY}",
            "SMTP": f"smtp://user:{CANARY}@127.0.0.1:{server.port}",
        }
        for name, value in secrets.items():
            monkeypatch.setenv(f"WANE_{name}", value)
        tables = {
            "alertmanager": {"url": server.url, "authorization": "env:WANE_AM"},
            "apprise": {"urls": "env:WANE_APPRISE"},
            "email": {"to": "a@example.org", "smtp": "env:WANE_SMTP"},
            "pagerduty": {"routing_key": "env:WANE_PD_KEY", "url": server.url},
            "slack": {"webhook": "env:WANE_SLACK"},
            "webhook": {"url": "env:WANE_HOOK", "secret": "env:WANE_HOOK_SECRET"},
        }
        assert set(tables) == set(KINDS)
        bot = {"token": "env:WANE_SLACK_TOKEN", "channel": "#ml", "api": server.url}
        read = read_receivers({"all": tables, "bot": {"slack": bot}})
        channels = dict(open_receiver("all", read["all"], HERE).channels)
        channels["bot"] = open_receiver("bot", read["bot"], HERE).channels["slack"]
        yield server, channels


def test_no_secret_is_in_logs_outcomes_or_reprs(
    leaky: tuple[FakeReceiver, dict[str, Channel]],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    server, channels = leaky
    del channels["email"]  # another protocol, and a test of its own
    hostile = Reply(307, b"", {"Location": f"http://{CANARY}.test/{CANARY}"})
    for channel in channels.values():
        server.replies += [hostile, Reply(500, CANARY.encode())]
        outcomes = [channel.send(group(), NOW) for _ in range(4)]
        assert not any(isinstance(outcome, Delivered) for outcome in outcomes)
        assert CANARY not in repr((channel, outcomes))
    told = capfd.readouterr()
    assert CANARY not in caplog.text + told.out + told.err
    assert any(CANARY in str(got) for got in server.got)  # it was there to be found


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_secret_is_an_outcome(
    kind: str,
    leaky: tuple[FakeReceiver, dict[str, Channel]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server, channels = leaky
    for name in ("PD_KEY", "SLACK", "HOOK_SECRET", "AM", "APPRISE", "SMTP"):
        monkeypatch.delenv(f"WANE_{name}")
    outcome = channels[kind].send(group(), NOW)
    assert isinstance(outcome, Again)
    assert "is not set" in outcome.reason
    assert server.got == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_channel_says_how_often_it_may_be_asked(
    kind: str, leaky: tuple[FakeReceiver, dict[str, Channel]]
) -> None:
    assert leaky[1][kind].pause_seconds == (1 if kind == "slack" else 0)


def test_a_picture_is_not_in_a_repr() -> None:
    assert "PNG" not in repr(message(picture=b"\x89PNG"))
    assert isinstance(Refused("x"), Refused)


def test_wane_itself_does_not_load_channels() -> None:
    code = "import wane, sys; print([name for name in sys.modules if 'notify' in name])"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_apprise_is_loaded_when_it_is_used() -> None:
    code = "import wane.alert.notify.receivers, sys; print('apprise' in sys.modules)"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
