"""The one way out: connections to checked addresses, and requests over them, within limits."""

from __future__ import annotations

import contextlib
import ipaddress
import queue
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException, IncompleteRead
from typing import TYPE_CHECKING

from wane.alert.notify.allowed import NOTHING_INSIDE
from wane.alert.notify.channel import Again, Refused
from wane.alert.notify.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from wane.alert.notify.allowed import Address, Allowed

WEB_PORTS = frozenset({80, 443})
REDIRECTS = frozenset({301, 302, 307, 308})
"""Followed with the same method and body. 303 is not: it asks for a page, and delivers nothing."""
SECONDS = 10.0
MOST_BYTES = 64_000


def resolve(host: str, port: int) -> list[Address]:
    """Every address that a host stands for, by the system's own resolver.

    Raises:
        OSError: There is none.
        UnicodeError: The name cannot be asked for.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    texts = dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found)
    return [ipaddress.ip_address(text) for text in texts]


@dataclass(frozen=True, slots=True)
class Request:
    """A body to send, and its headers.

    Attributes:
        target: Where to.
        body: What.
        headers: Without `Host` and `Content-Length`.
    """

    target: Target
    body: bytes
    headers: Mapping[str, str] = field(repr=False)

    def redirected(self, target: Target) -> Request:
        """The same request elsewhere; to another host without `Authorization`."""
        headers = self.headers
        if target.origin != self.target.origin:
            headers = {
                name: text for name, text in headers.items() if name.lower() != "authorization"
            }
        return replace(self, target=target, headers=headers)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a receiver answered.

    Attributes:
        status: As in HTTP.
        headers: Names in lower case; of repeated ones the last.
        body: At most 64 kB; the rest was not read.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Outbound:
    """What may be called, and for how long. Proxies of the environment are not used.

    A name is resolved once, all its addresses are checked, and one of those is connected to, so
    that a second answer of the resolver changes nothing. Certificates are checked against the name.

    Attributes:
        allowed: Internal receivers.
        resolver: Host and port -> addresses; raises what `resolve` does.
        trust: Which certificates are good.
        seconds: For everything together: name, connection, request, answer and redirects.
    """

    allowed: Allowed = NOTHING_INSIDE
    resolver: Callable[[str, int], list[Address]] = resolve
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    seconds: float = SECONDS

    def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, redirects: int = 0
    ) -> Reply | Again | Refused:
        """Send a body, and read the answer.

        Args:
            url: http or https, without a user in it.
            body: What is sent.
            headers: See `Request`.
            redirects: How many are followed, each checked as the first address was.

        Returns:
            The last answer, which is a redirect where none is followed; `Refused` where it may not
            go, `Again` where it could not.
        """
        deadline = time.monotonic() + self.seconds
        target = Target.of(url)
        if target is None:
            return Refused("the address is not one of http or https, or has a user in it")
        request = Request(target, body, headers)
        for _ in range(redirects + 1):
            reply = self._exchange(request, deadline)
            if not isinstance(reply, Reply) or reply.status not in REDIRECTS or not redirects:
                return reply
            target = request.target.joined(reply.headers.get("location", ""))
            if target is None:
                return Again(f"{reply.status}: a redirect to nowhere")
            if request.target.is_secure and not target.is_secure:
                return Refused(f"{reply.status}: a redirect from https to http, {target.host}")
            request = request.redirected(target)
        return Again(f"more than {redirects} redirects")

    def connect(
        self, host: str, port: int, ports: Collection[int], deadline: float
    ) -> socket.socket | Again | Refused:
        """A connection to one of a host's addresses, all of them checked.

        Args:
            host: A name, or an address in any spelling that the resolver takes.
            port: The port.
            ports: Those that are usual; others only of hosts that the operator allows.
            deadline: By `time.monotonic`.
        """
        addresses = self._resolved(host, port, deadline)
        if isinstance(addresses, Again):
            return addresses
        denial = self.allowed.denial(host, port, addresses, ports)
        if denial is not None:
            return Refused(denial)
        return _first_open(host, addresses, port, deadline)

    def _resolved(self, host: str, port: int, deadline: float) -> list[Address] | Again:
        """The addresses in time: the system's resolver itself knows no limit."""
        answers: queue.SimpleQueue[list[Address] | Again] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self.resolver(host, port))
            except (OSError, ValueError) as error:  # UnicodeError is a ValueError
                why = getattr(error, "strerror", None) or "it is not the name of a host"
                answers.put(Again(f"{host} cannot be resolved: {why}"))

        threading.Thread(target=ask, name="wane-resolve", daemon=True).start()
        try:
            found = answers.get(timeout=max(deadline - time.monotonic(), 0))
        except queue.Empty:
            return Again(f"{host} cannot be resolved in time")
        return found or Again(f"{host} has no address")

    def _exchange(self, request: Request, deadline: float) -> Reply | Again | Refused:
        """One request to one host."""
        host = request.target.host
        opened = self.connect(host, request.target.port, WEB_PORTS, deadline)
        if not isinstance(opened, socket.socket):
            return opened
        try:
            with opened, cut_off(opened, deadline):
                stream = self.secured(opened, host) if request.target.is_secure else opened
                with stream:
                    reply = _talk(stream, request)
        except ssl.SSLCertVerificationError as error:
            return Again(f"{host} has no good certificate: {error.verify_message}")
        except (OSError, HTTPException, ValueError) as error:
            if time.monotonic() < deadline:
                # What an error says may quote the request or the answer; its kind does not.
                return Again(f"{host} broke off: {type(error).__name__}")
        else:
            if time.monotonic() < deadline:  # after it, what came may be half an answer
                return reply
        return Again(f"{host} did not answer within {self.seconds:g} s")

    def secured(self, plain: socket.socket, host: str) -> ssl.SSLSocket:
        """The connection in TLS, with the certificate checked against the host.

        Raises:
            OSError: The other side has no good certificate, or speaks no TLS.
        """
        return self.trust.wrap_socket(plain, server_hostname=host)


@contextlib.contextmanager
def cut_off(connection: socket.socket, deadline: float) -> Iterator[None]:
    """End a connection at the deadline, however slowly the other side drips.

    A time-out of the socket begins anew with every byte; this one does not.
    """
    # TLS takes the descriptor over from the socket that was there first: a duplicate stays good.
    with connection.dup() as same:
        left = max(deadline - time.monotonic(), 0)

        def end() -> None:
            with contextlib.suppress(OSError):  # it is over already
                same.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(left, end)
        timer.daemon = True
        connection.settimeout(left + 1)  # a second line: the timer comes first
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _first_open(
    host: str, addresses: list[Address], port: int, deadline: float
) -> socket.socket | Again:
    """A connection to the first address that takes one; each has its share of the time left."""
    reason = "no time left"
    for tried, address in enumerate(addresses):
        left = (deadline - time.monotonic()) / (len(addresses) - tried)
        if left <= 0:
            break
        try:
            return socket.create_connection((str(address), port), timeout=left)
        except OSError as error:
            reason = error.strerror or "timed out"
    return Again(f"{host} cannot be reached on port {port}: {reason}")


def _talk(stream: socket.socket, request: Request) -> Reply:
    connection = HTTPConnection(request.target.host)
    connection.sock = stream
    headers = {"Host": request.target.authority, "Connection": "close", **request.headers}
    connection.request("POST", request.target.path, request.body, headers)
    with contextlib.closing(connection.getresponse()) as response:
        told = {name.lower(): text for name, text in response.getheaders()}
        read = response.read(MOST_BYTES)
        if len(read) < MOST_BYTES and response.length:  # with a limit, `read` takes it for an end
            raise IncompleteRead(read, response.length)
        return Reply(response.status, told, read)
