"""Answers of a worker as bytes: a JSON header, and arrays as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

ALIGNMENT = 8
"""The header is padded with blanks, so that arrays begin where float64 may."""


def joined(header: Mapping[str, Any], *rest: bytes | memoryview | pa.Buffer) -> bytes:
    """Length of the header, the header, and the rest, which begins where float64 may."""
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return b"".join([len(text).to_bytes(8, "little"), text, *rest])


def split(data: bytes) -> tuple[dict[str, Any], memoryview]:
    """The inverse of `joined`: the header, and the rest."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), memoryview(data)[8 + length :]
