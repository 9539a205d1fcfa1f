"""Profiles as bytes: a JSON header and the arrays, compressed; no code is ever loaded.

Layout: 8 bytes magic, 4 bytes format version, 4 bytes CRC-32 of all that follows, 8 bytes length
of the body, then the body as one zstd frame. The body: 8 bytes length of the header, the header,
then the arrays one after the other as little-endian float64, in the order of the fields of
`Counters`.

A process that has the grid is sent the body alone, with nothing about it: `flatten`, `unflatten`.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wane.errors import ProfileError
from wane.profile.counters import Counters, shapes
from wane.profile.grid import Grid
from wane.profile.names import NameCounts
from wane.profile.profile import Ledger, ProfileKey, in_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = b"wane\x00pro"
FORMAT = 3
HEAD = struct.Struct("<8sII")
ALIGNMENT = 8
"""The header is padded with blanks, so that arrays begin where float64 may."""
LENGTHS = struct.Struct("<Q")
LARGEST = 1 << 34
"""Bytes that a decoded ledger may have at most; a guard against hostile input."""
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What reading bytes can raise that `encode` has not written."""


def encode(ledger: Ledger) -> bytes:
    """The ledger as bytes; `decode` gives back an equal one."""
    body = b"".join(_body(ledger, {"grid_id": ledger.grid.id, "grid": ledger.grid.to_json()}))
    frame: bytes = pa.Codec("zstd", compression_level=1).compress(body, asbytes=True)
    packed = LENGTHS.pack(len(body)) + frame
    return HEAD.pack(MAGIC, FORMAT, zlib.crc32(packed)) + packed


def flatten(ledger: Ledger) -> Sequence[bytes | memoryview]:
    """The ledger as parts of a message to a process that has its grid; arrays are not copied."""
    return _body(ledger, {})


def unflatten(body: bytes | memoryview, grid: Grid) -> Ledger:
    """The ledger that `flatten` was given; its arrays are views of the bytes, not to be written.

    Raises:
        ProfileError: The bytes are damaged, or of another grid.
    """
    try:
        return _read(body, lambda _header: grid)
    except UNREADABLE as error:
        raise _damaged(f"{type(error).__name__}: {error}") from error


def _body(ledger: Ledger, more: Mapping[str, object]) -> list[bytes | memoryview]:
    """Length of the header, the header, the arrays."""
    arrays = [np.ascontiguousarray(getattr(ledger.counters, f.name)) for f in fields(Counters)]
    header = {
        **more,
        "keys": [list(key) for key in ledger.keys],
        "shapes": [list(array.shape) for array in arrays],
        "names": [
            {str(c): [dict(named.counts), named.complete] for c, named in row.items()}
            for row in ledger.names
        ],
    }
    text = json.dumps(header).encode("utf-8", "surrogatepass")
    text += b" " * (-len(text) % ALIGNMENT)
    flat = [a.astype("<f8", copy=False).reshape(-1).data for a in arrays]
    return [LENGTHS.pack(len(text)), text, *flat]


def decode(data: bytes, known: Grid | None = None) -> Ledger:
    """The ledger that `encode` was given.

    Args:
        data: The bytes.
        known: A grid that is used instead of an equal one in the bytes, to save the reading.

    Raises:
        ProfileError: The bytes are no profile, of an unknown format version, cut off or damaged.
    """
    size = HEAD.size + LENGTHS.size
    if len(data) < size or data[: len(MAGIC)] != MAGIC:
        raise ProfileError(
            "these bytes are not a profile", expected=f"to start with {MAGIC!r}", got=repr(data[:8])
        )
    _, version, checksum = HEAD.unpack_from(data)
    if version != FORMAT:
        raise ProfileError(
            "this profile has another format version",
            expected=str(FORMAT),
            got=str(version),
            hint="It was written by another release of wane; profile the rows again.",
        )
    if zlib.crc32(data[HEAD.size :]) != checksum:
        raise _damaged("its checksum is wrong")
    (length,) = LENGTHS.unpack_from(data, HEAD.size)
    if length > LARGEST:
        raise ProfileError(
            "this profile is too large", expected=f"<= {LARGEST} bytes", got=str(length)
        )

    def grid_of(header: Mapping[str, Any]) -> Grid:
        same = known is not None and known.id == header["grid_id"]
        return known if same and known is not None else Grid.from_json(header["grid"])

    try:
        body = pa.Codec("zstd").decompress(data[size:], length, asbytes=True)
        return _read(body, grid_of)
    except UNREADABLE as error:
        raise _damaged(f"{type(error).__name__}: {error}") from error


def _damaged(got: str) -> ProfileError:
    return ProfileError("this profile is damaged", got=got, hint="Profile the rows again.")


def _read(body: bytes | memoryview, grid_of: Callable[[Mapping[str, Any]], Grid]) -> Ledger:
    """The ledger of an uncompressed body, whose grid is found by the header."""
    (length,) = LENGTHS.unpack_from(body)
    start = LENGTHS.size + length
    header: dict[str, Any] = json.loads(bytes(body[LENGTHS.size : start]))
    arrays: dict[str, NDArray[np.float64]] = {}
    for f, shape in zip(fields(Counters), header["shapes"], strict=True):
        count = int(np.prod(shape))
        flat = np.frombuffer(body, dtype="<f8", count=count, offset=start)
        arrays[f.name] = flat.reshape(shape).astype(np.float64, copy=False)
        start += 8 * count
    if start != len(body):
        raise ValueError(f"{len(body) - start} bytes left over")
    return _fitting(
        Ledger(
            grid_of(header),
            tuple(ProfileKey(int(window), segment) for window, segment in header["keys"]),
            Counters(**arrays),
            tuple(
                {int(c): NameCounts(dict(counts), bool(full)) for c, (counts, full) in row.items()}
                for row in header["names"]
            ),
        )
    )


def _fitting(ledger: Ledger) -> Ledger:
    """The ledger, if its arrays are those of its grid and of its keys."""
    cells, rows = ledger.counters.cells, len(ledger.keys)
    expected = shapes(ledger.grid, cells.shape[-1])
    for name, shape in expected.items():
        found = getattr(ledger.counters, name).shape
        if found != (rows, *shape):
            raise ValueError(f"{name} has shape {found} instead of {(rows, *shape)}")
    if len(ledger.names) != rows or in_order(ledger.grid, ledger.keys) != ledger.keys:
        raise ValueError("its keys are not those of its rows")
    return ledger


class Encoded(Mapping[str, bytes]):
    """Ledgers by name, encoded when they are asked for."""

    def __init__(self, ledgers: Mapping[str, Ledger]) -> None:
        self._ledgers = dict(ledgers)

    def __getitem__(self, name: str) -> bytes:
        return encode(self._ledgers[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._ledgers)

    def __len__(self) -> int:
        return len(self._ledgers)
