"""Rows that waited, written out as parcels."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.monitor.counts import Drop
from wane.monitor.parcel import Form, Kind, Parcel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wane.monitor.event import Event


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are sent together.

    Attributes:
        kind: What they are.
        events: The rows.
        size: Bytes that were set aside for them.
    """

    kind: Kind
    events: Sequence[Event]
    size: int

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.events)


@dataclass(frozen=True, slots=True)
class Packed:
    """A batch, written out.

    Attributes:
        parcels: One, unless it is too large for one.
        lost: One phrase for each value that is sent as missing.
        dropped: Reason -> rows that cannot be sent.
        error: The first error that cost a row.
    """

    parcels: tuple[Parcel, ...]
    lost: tuple[str, ...]
    dropped: Mapping[Drop, int]
    error: Exception | None


def pack(batch: Batch, largest: int) -> Packed:
    """Write a batch out, in parcels of at most so many bytes."""
    groups: list[list[bytes]] = []
    size = largest
    lost: list[str] = []
    dropped: Counter[Drop] = Counter()
    first: Exception | None = None
    for event in batch.events:
        time.sleep(0)  # lets those go on who serve: this thread is in no hurry
        try:
            line = event.line()
        except Exception as error:  # noqa: BLE001 - foreign mappings raise what they like
            dropped[Drop.MONITOR_ERROR] += 1
            first = first or error
            continue
        lost += line.lost
        if len(line.body) > largest:
            dropped[Drop.ROW_TOO_LARGE] += 1
            continue
        size += len(line.body)
        if size > largest:
            groups.append([])
            size = len(line.body)
        groups[-1].append(line.body)
    parcels = tuple(Parcel(batch.kind, Form.NDJSON, lines, len(lines)) for lines in groups)
    return Packed(parcels, tuple(lost), dropped, first)
