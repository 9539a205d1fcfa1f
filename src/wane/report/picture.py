"""The course of a series as a PNG, for programs that show no SVG: most that read mail."""

from __future__ import annotations

import math
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

WIDTH, HEIGHT = 600, 140
FINE = 2
"""Drawn so many times as large, and then averaged: edges are smooth."""
MARGIN = 10
PAPER, INK, LIMIT, FIRED = (255, 255, 255), (27, 29, 31), (192, 57, 43), (192, 57, 43)
LINE, THIN, DOT, DASH = 1.6, 1.2, 3.6, 8
"""Width of the line, of the limit, radius of a dot, length of a dash, in pixels."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def picture(values: Floats, limit: float, fired: Bools) -> bytes | None:
    """A line with its limit, and a dot in each window in which a condition held.

    Args:
        values: [W]; nan where there is none, which leaves a gap.
        limit: What it was held against; nan: none is drawn.
        fired: [W].

    Returns:
        600 x 140 pixels; None where fewer than two values are known.
    """
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return None
    ends = np.append(known, limit) if math.isfinite(limit) else known
    low, high = float(ends.min()), float(ends.max())
    spread = high - low or abs(high) or 1.0
    place = (np.arange(len(values)) + 0.5) / len(values) * (WIDTH - 2 * MARGIN) + MARGIN

    def height(value: Floats) -> Floats:
        return MARGIN + (high - value) / spread * (HEIGHT - 2 * MARGIN)

    drawn = np.empty((HEIGHT * FINE, WIDTH * FINE, 3), dtype=np.uint8)
    drawn[:] = PAPER
    across = (np.arange(WIDTH * FINE) + 0.5) / FINE
    if math.isfinite(limit):
        dashes = across // DASH % 2 == 0
        level = np.full(len(across), float(height(np.array(limit))))
        drawn[_stroke(np.where(dashes, level, np.nan), THIN)] = LIMIT
    course = np.interp(across, place, height(values), left=np.nan, right=np.nan)
    drawn[_stroke(course, LINE)] = INK
    for x, y in zip(place[fired], height(values)[fired], strict=True):
        if math.isfinite(y):
            drawn[_disc(x, y)] = FIRED
    shrunk = drawn.reshape(HEIGHT, FINE, WIDTH, FINE, 3).mean(axis=(1, 3))
    return _png(np.rint(shrunk).astype(np.uint8))


def _stroke(course: Floats, width: float) -> Bools:
    """Where a line of that width is drawn; steep parts are as thick as flat ones are wide."""
    there = np.isfinite(course)
    level = np.where(there, course, -1e9)
    beside = np.stack(
        [
            level,
            np.where(np.roll(there, 1), np.roll(level, 1), level),
            np.where(np.roll(there, -1), np.roll(level, -1), level),
        ]
    )
    beside[1, 0], beside[2, -1] = level[0], level[-1]
    rows = ((np.arange(HEIGHT * FINE) + 0.5) / FINE)[:, None]
    above, below = beside.min(axis=0) - width / 2, beside.max(axis=0) + width / 2
    return np.asarray((rows >= above) & (rows <= below) & there)


def _disc(x: float, y: float) -> Bools:
    rows = (np.arange(HEIGHT * FINE) + 0.5) / FINE - y
    columns = (np.arange(WIDTH * FINE) + 0.5) / FINE - x
    return np.asarray(rows[:, None] ** 2 + columns**2 <= DOT**2)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """[H, W, 3] as a PNG (RFC 2083): signature, header, compressed rows, end."""
    height, width, _ = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
