"""When new versions of the model began to answer, as the log tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.profile.cells import CategoryCells
from wane.profile.counters import Total
from wane.profile.grid import Part

if TYPE_CHECKING:
    from wane.profile.profile import Ledger

SHARE = 0.01
"""Of the rows of a window that a version must answer: fewer are a trial."""
MOST = 20
"""Releases that are told, the newest."""


@dataclass(frozen=True, slots=True)
class Release:
    """A version that was not there before.

    Attributes:
        version: Its name.
        start: Start of the first window that it answered in.
    """

    version: str
    start: int


def releases(whole: Ledger) -> tuple[Release, ...]:
    """The versions that come up after the first window with rows, oldest first, at most 20.

    Args:
        whole: Profiles of the whole model by window.

    Returns:
        Empty without a version column.
    """
    position = whole.grid.one(Part.VERSION)
    cells = None if position is None else whole.grid.columns[position].cells
    if position is None or not isinstance(cells, CategoryCells):
        return ()
    start = int(whole.grid.starts[position])
    counts = whole.counters.cells[:, start : start + cells.other].sum(axis=2)
    rows = whole.counters.totals[:, Total.WEIGHT]
    known: set[str] = set()
    found: list[Release] = []
    for at, key in enumerate(whole.keys):
        if not rows[at]:
            continue
        here = dict(zip(cells.categories, counts[at].tolist(), strict=True))
        names = whole.names[at].get(position)
        if names is not None:
            here |= dict(names.counts)
        there = {name for name, count in here.items() if count >= SHARE * rows[at]}
        if known:
            found += [Release(name, key.window) for name in sorted(there - known)]
        known |= there
    return tuple(found[-MOST:])
