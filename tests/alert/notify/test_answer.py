from __future__ import annotations

import datetime as dt
from email.utils import format_datetime

import pytest

from alert.notify.told import NASTY, NOW
from wane.alert.notify.answer import outcome_of, quoted, retry_after
from wane.alert.notify.channel import Again, Delivered, Refused
from wane.alert.notify.outbound import Reply


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_delivered(status: int) -> None:
    assert outcome_of(Reply(status, {}, b"whatever"), NOW) == Delivered()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 499])
def test_other_4xx_is_refused(status: int) -> None:
    outcome = outcome_of(Reply(status, {"retry-after": "5"}, b"<p>no\x00such\r\nhook</p>"), NOW)
    assert isinstance(outcome, Refused)
    assert outcome.reason.startswith(f"{status} ")
    assert "no\ufffdsuch hook" in outcome.reason
    assert ("gone for good" in outcome.reason) is (status == 410)


@pytest.mark.parametrize(
    "status", [301, 302, 303, 304, 308, 408, 429, 500, 502, 503, 504, 599, 600]
)
def test_everything_else_is_sent_again(status: int) -> None:
    outcome = outcome_of(Reply(status, {"retry-after": "5"}, b""), NOW)
    assert isinstance(outcome, Again)
    assert outcome.after_seconds == 5
    assert outcome.reason.startswith(f"{status} ")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("1.5", 1.5),
        ("-5", 0),
        ("1e99", 86_400),
        (format_datetime(NOW + dt.timedelta(minutes=2), usegmt=True), 120),
        (format_datetime(NOW - dt.timedelta(minutes=2), usegmt=True), 0),
        (format_datetime(NOW + dt.timedelta(days=9), usegmt=True), 86_400),
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Thu, 99 Foo 2026 99:99:99 GMT", None),
        ("Thu, 26 Nov 2026 12:00:00 -0000", None),  # no zone known
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, seconds: float | None) -> None:
    assert retry_after(text, NOW) == seconds


@pytest.mark.parametrize("text", NASTY)
def test_what_a_receiver_says_is_quoted_as_one_short_line(text: str) -> None:
    told = quoted(Reply(400, {}, text.encode("utf-8", "surrogatepass") + b"\xff"))
    assert len(told) < 250
    assert told.isprintable() or "\u200d" in told
    assert "<script>" not in told


def test_secrets_are_hidden_in_quotes_and_reasons() -> None:
    secret = "s3cr3t/+key="  # noqa: S105 - a canary
    told = quoted(Reply(400, {}, b"bad s3cr3t/+key= and s3cr3t%2F%2Bkey%3D!"), (secret,))
    assert told == "400 Bad Request: bad *** and ***!"
    assert outcome_of(Refused(f"to {secret}"), NOW, (secret,)) == Refused("to ***")
    assert outcome_of(Again(f"to {secret}", 3), NOW, (secret,)) == Again("to ***", 3)
