"""What there is to tell, plain and nasty."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from wane.alert.message import Group, Message, News
from wane.detect.severity import Severity

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

NOW = dt.datetime(2026, 11, 26, 12, 0, tzinfo=dt.UTC)
FINGERPRINT = "0123456789abcdef0123456789abcdef"
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'

NASTY = (
    "",
    " ",
    "x" * 10_000,
    "😀" * 10_000,
    "&" * 10_000,
    '"\\' * 5_000,
    "*_~`>" * 2_000,
    "دقة النموذج " * 200,
    "\u202egnp.exe\u202c",
    "\u2066isolated",
    "<script>alert(1)</script>",
    "</td><img src=x onerror=alert(1)>",
    "<!channel> <@U123> @here",
    "a\r\nBcc: everybody@example.org\r\n\r\nbody",
    "nul\x00 bell\x07 escape\x1b[31m",
    "lone \ud800 and \udfff surrogates",
    "line\u2028separator\u2029and\x85",
    "{{ 7 * 7 }} ${jndi:ldap://x} %s %(x)s {0}",
    "\n.\r\n",
    "=?utf-8?q?=0D=0ABcc:_x?=",
    "e\u0301" * 3_000,
)

TEXTS = ("verdict", "what", "since", "size", "sure", "where", "why", "advice")


def message(**other: Any) -> Message:  # noqa: ANN401 - any attribute
    """A message of an alert that fires."""
    plain: dict[str, Any] = {
        "fingerprint": FINGERPRINT,
        "sequence": 1,
        "state": News.FIRING,
        "severity": Severity.CRITICAL,
        "model": "churn",
        "segment": "channel=mobile",
        "metric": "accuracy",
        "rule": "accuracy < 0.90",
        "verdict": "Accuracy fell to 0.81.",
        "what": "accuracy of 0.81 from 1,200 labels, below 0.90",
        "since": "20 Nov 2026, for 6 days",
        "started": dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
        "owner": "ml-team",
        "size": "8 points below what is usual",
        "sure": "noise alone does this once in 4,000 windows",
        "where": "two thirds of it in channel=mobile",
        "why": "income drifted on the same day",
        "advice": "Look at the pipeline of income before retraining.",
        "link": "https://wane.example.org/models/churn/alerts/1?tab=a&b=c",
    }
    return Message(**{**plain, **other})


def resolved(one: Message, **other: Any) -> Message:  # noqa: ANN401 - any attribute
    """The end of an alert."""
    ended = {"state": News.RESOLVED, "sequence": one.sequence + 1, "ended": NOW, **other}
    return replace(one, **ended)


def group(*messages: Message, **other: Any) -> Group:  # noqa: ANN401 - any attribute
    """Messages that go out together; one if none is given."""
    plain: dict[str, Any] = {"receiver": "team", "key": "team\x1fmodel=churn"}
    return Group(messages=messages or (message(),), **{**plain, **other})


def many(n: int, **other: Any) -> tuple[Message, ...]:  # noqa: ANN401 - any attribute
    """Different alerts."""
    return tuple(
        message(fingerprint=f"{index:032x}", metric=f"psi_{index}", **other) for index in range(n)
    )


def names() -> SearchStrategy[str]:
    """Names as they come from data that somebody wants to hurt with."""
    anything = st.text(st.characters(exclude_categories=()), max_size=40)
    return st.one_of(st.sampled_from(NASTY), anything)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    """Any message; a few names, each in several places, so that they are quickly made."""
    pool = draw(st.lists(names(), min_size=1, max_size=3))
    picked = draw(st.randoms(use_true_random=False))
    state = picked.choice(list(News))
    links = ["https://wane.example.org/a b?x=<y>&z='", *pool]
    return message(
        fingerprint=f"{picked.getrandbits(128):032x}",
        sequence=picked.randint(1, 10**6),
        state=state,
        severity=picked.choice(list(Severity)),
        segment=picked.choice([None, *pool]),
        owner=picked.choice([None, *pool]),
        link=picked.choice([None, *links]),
        picture=picked.choice([None, PICTURE, DRAWING]),
        labels={picked.choice(pool): picked.choice(pool) for _ in range(3)},
        ended=NOW if state is News.RESOLVED else None,
        **{name: picked.choice(pool) for name in (*TEXTS, "model", "metric", "rule")},
    )


@st.composite
def groups(draw: st.DrawFn) -> Group:
    """Any group."""
    found = draw(st.lists(messages(), min_size=1, max_size=7))
    return group(*found, receiver=draw(names()), key=draw(names()), summary=draw(names()))
