from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from alert.notify.receiving import BAD_WAYS, HERE, HURRIED, FakeReceiver, Got, Reply
from alert.notify.told import NASTY, NOW, group, groups, many, message, resolved
from wane.alert.message import Group, News
from wane.alert.notify.channel import Again, Delivered, Refused
from wane.alert.notify.slack import Slack, SlackSettings
from wane.alert.notify.slack_blocks import line, overview, told_in_full
from wane.alert.notify.wording import units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.alert.notify.slack_blocks import Block

WEBHOOK_PATH = "/services/T0000/B0000/canary-hook-4711"
TOKEN = "xoxb-canary-token-4711"  # noqa: S105 - a canary


def wrong_with_blocks(blocks: list[Block]) -> list[str]:
    """Every limit of Slack's reference that blocks break."""
    wrong = []
    if not 0 < len(blocks) <= 50:
        wrong.append(f"{len(blocks)} blocks")
    if units(json.dumps(blocks, ensure_ascii=False)) > 12_000:
        wrong.append("too long together")
    for block in blocks:
        match block:
            case {"type": "divider", **others}:
                good = not others
            case {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}:
                good = 0 < units(text) <= 150
            case {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}:
                good = 0 < units(text) <= 3_000 and not mentions(text)
            case _:
                good = False
        if not good:
            wrong.append(f"block {str(block)[:200]}")
    return wrong


def mentions(text: str) -> bool:
    """Whether anything but our own link could be a link, a mention or a command."""
    links = [part.split(">", 1)[0] for part in text.split("<")[1:]]
    ours = all(
        link.startswith(("https://", "http://")) and link.endswith("|Open in wane")
        for link in links
    )
    return not ours or text.count("<") != text.count(">")


def wrong_with(got: Got) -> list[str]:
    told = got.json()
    wrong = wrong_with_blocks(told["blocks"])
    if not got.headers["content-type"].startswith("application/json"):
        wrong.append("content type")
    if not 0 < units(told["text"]) <= 3_000 or "<" in told["text"]:
        wrong.append("text")
    return wrong


def webhook(got: Got) -> Reply:
    if got.path != WEBHOOK_PATH:
        return Reply(404, b"no_service")
    return Reply(400, b"invalid_blocks") if wrong_with(got) else Reply(200, b"ok")


class Workspace:
    """The Web API, with the messages that stand in its one channel."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.errors: list[str] = []

    def __call__(self, got: Got) -> Reply:
        return Reply(200, json.dumps(self.answer(got)).encode())

    def answer(self, got: Got) -> dict[str, Any]:
        told = got.json()
        changes = got.path == "/api/chat.update"
        ts = told["ts"] if changes else f"{len(self.messages) + 1}.000100"
        error = self.errors.pop(0) if self.errors else self.error(got, told, changes=changes)
        if error:
            return {"ok": False, "error": error}
        self.messages[ts] = told
        return {"ok": True, "channel": "C1", "ts": ts}

    def error(self, got: Got, told: dict[str, Any], *, changes: bool) -> str | None:
        wrong = {
            "invalid_auth": got.headers.get("authorization") != f"Bearer {TOKEN}",
            "unknown_method": not changes and got.path != "/api/chat.postMessage",
            "invalid_blocks": bool(wrong_with(got)),
            "channel_not_found": told["channel"] not in (("C1",) if changes else ("#ml", "C1")),
            "message_not_found": changes and told["ts"] not in self.messages,
            "thread_not_found": told.get("thread_ts") not in {None, *self.messages},
        }
        return next((error for error, holds in wrong.items() if holds), None)

    def threads(self) -> list[str | None]:
        return [told.get("thread_ts") for told in self.messages.values()]


@pytest.fixture
def hook() -> Iterator[FakeReceiver]:
    with FakeReceiver(webhook) as started:
        yield started


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.fixture
def api(workspace: Workspace) -> Iterator[FakeReceiver]:
    with FakeReceiver(workspace) as started:
        yield started


@pytest.fixture
def by_hook(hook: FakeReceiver, monkeypatch: pytest.MonkeyPatch) -> Slack:
    monkeypatch.setenv("WANE_SLACK", hook.url + WEBHOOK_PATH)
    return Slack(SlackSettings(webhook="env:WANE_SLACK"), HERE)


@pytest.fixture
def bot(api: FakeReceiver, monkeypatch: pytest.MonkeyPatch) -> Slack:
    monkeypatch.setenv("WANE_SLACK_TOKEN", TOKEN)
    table = {"token": "env:WANE_SLACK_TOKEN", "channel": "#ml", "api": f"{api.url}/api"}
    return Slack(SlackSettings.model_validate(table), HERE)


def texts(told: dict[str, Any]) -> str:
    return json.dumps(told["blocks"], ensure_ascii=False)


def test_a_webhook_posts_everything_that_is_known(by_hook: Slack, hook: FakeReceiver) -> None:
    one = message()
    assert by_hook.send(group(one), NOW) == Delivered()
    (got,) = hook.got
    told = got.json()
    assert told["text"] == "🔴 Critical: churn: Accuracy fell to 0.81."
    for fact in (one.verdict, one.what, one.since, one.size, one.sure, one.where, one.why):
        assert fact in texts(told)
    link = "<https://wane.example.org/models/churn/alerts/1?tab=a&amp;b=c|Open in wane>"
    assert link in texts(told)


def test_states_are_seen_at_a_glance() -> None:
    one = message()
    assert line(one).startswith("🔴 Critical: ")
    assert line(message(state=News.ACKNOWLEDGED)).startswith("👀 Acknowledged: ")
    assert line(resolved(one)).startswith("✅ Resolved: ")


@given(groups())
def test_whatever_the_names_are_the_limits_are_kept(told: Group) -> None:
    assert wrong_with_blocks(told_in_full(told)) == []
    lines = [line(one) for one in told.messages]
    assert wrong_with_blocks(overview("heading", lines * 12)) == []


@pytest.mark.parametrize("text", NASTY)
def test_each_nasty_name_in_every_place(text: str) -> None:
    nasty = [
        message(fingerprint=f"{n:032x}", **dict.fromkeys(("verdict", "what", "why", "model"), text))
        for n in range(40)
    ]
    assert wrong_with_blocks(told_in_full(group(*nasty, summary=text))) == []
    assert wrong_with_blocks(told_in_full(group(nasty[0]))) == []
    assert wrong_with_blocks(overview(f"{text} alerts", [line(one) for one in nasty])) == []


def test_a_storm_is_its_summary_and_its_top(by_hook: Slack, hook: FakeReceiver) -> None:
    by_hook.send(group(*many(37), summary="37 of 120 features drifted"), NOW)
    told = hook.got[0].json()
    assert told["text"] == "🔴 37 of 120 features drifted"
    assert "And 32 more." in texts(told)
    assert sum(block["type"] == "divider" for block in told["blocks"]) == 5


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply(429, b"", {"Retry-After": "30"}), Again("429 Too Many Requests", 30)),
        (Reply(403, b"action_prohibited"), Refused("403 Forbidden: action_prohibited")),
        (Reply(404, b"no_service"), Refused("404 Not Found: no_service")),
        (Reply(500, b"rollup_error"), Again("500 Internal Server Error: rollup_error")),
        (Reply(200, b"<html>log in</html>"), Again("2xx, but it is not Slack that answered")),
        (Reply(200, b"x" * 10**6), Again("2xx, but it is not Slack that answered")),
        (Reply(302, b"", {"Location": "http://169.254.169.254/"}), Again("302 Found")),
    ],
)
def test_what_the_webhook_answers(
    reply: Reply, outcome: Again | Refused, by_hook: Slack, hook: FakeReceiver
) -> None:
    hook.replies.append(reply)
    assert by_hook.send(group(), NOW) == outcome
    assert len(hook.got) == 1


@pytest.mark.parametrize("way", BAD_WAYS)
def test_bad_answers_are_tried_again(
    way: str, by_hook: Slack, hook: FakeReceiver, bot: Slack, api: FakeReceiver
) -> None:
    hook.replies.append(BAD_WAYS[way])
    api.replies.append(BAD_WAYS[way])
    assert isinstance(by_hook.send(group(), NOW), Again)
    assert isinstance(bot.send(group(), NOW), Again)


@pytest.mark.parametrize("reply", [Reply(hang=True), Reply(drip=True)])
def test_nobody_is_waited_for(reply: Reply, by_hook: Slack, hook: FakeReceiver) -> None:
    hook.replies.append(reply)
    hurried = Slack(by_hook.settings, HURRIED)
    assert hurried.send(group(), NOW) == Again("127.0.0.1 did not answer within 0.5 s")


def test_a_webhook_takes_a_message_a_second() -> None:
    assert Slack(SlackSettings(webhook="env:X"), HERE).pause_seconds == 1


def test_a_bot_keeps_one_message_up_to_date(bot: Slack, workspace: Workspace) -> None:
    one = message()
    memory = delivered(bot.send(group(one), NOW)).memory
    assert memory
    acknowledged = message(state=News.ACKNOWLEDGED, sequence=2)
    memory = delivered(bot.send(group(acknowledged, memory=memory), NOW)).memory
    assert memory
    last = delivered(bot.send(group(resolved(one), memory=memory), NOW))
    assert last.memory == ""  # the next one begins anew
    first, *replies = workspace.messages.values()
    assert workspace.threads() == [None, "1.000100", "1.000100"]
    assert "✅ Resolved" in first["text"]
    assert ["👀" in reply["text"] for reply in replies] == [True, False]
    assert delivered(bot.send(group(message(sequence=4)), NOW)).memory
    assert workspace.threads()[-1] is None


def test_the_message_of_a_group_shows_where_each_alert_stands(
    bot: Slack, workspace: Workspace
) -> None:
    alerts = many(3)
    memory = delivered(bot.send(group(*alerts), NOW)).memory
    # Later only the news comes.
    memory = delivered(bot.send(group(resolved(alerts[1]), memory=memory), NOW)).memory
    first = workspace.messages["1.000100"]
    assert texts(first).count("🔴") == 2
    assert texts(first).count("✅") == 1
    assert "3 alerts, 1 of them over" in texts(first)
    rest = group(resolved(alerts[0]), resolved(alerts[2]), memory=memory)
    assert delivered(bot.send(rest, NOW)).memory == ""
    assert texts(workspace.messages["1.000100"]).count("✅") == 3


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message"])
def test_a_message_that_somebody_deleted_is_posted_anew(
    error: str, bot: Slack, workspace: Workspace
) -> None:
    memory = delivered(bot.send(group(), NOW)).memory
    workspace.errors.append(error)
    again = delivered(bot.send(group(message(sequence=2), memory=memory), NOW))
    assert json.loads(again.memory)["ts"] == "2.000100"
    assert workspace.threads() == [None, None]


@pytest.mark.parametrize("memory", ["", "null", "{}", "[]", "nonsense", '{"channel": 1}', '"x"'])
def test_a_memory_that_is_not_understood_is_none(
    memory: str, bot: Slack, workspace: Workspace
) -> None:
    assert delivered(bot.send(group(memory=memory), NOW)).memory
    assert workspace.threads() == [None]


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "invalid_auth"])
def test_errors_that_stay_are_refusals(error: str, bot: Slack, workspace: Workspace) -> None:
    workspace.errors.append(error)
    assert bot.send(group(), NOW) == Refused(f"Slack says {error}")


@pytest.mark.parametrize("error", ["ratelimited", "internal_error", "service_unavailable"])
def test_errors_that_pass_are_tried_again(error: str, bot: Slack, workspace: Workspace) -> None:
    workspace.errors.append(error)
    assert bot.send(group(), NOW) == Again(f"Slack says {error}")


def test_an_error_in_the_thread_is_told(
    bot: Slack, workspace: Workspace, api: FakeReceiver
) -> None:
    memory = delivered(bot.send(group(), NOW)).memory
    api.replies += [
        Reply(200, b'{"ok": true}'),
        Reply(429, b"", {"Retry-After": "9"}),
    ]
    outcome = bot.send(group(message(sequence=2), memory=memory), NOW)
    assert outcome == Again("429 Too Many Requests", 9)
    assert len(workspace.messages) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"ok", b"null", b"[]", b'{"ok": "yes"}', b"[" * 60_000, b'{"ok": true}' * 10_000],
)
def test_what_is_not_slacks_answer_is_no_delivery(
    body: bytes, bot: Slack, api: FakeReceiver
) -> None:
    api.replies.append(Reply(200, body))
    assert isinstance(bot.send(group(), NOW), Again)


def test_an_error_that_is_not_one_is_not_repeated(bot: Slack, api: FakeReceiver) -> None:
    api.replies.append(Reply(200, json.dumps({"ok": False, "error": f"<b>{TOKEN}"}).encode()))
    assert bot.send(group(), NOW) == Refused("Slack says an unknown error")


def delivered(outcome: object) -> Delivered:
    assert isinstance(outcome, Delivered), outcome
    return outcome
