from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from alert.notify.receiving import HERE, FakeReceiver, Got, Reply
from alert.notify.told import NASTY, NOW, group, many, message, resolved
from wane.alert.notify.apprise import Apprise, AppriseSettings
from wane.alert.notify.channel import Again, Delivered, Refused
from wane.detect.severity import Severity

if TYPE_CHECKING:
    from wane.alert.message import Group
    from wane.alert.notify.channel import Outcome

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
"""Apprise's own matter."""

CANARY = "canary4711"


def sent(told: Group, monkeypatch: pytest.MonkeyPatch, *urls: str) -> Outcome:
    names = [f"WANE_APPRISE_{n}" for n in range(len(urls))]
    for name, url in zip(names, urls, strict=True):
        monkeypatch.setenv(name, url)
    settings = AppriseSettings.model_validate({"urls": [f"env:{name}" for name in names]})
    return Apprise(settings, HERE).send(told, NOW)


def chat(receiver: FakeReceiver, rest: str = "") -> str:
    """A service that takes JSON."""
    return f"json://user:{CANARY}@127.0.0.1:{receiver.port}/{CANARY}{rest}"


def pager(receiver: FakeReceiver) -> str:
    """A service that knows incidents."""
    return f"goalert://127.0.0.1:{receiver.port}/01234567-89ab-cdef-0123-456789abcdef"


def test_a_group_is_one_message_in_plain_text(
    receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    storm = group(*many(37), summary="37 of 120 features drifted")
    assert sent(storm, monkeypatch, chat(receiver)) == Delivered()
    (got,) = receiver.got
    told = got.json()
    assert told["title"] == "37 of 120 features drifted"
    assert "And 32 more." in told["message"]
    assert told["type"] == "failure"


def test_an_alert_is_told_in_full(receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    one = message(severity=Severity.WARNING)
    sent(group(one), monkeypatch, chat(receiver))
    told = receiver.got[0].json()
    assert told["title"] == "Warning: churn: Accuracy fell to 0.81."
    assert told["type"] == "warning"
    for fact in (one.what, one.since, one.size, one.sure, one.why, one.advice):
        assert fact in told["message"]


def test_a_service_that_knows_incidents_gets_our_key(
    receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answer = lambda _: Reply(204)
    one, two = many(2)
    assert sent(group(one, two), monkeypatch, pager(receiver)) == Delivered()
    assert sent(group(resolved(one)), monkeypatch, pager(receiver)) == Delivered()
    told = [got.json() for got in receiver.got]
    assert [event["dedup"] for event in told] == [
        one.fingerprint,
        two.fingerprint,
        one.fingerprint,
    ]
    assert [event.get("action") for event in told] == [None, None, "close"]


@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_what_did_not_work_is_tried_again(
    status: int, receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answer = lambda _: Reply(status, CANARY.encode())
    outcome = sent(group(), monkeypatch, chat(receiver))
    assert outcome == Again("Apprise could not deliver to JSON")
    assert len(receiver.got) == 1


@pytest.mark.parametrize("rest", ["", "?redirect=yes"])
def test_no_redirect_is_followed(
    rest: str, receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeReceiver() as other:
        receiver.answer = lambda _: Reply(307, b"", {"Location": other.url})
        assert isinstance(sent(group(), monkeypatch, chat(receiver, rest)), Again)
        assert other.got == []


def test_many_messages_do_not_wait_for_each_other(
    receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr("apprise.url.time.sleep", waited.append)
    receiver.answer = lambda _: Reply(204)
    assert sent(group(*many(5)), monkeypatch, pager(receiver)) == Delivered()
    assert (len(receiver.got), waited) == (5, [])


def test_one_service_that_fails_does_not_hide_another(
    receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(got: Got) -> Reply:
        return Reply(500 if got.path.endswith("/bad") else 200)

    receiver.answer = answer
    urls = [chat(receiver, "/bad"), chat(receiver, "/good")]
    assert isinstance(sent(group(), monkeypatch, *urls), Again)
    assert len(receiver.got) == 2


def test_an_address_that_apprise_does_not_know_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = sent(group(), monkeypatch, f"nosuch://{CANARY}")
    assert outcome == Refused("1 of 1 urls mean nothing to Apprise")


@pytest.mark.parametrize("text", NASTY)
def test_each_nasty_name_in_every_place(
    text: str, receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    nasty = message(**dict.fromkeys(("verdict", "what", "why", "model", "rule"), text))
    assert sent(group(nasty, nasty, summary=text), monkeypatch, chat(receiver)) == Delivered()
    assert "\r" not in receiver.got[0].json()["title"]


def test_its_addresses_are_in_no_log(
    receiver: FakeReceiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.replies.append(Reply(500, CANARY.encode()))
    for _ in range(2):
        sent(group(), monkeypatch, chat(receiver))
    with FakeReceiver() as gone:
        pass
    sent(group(), monkeypatch, chat(gone))
    sent(group(), monkeypatch, f"nosuch://{CANARY}")
    assert CANARY not in caplog.text
    logging.getLogger("urllib3.connectionpool").debug("others are still heard")
    assert "others are still heard" in caplog.text
