from __future__ import annotations

import socket
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from alert.notify.mail_server import PASSWORD, USER, mail_server, scripted
from alert.notify.receiving import HERE, HURRIED
from alert.notify.told import NOW, PICTURE, group, message, resolved
from wane.alert.notify.channel import Again, Delivered, Outcome, Refused
from wane.alert.notify.outbound import Outbound
from wane.alert.notify.smtp import Email, EmailSettings, Login

if TYPE_CHECKING:
    import ssl

    import trustme

LOGIN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@"


def sent(
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    outbound: Outbound = HERE,
    *told: Any,  # noqa: ANN401 - messages
    **settings: Any,  # noqa: ANN401 - any setting
) -> Outcome:
    monkeypatch.setenv("WANE_SMTP", url)
    table = {"to": "ml@example.org", "smtp": "env:WANE_SMTP", **settings}
    return Email(EmailSettings.model_validate(table), outbound).send(group(*told), NOW)


@pytest.fixture
def out(trust: ssl.SSLContext) -> Outbound:
    return replace(HERE, trust=trust)


def test_a_mail_goes_encrypted_and_with_a_login(
    authority: trustme.CA, out: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(authority) as (boxes, port):
        url = f"smtp://{LOGIN}127.0.0.1:{port}"
        told = message(picture=PICTURE)
        assert sent(monkeypatch, url, out, told, to=["a@example.org", "b@example.org"]) == (
            Delivered()
        )
        assert boxes.encrypted == [True]
        assert boxes.users == [USER]
        assert boxes.recipients == [["a@example.org", "b@example.org"]]
        (mail,) = boxes.mails
        assert mail["From"] == f"wane <{USER}>"
        assert mail["Subject"] == "Critical: churn: Accuracy fell to 0.81."
        plain = mail.get_body(("plain",))
        assert plain is not None
        assert told.advice in plain.get_content()


def test_tls_may_come_first(
    authority: trustme.CA, out: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(authority, tls=True) as (boxes, port):
        assert sent(monkeypatch, f"smtps://{LOGIN}127.0.0.1:{port}", out) == Delivered()
        assert (len(boxes.mails), boxes.users) == (1, [USER])


def test_an_end_stands_below_its_begin(
    authority: trustme.CA, out: Outbound, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = message()
    with mail_server(authority) as (boxes, port):
        for told in (one, one, resolved(one)):
            sent(monkeypatch, f"smtp://127.0.0.1:{port}", out, told, **{"from": "w@example.org"})
        first, again, last = boxes.mails
    assert first["Message-ID"] == again["Message-ID"] != last["Message-ID"]
    assert first["References"] == last["References"] == last["In-Reply-To"]
    assert first["From"] == "wane <w@example.org>"


def test_a_certificate_of_somebody_else_is_not_taken(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tls, scheme in ((True, "smtps"), (False, "smtp")):
        with mail_server(authority, tls=tls) as (boxes, port):
            outcome = sent(monkeypatch, f"{scheme}://{LOGIN}127.0.0.1:{port}")
            assert isinstance(outcome, Again)
            assert "no good certificate" in outcome.reason
            assert (boxes.mails, boxes.users) == ([], [])


def test_a_server_without_encryption_gets_nothing_unless_it_is_switched_off(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(authority, plain=True) as (boxes, port):
        url = f"smtp://127.0.0.1:{port}"
        outcome = sent(monkeypatch, url)
        assert isinstance(outcome, Refused)
        assert "it offers no STARTTLS" in outcome.reason
        assert boxes.mails == []
        assert sent(monkeypatch, url, starttls=False) == Delivered()
        assert boxes.encrypted == [False]
        with_login = sent(monkeypatch, f"smtp://{LOGIN}127.0.0.1:{port}", starttls=False)
        assert with_login == Refused(
            "a password is not sent in the clear: take `starttls = false` away"
        )
        assert boxes.users == []


def test_a_wrong_password_is_refused_and_not_told(
    authority: trustme.CA,
    out: Outbound,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG", logger="wane")
    wrong = LOGIN.replace("canary", "wrong-canary")
    with mail_server(authority) as (boxes, port):
        outcome = sent(monkeypatch, f"smtp://{wrong}127.0.0.1:{port}", out)
    assert outcome == Refused("535 not *** or ***")
    assert boxes.mails == []
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    ("to", "outcome"),
    [
        (["ml@example.org", "nobody@example.org"], "refused for nobody@example.org (550)"),
        (["nobody@example.org"], Refused("550 No such mailbox")),
        (["full@example.org", "nobody@example.org"], Again("452 Mailbox full")),
    ],
)
def test_mailboxes_that_are_not_there(
    to: list[str],
    outcome: Outcome | str,
    authority: trustme.CA,
    out: Outbound,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with mail_server(authority) as (_, port):
        got = sent(monkeypatch, f"smtp://127.0.0.1:{port}", out, to=to)
    assert got == (Delivered(note=outcome) if isinstance(outcome, str) else outcome)


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ([b"554 go away\r\n"], Refused("554 go away")),
        ([b"421 too busy\r\n"], Again("421 too busy")),
        (
            [b"220 hi\r\n", b"250-a\r\n250 STARTTLS\r\n", b"454 no TLS now\r\n"],
            Again("454 no TLS now"),
        ),
        ([b"220 hi\r\n", b"502 what\r\n", b"502 what\r\n"], Refused("502 what")),
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], None),
        ([b"\x00\xff\xfe\r\n"], None),
        ([b"220 " + b"x" * 100_000 + b"\r\n"], None),
        ([b"220-more\r\n" * 50_000], None),
        ([b"220 hi\r\n", b"250-x\r\n" * 50_000], None),
        ([b"220 hi\r\n", b"250-a\r\n250 STARTTLS\r\n", b"220 go\r\n250 injected\r\n"], None),
        ([], None),
        ([b"220 hi\r\n"], None),
    ],
)
def test_what_a_server_says(
    lines: list[bytes], outcome: Outcome | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted(*lines) as (_, port):
        got = sent(monkeypatch, f"smtp://127.0.0.1:{port}")
    assert got == outcome if outcome is not None else isinstance(got, Again)


def test_nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(b"220 hi\r\n", hang=True) as (_, port):
        outcome = sent(monkeypatch, f"smtp://127.0.0.1:{port}", HURRIED)
    assert outcome == Again("127.0.0.1 did not answer within 0.5 s")


def test_nothing_inside_is_called_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        outcome = sent(monkeypatch, f"smtp://localhost:{port}", Outbound())
    assert isinstance(outcome, Refused)
    assert "[alerts] allow" in outcome.reason


def test_what_is_no_mail_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = sent(monkeypatch, f"https://{LOGIN}example.org")
    assert outcome == Refused("the mail server is not written smtp://USER:PASSWORD@HOST:PORT")


@pytest.mark.parametrize(
    ("url", "login"),
    [
        ("smtp://h.org", ("smtp", "h.org", 587, "", "")),
        ("smtps://h.org/", ("smtps", "h.org", 465, "", "")),
        ("SMTP://u%40x.org:p%2F%3A@H.org:25", ("smtp", "h.org", 25, "u@x.org", "p/:")),
        ("smtp://[::1]:25", ("smtp", "::1", 25, "", "")),
        ("http://h.org", None),
        ("smtp://h.org/path", None),
        ("smtp://h.org:0", None),
        ("smtp://h.org:x", None),
        ("smtp://", None),
        ("h.org", None),
    ],
)
def test_mail_servers_are_addresses(url: str, login: tuple[str, str, int, str, str] | None) -> None:
    made = Login.of(url)
    assert made == (None if login is None else Login(*login))
    assert "p/:" not in repr(made)
