"""Words to the two standard streams: data to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from wane.report.plain import printable, to_ascii

if TYPE_CHECKING:
    from collections.abc import Iterable


def emit(output: str) -> None:
    """Data to stdout, in the encoding it has."""
    emit_bytes(output.encode(sys.stdout.encoding or "ascii", "replace"))


def emit_bytes(data: bytes) -> None:
    """Data to stdout; a reader that has gone away (`| head`) is nobody's error."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        # keep the interpreter from failing when it flushes at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def log(lines: Iterable[str]) -> None:
    """Words to stderr, one line each, harmless for a terminal."""
    for line in lines:
        safe = printable(line)
        sys.stderr.write(f"{safe if knows_unicode(sys.stderr.encoding) else to_ascii(safe)}\n")


def knows_unicode(encoding: str | None) -> bool:
    """Whether an output can show more than ASCII."""
    return (encoding or "").lower().replace("-", "").startswith("utf")
