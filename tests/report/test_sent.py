"""Messages that would have been sent, as text and as JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from report.build_result import HOSTILE, declining
from wane.alert.preview import Previewed, preview
from wane.alert.route import Route
from wane.diagnose.replay import Backtest
from wane.report.backtest import as_json, render
from wane.report.sent import SHOWN, sent_lines, sent_objects

RESULT = declining()
SENT = preview(RESULT.alerts, RESULT.measurements, [Route("team")], model=RESULT.model)
NOTHING = Backtest((), days=60.0, allowed=0.7)


def named(one: Previewed, receiver: str) -> Previewed:
    return replace(one, sending=replace(one.sending, receiver=receiver))


def test_news_is_listed_and_reminders_are_counted() -> None:
    found = sent_lines(SENT, 120)
    reminders = sum(one.reminder for one in SENT)
    assert found[0] == (
        f"team would have had {len(SENT)} messages, {reminders} of them reminders, as nobody "
        "acknowledged anything."
    )
    first = SENT[0]
    assert any(f"{first.at:%Y-%m-%d %H:%M}" in line and "firing" in line for line in found)
    listed = sum(line.strip().startswith("20") for line in found)
    assert listed == min(len(SENT) - reminders, SHOWN)


def test_each_receiver_is_counted_and_what_is_too_much_is_said() -> None:
    many = [named(SENT[0], "a")] * (SHOWN + 2) + [named(SENT[0], "b")]
    found = sent_lines(many, 120)
    assert found[0].startswith("a would have had 22 messages, 0 of them")
    assert found[1].startswith("b would have had 1 messages")
    assert found[-1] == "and 3 more"


def test_nothing_is_said_where_there_is_nothing() -> None:
    assert sent_lines([], 80) == ["Nobody would have been told of anything."]
    assert sent_objects([]) == []


@pytest.mark.parametrize("name", [*HOSTILE, "two\nlines", "\x1b[31m"])
def test_hostile_names_stay_on_their_line(name: str) -> None:
    for line in sent_lines([named(SENT[0], name)], 100):
        assert "\n" not in line
        assert "\x1b" not in line


def test_json_has_every_message_only_where_somebody_is_named() -> None:
    assert "sent" not in json.loads(as_json(NOTHING))
    found = json.loads(as_json(NOTHING, SENT))["sent"]
    assert len(found) == len(SENT)
    assert found[0].keys() == {"at", "receiver", "reminder", "alerts"}
    assert found[0]["alerts"][0].keys() == {"state", "severity", "rule", "reason"}
    assert "told of anything" not in render(NOTHING, RESULT)
    assert "told of anything" in render(NOTHING, RESULT, [])
