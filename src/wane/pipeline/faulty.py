"""Which faults of the pipeline the newest rows show, and since when."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wane.diagnose.faults.find import find_faults
from wane.diagnose.faults.sides import Sides
from wane.profile.collapse import totals
from wane.profile.counters import Total

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from wane.diagnose.fault import Fault
    from wane.metrics.measure import Reference
    from wane.profile.profile import Profile
    from wane.profile.summarise import Summarised
    from wane.window import Window

ENOUGH_ROWS = 500
"""The newest windows with so many rows are looked at together."""
MOST_BACK = 60
"""Windows that are gone back to find where a fault began."""


def faulty(
    windows: tuple[Window, ...], summarised: Summarised, reference: Reference
) -> tuple[Fault, ...]:
    """The faults of the newest rows; nothing without a reference, and nothing that comes and goes.

    Args:
        windows: Of the run, oldest first.
        summarised: Their profiles.
        reference: What rows are compared with.
    """
    rows = summarised.whole.counters.totals[:, Total.ROWS]
    by_start = {key.window: float(rows[at]) for at, key in enumerate(summarised.whole.keys)}
    filled = [window.start for window in windows if by_start.get(window.start)]
    newest: list[int] = []
    while filled and sum(by_start[start] for start in newest) < ENOUGH_ROWS:
        newest.append(filled.pop())
    before = reference.whole
    if before is None or not newest:
        return ()

    earlier_rows = _before(summarised, filled)

    def seen(starts: Collection[int], against: Profile = before) -> tuple[Fault, ...]:
        return find_faults(_sides(summarised, against, reference, starts))

    found = seen(newest)
    if earlier_rows is not None:  # what drifted for long is told from what broke of late
        told_of = {column for fault in found for column in fault.columns}
        found += tuple(f for f in seen(newest, earlier_rows) if not told_of & set(f.columns))
    places = {window.start: at for at, window in enumerate(windows)}
    earlier = [
        (start, {(fault.kind, fault.columns) for fault in seen([start])})
        for start in (reversed(filled[-MOST_BACK:]) if found else ())
    ]
    told = []
    for fault in found:
        shown = [(fault.kind, fault.columns) in kinds for _, kinds in earlier]
        run = shown.index(False) if False in shown else len(shown)
        if any(shown[run:]):  # it comes and goes: so it is with this column
            continue
        first = earlier[run - 1][0] if run else newest[-1]
        told.append(replace(fault, since=places[first]))
    return tuple(told)


def _before(summarised: Summarised, starts: Sequence[int]) -> Profile | None:
    """The older half of the windows before the newest; None where there are too few."""
    older = starts[: len(starts) // 2]
    return totals(summarised.whole, older).get(None) if len(older) > 1 else None


def _sides(
    summarised: Summarised, before: Profile, reference: Reference, windows: Collection[int]
) -> Sides:
    now = totals(summarised.whole, windows)[None]
    current = totals(summarised.segments, windows)
    segments = {
        name: (
            float(profile.counters.totals[Total.WEIGHT]),
            float(current[name].counters.totals[Total.WEIGHT]) if name in current else 0.0,
        )
        for name, profile in reference.segments.items()
    }
    return Sides(summarised.whole.grid, before, now, segments)
