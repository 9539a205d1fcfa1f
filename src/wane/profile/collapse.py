"""Merging windows: the profiles of a stretch of time as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.profile.profile import Ledger, Profile, ProfileKey, ledger_of

if TYPE_CHECKING:
    from collections.abc import Collection


def totals(ledger: Ledger, windows: Collection[int]) -> dict[str | None, Profile]:
    """Segment -> its rows in those windows, merged."""
    rows: dict[str | None, list[int]] = {}
    for row, key in enumerate(ledger.keys):
        if key.window in windows:
            rows.setdefault(key.segment, []).append(row)
    return {segment: ledger.take(found).total() for segment, found in rows.items()}


def collapse(ledger: Ledger, windows: Collection[int]) -> Ledger:
    """Those windows merged into a single window 0, segment by segment."""
    merged = totals(ledger, windows)
    profiles = {ProfileKey(0, segment): profile for segment, profile in merged.items()}
    return ledger_of(ledger.grid, profiles, ledger.counters)
