"""Slots, the quarters of an hour by which changes are remembered, of days that have files."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from wane.store.records import SLOT
from wane.window import DAY, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wane.store.records import RawFile


def slots_of(files: Iterable[RawFile]) -> list[int]:
    """Every slot of the days that have files."""
    starts = sorted(map(start_of, {file.day for file in files}))
    return [start + at for start in starts for at in range(0, DAY, SLOT)]


def start_of(day: dt.date) -> int:
    """When a day (UTC) begins, in microseconds."""
    return to_microseconds(dt.datetime.combine(day, dt.time(), dt.UTC))
