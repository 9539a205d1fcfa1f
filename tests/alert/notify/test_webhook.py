"""The signature is checked by an implementation of its own, after the Standard Webhooks spec."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from alert.notify.receiving import BAD_WAYS, HERE, FakeReceiver, Got, Reply
from alert.notify.told import NOW, group, groups, many, message, resolved
from wane.alert.notify.channel import Again, Delivered, Refused
from wane.alert.notify.webhook import Webhook, WebhookSettings, event_of, signature_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wane.alert.message import Group

# From the reference implementations' own test vectors.
KNOWN_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - published
KNOWN_ID, KNOWN_TIME = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
KNOWN_BODY = b'{"test": 2432232314}'
KNOWN_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

OTHER_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def verified(secret: str, headers: Mapping[str, str], body: bytes, now: dt.datetime) -> bool:
    """What a receiver does: HMAC-SHA256 by RFC 2104, five minutes of tolerance."""
    if abs(now.timestamp() - int(headers["webhook-timestamp"])) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_")).ljust(64, b"\0")
    assert len(key) == 64
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + text).digest()
    wanted = hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()
    given_ = [part.split(",", 1) for part in headers["webhook-signature"].split(" ")]
    return any(
        version == "v1" and hmac.compare_digest(base64.b64decode(signature), wanted)
        for version, signature in given_
    )


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANE_HOOK", KNOWN_SECRET)
    monkeypatch.setenv("WANE_HOOK_NEW", OTHER_SECRET)


def channel(fake: FakeReceiver, *secret: str) -> Webhook:
    settings = WebhookSettings.model_validate(
        {"url": f"{fake.url}/hook", "secret": list(secret) or "env:WANE_HOOK"}
    )
    return Webhook(settings, HERE)


def test_the_published_example_has_the_published_signature() -> None:
    key = base64.b64decode(KNOWN_SECRET.removeprefix("whsec_"))
    at = dt.datetime.fromtimestamp(KNOWN_TIME, dt.UTC)
    headers = signature_headers(KNOWN_ID, at, KNOWN_BODY, [key])
    assert headers == {
        "webhook-id": KNOWN_ID,
        "webhook-timestamp": str(KNOWN_TIME),
        "webhook-signature": KNOWN_SIGNATURE,
    }
    assert verified(KNOWN_SECRET, headers, KNOWN_BODY, at)


def test_a_receiver_can_check_who_sent_it(receiver: FakeReceiver) -> None:
    assert channel(receiver).send(group(), NOW) == Delivered()
    (got,) = receiver.got
    assert got.path == "/hook"
    assert verified(KNOWN_SECRET, got.headers, got.body, NOW)
    assert not verified(OTHER_SECRET, got.headers, got.body, NOW)
    assert not verified(KNOWN_SECRET, got.headers, got.body + b" ", NOW)
    assert not verified(KNOWN_SECRET, got.headers, got.body, NOW + dt.timedelta(hours=1))


def test_while_secrets_change_both_are_good(receiver: FakeReceiver) -> None:
    channel(receiver, "env:WANE_HOOK_NEW", "env:WANE_HOOK").send(group(), NOW)
    (got,) = receiver.got
    assert len(got.headers["webhook-signature"].split(" ")) == 2
    for secret in (KNOWN_SECRET, OTHER_SECRET):
        assert verified(secret, got.headers, got.body, NOW)


def test_a_repeat_has_the_same_id_and_a_new_time(receiver: FakeReceiver) -> None:
    one = message()
    for told, at in [(one, 0), (one, 60), (resolved(one), 120)]:
        channel(receiver).send(group(told), NOW + dt.timedelta(seconds=at))
    ids = [got.headers["webhook-id"] for got in receiver.got]
    assert ids == [one.id, one.id, resolved(one).id]
    times = [int(got.headers["webhook-timestamp"]) for got in receiver.got]
    assert [at - times[0] for at in times] == [0, 60, 120]


def wrong_with(got: Got) -> list[str]:
    """What is not CloudEvents 1.0 in the structured mode."""
    event = json.loads(got.body.decode("utf-8"))
    rules = {
        "content type": got.headers["content-type"].startswith("application/cloudevents+json"),
        "specversion": event["specversion"] == "1.0",
        "id": bool(event["id"]) and event["id"].isascii(),
        "source": event["source"].isascii() and " " not in event["source"],
        "type": event["type"].startswith("wane.alerts."),
        "time": dt.datetime.fromisoformat(event["time"]).tzinfo is not None,
        "names": all(name.isalnum() and name.islower() for name in event),
        "data": isinstance(event["data"]["alerts"], list),
    }
    return [name for name, holds in rules.items() if not holds]


@given(groups())
def test_whatever_the_names_are_it_is_an_event(told: Group) -> None:
    headers = {"content-type": "application/cloudevents+json; charset=utf-8"}
    assert wrong_with(Got("", headers, event_of(told, NOW))) == []


def test_a_group_is_one_event_with_every_alert(receiver: FakeReceiver) -> None:
    alerts = many(40)
    channel(receiver).send(group(*alerts, summary="40 of 90 features drifted"), NOW)
    (got,) = receiver.got
    assert wrong_with(got) == []
    event: dict[str, Any] = got.json()
    assert event["data"]["summary"] == "40 of 90 features drifted"
    assert [one["fingerprint"] for one in event["data"]["alerts"]] == [
        one.fingerprint for one in alerts
    ]
    assert event["type"] == "wane.alerts.firing"
    told = event["data"]["alerts"][0]
    assert told["started"] == "2026-11-20T00:00:00+00:00"
    assert told["ended"] is None
    assert told["advice"] == alerts[0].advice
    assert "picture" not in told


@pytest.mark.parametrize("way", BAD_WAYS)
def test_bad_answers_are_tried_again(way: str, receiver: FakeReceiver) -> None:
    receiver.replies.append(BAD_WAYS[way])
    assert isinstance(channel(receiver).send(group(), NOW), Again)


def test_who_is_gone_is_not_asked_again(receiver: FakeReceiver) -> None:
    receiver.replies.append(Reply(410))
    outcome = channel(receiver).send(group(), NOW)
    assert isinstance(outcome, Refused)
    assert "take it out of [alerts.receivers]" in outcome.reason


def test_a_redirect_keeps_body_and_signature(receiver: FakeReceiver) -> None:
    receiver.replies.append(Reply(301, b"", {"Location": "/moved"}))
    assert channel(receiver).send(group(), NOW) == Delivered()
    assert [got.path for got in receiver.got] == ["/hook", "/moved"]
    assert verified(KNOWN_SECRET, receiver.got[1].headers, receiver.got[1].body, NOW)


@pytest.mark.parametrize("secret", ["not base64!", "whsec_", "äöü"])
def test_a_secret_that_no_receiver_could_use_is_refused(
    secret: str, receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANE_HOOK", secret)
    outcome = channel(receiver).send(group(), NOW)
    assert isinstance(outcome, Refused)
    assert "openssl rand -base64 32" in outcome.reason
    assert receiver.got == []
