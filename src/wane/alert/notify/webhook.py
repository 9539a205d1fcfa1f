"""Any server: one signed request for each group.

The body is an event of CloudEvents 1.0 in JSON; the signature is that of Standard Webhooks
(HMAC-SHA256 over "id.timestamp.body"), with every secret that is set, so that they can be changed
one after the other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wane.alert.notify.answer import outcome_of
from wane.alert.notify.channel import Again, Outcome, Refused
from wane.alert.notify.secret import Reference, read_all, value_of
from wane.alert.notify.settings import ChannelSettings, OneOrMore, Url
from wane.alert.notify.wording import clean, cut, link_of

if TYPE_CHECKING:
    import datetime as dt

    from wane.alert.message import Group, Message
    from wane.alert.notify.outbound import Outbound

PREFIX = "whsec_"
MOST_REDIRECTS = 3
NAMES = ("model", "metric", "rule")
TEXTS = ("verdict", "what", "since", "size", "sure", "where", "why", "advice")
LONGEST_TEXT = 2_000
"""What is longer is cut, for many servers take no more than a megabyte."""


class WebhookSettings(ChannelSettings):
    """`webhook = { url = "https://...", secret = "env:HOOK_SECRET" }`; or several secrets."""

    url: Url
    secret: OneOrMore[Reference]


@dataclass(frozen=True, slots=True)
class Webhook:
    """A server that checks signatures as Standard Webhooks describes."""

    settings: WebhookSettings
    outbound: Outbound
    pause_seconds: float = 0.0
    refresh_seconds: float = 0.0
    pictures: bool = False

    def send(self, group: Group, now: dt.datetime) -> Outcome:
        """See `Channel.send`. The id is the same each time: by it a receiver knows a repeat."""
        secrets = read_all(self.settings.secret)
        url = value_of(self.settings.url)
        if isinstance(secrets, Again):
            return secrets
        if isinstance(url, Again):
            return url
        keys = [_key(secret) for secret in secrets]
        good = [key for key in keys if key is not None]
        if len(good) < len(keys):
            return Refused(
                "a secret of the webhook is not in base64: make one with "
                f"'openssl rand -base64 32', and put {PREFIX!r} before it"
            )
        body = event_of(group, now)
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "User-Agent": "wane",
            **signature_headers(group.id, now, body, good),
        }
        answer = self.outbound.post(url, body, headers, redirects=MOST_REDIRECTS)
        return outcome_of(answer, now, (url, *secrets))


def event_of(group: Group, now: dt.datetime) -> bytes:
    """A group as an event of CloudEvents 1.0, in JSON."""
    event = {
        "specversion": "1.0",
        "id": group.id,
        "source": f"/wane/receivers/{quote(clean(group.receiver), safe='')}",
        "type": f"wane.alerts.{group.state}",
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "receiver": clean(group.receiver),
            "group": group.thread,
            "state": group.state.value,
            "severity": group.severity.value,
            "summary": cut(group.headline, LONGEST_TEXT),
            "alerts": [_alert(message) for message in group.messages],
        },
    }
    return json.dumps(event, ensure_ascii=False).encode("utf-8")


def _alert(message: Message) -> dict[str, Any]:
    ended = None if message.ended is None else message.ended.isoformat()
    labels = {
        cut(name, LONGEST_TEXT): cut(text, LONGEST_TEXT) for name, text in message.labels.items()
    }
    return {
        "id": message.id,
        "fingerprint": message.fingerprint,
        "sequence": message.sequence,
        "state": message.state.value,
        "severity": message.severity.value,
        "owner": None if message.owner is None else cut(message.owner, LONGEST_TEXT),
        "segment": None if message.segment is None else cut(message.segment, LONGEST_TEXT),
        **{name: cut(getattr(message, name), LONGEST_TEXT) for name in NAMES + TEXTS},
        "started": message.started.isoformat(),
        "ended": ended,
        "link": link_of(message),
        "labels": labels,
    }


def signature_headers(
    message_id: str, now: dt.datetime, body: bytes, keys: list[bytes]
) -> dict[str, str]:
    """The three headers of Standard Webhooks, with one signature for each key."""
    seconds = str(int(now.timestamp()))
    signed = b".".join([message_id.encode(), seconds.encode(), body])
    digests = [hmac.new(key, signed, hashlib.sha256).digest() for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in digests),
    }


def _key(secret: str) -> bytes | None:
    """The bytes of a secret; None where it is not base64."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True) or None
    except (binascii.Error, ValueError):
        return None
