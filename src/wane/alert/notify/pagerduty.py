"""PagerDuty, Events API v2: one incident for each alert, opened, acknowledged and resolved.

Limits are those of PagerDuty's reference: `dedup_key` 255 characters, `summary` 1,024, an event
512 kB. What is too large goes without `custom_details`, as Alertmanager does it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from wane.alert.message import TOP, News
from wane.alert.notify.answer import outcome_of
from wane.alert.notify.channel import Again, Delivered, Outcome, Refused
from wane.alert.notify.flood import Floods, sort_out
from wane.alert.notify.secret import Reference, Secret, value_of
from wane.alert.notify.settings import ChannelSettings, Url
from wane.alert.notify.wording import clean, cut, facts, link_of
from wane.detect.severity import Severity

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from wane.alert.message import Group, Message
    from wane.alert.notify.flood import Flood
    from wane.alert.notify.outbound import Outbound, Reply

ADDRESSES = {
    "us": "https://events.pagerduty.com/v2/enqueue",
    "eu": "https://events.eu.pagerduty.com/v2/enqueue",
}
ACTIONS = {
    News.FIRING: "trigger",
    News.ACKNOWLEDGED: "acknowledge",
    News.RESOLVED: "resolve",
}
SEVERITIES = {
    Severity.INFO: "info",
    Severity.WARNING: "warning",
    Severity.CRITICAL: "critical",
}
LONGEST_KEY = 255
LONGEST_SUMMARY = 1_024
LONGEST_NAME = 255
LARGEST_EVENT = 512_000
LEFT_OUT = "The details were left out: with them the event is larger than PagerDuty takes."


class PagerDutySettings(ChannelSettings):
    """`pagerduty = { routing_key = "env:PD_KEY" }`."""

    routing_key: Reference
    region: Literal["us", "eu"] = "us"
    url: Url | None = None


@dataclass(frozen=True, slots=True)
class PagerDuty:
    """A service of PagerDuty."""

    settings: PagerDutySettings
    outbound: Outbound
    pause_seconds: float = 0.0
    refresh_seconds: float = 0.0
    pictures: bool = False

    def send(self, group: Group, now: dt.datetime) -> Outcome:
        """See `Channel.send`. Each message is an event of its own, but for those of a flood.

        An event that is refused does not keep the others back; one to be sent again does, and
        those that went before are sent again with it, which PagerDuty tells by their key.
        """
        key = Secret(self.settings.routing_key).read()
        url = value_of(self.settings.url or ADDRESSES[self.settings.region])
        if isinstance(key, Again):
            return key
        if isinstance(url, Again):
            return url
        found = sort_out(group.messages, Floods.decode(group.memory))
        events = [
            *(event_of(message, group, key) for message in found.alone),
            *(flood_of(flood, many, group, key) for flood, many in found.begun),
            *(
                event_of(replace(last, fingerprint=flood, state=News.RESOLVED), group, key)
                for flood, last in found.over
            ),
        ]
        refusals = []
        for body in events:
            answer = self.outbound.post(url, body, {"Content-Type": "application/json"})
            outcome = _outcome(answer, now, (key, url))
            if isinstance(outcome, Again):
                return outcome
            if isinstance(outcome, Refused):
                refusals.append(outcome.reason)
        if refusals:
            return Refused(f"{len(refusals)} of {len(events)} events: {refusals[0]}")
        return Delivered(memory=found.floods.encode())


def flood_of(flood: Flood, messages: Sequence[Message], group: Group, routing_key: str) -> bytes:
    """Many messages of one rule as one event, with those that matter most in its details."""
    first = messages[0]
    told = f"{len(messages)} alerts at once: {first.rule}"
    others = replace(group, summary=group.summary or told)
    body = event_of(
        replace(first, fingerprint=flood.key, verdict=told, segment=None), others, routing_key
    )
    event = json.loads(body)
    named = {f"{at}": cut(one.verdict, LONGEST_SUMMARY) for at, one in enumerate(messages[:TOP], 1)}
    event["payload"]["custom_details"] = {"Alerts": len(messages), "Worst": named}
    return _written(event)


def event_of(message: Message, group: Group, routing_key: str) -> bytes:
    """A message as an event, in JSON of at most 512,000 bytes."""
    link = link_of(message)
    payload: dict[str, Any] = {
        "summary": cut(f"{message.model}: {message.verdict}", LONGEST_SUMMARY),
        "source": cut(message.model, LONGEST_NAME) or "wane",
        "severity": SEVERITIES[message.severity],
        "timestamp": message.started.isoformat(),
        "component": cut(message.metric, LONGEST_NAME),
        "group": cut(message.segment or message.model, LONGEST_NAME),
        "class": cut(message.rule, LONGEST_NAME),
        "custom_details": _details(message, group),
    }
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": ACTIONS[message.state],
        "dedup_key": message.fingerprint[:LONGEST_KEY],
        "client": "wane",
        "payload": payload,
    }
    if link is not None:
        event |= {"client_url": link, "links": [{"href": link, "text": "The alert in wane"}]}
    body = _written(event)
    if len(body) > LARGEST_EVENT:
        payload["custom_details"] = {"note": LEFT_OUT}
        body = _written(event)
    return body


def _details(message: Message, group: Group) -> dict[str, Any]:
    labels = {clean(name): clean(text) for name, text in message.labels.items()}
    together = {"Together": clean(group.summary)} if group.summary else {}
    return {**together, **dict(facts(message)), **({"Labels": labels} if labels else {})}


def _written(event: dict[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode("utf-8")


def _outcome(
    answer: Reply | Again | Refused, now: dt.datetime, secrets: tuple[str, ...]
) -> Outcome:
    """As for any receiver; but 2xx alone is not enough, for something else may have answered."""
    outcome = outcome_of(answer, now, secrets)
    if isinstance(outcome, Delivered) and not isinstance(answer, Again | Refused):
        try:
            said = json.loads(answer.body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict) or said.get("status") != "success":
            return Again(f"{answer.status}, but it is not PagerDuty that answered")
    return outcome
