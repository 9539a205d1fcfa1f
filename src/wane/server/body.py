"""Bodies of requests: read within bounds, and unpacked within bounds."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pyarrow as pa

from wane.server.problem import Problem, behind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.requests import Request

LARGEST = 10 << 20
"""Bytes of a body as sent."""
LARGEST_UNPACKED = 64 << 20
"""Bytes of a body once unpacked: a small body must not fill the memory."""
SLOWEST_SECONDS = 60.0
"""A body has come by then: who sends a byte now and then would hold a connection for ever."""
LARGEST_FORM = 10_000
"""Bytes of what people fill in."""
MOST_ARRIVING = 256 << 20
"""Bytes of all bodies that are coming in."""
PIECE = 1 << 20
CODECS = {"gzip": "gzip", "x-gzip": "gzip", "zstd": "zstd"}


class Arriving:
    """Bytes of the bodies that are coming in at a moment, from all senders together.

    Args:
        most: There may be so many: large bodies of many senders must not fill the memory.
    """

    def __init__(self, most: int = MOST_ARRIVING) -> None:
        self._most = most
        self.size = 0

    @contextmanager
    def body(self) -> Iterator[Callable[[int], None]]:
        """Count the bytes of a body by the function that is given, until it is whole."""
        own = 0

        def count(size: int) -> None:
            nonlocal own
            own += size
            self.size += size
            if self.size > self._most:
                raise behind()

        try:
            yield count
        finally:
            self.size -= own


async def read_body(
    request: Request,
    largest: int = LARGEST,
    seconds: float = SLOWEST_SECONDS,
    arriving: Arriving | None = None,
) -> bytes:
    """The body, unpacked where Content-Encoding says so.

    Args:
        request: The request.
        largest: Bytes that it may have as sent.
        seconds: It must have come by then.
        arriving: Counts it among those of other senders; small ones need not be counted.

    Raises:
        Problem: It is too large (413), too slow (408), or not what its encoding says (400, 415),
            or too much is coming in (429).
    """
    pieces = []
    with (arriving or Arriving()).body() as count:
        async with in_time(seconds):
            async for piece in pieces_of(request, largest):
                count(len(piece))
                pieces.append(piece)
        body = b"".join(pieces)
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return body
    return await asyncio.to_thread(unpacked, body, encoding)


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form that are filled in, each once.

    Raises:
        Problem: As of any body.
    """
    body = await read_body(request, LARGEST_FORM)
    return {name: many[0] for name, many in parse_qs(body.decode("utf-8", "replace")).items()}


@asynccontextmanager
async def in_time(seconds: float) -> AsyncIterator[None]:
    """What is done with a body while it comes in.

    Raises:
        Problem: It takes too long (408).
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Problem(
            408, "body_too_slow", f"the body did not come within {seconds:g} s; send fewer rows"
        ) from error


async def pieces_of(request: Request, largest: int) -> AsyncIterator[bytes]:
    """The body as it comes in, as it was sent.

    Raises:
        Problem: It is too large (413).
    """
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > largest:
        raise _too_large(largest)
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > largest:
            raise _too_large(largest)
        yield piece


def unpacked(body: bytes, encoding: str) -> bytes:
    """The bytes that were packed.

    Raises:
        Problem: The encoding is unknown, the bytes are damaged, or there are too many.
    """
    if encoding not in CODECS:
        raise Problem(
            415, "unknown_encoding", f"Content-Encoding {encoding[:40]!r}: use gzip, zstd or none"
        )
    pieces, size = [], 0
    try:
        with pa.CompressedInputStream(pa.BufferReader(body), CODECS[encoding]) as stream:
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > LARGEST_UNPACKED:
                    raise Problem(
                        413,
                        "body_too_large",
                        f"unpacked, a body may have {LARGEST_UNPACKED:,} bytes; send fewer rows",
                    )
                pieces.append(piece)
    except (pa.ArrowException, OSError) as error:
        raise Problem(400, "damaged_body", f"the body is not valid {encoding}: {error}") from error
    return b"".join(pieces)


def _too_large(largest: int) -> Problem:
    return Problem(413, "body_too_large", f"a body may have {largest:,} bytes; send fewer rows")
