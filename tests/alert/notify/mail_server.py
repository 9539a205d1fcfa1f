"""A real mail server in a thread, and one that says what it is told to."""

from __future__ import annotations

import base64
import email
import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import trustme

USER, PASSWORD = "wane@example.org", "canary/pass+word 4711"


@dataclass
class Mailboxes:
    """What arrived. Mailboxes of nobody@ do not exist, those of full@ are full."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[Sequence[str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - a name of aiosmtpd
        self, _server: object, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        if address.startswith("nobody@"):
            return "550 No such mailbox"
        if address.startswith("full@"):
            return "452 Mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - a name of aiosmtpd
        self, _server: object, session: Session, envelope: Envelope
    ) -> str:
        content = cast("bytes", envelope.content)
        mail = email.message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        self.encrypted.append(session.ssl is not None)
        return "250 Taken"

    def login(self, *given: Any) -> AuthResult:  # noqa: ANN401 - as aiosmtpd calls it
        login = given[-1]
        good = (login.login, login.password) == (USER.encode(), PASSWORD.encode())
        self.users += [login.login.decode()] if good else []
        told = login.login.decode(), login.password.decode()
        encoded = base64.b64encode("\0".join(["", *told]).encode()).decode()
        # A server that talks too much.
        return AuthResult(success=good, handled=good, message=f"535 not {told[1]} or {encoded}")


@contextmanager
def mail_server(authority: trustme.CA, **other: Any) -> Iterator[tuple[Mailboxes, int]]:  # noqa: ANN401
    """Mailboxes and the port; `tls` first instead of STARTTLS, `plain` for neither."""
    tls, plain = other.pop("tls", False), other.pop("plain", False)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "mail.test").configure_cert(context)
    boxes = Mailboxes()
    security: dict[str, Any] = {"tls_context": context, "require_starttls": True}
    if tls:
        security = {"ssl_context": context, "auth_require_tls": False}
    if plain:
        security = {"auth_require_tls": False}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(
        boxes,
        "127.0.0.1",
        port,
        authenticator=boxes.login,
        ready_timeout=30,
        **{**security, **other},
    )
    controller.start()
    try:
        yield boxes, port
    finally:
        controller.stop()


@contextmanager
def scripted(*lines: bytes, hang: bool = False) -> Iterator[tuple[list[bytes], int]]:
    """A server that says its lines, one before each it hears, and hangs up or says no more."""
    heard: list[bytes] = []
    over = threading.Event()

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as said:
            try:
                for line in lines:
                    connection.sendall(line)
                    heard.append(said.readline())
            except OSError:  # the client has heard enough
                return
            if hang:
                over.wait()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield heard, listening.getsockname()[1]
        finally:
            over.set()
            thread.join(5)
