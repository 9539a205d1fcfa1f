"""Drift from the recent past: PSI against the same weekday (or hour) of the weeks before.

A reference that was fixed once grows old, and one shorter than a week takes every weekend for a
change. Here each window has a reference of its own: the last windows of its slot, on the same
groups of cells as `psi`, which is the sibling for "how far is it from where it was released?".

A slot holds few windows, so what is usual in any slot is added, weighing as much as a quarter of
one of them (the profile of a slot is shrunk to that of all slots). Where k windows of the slot are
known that leaves 1/(4 k + 1) of a season in sight, and of its PSI about the square of that: one in
80 in the third week.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.drift import NO_REFERENCE_VALUES, NO_VALUES, Compared, psi_and_noise
from wane.metrics.estimates import estimates_by_column
from wane.stats.array import divide
from wane.stats.interval import Interval
from wane.stats.ragged import column_sums, per_cell, shares

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from wane.metrics.calendar import Calendar
    from wane.metrics.estimates import Estimates

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

KEY = "psi_recent"
NO_PAST = "too few earlier windows of the same weekday or hour to compare with"
FEWEST_WINDOWS = 4
"""In a shorter run there is no past to speak of."""
CYCLES = 6
"""Windows of a slot that are looked back on."""
WITHOUT_SEASON = 12
"""The same where all windows are of one slot."""
FEWEST_OF_SLOT = 2
SHRINKAGE = 0.25
"""Windows that what is usual in any slot counts as."""
BLOCK = 1_000_000
"""Cells x windows at a time, 8 MB an array and about ten arrays at once; more is no faster."""
ROUNDING = 1e-12
"""Share of a running sum below which a difference is taken for its rounding."""


def measure_recent_drift(
    groups: Compared, calendar: Calendar
) -> dict[tuple[str, str | None], Estimates]:
    """PSI of every column against the recent windows of the same slot, by (metric, column).

    The past of a window is the sum of the last 6 windows of its slot (12 without a season), plus
    a quarter window's worth of what all windows of these 6 cycles together show (without a season:
    of what the reference shows). Only windows with rows of the column count.

    Args:
        groups: Cells of R windows, and of the reference that the groups were laid by.
        calendar: Of the same R windows.

    Returns:
        For each column values [R] in [0, inf), with the lower end that is left beyond noise and
        no upper end; undefined where a window has no rows, or its slot fewer than 2 windows before
        it. Nothing in runs of fewer than 4 windows.
    """
    if len(calendar.place) < FEWEST_WINDOWS:
        return {}
    looks = _Looks.of(calendar)
    measured: dict[tuple[str, str | None], Estimates] = {}
    for block in _blocks(groups):
        past = _past(block, looks)
        psi, noise = psi_and_noise(past)
        n = block.n_current
        low = np.maximum(psi - noise, 0.0)
        found = estimates_by_column(
            psi,
            n,
            interval=Interval(low, np.full_like(low, np.nan)),
            because=[(block.n_reference == 0, NO_REFERENCE_VALUES), (n == 0, NO_VALUES)],
            otherwise=NO_PAST,
        )
        measured |= {(KEY, name): found[at] for at, name in enumerate(block.names)}
    return measured


@dataclass(frozen=True, slots=True)
class _Looks:
    """Which windows each of R windows looks back on, as stretches of two orders.

    Attributes:
        order: [R] windows by slot, and in time within each.
        slot: [R], [R] first and end of the slot's stretch in that order.
        any: [R], [R] first and end of the stretch of all slots, in order of time.
        seasonal: Whether there is more than one slot.
    """

    order: Ints
    slot: tuple[Ints, Ints]
    any: tuple[Ints, Ints]
    seasonal: bool

    @classmethod
    def of(cls, calendar: Calendar) -> _Looks:
        """By binary search, so that gaps of any length cost nothing."""
        place, seasonal = calendar.place, calendar.period > 1
        cycles = CYCLES * calendar.period
        back = cycles if seasonal else WITHOUT_SEASON
        # slots so far apart that no look back reaches the slot before
        keys = calendar.slot * (calendar.length + back) + place
        order = np.argsort(keys, kind="stable")
        return cls(
            order,
            (np.searchsorted(keys[order], keys - back), np.searchsorted(keys[order], keys)),
            (np.searchsorted(place, place - cycles), np.searchsorted(place, place)),
            seasonal,
        )


def _past(c: Compared, looks: _Looks) -> Compared:
    """The same windows, each beside its own past: no rows where that is too short."""
    starts, cells = c.starts, c.current.shape[-1]
    filled = (c.n_current > 0).astype(np.float64)
    slot = _sums(c.current[looks.order], *looks.slot)
    in_slot = _sums(filled[looks.order], *looks.slot)
    pool = _sums(c.current, *looks.any) if looks.seasonal else c.reference
    usual = np.nan_to_num(shares(pool, starts))
    part = SHRINKAGE * np.nan_to_num(divide(column_sums(slot, starts), in_slot))
    shrunk = slot + usual * per_cell(part, starts, cells)
    past = np.where(per_cell(in_slot, starts, cells) >= FEWEST_OF_SLOT, shrunk, 0.0)
    return Compared(c.names, past, c.current, starts, c.sizes)


def _sums(values: Floats, first: Ints, end: Ints) -> Floats:
    """Sums of the rows [first, end) of values [R, m], one for each of R stretches: [R, m].

    Differences of running sums: exact on whole counts; on weighted ones an empty cell stays empty.
    """
    running = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=running[1:])
    until = running[end]
    found = until - running[first]
    return np.where(found > ROUNDING * until, found, 0.0)


def _blocks(groups: Compared) -> Iterator[Compared]:
    """Some columns at a time."""
    ends = np.cumsum(groups.sizes)
    block = (ends - 1) * len(groups.current) // BLOCK
    for columns in np.split(np.arange(len(ends)), np.flatnonzero(np.diff(block)) + 1):
        first, last = columns[0], columns[-1] + 1
        cells = slice(groups.starts[first], ends[last - 1])
        yield Compared(
            groups.names[first:last],
            groups.reference[cells],
            groups.current[:, cells],
            groups.starts[first:last] - groups.starts[first],
            groups.sizes[first:last],
        )
