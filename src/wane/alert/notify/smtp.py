"""E-mail, over a mail server: encrypted, with a checked certificate, unless switched off."""

from __future__ import annotations

import base64
import contextlib
import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from email.headerregistry import Address
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, Field

from wane.alert.notify.channel import Again, Delivered, Outcome, Refused
from wane.alert.notify.mail import mail_of
from wane.alert.notify.outbound import MOST_BYTES, cut_off
from wane.alert.notify.secret import PLACES, hide, value_of
from wane.alert.notify.settings import ChannelSettings, OneOrMore
from wane.alert.notify.wording import clean, cut

if TYPE_CHECKING:
    import datetime as dt
    from email.message import EmailMessage
    from typing import Self

    from wane.alert.message import Group
    from wane.alert.notify.outbound import Outbound

PORTS = frozenset({25, 465, 587, 2525})
DEFAULT_PORTS = {"smtp": 587, "smtps": 465}
READY, CLOSING = 220, 221
LONGEST_QUOTE = 200


def _mailbox(text: str) -> str:
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError) as error:
        raise ValueError(f"{text!r} is not an address such as ml@example.org") from error
    if not address.domain or clean(text) != text or " " in text or "=?" in text:
        raise ValueError(f"{text!r} is not an address such as ml@example.org")
    return text


def _server(text: str) -> str:
    if not text.startswith(PLACES):
        login = Login.of(text)
        if login is None or login.password:
            raise ValueError(
                "a mail server is written smtp://HOST:PORT or smtps://HOST:PORT; with a password "
                'it is a secret, and named: "env:NAME" or "file:PATH"'
            )
    return text


Mailbox = Annotated[str, AfterValidator(_mailbox)]


class EmailSettings(ChannelSettings):
    """`email = { to = ["ml@example.org"], smtp = "env:SMTP_URL" }`."""

    to: OneOrMore[Mailbox]
    smtp: Annotated[str, AfterValidator(_server)]
    sender: Annotated[Mailbox | None, Field(alias="from")] = None
    starttls: bool = True


@dataclass(frozen=True, slots=True)
class Login:
    """A mail server and who speaks to it.

    Attributes:
        scheme: "smtp", or "smtps" where TLS comes first.
        host: Its name.
        port: 587 or 465 where none is said.
        user: Empty for nobody.
        password: Empty for none.
    """

    scheme: str
    host: str
    port: int
    user: str
    password: str

    @classmethod
    def of(cls, url: str) -> Self | None:
        """From smtp://user:password@host:port; None for what is not of that form."""
        try:
            parts = urlsplit(url.strip())
            scheme, port = parts.scheme.lower(), parts.port
            host = (parts.hostname or "").encode("idna").decode("ascii")
        except ValueError:
            return None
        if scheme not in DEFAULT_PORTS or not host or port == 0 or parts.path not in ("", "/"):
            return None
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(scheme, host, port or DEFAULT_PORTS[scheme], user, password)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The password, plain and in the two forms in which it is sent."""
        sent = f"\0{self.user}\0{self.password}", self.password
        encoded = (base64.b64encode(text.encode("utf-8", "replace")).decode() for text in sent)
        return (self.password, *encoded) if self.password else ()

    def __repr__(self) -> str:
        return f"Login({self.scheme}://{self.host}:{self.port})"


@dataclass(frozen=True, slots=True)
class Email:
    """Mailboxes, reached over one mail server."""

    settings: EmailSettings
    outbound: Outbound
    pause_seconds: float = 0.0
    refresh_seconds: float = 0.0
    pictures: bool = True

    def send(self, group: Group, now: dt.datetime) -> Outcome:
        """See `Channel.send`. Delivered means that the server took it, for one mailbox at least."""
        login = self._login()
        if not isinstance(login, Login):
            return login
        mail = mail_of(group, self.settings.sender or _sender(login), self.settings.to, now)
        deadline = time.monotonic() + self.outbound.seconds
        opened = self.outbound.connect(login.host, login.port, PORTS, deadline)
        if not isinstance(opened, socket.socket):
            return opened
        try:
            with opened, cut_off(opened, deadline):
                return self._converse(opened, login, mail)
        except (OSError, ValueError) as error:  # every error of smtplib is an OSError
            if time.monotonic() < deadline:
                return _outcome_of(error, login)
        return Again(f"{login.host} did not answer within {self.outbound.seconds:g} s")

    def _login(self) -> Login | Again | Refused:
        url = value_of(self.settings.smtp)
        if isinstance(url, Again):
            return url
        login = Login.of(url)
        if login is None:
            return Refused("the mail server is not written smtp://USER:PASSWORD@HOST:PORT")
        if login.password and login.scheme == "smtp" and not self.settings.starttls:
            return Refused("a password is not sent in the clear: take `starttls = false` away")
        return login

    def _converse(self, opened: socket.socket, login: Login, mail: EmailMessage) -> Outcome:
        """Greeting, encryption, login, mail.

        Raises:
            OSError: Anything that smtplib, TLS or the network raises.
        """
        implicit = login.scheme == "smtps"
        stream = self.outbound.secured(opened, login.host) if implicit else opened
        with contextlib.closing(_Conversation(stream)) as server:
            server.greeted()
            if self.settings.starttls and not implicit:
                server.encrypted(self.outbound, login.host)
            if login.user:
                server.login(login.user, login.password)
            left_out = server.send_message(mail)
            with contextlib.suppress(OSError):  # it has the mail already
                server.quit()
        note = ", ".join(f"{who} ({code})" for who, (code, _) in left_out.items())
        return Delivered(note=f"refused for {note}" if note else "")


class _Conversation(smtplib.SMTP):
    """A client over a connection that was made, and checked, elsewhere."""

    def __init__(self, stream: socket.socket) -> None:
        super().__init__(local_hostname=socket.gethostname() or "localhost")
        self._take(stream)

    def _take(self, stream: socket.socket) -> None:
        self.sock = stream
        self.file = _Bounded(stream)

    def greeted(self) -> None:
        """Wait for the server's first line.

        Raises:
            SMTPConnectError: The server does not want to.
        """
        code, said = self.getreply()
        if code != READY:
            raise smtplib.SMTPConnectError(code, said)

    def encrypted(self, outbound: Outbound, host: str) -> None:
        """Go over to TLS. What was said before counts no more (RFC 3207).

        Raises:
            SMTPException: The server cannot.
            OSError: Its certificate is not good.
        """
        self.ehlo_or_helo_if_needed()
        if not self.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError(
                "it offers no STARTTLS. Use smtps://, or `starttls = false` without a password"
            )
        code, said = self.docmd("STARTTLS")
        if code != READY:
            raise smtplib.SMTPResponseException(code, said)
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("closed before TLS")
        self._take(outbound.secured(self.sock, host))
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False


class _Bounded:
    """What a server says, up to a limit: an answer may have any number of lines."""

    def __init__(self, stream: socket.socket) -> None:
        self._file = stream.makefile("rb")
        self._left = MOST_BYTES

    def readline(self, limit: int = -1) -> bytes:
        read = self._file.readline(limit)
        self._left -= len(read)
        if self._left < 0:
            raise smtplib.SMTPServerDisconnected("it says more than anybody needs")
        return read

    def close(self) -> None:
        self._file.close()


def _sender(login: Login) -> str:
    """Who the mail is from where nobody said: the user of the server, if that is a mailbox."""
    try:
        return _mailbox(login.user)
    except ValueError:
        return f"wane@{login.host}"


def _outcome_of(error: Exception, login: Login) -> Outcome:
    """What an error of smtplib, TLS or the network means."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        # Of the answers for all mailboxes the one with most hope.
        return _answered(*min(error.recipients.values(), key=lambda answer: answer[0]), login)
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered(error.smtp_code, error.smtp_error, login)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Refused(f"{login.host} cannot do it: {error}")
    if isinstance(error, ssl.SSLCertVerificationError):
        return Again(f"{login.host} has no good certificate: {error.verify_message}")
    return Again(f"{login.host} broke off: {type(error).__name__}")


def _answered(code: int, said: bytes | str, login: Login) -> Outcome:
    """5yz is for ever, 4yz for now (RFC 5321, 4.2.1); what is neither is not SMTP."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    reason = f"{code} {cut(hide(text, login.secrets), LONGEST_QUOTE)}".strip()
    # smtplib itself says 500 when a line is longer than any server of mail sends.
    if 500 <= code < 600 and text != "Line too long.":
        return Refused(reason)
    return Again(reason)
