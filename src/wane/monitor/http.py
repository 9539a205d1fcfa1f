"""Parcels as requests to a server, over one connection that is kept."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import ssl
from collections import Counter
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any

from wane.monitor.parcel import Accepted, Answer, Failed, Form, Kind, Parcel, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPResponse

    from wane.monitor.address import Address

MEDIA = {
    Form.NDJSON: "application/x-ndjson",
    Form.ARROW: "application/vnd.apache.arrow.stream",
    Form.PARQUET: "application/vnd.apache.parquet",
    Form.JSON: "application/json",
}
SMALLEST_GZIP = 1_024
GZIP_LEVEL = 1
"""Quick: features compress well at any level, and the model needs the processor."""
LONGEST_ANSWER = 4_000_000
LONGEST_REASON = 300
REFERENCE_PATIENCE = 30
"""A reference is one large body, to be written before the answer: it may take so much longer."""
AWAY = frozenset({408, 429, 502, 503, 504})
"""Statuses that say: not now."""


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpTransport:
    """Requests `{url}/v1/models/{model}/{kind}`; redirects are not followed.

    Args:
        address: Of the server, with the key.
        model: The model's name.
        timeout_seconds: Of connecting, and of each wait for an answer.
        agent: What the monitor calls itself.
    """

    def __init__(self, address: Address, model: str, timeout_seconds: float, agent: str) -> None:
        self._address = address
        self._model = model
        self._timeout_seconds = timeout_seconds
        self._agent = agent
        self._connection: HTTPConnection | None = None
        self._owner = 0

    @property
    def destination(self) -> str:
        """See `Transport.destination`."""
        return self._address.url

    def send(self, parcel: Parcel) -> Answer:
        """See `Transport.send`. Accepted means that the server has it on its disk."""
        method = "PUT" if parcel.kind is Kind.REFERENCE else "POST"
        body, headers = self._written(parcel)
        try:
            reply = self._request(method, parcel.kind.value, body, headers)
        except (OSError, HTTPException) as error:
            self.close()
            return Failed(f"{type(error).__name__}: {error}"[:LONGEST_REASON], away=True)
        except BaseException:
            self.close()
            raise
        return _answer(parcel, reply)

    def close(self) -> None:
        """See `Transport.close`. In a child process this leaves the parent's connection open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _written(self, parcel: Parcel) -> tuple[bytes, dict[str, str]]:
        body = parcel.body()
        headers = {"Content-Type": MEDIA[parcel.form], "User-Agent": self._agent}
        if self._address.key is not None:
            headers["Authorization"] = f"Bearer {self._address.key}"
        if parcel.form in {Form.NDJSON, Form.JSON} and len(body) >= SMALLEST_GZIP:
            body = gzip.compress(body, GZIP_LEVEL, mtime=0)
            headers["Content-Encoding"] = "gzip"
        return body, headers

    def _request(self, method: str, what: str, body: bytes, headers: dict[str, str]) -> _Reply:
        """One exchange; again at once when a connection that was kept turns out to be closed.

        Raises:
            OSError: No connection, or it broke.
            HTTPException: The other side does not speak HTTP.
        """
        path = f"{self._address.path}/v1/models/{self._model}/{what}"
        timeout = self._timeout_seconds * (REFERENCE_PATIENCE if method == "PUT" else 1)
        before = self._connection
        connection = self._connected(timeout)
        was_kept = connection is before
        try:
            connection.request(method, path, body, headers)
            return self._read(connection.getresponse())
        except ConnectionError:  # RemoteDisconnected is one too
            if not was_kept:
                raise
        self.close()
        connection = self._connected(timeout)
        connection.request(method, path, body, headers)
        return self._read(connection.getresponse())

    def _read(self, response: HTTPResponse) -> _Reply:
        body = response.read(LONGEST_ANSWER)
        headers = {name.lower(): value for name, value in response.getheaders()}
        if not response.isclosed():  # there is more than anybody needs
            self.close()
        return _Reply(response.status, headers, body)

    def _connected(self, timeout: float) -> HTTPConnection:
        """The connection of this process: one that was opened before a fork belongs to another."""
        kept = self._connection
        if kept is None or self._owner != os.getpid() or kept.timeout != timeout:
            self.close()
            self._owner = os.getpid()
            self._connection = kept = self._opened(timeout)
        return kept

    def _opened(self, timeout: float) -> HTTPConnection:
        host, port = self._address.host, self._address.port
        if self._address.secure:
            context = ssl.create_default_context()
            return HTTPSConnection(host, port, timeout=timeout, context=context)
        return HTTPConnection(host, port, timeout=timeout)


def _answer(parcel: Parcel, reply: _Reply) -> Answer:
    if 200 <= reply.status < 300:
        return _accepted(parcel, reply)
    code, reason = _fault(reply)
    if reply.status in AWAY:
        return Failed(f"{reply.status} {reason}", away=True, retry_after_seconds=_patience(reply))
    if 300 <= reply.status < 500:
        return Refused(code, reason)
    return Failed(f"{reply.status} {reason}", away=False, retry_after_seconds=_patience(reply))


def _accepted(parcel: Parcel, reply: _Reply) -> Answer:
    """What the server took. An answer that does not say is no answer of a server of wane."""
    if not parcel.rows:
        return Accepted()
    said = _parsed(reply.body)
    counts = [said.get("accepted"), said.get("duplicate")]
    rejected = said.get("rejected", [])
    told = all(isinstance(n, int) and 0 <= n <= parcel.rows for n in counts)
    if not told or not isinstance(rejected, list) or len(rejected) > parcel.rows:
        return Failed(
            f"{reply.status} without the counts of rows: is this the address of a wane server?",
            away=False,
        )
    rows = [row if isinstance(row, dict) else {} for row in rejected]
    codes = Counter(str(row.get("code", "rejected"))[:LONGEST_REASON] for row in rows)
    first = str(rows[0].get("reason", ""))[:LONGEST_REASON] if rows else ""
    return Accepted(int(counts[1] or 0), dict(codes), first)


def _fault(reply: _Reply) -> tuple[str, str]:
    """The server's own code and message, as far as it gives them."""
    if 300 <= reply.status < 400:
        return "redirect", f"a redirect to {reply.headers.get('location', 'nowhere')[:100]!r}"
    error = _parsed(reply.body).get("error")
    said = error if isinstance(error, dict) else {}
    code = str(said.get("code") or f"http_{reply.status}")[:LONGEST_REASON]
    return code, str(said.get("message") or code)[:LONGEST_REASON]


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _patience(reply: _Reply) -> float | None:
    """Retry-After in seconds, given as such or as a date; None when there is none to be read."""
    given = reply.headers.get("retry-after", "").strip()
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        until = parsedate_to_datetime(given)
        return max((until - dt.datetime.now(dt.UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
