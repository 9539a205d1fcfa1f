"""A server that answers as it is told, and keeps what it was sent."""

from __future__ import annotations

import gzip
import json
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping


def rows_of(body: bytes, *, arrow: bool) -> list[dict[str, Any]]:
    """The rows of an Arrow stream, or of lines of JSON."""
    if arrow:
        listed: list[dict[str, Any]] = pa.ipc.open_stream(body).read_all().to_pylist()
        return listed
    return [json.loads(line) for line in body.splitlines()]


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def rows(self) -> list[dict[str, Any]]:
        arrow = self.headers["content-type"] == "application/vnd.apache.arrow.stream"
        return rows_of(self.body, arrow=arrow)


@dataclass(frozen=True)
class Reply:
    """What to answer; `raw` instead of HTTP, `hang` to wait until the test is over."""

    status: int = 200
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    hang: bool = False


def fault(status: int, code: str, message: str = "because", **headers: str) -> Reply:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    return Reply(status, body, {name.replace("_", "-"): text for name, text in headers.items()})


class FakeServer:
    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.replies: deque[Reply] = deque()
        self.connections = 0
        self.over = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                fake.connections += 1
                super().setup()

            def answer(self) -> None:
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                headers = {name.lower(): text for name, text in self.headers.items()}
                if headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                request = Request(self.command, self.path, headers, body)
                fake.requests.append(request)
                reply = fake.replies.popleft() if fake.replies else Reply()
                if reply.hang:
                    fake.over.wait()
                if reply.hang or reply.raw is not None:
                    self.wfile.write(reply.raw or b"")
                    self.close_connection = True
                    return
                told = accepted(request) if reply.body is None else reply.body
                self.send_response(reply.status)
                for name, text in reply.headers.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            do_POST = do_PUT = answer  # noqa: N815 - names of http.server

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def rows(self, what: str = "predictions") -> list[dict[str, Any]]:
        """Rows of every request for `what`, in the order in which they came."""
        return [
            row for each in self.requests if each.path.endswith(f"/{what}") for row in each.rows()
        ]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def accepted(request: Request) -> bytes:
    if not request.path.endswith(("/predictions", "/labels")):
        return b"{}"
    return json.dumps({"accepted": len(request.rows()), "duplicate": 0, "rejected": []}).encode()
