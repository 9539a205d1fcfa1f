"""Profiles as bytes: there and back, and never an exception but `ProfileError`."""

from __future__ import annotations

import contextlib
import json
import zlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams import SCHEMAS, TASKS, assert_same, count, grid_of, log
from wane.errors import ProfileError
from wane.profile.codec import (
    FORMAT,
    HEAD,
    LENGTHS,
    MAGIC,
    Encoded,
    decode,
    encode,
    flatten,
    unflatten,
)
from wane.schema import Task

if TYPE_CHECKING:
    from wane.profile.profile import Ledger


def ledgers(task: Task, seed: int = 0, n: int = 80) -> tuple[Ledger, Ledger]:
    table = log(task, n, seed)
    found = count(table, SCHEMAS[task], grid_of(table, SCHEMAS[task]))
    return found.whole, found.segments


SMALL = encode(ledgers(Task.BINARY, n=12)[0])


def packed(body: bytes) -> bytes:
    """Bytes with a right checksum around any body."""
    frame: bytes = LENGTHS.pack(len(body)) + pa.Codec("zstd").compress(body, asbytes=True)
    return HEAD.pack(MAGIC, FORMAT, zlib.crc32(frame)) + frame


def unpacked(data: bytes) -> tuple[dict[str, object], bytes]:
    """Header and arrays of an encoded ledger."""
    (length,) = LENGTHS.unpack_from(data, HEAD.size)
    frame = data[HEAD.size + LENGTHS.size :]
    body = pa.Codec("zstd").decompress(frame, length, asbytes=True)
    (size,) = LENGTHS.unpack_from(body)
    return json.loads(body[LENGTHS.size :][:size]), body[LENGTHS.size + size :]


def forged(header: object, arrays: bytes) -> bytes:
    text = json.dumps(header).encode()
    return packed(LENGTHS.pack(len(text)) + text + arrays)


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=5)
@given(seed=st.integers(0, 10_000))
def test_there_and_back(task: Task, seed: int) -> None:
    for ledger in ledgers(task, seed):
        again = decode(encode(ledger))
        assert_same(again, ledger)
        assert again.grid.to_json() == ledger.grid.to_json()
        assert encode(again) == encode(ledger)


def test_an_empty_ledger_and_odd_names_survive() -> None:
    whole, segments = ledgers(Task.NONE)
    assert len(decode(encode(whole.take([])))) == 0
    assert decode(encode(segments)).keys == segments.keys
    column = pa.array(["\x00", "naïve", "日本", '"; drop table x; --', ""] * 4)
    table = log(Task.NONE, 20).set_column(3, "channel", column)
    found = count(table, SCHEMAS[Task.NONE], grid_of(log(Task.NONE, 9), SCHEMAS[Task.NONE]))
    assert_same(decode(encode(found.whole)), found.whole)


@settings(max_examples=300)
@given(at=st.integers(0, len(SMALL) - 1), flip=st.integers(1, 255))
def test_any_damaged_byte_is_noticed(at: int, flip: int) -> None:
    damaged = bytearray(SMALL)
    damaged[at] ^= flip
    with pytest.raises(ProfileError):
        decode(bytes(damaged))


@settings(max_examples=100)
@given(size=st.integers(0, len(SMALL) - 1))
def test_any_cut_is_noticed(size: int) -> None:
    with pytest.raises(ProfileError):
        decode(SMALL[:size])


@settings(max_examples=100)
@given(data=st.binary(max_size=200))
def test_foreign_bytes_are_refused(data: bytes) -> None:
    for text in (data, MAGIC + data, packed(data)):
        with pytest.raises(ProfileError):
            decode(text)


@settings(max_examples=200)
@given(data=st.data())
def test_damage_under_a_right_checksum_costs_no_other_exception(data: st.DataObject) -> None:
    header, arrays = unpacked(SMALL)
    text = bytearray(json.dumps(header).encode())
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] = data.draw(st.integers(0, 255))
    body = LENGTHS.pack(len(text)) + bytes(text) + arrays
    with contextlib.suppress(ProfileError):
        decode(packed(body))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@pytest.mark.parametrize("key", ["grid", "keys", "shapes", "names"])
@settings(max_examples=60)
@given(value=VALUES)
def test_a_forged_header_is_refused(key: str, value: object) -> None:
    header, arrays = unpacked(SMALL)
    with pytest.raises(ProfileError, match="damaged"):
        decode(forged(header | {key: value}, arrays))


def test_arrays_that_are_not_those_of_the_grid_are_refused() -> None:
    header, arrays = unpacked(SMALL)
    shapes = header["shapes"]
    assert isinstance(shapes, list)
    rows = shapes[0][0]
    joined = [[rows * shapes[0][1]], *shapes[1:]]
    with pytest.raises(ProfileError, match="totals has shape"):
        decode(forged(header | {"shapes": joined}, arrays))
    with pytest.raises(ProfileError, match="left over"):
        decode(forged(header, arrays + bytes(8)))


def test_what_the_errors_say() -> None:
    with pytest.raises(
        ProfileError, match=r"not a profile: expected to start with .*, got b'PAR1'"
    ):
        decode(b"PAR1")
    newer = HEAD.pack(MAGIC, FORMAT + 1, 0) + SMALL[HEAD.size :]
    with pytest.raises(ProfileError, match=r"format version: expected 3, got 4\. It was written"):
        decode(newer)
    huge = LENGTHS.pack(1 << 60) + SMALL[HEAD.size + LENGTHS.size :]
    with pytest.raises(ProfileError, match="too large"):
        decode(HEAD.pack(MAGIC, FORMAT, zlib.crc32(huge)) + huge)


def test_ledgers_are_encoded_when_asked_for() -> None:
    whole, segments = ledgers(Task.NONE)
    both = Encoded({"whole": whole, "segments": segments})
    assert list(both) == ["whole", "segments"]
    assert len(both) == 2
    assert both["whole"] == encode(whole)


@pytest.mark.parametrize("task", TASKS)
def test_a_ledger_comes_back_from_a_process_that_shares_the_grid(task: Task) -> None:
    for ledger in ledgers(task):
        assert_same(unflatten(b"".join(flatten(ledger)), ledger.grid), ledger)


def test_parts_that_do_not_fit_the_grid_are_refused() -> None:
    ledger, _ = ledgers(Task.BINARY)
    other, _ = ledgers(Task.REGRESSION)
    body = b"".join(flatten(ledger))
    for damaged, grid in ((body[:-8], ledger.grid), (body[:4], ledger.grid), (body, other.grid)):
        with pytest.raises(ProfileError):
            unflatten(damaged, grid)
