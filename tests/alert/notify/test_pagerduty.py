from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from alert.notify.receiving import BAD_WAYS, HERE, HURRIED, FakeReceiver, Got, Reply
from alert.notify.told import DRAWING, NOW, group, groups, many, message, resolved
from wane.alert.message import Group, News
from wane.alert.notify.channel import Again, Delivered, Outcome, Refused
from wane.alert.notify.pagerduty import (
    ADDRESSES,
    LARGEST_EVENT,
    LEFT_OUT,
    PagerDuty,
    PagerDutySettings,
    event_of,
)
from wane.detect.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "0123456789abcdef0123456789abcdef"
SUCCESS = Reply(202, json.dumps({"status": "success", "message": "Event processed"}).encode())


def wrong_with(got: Got) -> list[str]:
    """Everything in a request that PagerDuty's reference does not allow."""
    event = json.loads(got.body.decode("utf-8"))
    payload = event["payload"]
    known = {"routing_key", "event_action", "dedup_key", "client", "client_url", "links", "payload"}
    fields = {"summary", "source", "severity", "timestamp", "component", "group", "class"}
    at = dt.datetime.fromisoformat(payload["timestamp"])
    rules = {
        "size": len(got.body) <= 512_000,
        "content type": got.headers["content-type"] == "application/json",
        "keys": set(event) <= known and set(payload) == fields | {"custom_details"},
        "routing_key": len(event["routing_key"]) == 32,
        "event_action": event["event_action"] in ("trigger", "acknowledge", "resolve"),
        "dedup_key": 0 < len(event["dedup_key"]) <= 255,
        "summary": 0 < len(payload["summary"]) <= 1_024,
        "source": 0 < len(payload["source"]) <= 255,
        "severity": payload["severity"] in ("info", "warning", "error", "critical"),
        "timestamp": at.tzinfo is not None,
        "custom_details": isinstance(payload["custom_details"], dict),
        "links": all(set(link) == {"href", "text"} for link in event.get("links", [])),
        "texts": "\ufffe" not in got.body.decode("utf-8"),
    }
    return [name for name, holds in rules.items() if not holds]


def pagerduty(got: Got) -> Reply:
    wrong = wrong_with(got)
    if wrong:
        return Reply(400, json.dumps({"status": "invalid event", "errors": wrong}).encode())
    return SUCCESS


@pytest.fixture
def fake() -> Iterator[FakeReceiver]:
    with FakeReceiver(pagerduty) as started:
        yield started


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANE_PD_KEY", KEY)


def channel(fake: FakeReceiver, **other: Any) -> PagerDuty:  # noqa: ANN401 - any setting
    settings = PagerDutySettings(routing_key="env:WANE_PD_KEY", url=f"{fake.url}/v2/enqueue")
    return PagerDuty(settings, **{"outbound": HERE, **other})


def test_an_alert_is_opened_acknowledged_and_resolved_under_one_key(fake: FakeReceiver) -> None:
    one = message()
    life = [one, message(state=News.ACKNOWLEDGED, sequence=2), resolved(one, sequence=3)]
    assert {channel(fake).send(group(step), NOW) for step in life} == {Delivered()}
    events = [got.json() for got in fake.got]
    assert [event["event_action"] for event in events] == ["trigger", "acknowledge", "resolve"]
    assert {event["dedup_key"] for event in events} == {one.fingerprint}
    assert {got.path for got in fake.got} == {"/v2/enqueue"}
    assert events[0] == {
        "routing_key": KEY,
        "event_action": "trigger",
        "dedup_key": one.fingerprint,
        "client": "wane",
        "client_url": one.link,
        "links": [{"href": one.link, "text": "The alert in wane"}],
        "payload": {
            "summary": "churn: Accuracy fell to 0.81.",
            "source": "churn",
            "severity": "critical",
            "timestamp": "2026-11-20T00:00:00+00:00",
            "component": "accuracy",
            "group": "channel=mobile",
            "class": "accuracy < 0.90",
            "custom_details": events[0]["payload"]["custom_details"],
        },
    }
    assert events[0]["payload"]["custom_details"]["Next step"] == one.advice


@pytest.mark.parametrize("severity", list(Severity))
def test_severities_have_the_same_names_there(severity: Severity) -> None:
    event = json.loads(event_of(message(severity=severity), group(), KEY))
    assert event["payload"]["severity"] == severity.value


@given(groups())
def test_whatever_the_names_are_the_limits_are_kept(told: Group) -> None:
    for one in told.messages:
        body = event_of(one, told, KEY)
        assert wrong_with(Got("", {"content-type": "application/json"}, body)) == []


def test_what_is_too_large_goes_without_details() -> None:
    huge = message(labels={f"label {n}": "ü" * 10_000 for n in range(60)}, picture=DRAWING)
    body = event_of(huge, group(), KEY)
    assert len(body) < LARGEST_EVENT
    assert json.loads(body)["payload"]["custom_details"] == {"note": LEFT_OUT}


def test_each_message_of_a_group_is_an_event(fake: FakeReceiver) -> None:
    alerts = many(9)
    told = group(*alerts, summary="9 of 40 features drifted")
    assert channel(fake).send(told, NOW) == Delivered()
    assert [got.json()["dedup_key"] for got in fake.got] == [one.fingerprint for one in alerts]
    details = fake.got[0].json()["payload"]["custom_details"]
    assert details["Together"] == "9 of 40 features drifted"


def test_one_that_is_refused_does_not_keep_the_others_back(fake: FakeReceiver) -> None:
    fake.replies.append(Reply(400, b'{"status": "invalid event", "errors": ["no such key"]}'))
    outcome = channel(fake).send(group(*many(3)), NOW)
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith("1 of 3 events: 400 Bad Request: ")
    assert "no such key" in outcome.reason
    assert len(fake.got) == 3


def test_a_full_queue_is_left_alone_as_long_as_it_says(fake: FakeReceiver) -> None:
    fake.replies += [SUCCESS, Reply(429, b"", {"Retry-After": "17"})]
    outcome = channel(fake).send(group(*many(3)), NOW)
    assert outcome == Again("429 Too Many Requests", 17)
    assert len(fake.got) == 2


@pytest.mark.parametrize("way", BAD_WAYS)
def test_bad_answers_are_tried_again(way: str, fake: FakeReceiver) -> None:
    fake.replies.append(BAD_WAYS[way])
    assert isinstance(channel(fake).send(group(), NOW), Again)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, b"<html>Please log in</html>"),
        Reply(202, b"null"),
        Reply(202, b"[" * 50_000),
        Reply(202, b'{"status": "no"}'),
        Reply(202, b"{" * 1_000_000),
        Reply(302, b"", {"Location": "/elsewhere"}),
    ],
)
def test_what_is_not_pagerdutys_answer_is_no_delivery(reply: Reply, fake: FakeReceiver) -> None:
    fake.replies.append(reply)
    assert isinstance(channel(fake).send(group(), NOW), Again)
    assert len(fake.got) == 1


@pytest.mark.parametrize("reply", [Reply(hang=True), Reply(drip=True)])
def test_nobody_is_waited_for(reply: Reply, fake: FakeReceiver) -> None:
    fake.replies.append(reply)
    outcome: Outcome = channel(fake, outbound=HURRIED).send(group(*many(30)), NOW)
    assert outcome == Again("127.0.0.1 did not answer within 0.5 s")


def test_a_key_that_is_not_there_is_waited_for(
    fake: FakeReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WANE_PD_KEY")
    outcome = channel(fake).send(group(), NOW)
    assert outcome == Again("the environment variable WANE_PD_KEY is not set")
    assert fake.got == []


def test_regions_have_addresses_of_their_own() -> None:
    assert ADDRESSES["us"] == "https://events.pagerduty.com/v2/enqueue"
    assert ADDRESSES["eu"] == "https://events.eu.pagerduty.com/v2/enqueue"


def test_a_flood_rings_once_and_ends_once(fake: FakeReceiver) -> None:
    pager = channel(fake)
    firing = [message(fingerprint=f"{at:032d}", rule="psi(*) > 0.2") for at in range(37)]
    told = pager.send(Group("pager", "g", tuple(firing), "37 series at once: psi(*) > 0.2"), NOW)
    assert isinstance(told, Delivered)
    (event,) = [got.json() for got in fake.got]
    assert event["event_action"] == "trigger"
    assert event["payload"]["summary"] == "churn: 37 alerts at once: psi(*) > 0.2"
    assert event["payload"]["custom_details"]["Alerts"] == 37
    over = [replace(one, state=News.RESOLVED) for one in firing]
    done = pager.send(Group("pager", "g", tuple(over), memory=told.memory), NOW)
    assert isinstance(done, Delivered)
    assert done.memory == ""
    ended = [got.json() for got in list(fake.got)[1:]]
    assert {one["event_action"] for one in ended} == {"resolve"}
    assert event["dedup_key"] in {one["dedup_key"] for one in ended}
