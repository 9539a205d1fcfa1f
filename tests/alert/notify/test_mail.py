from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from alert.notify.told import DRAWING, NASTY, NOW, PICTURE, group, groups, many, message
from wane.alert.notify.mail import mail_of, subject_of

if TYPE_CHECKING:
    from wane.alert.message import Group

SENDER, RECIPIENTS = "wane@example.org", ["a@example.org", "b@example.org"]
HEADERS = [
    "Subject",
    "From",
    "To",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
]


def arrived(told: Group) -> EmailMessage:
    """The mail as it is after a journey."""
    written = mail_of(told, SENDER, RECIPIENTS, NOW).as_bytes()
    assert all(len(line) <= 998 for line in written.split(b"\r\n"))  # RFC 5322, 2.1.1
    assert b"\0" not in written
    mail = email.message_from_bytes(written, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    text = part.get_content()
    assert isinstance(text, str)
    return text


class Tags(HTMLParser):
    """The tags of a page, and what is shown."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.shown: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.shown.append(data)


OUR_TAGS = {"html", "head", "meta", "title", "body", "h1", "h2", "div", "img", "table", "tr", "th"}
OUR_TAGS |= {"td", "p", "a"}
OUR_ATTRIBUTES = {"lang", "charset", "style", "dir", "src", "alt", "href"}


@settings(max_examples=40)
@given(groups())
def test_whatever_the_names_are_no_header_and_no_tag_comes_of_them(told: Group) -> None:
    mail = arrived(told)
    assert list(mail.keys()) == HEADERS
    assert mail["To"] == "a@example.org, b@example.org"
    assert len(subject_of(told)) <= 200
    assert mail.defects == []
    page = Tags(body(mail, "html"))
    assert page.tags <= OUR_TAGS
    assert page.attributes <= OUR_ATTRIBUTES
    assert all(one.startswith(("cid:", "https://", "http://")) for one in page.addresses)


@pytest.mark.parametrize("text", NASTY)
def test_each_nasty_name_in_every_place(text: str) -> None:
    nasty = message(**dict.fromkeys(("verdict", "what", "why", "model", "metric", "rule"), text))
    mail = arrived(group(nasty, key=text))
    assert list(mail.keys()) == HEADERS
    assert Tags(body(mail, "html")).tags <= OUR_TAGS


def test_text_and_page_say_the_same() -> None:
    one = message()
    mail = arrived(group(one))
    plain, page = body(mail, "plain"), "".join(Tags(body(mail, "html")).shown)
    for fact in (one.verdict, one.what, one.since, one.size, one.sure, one.why, one.advice):
        assert fact in plain
        assert fact in page
    assert one.link is not None
    assert one.link in plain
    assert one.link in Tags(body(mail, "html")).addresses


@pytest.mark.parametrize(("picture", "kind"), [(PICTURE, "image/png"), (DRAWING, "image/svg+xml")])
def test_the_picture_is_in_the_mail(picture: bytes, kind: str) -> None:
    one = message(picture=picture)
    mail = arrived(group(one))
    (image,) = [part for part in mail.walk() if part.get_content_maintype() == "image"]
    assert image.get_content_type() == kind
    assert image.get_content_disposition() == "inline"
    assert image.get_content() == picture
    name = image["Content-ID"].strip("<>")
    assert f"cid:{name}" in Tags(body(mail, "html")).addresses


def test_a_storm_is_its_summary_and_its_top() -> None:
    told = group(*many(37, picture=PICTURE), summary="37 of 120 features drifted")
    mail = arrived(told)
    assert mail["Subject"] == "37 of 120 features drifted"
    assert "And 32 more." in body(mail, "plain")
    assert "And 32 more." in body(mail, "html")
    assert len([part for part in mail.walk() if part.get_content_maintype() == "image"]) == 5


def test_no_holiday_notice_is_asked_for() -> None:
    assert arrived(group())["Auto-Submitted"] == "auto-generated"
