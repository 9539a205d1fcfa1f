"""Among which rows answers got worse: by profiles, or by rows that are read once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.diagnose.localise import MOST_COLUMNS, Sides, localised, searched, together, wobble
from wane.diagnose.outcome_cells import METRICS, whole_side
from wane.engine.messages import LeafPlan, Plan
from wane.pipeline.count import reference_clock
from wane.profile.leaves import Split
from wane.report.result import ReferenceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from concurrent.futures import Future

    from wane.diagnose.localise import Localised, Searched
    from wane.pipeline.measured import Measured
    from wane.profile.leaves import Leaves
    from wane.profile.profile import Profile

SEVERAL = 2
"""Columns below which there is nothing to search together."""


def localise(
    measured: Measured,
    first: int,
    now: Profile,
    segments: Mapping[str, tuple[Profile | None, Profile | None]],
) -> Localised:
    """Search each column by itself; several together where that was asked for.

    Args:
        measured: Every metric in every window.
        first: Index of the first of the recent windows.
        now: Their rows.
        segments: Name of a segment -> its rows in the reference and now.

    Raises:
        SourceError: Rows are to be read once more, and cannot be.
    """
    looked = measured.profiled.looked
    windows = measured.measurements.windows
    recent = {window.start for window in windows[first:]}
    sides = Sides(
        looked.grid,
        measured.reference.whole,
        now,
        segments,
        first,
        _wobble(measured, {window.start for window in windows[:first]}, recent),
    )
    found = localised(sides)
    columns = searched(sides)[:MOST_COLUMNS] if looked.asked.deep else ()
    if found.reason is not None or len(columns) < SEVERAL:
        return found
    looked.asked.progress("searching", 0.0)
    first_part, *others = (one.result() for one in _read(measured, recent, columns))
    leaves = sum(others, first_part)
    looked.asked.progress("searching", 1.0)
    return together(found, sides, columns, leaves)


def _wobble(measured: Measured, earlier: Collection[int], recent: Collection[int]) -> float:
    """How much a change of windows as many as these varies, by those that came before."""
    profiled, ledger = measured.profiled, measured.profiled.current.summarised.whole
    task = profiled.looked.grid.task
    if task not in METRICS:
        return 0.0
    sides = [
        whole_side(ledger.profile(row), task)
        for row, key in enumerate(ledger.keys)
        if key.window in earlier
    ]
    given = profiled.reference
    before = measured.facts.windows if given is None else len(given.summarised.whole.keys)
    return wobble(sides, before, sum(key.window in recent for key in ledger.keys))


def _read(
    measured: Measured, recent: Collection[int], columns: tuple[Searched, ...]
) -> list[Future[Leaves]]:
    """Have the rows of both sides counted by the columns together."""
    looked, given = measured.profiled.looked, measured.profiled.reference
    asked, axes = looked.asked, tuple(one.axis for one in columns)
    starts = [window.start for window in measured.measurements.windows]
    serving = measured.facts.kind is ReferenceKind.FIRST_WINDOWS
    before = starts[: measured.facts.windows] if serving else []
    plan = Plan(looked.grid, looked.schema, looked.every, asked.now)
    split = Split(before=tuple(before), now=tuple(sorted(recent)))
    reading = [asked.current.leaves(LeafPlan(plan, axes, split))]
    if asked.reference is not None and given is not None and looked.reference_schema is not None:
        keys = tuple(sorted({key.window for key in given.summarised.whole.keys}))
        plan = Plan(looked.grid, looked.reference_schema, reference_clock(looked), asked.now)
        reading.append(asked.reference.leaves(LeafPlan(plan, axes, Split(keys, ()))))
    return reading
