from __future__ import annotations

import datetime as dt
import json
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from monitor.fake_server import Reply, fault
from wane.monitor.address import Address
from wane.monitor.http import HttpTransport
from wane.monitor.parcel import Accepted, Answer, Failed, Form, Kind, Parcel, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.fake_server import FakeServer

LINES = Parcel(Kind.PREDICTIONS, Form.NDJSON, (b'{"id":"a"}\n', b'{"id":"b"}\n'), 2)


@pytest.fixture
def transport(server: FakeServer) -> Iterator[HttpTransport]:
    address = Address.parse(f"{server.url}/below/", "wane_key")
    made = HttpTransport(address, "churn", timeout_seconds=30.0, agent="wane-monitor")
    yield made
    made.close()


def test_lines_are_posted(server: FakeServer, transport: HttpTransport) -> None:
    assert transport.send(LINES) == Accepted()
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/below/v1/models/churn/predictions")
    assert request.body == LINES.body()
    assert request.headers["content-type"] == "application/x-ndjson"
    assert request.headers["authorization"] == "Bearer wane_key"
    assert "content-encoding" not in request.headers


@pytest.mark.parametrize(
    ("kind", "form", "sent"),
    [
        (Kind.LABELS, Form.NDJSON, "POST application/x-ndjson"),
        (Kind.LABELS, Form.ARROW, "POST application/vnd.apache.arrow.stream"),
        (Kind.REFERENCE, Form.PARQUET, "PUT application/vnd.apache.parquet"),
        (Kind.CLIENT, Form.JSON, "POST application/json"),
    ],
)
def test_every_kind_has_its_place(
    server: FakeServer, transport: HttpTransport, kind: Kind, form: Form, sent: str
) -> None:
    server.replies.append(Reply(200, b"{}"))
    assert transport.send(Parcel(kind, form, (b"",))) == Accepted()
    (request,) = server.requests
    assert request.path == f"/below/v1/models/churn/{kind}"
    assert f"{request.method} {request.headers['content-type']}" == sent


def test_large_lines_are_compressed(server: FakeServer, transport: HttpTransport) -> None:
    lines = Parcel(Kind.PREDICTIONS, Form.NDJSON, (b'{"id":"abc"}\n',) * 1_000, 1_000)
    assert transport.send(lines) == Accepted()
    (request,) = server.requests
    assert request.headers["content-encoding"] == "gzip"
    assert int(request.headers["content-length"]) < lines.size / 10
    assert request.body == lines.body()


def test_the_connection_is_kept(server: FakeServer, transport: HttpTransport) -> None:
    for _ in range(3):
        transport.send(LINES)
    assert (len(server.requests), server.connections) == (3, 1)


def test_a_connection_that_the_server_closed_is_opened_again(
    server: FakeServer, transport: HttpTransport
) -> None:
    server.replies += [Reply(), Reply(raw=b"")]
    assert transport.send(LINES) == Accepted()
    assert transport.send(LINES) == Accepted()
    assert server.connections == 2


def test_without_a_key_none_is_sent(server: FakeServer) -> None:
    made = HttpTransport(Address.parse(server.url), "churn", 30.0, "wane-monitor")
    made.send(LINES)
    made.close()
    assert "authorization" not in server.requests[0].headers


def answered(server: FakeServer, transport: HttpTransport, reply: Reply) -> Answer:
    server.replies.append(reply)
    return transport.send(LINES)


def test_duplicates_and_rejected_rows(server: FakeServer, transport: HttpTransport) -> None:
    rejected = [{"index": 1, "code": "negative", "reason": "`latency` must not be negative"}]
    body = json.dumps({"accepted": 0, "duplicate": 1, "rejected": rejected}).encode()
    answer = answered(server, transport, Reply(200, body))
    assert answer == Accepted(1, {"negative": 1}, "`latency` must not be negative")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_is_wrong_on_our_side_is_refused(
    server: FakeServer, transport: HttpTransport, status: int
) -> None:
    assert answered(server, transport, fault(status, "a_code")) == Refused("a_code", "because")


def test_a_refusal_without_a_code_has_that_of_http(
    server: FakeServer, transport: HttpTransport
) -> None:
    answer = answered(server, transport, Reply(404, b"<html>not here</html>"))
    assert answer == Refused("http_404", "http_404")


def test_a_redirect_is_not_followed(server: FakeServer, transport: HttpTransport) -> None:
    reply = Reply(307, b"", {"Location": f"{server.url}/elsewhere"})
    answer = answered(server, transport, reply)
    assert isinstance(answer, Refused)
    assert answer.code == "redirect"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_not_now(server: FakeServer, transport: HttpTransport, status: int) -> None:
    answer = answered(server, transport, fault(status, "busy", Retry_After="7"))
    assert answer == Failed(f"{status} because", away=True, retry_after_seconds=7.0)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("0", 0.0), ("-3", None), ("soon", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("", None)],
)
def test_retry_after(
    server: FakeServer, transport: HttpTransport, given: str, seconds: float | None
) -> None:
    answer = answered(server, transport, fault(503, "busy", Retry_After=given))
    assert isinstance(answer, Failed)
    assert answer.retry_after_seconds == seconds


def test_retry_after_as_a_date(server: FakeServer, transport: HttpTransport) -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    reply = fault(429, "busy", Retry_After=format_datetime(soon, usegmt=True))
    answer = answered(server, transport, reply)
    assert isinstance(answer, Failed)
    assert answer.retry_after_seconds is not None
    assert 3_000 < answer.retry_after_seconds <= 3_600


def test_an_error_of_the_server_is_no_absence(server: FakeServer, transport: HttpTransport) -> None:
    answer = answered(server, transport, fault(500, "internal"))
    assert answer == Failed("500 because", away=False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>a portal</html>",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"accepted": "all", "duplicate": 0}',
        b'{"accepted": 3, "duplicate": 0}',
        b'{"accepted": -1, "duplicate": 0}',
        b'{"accepted": 2}',
        b'{"accepted": 2, "duplicate": 0, "rejected": {}}',
        b'{"accepted": 2, "duplicate": 0, "rejected": [1, 2, 3]}',
    ],
)
def test_an_answer_that_says_nothing_is_none(
    server: FakeServer, transport: HttpTransport, body: bytes
) -> None:
    answer = answered(server, transport, Reply(200, body))
    assert isinstance(answer, Failed)
    assert not answer.away


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 999999 ?\r\n\r\n",
        b"\x00" * 100_000,
    ],
    ids=lambda raw: raw[:20].decode(),
)
def test_what_is_no_http_is_a_failure(
    server: FakeServer, transport: HttpTransport, raw: bytes
) -> None:
    assert isinstance(answered(server, transport, Reply(raw=raw)), Failed)
    assert transport.send(LINES) == Accepted()


def test_a_server_that_hangs_fails_by_the_timeout(server: FakeServer) -> None:
    made = HttpTransport(Address.parse(server.url), "churn", 0.05, "wane-monitor")
    answer = answered(server, made, Reply(hang=True))
    assert isinstance(answer, Failed)
    assert answer.away
    assert made.send(LINES) == Accepted()
    made.close()


def test_nobody_there(server: FakeServer) -> None:
    url = server.url
    server._server.socket.close()
    made = HttpTransport(Address.parse(url), "churn", 30.0, "wane-monitor")
    answer = made.send(LINES)
    assert isinstance(answer, Failed)
    assert answer.away
