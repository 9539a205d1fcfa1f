"""When a disk is nearly full: the one rule of who refuses events and of who looks a disk over."""

from __future__ import annotations

LEAST_FREE = 1 << 30
"""Bytes that must be free ..."""
LEAST_SHARE = 0.05
"""... or this share of a small disk, whichever is less."""


def is_short(free: int, total: int) -> bool:
    """Whether a disk has too few bytes free."""
    return free < min(LEAST_FREE, LEAST_SHARE * total)
