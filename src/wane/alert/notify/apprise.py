"""The long tail: whatever Apprise knows, about 180 services, with the extra `wane[notify]`.

Apprise connects by itself: addresses are not checked, so its urls are the operator's alone. It is
told not to follow redirects, not to wait between messages and not to try again; wane does that. It
says no more than whether it worked. Of several urls that did not all work, all are tried again.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wane.alert.message import Group, News
from wane.alert.notify.channel import Again, Delivered, Outcome, Refused
from wane.alert.notify.secret import Reference, read_all
from wane.alert.notify.settings import ChannelSettings, OneOrMore
from wane.alert.notify.wording import clean, cut, facts, link_of, title
from wane.detect.severity import Severity

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from apprise import NotifyBase

    from wane.alert.notify.outbound import Outbound

LONGEST_TITLE = 200
TALKATIVE = (
    "apprise",
    "requests",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.util.retry",
)
"""Loggers that write addresses down, in which Apprise has its passwords and tokens."""


class AppriseSettings(ChannelSettings):
    """`apprise = { urls = ["env:APPRISE"] }`."""

    urls: OneOrMore[Reference]


@dataclass(frozen=True, slots=True)
class Apprise:
    """Services of Apprise."""

    settings: AppriseSettings
    outbound: Outbound
    pause_seconds: float = 0.0
    refresh_seconds: float = 0.0
    pictures: bool = False

    def send(self, group: Group, now: dt.datetime) -> Outcome:  # noqa: ARG002 - as every channel
        """See `Channel.send`.

        A service that knows incidents gets each message under the alert's fingerprint, and an end
        closes what was opened; any other one gets the group in one message.
        """
        urls = read_all(self.settings.urls)
        if isinstance(urls, Again):
            return urls
        try:
            import apprise  # noqa: F401, PLC0415 - an extra, that most do without
        except ImportError:
            return Refused("Apprise is not installed: pip install 'wane[notify]'")
        with _unlogged():
            services = [_service(url) for url in urls]
            known = [service for service in services if service is not None]
            if len(known) < len(services):
                return Refused(
                    f"{len(services) - len(known)} of {len(services)} urls mean nothing to Apprise"
                )
            failed = [
                service.service_name
                for service in known
                if not all(self._told(service, part) for part in _parts(service, group))
            ]
        if failed:
            return Again(f"Apprise could not deliver to {clean(', '.join(map(str, failed)))}")
        return Delivered()

    def _told(self, service: NotifyBase, group: Group) -> bool:
        from apprise import Apprise as Sender  # noqa: PLC0415 - as above
        from apprise import NotifyFormat  # noqa: PLC0415

        sender = Sender(asset=service.asset)
        sender.add(service)
        done = sender.notify(
            title=_title(group),
            body=_body(group),
            notify_type=_kind(group),
            body_format=NotifyFormat.TEXT,
            timeout=self.outbound.seconds,
        )
        return bool(done)


def _service(url: str) -> NotifyBase | None:
    """A service, tamed; None for an address that Apprise does not know."""
    from apprise import Apprise as Sender  # noqa: PLC0415 - as above
    from apprise import AppriseAsset  # noqa: PLC0415

    asset = AppriseAsset(async_mode=False, http_redirects=False, app_id="wane")
    service = Sender.instantiate(url, asset=asset)
    if service is None:
        return None
    service.redirects = False  # an address may say otherwise
    service.request_rate_per_sec = 0
    return service


def _parts(service: NotifyBase, group: Group) -> Iterator[Group]:
    """What goes out in one message."""
    if not hasattr(service, "dedup") or service.dedup:
        yield group
        return
    tamed: Any = service
    if getattr(tamed, "action", "map") == "trigger":
        tamed.action = "map"  # an end closes
    for message in group.messages:
        tamed.dedup = message.fingerprint
        yield Group(group.receiver, group.key, (message,))


def _kind(group: Group) -> str:
    """The four kinds of message that Apprise knows; success closes."""
    if group.state is News.RESOLVED:
        return "success"
    firing = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.CRITICAL: "failure"}
    return firing[group.severity]


def _title(group: Group) -> str:
    alone = len(group.messages) == 1
    return cut(title(group.messages[0]) if alone else group.headline, LONGEST_TITLE)


def _body(group: Group) -> str:
    lines = []
    for message in group.top:
        lines += [] if len(group.messages) == 1 else [title(message)]
        lines += [f"{heading}: {text}" for heading, text in facts(message)]
        lines += [link for link in [link_of(message)] if link]
        lines.append("")
    return "\n".join([*lines, group.rest]).strip()


_SENDING: ContextVar[bool] = ContextVar("wane_apprise_sending", default=False)


class _Unlogged(logging.Filter):
    """Drops what is logged while Apprise sends, in its threads too: they inherit the context."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002 - as logging has it
        return not _SENDING.get()


_FILTER = _Unlogged()


@contextmanager
def _unlogged() -> Iterator[None]:
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(_FILTER)  # the same one, once
    token = _SENDING.set(True)
    try:
        yield
    finally:
        _SENDING.reset(token)
