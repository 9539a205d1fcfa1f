import asyncio
import gzip
from collections.abc import AsyncGenerator, Sequence

import pyarrow as pa
import pytest
from starlette.requests import Request
from starlette.types import Message

from wane.server.body import (
    LARGEST_FORM,
    LARGEST_UNPACKED,
    Arriving,
    read_body,
    read_form,
    unpacked,
)
from wane.server.problem import Problem

TEXT = b'[{"id": "a"}]' * 1_000


def read(
    pieces: Sequence[bytes],
    *,
    largest: int = 10 << 20,
    seconds: float = 60.0,
    ends: bool = True,
    arriving: Arriving | None = None,
    **headers: str,
) -> bytes:
    """The body of a request that comes in pieces; one that never ends, if so asked."""

    async def messages() -> AsyncGenerator[Message]:
        for piece in pieces:
            yield {"type": "http.request", "body": piece, "more_body": True}
        if not ends:
            await asyncio.Event().wait()
        yield {"type": "http.request", "body": b"", "more_body": False}

    found = messages()
    written = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    request = Request({"type": "http", "method": "POST", "headers": written}, found.__anext__)

    async def run() -> bytes:
        try:
            return await read_body(request, largest, seconds, arriving)
        finally:
            await found.aclose()

    return asyncio.run(run())


def told(pieces: Sequence[bytes], **how: object) -> tuple[int, str]:
    """Status and code of the problem with a body."""
    with pytest.raises(Problem) as caught:
        read(pieces, **how)  # type: ignore[arg-type]
    return caught.value.status, caught.value.code


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)  # type: ignore[no-any-return]


def test_a_body_is_put_together() -> None:
    assert read([b"a", b"", b"bc"]) == b"abc"
    assert read([]) == b""


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_a_body_that_is_not_packed_stays_as_it_is(encoding: str) -> None:
    assert read([TEXT], content_encoding=encoding) == TEXT


@pytest.mark.parametrize("encoding", ["gzip", " GZIP ", "x-gzip"])
def test_gzip_is_unpacked(encoding: str) -> None:
    packed = gzip.compress(TEXT)
    assert read([packed[:50], packed[50:]], content_encoding=encoding) == TEXT


def test_gzip_of_several_members_is_unpacked() -> None:
    assert read([gzip.compress(b"a") + gzip.compress(b"b")], content_encoding="gzip") == b"ab"


def test_zstd_is_unpacked() -> None:
    assert read([zstd(TEXT)], content_encoding="zstd") == TEXT


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "snappy", "\u00ff" * 100])
def test_other_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(Problem) as caught:
        unpacked(TEXT, encoding)
    assert (caught.value.status, caught.value.code) == (415, "unknown_encoding")
    assert len(caught.value.message) < 150


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@pytest.mark.parametrize("damage", ["cut", "cut in the head", "more behind", "not packed"])
def test_damaged_bodies_are_refused(encoding: str, damage: str) -> None:
    packed = {"gzip": gzip.compress(TEXT), "zstd": zstd(TEXT)}[encoding]
    body = {
        "cut": packed[:-3],
        "cut in the head": packed[:5],
        "more behind": packed + b"behind",
        "not packed": TEXT,
    }[damage]
    assert told([body], content_encoding=encoding) == (400, "damaged_body")


def test_gzip_has_a_checksum() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    assert told([bytes(packed)], content_encoding="gzip") == (400, "damaged_body")


def test_a_large_body_is_refused_by_what_it_says() -> None:
    assert told([b""], largest=10, content_length="11") == (413, "body_too_large")
    assert told([b""], largest=10, content_length="9" * 10_000) == (413, "body_too_large")


@pytest.mark.parametrize("length", ["1", "-1", "0x1", "", "1e9"])
def test_a_large_body_is_refused_whatever_it_says(length: str) -> None:
    assert told([b"123456", b"789012"], largest=10, content_length=length) == (
        413,
        "body_too_large",
    )


def test_a_body_as_large_as_may_be_is_taken() -> None:
    assert read([b"1234567890"], largest=10, content_length="10") == b"1234567890"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_bombs_are_refused(encoding: str) -> None:
    zeros = bytes(LARGEST_UNPACKED + 1)
    packed = {"gzip": lambda: gzip.compress(zeros, 1), "zstd": lambda: zstd(zeros)}[encoding]()
    assert len(packed) < 1_000_000
    assert told([packed], content_encoding=encoding) == (413, "body_too_large")


def test_a_bomb_of_many_members_is_refused() -> None:
    member = gzip.compress(bytes(1 << 20), 9)
    many = member * (1 + (LARGEST_UNPACKED >> 20))
    assert told([many], content_encoding="gzip") == (413, "body_too_large")


def test_a_body_that_does_not_end_is_given_up() -> None:
    assert told([b"a", b"b"], seconds=0.01, ends=False) == (408, "body_too_slow")


def test_bodies_that_come_in_together_have_a_bound_together() -> None:
    arriving = Arriving(most=100)
    with arriving.body() as count:
        count(60)
        assert read([b"a" * 40], arriving=arriving) == b"a" * 40
        assert told([b"a" * 41], arriving=arriving) == (429, "queue_full")
        assert arriving.size == 60
    assert read([b"a" * 100], arriving=arriving) == b"a" * 100
    assert arriving.size == 0


def test_a_body_that_is_given_up_makes_room() -> None:
    arriving = Arriving()
    assert told([b"a"], arriving=arriving, seconds=0.01, ends=False) == (408, "body_too_slow")
    assert told([b"a" * 11], arriving=arriving, largest=10) == (413, "body_too_large")
    assert arriving.size == 0


def form(body: bytes) -> dict[str, str]:
    """The form that a body is."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    return asyncio.run(read_form(Request({"type": "http", "headers": []}, receive)))


def test_a_form_has_the_fields_that_are_filled_in_each_once() -> None:
    assert form(b"by=Ann+%C3%A9&why=&for=4h&for=1d&other=%ff") == {
        "by": "Ann \u00e9",
        "for": "4h",
        "other": "\ufffd",
    }
    assert form(b"") == {}


def test_a_form_has_a_bound() -> None:
    assert form(b"a=" + b"b" * (LARGEST_FORM - 2))["a"]
    with pytest.raises(Problem) as caught:
        form(b"a=" + b"b" * (LARGEST_FORM - 1))
    assert (caught.value.status, caught.value.code) == (413, "body_too_large")
