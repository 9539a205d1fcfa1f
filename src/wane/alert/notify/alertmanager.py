"""Alertmanager, API v2: it is given every alert, and groups, silences and routes by itself.

Labels are an alert's identity there, so none holds a measured value; what was measured is in the
annotations. An alert that fires lapses unless it is sent again before its `endsAt`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wane.alert.message import News
from wane.alert.notify.answer import outcome_of
from wane.alert.notify.channel import Again, Outcome
from wane.alert.notify.secret import Reference, Secret, value_of
from wane.alert.notify.settings import ChannelSettings, Url
from wane.alert.notify.wording import cut, facts, link_of

if TYPE_CHECKING:
    from wane.alert.message import Group, Message
    from wane.alert.notify.outbound import Outbound

PATH = "/api/v2/alerts"
MOST_REDIRECTS = 3
LAPSES_AFTER = dt.timedelta(minutes=5)
REFRESH_SECONDS = 60.0
"""How often whoever calls sends again what fires: a few may be lost before an alert lapses."""
LONGEST_LABEL = 1_024
LONGEST_ANNOTATION = 4_096


class AlertmanagerSettings(ChannelSettings):
    """`alertmanager = { url = "http://localhost:9093" }`."""

    url: Url
    authorization: Reference | None = None


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """An Alertmanager, 0.16 or newer."""

    settings: AlertmanagerSettings
    outbound: Outbound
    pause_seconds: float = 0.0
    refresh_seconds: float = REFRESH_SECONDS
    pictures: bool = False

    def send(self, group: Group, now: dt.datetime) -> Outcome:
        """See `Channel.send`. `Group.lapses` says until when what fires is to be believed."""
        url = value_of(self.settings.url)
        if isinstance(url, Again):
            return url
        headers = {"Content-Type": "application/json"}
        secrets = [url]
        if self.settings.authorization is not None:
            credentials = Secret(self.settings.authorization).read()
            if isinstance(credentials, Again):
                return credentials
            secrets += credentials.split()
            headers["Authorization"] = credentials
        body = alerts_of(group, now)
        answer = self.outbound.post(url.rstrip("/") + PATH, body, headers, redirects=MOST_REDIRECTS)
        return outcome_of(answer, now, secrets)


def alerts_of(group: Group, now: dt.datetime) -> bytes:
    """The messages as Alertmanager takes them, in JSON."""
    lapses = group.lapses or now + LAPSES_AFTER
    alerts = [_alert(message, group, now, lapses) for message in group.messages]
    return json.dumps(alerts, ensure_ascii=False).encode("utf-8")


def _alert(message: Message, group: Group, now: dt.datetime, lapses: dt.datetime) -> dict[str, Any]:
    ends = lapses
    if message.state is News.RESOLVED:
        ends = min(message.ended or now, now)  # an end in the future would leave it firing
    annotations = {"summary": message.verdict, "state": message.state.value, **_facts(message)}
    if group.summary:
        annotations["together"] = group.summary
    alert: dict[str, Any] = {
        "labels": _labels(message),
        "annotations": {
            name: text
            for name, raw in annotations.items()
            if (text := cut(raw, LONGEST_ANNOTATION))
        },
        "startsAt": min(message.started, ends).isoformat(),  # an end before the start is refused
        "endsAt": ends.isoformat(),
    }
    link = link_of(message)
    return alert if link is None else {**alert, "generatorURL": link}


def _labels(message: Message) -> dict[str, str]:
    """Empty labels do not exist there; a further name that is taken already gets a mark."""
    labels = {
        "alertname": f"wane {message.metric}",
        "fingerprint": message.fingerprint,
        "severity": message.severity.value,
        "model": message.model,
        "segment": message.segment or "",
        "metric": message.metric,
        "rule": message.rule,
        "owner": message.owner or "",
    }
    for further, text in sorted(message.labels.items()):
        name = _name(further)
        while name in labels:
            name += "_"
        labels[name] = text
    return {name: text for name, raw in labels.items() if (text := cut(raw, LONGEST_LABEL))}


def _facts(message: Message) -> dict[str, str]:
    return {_name(heading.lower()): text for heading, text in facts(message)}


def _name(text: str) -> str:
    """A name as labels and annotations may have."""
    name = re.sub(r"[^a-zA-Z0-9_]", "_", text)[:LONGEST_LABEL]
    return name if re.match(r"[a-zA-Z_]", name) else f"_{name}"
