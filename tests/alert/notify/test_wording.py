from __future__ import annotations

import datetime as dt
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert.notify.told import NASTY, NOW, message, messages, names, resolved
from wane.alert.message import Message, News
from wane.alert.notify.wording import clean, cut, facts, length, link_of, title, units


@given(names())
def test_clean_text_is_one_line_that_can_be_written_anywhere(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert len(cleaned.splitlines()) <= 1
    assert not set(cleaned) & set("\x00\r\n\u202e\u2066\u2028")
    assert cleaned == " ".join(cleaned.split(" "))
    assert clean(cleaned) == cleaned


def test_plain_text_stays_as_it_is() -> None:
    for text in (
        "accuracy of 0.81",
        "دقة النموذج",
        "👩\u200d🔬 Änderung \u22125 %",
        "nb\u2011hyphen",
    ):
        assert clean(text) == text


@given(names(), st.integers(1, 3_000), st.sampled_from([str, html.escape]))
def test_what_is_cut_fits_and_breaks_no_escape(text: str, most: int, written: type[str]) -> None:
    fitting = cut(text, most, written)
    assert units(fitting) <= most
    if written is html.escape:
        assert html.escape(html.unescape(fitting)) == fitting
    if units(written(clean(text))) <= most:
        assert fitting == written(clean(text))
    else:
        assert fitting.endswith("…")


def test_units_count_as_the_strictest_receiver_does() -> None:
    assert (units("abc"), units("😀"), units("\ud800")) == (3, 2, 1)


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("https://w.example.org/a?b=c&d=%20#e", "https://w.example.org/a?b=c&d=%20#e"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://w.example.org/a<b>'\"|ü", "https://w.example.org/a%3Cb%3E'%22%7C%C3%BC"),
        ("https://w.example.org/lone\ud800", "https://w.example.org/lone?"),
        ("  https://w.example.org/ ", "https://w.example.org/"),
        ("https://user:secret@w.example.org/", None),
        ("javascript:alert(1)", None),
        ("ftp://w.example.org", None),
        ("https://", None),
        ("https://a b", None),
        ("https://w.example.org/" + "x" * 2_000, None),
        ("", None),
        (None, None),
    ],
)
def test_links_are_addresses_of_the_web_or_nothing(link: str | None, told: str | None) -> None:
    assert link_of(message(link=link)) == told


@given(messages())
def test_facts_are_clean_and_never_empty(one: Message) -> None:
    told = facts(one)
    assert all(text and clean(text) == text for _, text in told)
    assert len({heading for heading, _ in told}) == len(told)


def test_everything_that_is_known_is_told_in_order() -> None:
    one = message()
    assert dict(facts(one)) == {
        "What": one.what,
        "Since": one.since,
        "How large": one.size,
        "How sure": one.sure,
        "Where": "channel=mobile; two thirds of it in channel=mobile",
        "Likely why": one.why,
        "Next step": one.advice,
        "Rule": one.rule,
        "Owner": "ml-team",
    }
    assert dict(facts(message(where="channel=mobile")))["Where"] == "channel=mobile"
    few = message(**dict.fromkeys(("size", "sure", "where", "why", "advice"), ""), owner=None)
    assert [heading for heading, _ in facts(few)] == ["What", "Since", "Where", "Rule"]


def test_an_end_says_when_and_how_long_it_lasted() -> None:
    told = dict(facts(resolved(message())))
    assert told["Until"] == "26 Nov 2026 12:00 UTC, after 6 d 12 h"


def test_titles_say_severity_or_state_then_model_and_verdict() -> None:
    one = message()
    assert title(one) == "Critical: churn: Accuracy fell to 0.81."
    assert title(message(state=News.ACKNOWLEDGED)).startswith("Acknowledged: churn: ")
    assert title(resolved(one)).startswith("Resolved: churn: ")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (-5, "under a minute"),
        (0, "under a minute"),
        (61, "1 min"),
        (7_260, "2 h 1 min"),
        (90_061, "1 d 1 h"),
        (86_460, "1 d 1 min"),
    ],
)
def test_lengths_in_the_two_largest_units(seconds: float, told: str) -> None:
    assert length(seconds) == told


def test_nasty_texts_are_what_they_claim() -> None:
    assert any(len(text) == 10_000 for text in NASTY)
    assert NOW.tzinfo is dt.UTC
