"""A real server in a process of its own, and bytes that no client library would send."""

import contextlib
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

KEY = re.compile(r"wane_[0-9a-f]{12}_[\w-]{43}")


@dataclass
class Running:
    """A server that runs, and where its log goes."""

    process: subprocess.Popen[bytes]
    port: int
    key: str
    log: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def head(self, method: bytes, target: bytes, *lines: bytes) -> bytes:
        """The head of a request that shows the key."""
        key = b"Authorization: Bearer " + self.key.encode()
        return b"\r\n".join(
            [method + b" " + target + b" HTTP/1.1", b"Host: x", key, *lines, b"", b""]
        )

    def exchange(self, *pieces: bytes, close: bool = False) -> tuple[int, bytes]:
        """Status and body of the answer to pieces that are sent one by one."""
        with self.connect() as connection:
            with contextlib.suppress(OSError):  # it may have answered already
                for piece in pieces:
                    connection.sendall(piece)
                if close:
                    connection.shutdown(socket.SHUT_WR)
            return answer(connection)


def answer(connection: socket.socket, *, body: bool = True) -> tuple[int, bytes]:
    """Status and body of the next answer on a connection; 0 where it was closed instead."""
    data = b""
    while b"\r\n\r\n" not in data:
        try:
            more = connection.recv(1)
        except ConnectionError:
            return 0, b""
        if not more:
            return 0, b""
        data += more
    length = re.search(rb"content-length: (\d+)", data, re.IGNORECASE)
    rest = b""
    while body and length is not None and len(rest) < int(length[1]):
        rest += connection.recv(65_536)
    return int(data[9:12]), rest


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    path = tmp_path_factory.mktemp("running")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = path / "log"
    command = [sys.executable, "-c", "from wane.cli import main; main()"]
    flags = ["serve", "--data", str(path / "data"), "--port", str(port)]
    with (
        log.open("wb") as file,
        subprocess.Popen([*command, *flags], stderr=file) as process,  # noqa: S603 - ourselves
    ):
        try:
            while (found := KEY.search(log.read_text("utf-8"))) is None or not listens(port):
                assert process.poll() is None, log.read_text("utf-8")
                time.sleep(0.05)
            yield Running(process, port, found[0], log)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
    text = log.read_text("utf-8")
    assert "Traceback" not in text
    assert text.count(found[0].split("_", 2)[2]) == 1  # shown once, and never logged


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    "target",
    [
        b"/v1/models/\xff\xfe",
        b"/v1/models/%ff%fe",
        b"/v1/models/%00",
        b"/v1/models/a%00b/predictions",
        b"/v1/models/churn/measurements?metric=\xff",
        b"/v1/models/churn/measurements?metric=%ff&last=%00",
        b"/v1/models/..%2f..%2fetc",
        b"/v1/models/../../etc/passwd",
        b"/static/../app.py",
        b"/static/%2e%2e/app.py",
        b"/static/%00",
        b"/static/" + b"a" * 5_000,
        b"/login?next=%ff%00%0d%0aa:b",
        b"//",
        b"*",
        b"http://elsewhere/v1/models",
        b"/" + b"a" * 20_000,
    ],
)
@pytest.mark.parametrize("method", [b"GET", b"POST", b"OPTIONS"])
def test_no_target_is_our_fault(running: Running, method: bytes, target: bytes) -> None:
    length = b"Content-Length: 2"
    status, _ = running.exchange(running.head(method, target, length) + b"[]")
    assert status < 500


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: -1"],
        [b"Content-Length: 1, 2"],
        [b"Content-Length: 2", b"Content-Length: 3"],
        [b"Content-Length: 99999999999999999999999"],
        [b"Content-Length: 2", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: nonsense"],
        [b"Content-Type: \xff\xfe", b"Content-Length: 2"],
        [b"Content-Encoding: \xff", b"Content-Length: 2"],
        [b"Cookie: wane_session=\xff\xfe; a", b"Content-Length: 2"],
        [b"X: " + b"a" * 500_000, b"Content-Length: 2"],
        [b"X: a"] * 300 + [b"Content-Length: 2"],
        [b"Expect: 100-continue", b"Content-Length: 2"],
    ],
)
def test_no_head_is_our_fault(running: Running, lines: list[bytes]) -> None:
    status, _ = running.exchange(
        running.head(b"POST", b"/v1/models/churn/predictions", *lines) + b"[]", close=True
    )
    assert status < 500


def test_head_leaves_a_connection_in_step(running: Running) -> None:
    with running.connect() as connection:
        for _ in range(3):
            connection.sendall(running.head(b"HEAD", b"/v1/models"))
            assert answer(connection, body=False) == (200, b"")
            connection.sendall(running.head(b"GET", b"/health/live"))
            assert answer(connection) == (200, b'{"status":"alive"}')


def test_a_body_in_chunks_is_taken(running: Running) -> None:
    status, body = running.exchange(
        running.head(b"POST", b"/v1/models/chunks/predictions", b"Transfer-Encoding: chunked"),
        b'9\r\n[{"id":"a\r\n',
        b'4\r\n1"}]\r\n0\r\n\r\n',
    )
    assert (status, body) == (200, b'{"accepted":1,"duplicate":0,"rejected":[]}')


def test_a_body_that_says_to_be_too_large_is_not_waited_for(running: Running) -> None:
    length = b"Content-Length: 100000000"
    status, body = running.exchange(
        running.head(b"POST", b"/v1/models/churn/predictions", length) + b"["
    )
    assert status == 413
    assert b"body_too_large" in body


def test_nobody_without_a_key_is_waited_for(running: Running) -> None:
    for target in (b"/v1/models/churn/predictions", b"/v1/keys", b"/v1/models/churn/reference"):
        method = b"PUT" if target.endswith(b"reference") else b"POST"
        head = method + b" " + target + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
        assert running.exchange(head + b"[")[0] == 401


def test_a_sender_that_goes_away_in_the_middle_costs_nothing(running: Running) -> None:
    for target in (b"/v1/models/gone/predictions", b"/v1/models/gone/reference"):
        method = b"PUT" if target.endswith(b"reference") else b"POST"
        with running.connect() as connection:
            connection.sendall(running.head(method, target, b"Content-Length: 1000") + b"[1, 2")
    status, body = running.exchange(running.head(b"GET", b"/v1/models/gone"))
    assert (status, b"unknown_model" in body) == (404, True)


def test_a_body_that_breaks_off_is_a_bad_request(running: Running) -> None:
    length = b"Content-Length: 1000"
    status, body = running.exchange(
        running.head(b"POST", b"/v1/models/churn/predictions", length) + b"[", close=True
    )
    assert (status, b"incomplete_body" in body) == (400, True)
