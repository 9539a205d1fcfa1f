"""Slack: a message for each group; with a token one that is kept up to date, and a thread below it.

A webhook can only post. A bot with a token posts once, changes that message as its alerts go on,
and says in its thread what is new; after the end of all the next message is a new one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import model_validator

from wane.alert.message import News
from wane.alert.notify.answer import outcome_of
from wane.alert.notify.channel import Again, Delivered, Outcome, Refused
from wane.alert.notify.secret import Reference, Secret, hide, value_of
from wane.alert.notify.settings import ChannelSettings, Url
from wane.alert.notify.slack_blocks import Block, escaped, headline, line, overview, told_in_full
from wane.alert.notify.wording import cut

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from typing import Self

    from wane.alert.message import Group
    from wane.alert.notify.outbound import Outbound, Reply

API = "https://slack.com/api"
PAUSE_SECONDS = 1.0
"""A webhook takes about one message a second; whoever keeps sending more is cut off."""
LONGEST_TEXT = 300
PASSING = frozenset(
    {
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "service_unavailable",
        "team_added_to_org",
    }
)
"""Errors of the Web API that go away by themselves."""
LOST = frozenset(
    {"cant_update_message", "edit_window_closed", "message_not_found", "thread_not_found"}
)
"""Errors that say: there is no message any more that could be changed."""


class SlackSettings(ChannelSettings):
    """`slack = { webhook = "env:SLACK" }`, or `{ token = "env:SLACK_TOKEN", channel = "#ml" }`."""

    webhook: Reference | None = None
    token: Reference | None = None
    channel: str | None = None
    api: Url = API

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.webhook is None) == (self.token is None):
            raise ValueError("slack needs either `webhook`, or `token` and `channel`")
        if (self.token is None) != (not self.channel):
            raise ValueError("slack needs `channel` beside `token`, and only there")
        return self


@dataclass(frozen=True, slots=True)
class Slack:
    """A channel of Slack."""

    settings: SlackSettings
    outbound: Outbound
    pause_seconds: float = PAUSE_SECONDS
    refresh_seconds: float = 0.0
    pictures: bool = False

    def send(self, group: Group, now: dt.datetime) -> Outcome:
        """See `Channel.send`."""
        if self.settings.token is not None:
            return _Bot(self.settings, self.outbound, now).send(group)
        url = value_of(self.settings.webhook or "")
        if isinstance(url, Again):
            return url
        body = _written(_post(group))
        answer = self.outbound.post(url, body, {"Content-Type": "application/json; charset=utf-8"})
        outcome = outcome_of(answer, now, (url,))
        if isinstance(outcome, Delivered) and _body(answer).strip() != b"ok":
            return Again("2xx, but it is not Slack that answered")
        return outcome


@dataclass(frozen=True, slots=True)
class _Shown:
    """The message that stands in the channel.

    Attributes:
        channel: Its channel, by Slack's own id.
        ts: Slack's name of the message.
        lines: Fingerprint -> state and line of every alert that it shows.
    """

    channel: str
    ts: str
    lines: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def remembered(cls, memory: str) -> _Shown | None:
        """From `Group.memory`; None for nothing, or what is not understood."""
        try:
            said = json.loads(memory)
            lines = {
                str(key): (str(state), str(text)) for key, (state, text) in said["lines"].items()
            }
            return cls(str(said["channel"]), str(said["ts"]), lines)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def with_news(self, group: Group) -> _Shown:
        news = {one.fingerprint: (one.state.value, line(one)) for one in group.messages}
        return _Shown(self.channel, self.ts, {**self.lines, **news})

    def memory(self) -> str:
        """For `Delivered.memory`; empty when all is over, so that the next message is a new one."""
        if all(state == News.RESOLVED for state, _ in self.lines.values()):
            return ""
        told = {"channel": self.channel, "ts": self.ts, "lines": dict(self.lines)}
        return json.dumps(told, ensure_ascii=False)

    def heading(self) -> str:
        over = sum(state == News.RESOLVED for state, _ in self.lines.values())
        return f"{len(self.lines)} alerts, {over} of them over"


@dataclass(frozen=True, slots=True)
class _Bot:
    """One sending by the Web API."""

    settings: SlackSettings
    outbound: Outbound
    now: dt.datetime

    def send(self, group: Group) -> Outcome:
        shown = _Shown.remembered(group.memory)
        if shown is None:
            return self._anew(group)
        shown = shown.with_news(group)
        if len(shown.lines) > 1:
            blocks = overview(shown.heading(), [text for _, text in shown.lines.values()])
        else:
            blocks = told_in_full(group)
        place = {"channel": shown.channel, "ts": shown.ts}
        changed = self._call("chat.update", {**_post(group, blocks), **place})
        if isinstance(changed, str):
            return self._anew(group)
        if isinstance(changed, Again | Refused):
            return changed
        # The change first: done twice it does no harm, and nobody is told of it. The reply tells.
        reply = {**_post(group), "channel": shown.channel, "thread_ts": shown.ts}
        replied = self._call("chat.postMessage", reply)
        if isinstance(replied, str):
            return self._anew(group)
        return replied if isinstance(replied, Again | Refused) else Delivered(memory=shown.memory())

    def _anew(self, group: Group) -> Outcome:
        said = self._call("chat.postMessage", {**_post(group), "channel": self.settings.channel})
        if isinstance(said, str):
            return Refused(f"Slack says {said}")
        if isinstance(said, Again | Refused):
            return said
        shown = _Shown(str(said.get("channel", "")), str(said.get("ts", ""))).with_news(group)
        return Delivered(memory=shown.memory() if shown.channel and shown.ts else "")

    def _call(self, method: str, what: dict[str, Any]) -> dict[str, Any] | str | Again | Refused:
        """What Slack answered; the error as text where a message is lost."""
        token = Secret(self.settings.token or "").read()
        api = value_of(self.settings.api)
        if isinstance(token, Again):
            return token
        if isinstance(api, Again):
            return api
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Authorization": f"Bearer {token}",
        }
        body = _written({**what, "unfurl_links": False, "unfurl_media": False})
        answer = self.outbound.post(f"{api.rstrip('/')}/{method}", body, headers)
        outcome = outcome_of(answer, self.now, (token,))
        if not isinstance(outcome, Delivered):
            return outcome
        return _said(_body(answer), token)


def _said(body: bytes, token: str) -> dict[str, Any] | str | Again | Refused:
    """The Web API answers 200 to nearly everything; whether it was done is in the body."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or not isinstance(said.get("ok"), bool):
        return Again("200, but it is not Slack that answered")
    if said["ok"]:
        return said
    error = str(said.get("error"))
    if error in LOST:
        return error
    # An error that is not of Slack's form is not repeated: it may hold anything.
    named = error if error.isascii() and error.replace("_", "").isalnum() else "an unknown error"
    reason = f"Slack says {hide(named[:80], (token,))}"
    return Again(reason) if error in PASSING else Refused(reason)


def _post(group: Group, blocks: list[Block] | None = None) -> dict[str, Any]:
    """A message; its text is what notifications and screen readers say."""
    return {
        "text": cut(headline(group), LONGEST_TEXT, escaped),
        "blocks": told_in_full(group) if blocks is None else blocks,
    }


def _written(what: dict[str, Any]) -> bytes:
    return json.dumps(what, ensure_ascii=False).encode("utf-8")


def _body(answer: Reply | Again | Refused) -> bytes:
    return b"" if isinstance(answer, Again | Refused) else answer.body
