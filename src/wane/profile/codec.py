"""Profiles as bytes: a JSON header and the arrays, compressed; no code is ever loaded.

Layout: 8 bytes magic, 4 bytes format version, 4 bytes length of the header, the header, then the
arrays one after the other as little-endian float64, in the order of the fields of `Counters`.
Everything after the version is one zstd frame.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wane.errors import ProfileError
from wane.profile.counters import Counters
from wane.profile.grid import Grid
from wane.profile.names import NameCounts
from wane.profile.profile import Ledger, ProfileKey

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAGIC = b"wane\x00pro"
FORMAT = 1
HEAD = struct.Struct("<8sI")
LENGTHS = struct.Struct("<Q")
LARGEST = 1 << 34
"""Bytes that a decoded ledger may have at most; a guard against hostile input."""


def encode(ledger: Ledger) -> bytes:
    """The ledger as bytes; `decode` gives back an equal one."""
    arrays = [np.ascontiguousarray(getattr(ledger.counters, f.name)) for f in fields(Counters)]
    header = {
        "grid": ledger.grid.to_json(),
        "keys": [list(key) for key in ledger.keys],
        "shapes": [list(array.shape) for array in arrays],
        "names": [
            {str(c): [dict(named.counts), named.complete] for c, named in row.items()}
            for row in ledger.names
        ],
    }
    text = json.dumps(header).encode("utf-8", "surrogatepass")
    body = b"".join(
        [LENGTHS.pack(len(text)), text, *(a.astype("<f8", copy=False).tobytes() for a in arrays)]
    )
    packed: bytes = pa.Codec("zstd", compression_level=1).compress(body, asbytes=True)
    return HEAD.pack(MAGIC, FORMAT) + LENGTHS.pack(len(body)) + packed


def decode(data: bytes) -> Ledger:
    """The ledger that `encode` was given.

    Raises:
        ProfileError: The bytes are no profile, of an unknown format version, cut off or damaged.
    """
    size = HEAD.size + LENGTHS.size
    if len(data) < size or data[: len(MAGIC)] != MAGIC:
        raise ProfileError(
            "these bytes are not a profile", expected=f"to start with {MAGIC!r}", got=repr(data[:8])
        )
    _, version = HEAD.unpack_from(data)
    if version != FORMAT:
        raise ProfileError(
            "this profile has another format version",
            expected=str(FORMAT),
            got=str(version),
            hint="It was written by another release of wane; profile the rows again.",
        )
    (length,) = LENGTHS.unpack_from(data, HEAD.size)
    if length > LARGEST:
        raise ProfileError(
            "this profile is too large", expected=f"<= {LARGEST} bytes", got=str(length)
        )
    try:
        return _read(pa.Codec("zstd").decompress(data[size:], length, asbytes=True))
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ProfileError(
            "this profile is damaged", got=str(error), hint="Profile the rows again."
        ) from error


def _read(body: bytes) -> Ledger:
    """The ledger of an uncompressed body."""
    (length,) = LENGTHS.unpack_from(body)
    start = LENGTHS.size + length
    header: dict[str, Any] = json.loads(body[LENGTHS.size : start])
    arrays: dict[str, NDArray[np.float64]] = {}
    for f, shape in zip(fields(Counters), header["shapes"], strict=True):
        count = int(np.prod(shape))
        flat = np.frombuffer(body, dtype="<f8", count=count, offset=start)
        arrays[f.name] = flat.reshape(shape).astype(np.float64)
        start += 8 * count
    if start != len(body):
        raise ValueError(f"{len(body) - start} bytes left over")
    return Ledger(
        Grid.from_json(header["grid"]),
        tuple(ProfileKey(int(window), segment) for window, segment in header["keys"]),
        Counters(**arrays),
        tuple(
            {int(c): NameCounts(counts, bool(complete)) for c, (counts, complete) in row.items()}
            for row in header["names"]
        ),
    )


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
