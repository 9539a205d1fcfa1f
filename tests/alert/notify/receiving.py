"""A server that answers as it is told, rightly or not, and keeps what it was sent."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from wane.alert.notify.allowed import Allowed
from wane.alert.notify.outbound import Outbound

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping

HERE = Outbound(Allowed.of(["127.0.0.1"]), seconds=20)
"""A way out that leads to servers of tests."""
HURRIED = Outbound(Allowed.of(["127.0.0.1"]), seconds=0.5)
"""The same, for those that never answer."""


@dataclass(frozen=True)
class Got:
    """A request."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What to answer; `raw` instead of HTTP, then the end; `hang` for ever; `drip` byte by byte."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    hang: bool = False
    drip: bool = False


BAD_WAYS = {
    "closes": Reply(raw=b""),
    "garbage": Reply(raw=b"\x16\x03\x01 what? \x00\xff\r\n\r\n"),
    "half a status": Reply(raw=b"HTTP/1.1 2"),
    "half a body": Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
    "broken chunks": Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok"),
    "endless header": Reply(raw=b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000),
    "many headers": Reply(raw=b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n"),
    "only continues": Reply(raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000),
    "500": Reply(500, b"oops"),
    "503": Reply(503, b"", {"Retry-After": "7"}),
    "408": Reply(408),
}
"""How a receiver may fail that could work the next time."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, _Server)
        fake = self.server.fake
        headers = {name.lower(): text for name, text in self.headers.items()}
        got = Got(self.path, headers, self.rfile.read(int(headers["content-length"])))
        fake.got.append(got)
        reply = fake.replies.popleft() if fake.replies else fake.answer(got)
        try:
            self.tell(reply, fake.over)
        except OSError:  # whoever asked has gone
            self.close_connection = True

    def tell(self, reply: Reply, over: threading.Event) -> None:
        if reply.hang:
            over.wait()
        elif reply.drip:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            while not over.wait(0.02):
                self.wfile.write(b"x")
        elif reply.raw is not None:
            self.wfile.write(reply.raw)
        else:
            self.send_response(reply.status)
            for name, text in reply.headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakeReceiver, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fake = fake
        if context is not None:
            self.socket = context.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, *_: object) -> None:
        """Those who do not like the certificate hang up."""


class FakeReceiver:
    """Answers with what is in `replies`, then with what `answer` says."""

    def __init__(
        self,
        answer: Callable[[Got], Reply] = lambda _: Reply(),
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.answer = answer
        self.got: list[Got] = []
        self.replies: deque[Reply] = deque()
        self.over = threading.Event()
        self._scheme = "http" if context is None else "https"
        self._server = _Server(self, context)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
