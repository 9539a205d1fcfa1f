"""Messages between this process and its workers: 1 byte of kind, 8 bytes of length, the bytes.

Importing this module loads no library, so that a first job can be sent before any is loaded.
"""

from __future__ import annotations

import struct
from typing import IO

HEAD = struct.Struct("<cQ")
JOB, HELLO, PROGRESS, ANSWER, FAILURE = b"J", b"H", b"P", b"A", b"F"


def send(pipe: IO[bytes], kind: bytes, data: bytes) -> None:
    """Write one message."""
    pipe.write(HEAD.pack(kind, len(data)))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> tuple[bytes, bytes] | None:
    """Read one message: (kind, data); None at the end of the pipe."""
    head = pipe.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    kind, length = HEAD.unpack(head)
    data = pipe.read(length)
    return (kind, data) if len(data) == length else None
