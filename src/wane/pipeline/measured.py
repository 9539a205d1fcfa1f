"""Third stage: from profiles to measurements, against the right reference."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.estimable import ESTIMATED
from wane.metrics.measure import Reference, main_metric, measure
from wane.metrics.measurement import SeriesKey
from wane.metrics.vacant import vacant_windows
from wane.profile.collapse import totals
from wane.profile.counters import Total
from wane.report.result import ReferenceFacts, ReferenceKind
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.metrics.measurement import Measurements
    from wane.pipeline.count import Profiled
    from wane.profile.profile import Ledger
    from wane.profile.summarise import Summarised
    from wane.window import Every, Window

FIRST_SHARE = 4
"""Without a reference one window in four serves: the first ones."""
LEAST_WINDOWS = 3
"""With fewer windows than this there is nothing to compare the first ones with."""
LEAST_ROWS = 30
"""Fewer rows than this say too little to be held against others."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Every metric in every window.

    Attributes:
        profiled: The profiles.
        reference: What they are held against.
        facts: What the reference is, in words and numbers.
        measurements: Of the current windows.
        before: Of the windows of a given reference that has a clock, or is cut by rows; without
            drift.
        main: Key of the main metric.
    """

    profiled: Profiled
    reference: Reference
    facts: ReferenceFacts
    measurements: Measurements
    before: Measurements | None
    main: str | None


def measured(profiled: Profiled) -> Measured:
    """Measure the current windows against the reference."""
    looked, now = profiled.looked, profiled.current.summarised
    filled = _windows(now.whole, looked.every)
    rows = now.whole.counters.totals[:, Total.ROWS]
    vacant = vacant_windows(filled, rows, looked.every, looked.asked.until)
    windows = sorted([*filled, *vacant], key=lambda window: window.start)
    reference, facts = _reference(profiled, windows)
    found = measure(
        windows,
        now.whole,
        now.segments,
        reference,
        schema=looked.schema,
        costs=looked.asked.costs,
        now=looked.asked.now,
    )
    main = main_metric(found, looked.schema.task or Task.NONE)
    before = _before(profiled)
    if before is not None and main is not None and main.endswith(ESTIMATED):
        before = _as_estimated(before, main)
    return Measured(profiled, reference, facts, _with_typical_volume(found), before, main)


def _windows(ledger: Ledger, every: Every) -> tuple[Window, ...]:
    return tuple(every.window(key) for key in sorted({key.window for key in ledger.keys}))


def _reference(profiled: Profiled, windows: Sequence[Window]) -> tuple[Reference, ReferenceFacts]:
    """The given reference, or the first windows, or none."""
    if profiled.reference is not None and profiled.looked.asked.reference is not None:
        given = profiled.reference.summarised
        keys = {key.window for key in given.whole.keys}
        facts = ReferenceFacts(
            ReferenceKind.GIVEN, profiled.looked.asked.reference.name, given.used
        )
        return replace(_merged(given, keys), effects=profiled.effects), facts
    none = Reference(), ReferenceFacts(ReferenceKind.NONE, None, 0)
    if len(windows) < LEAST_WINDOWS:
        return none
    serving = max(1, round(len(windows) / FIRST_SHARE))
    first = {window.start for window in windows[:serving]}
    reference = _merged(profiled.current.summarised, first)
    rows = 0 if reference.whole is None else int(reference.whole.counters.totals[0])
    if rows < LEAST_ROWS:
        return none
    source = f"first {serving} of {len(windows)} windows"
    return reference, ReferenceFacts(ReferenceKind.FIRST_WINDOWS, source, rows, serving)


def _merged(summarised: Summarised, windows: set[int]) -> Reference:
    whole = totals(summarised.whole, windows).get(None)
    by_segment = totals(summarised.segments, windows)
    return Reference(whole, {name: part for name, part in by_segment.items() if name is not None})


def _before(profiled: Profiled) -> Measurements | None:
    """The windows of a given reference: history for learned limits, the shaded part of charts."""
    looked = profiled.looked
    schema = looked.reference_schema
    if profiled.reference is None or schema is None:
        return None
    if not (schema.timestamp or looked.every.by_rows):
        return None
    given = profiled.reference.summarised
    windows = _windows(given.whole, looked.every)
    nothing = given.segments.take(())
    return measure(
        windows,
        given.whole,
        nothing,
        Reference(),
        schema=schema,
        costs=looked.asked.costs,
    )


def _as_estimated(before: Measurements, main: str) -> Measurements:
    """The reference with its labels as the history of what is estimated now that there are none."""
    known = before.get(main.removesuffix(ESTIMATED))
    if known is None:
        return before
    key = SeriesKey(main)
    return replace(before, series={**before.series, key: replace(known, key=key)})


def _with_typical_volume(found: Measurements) -> Measurements:
    """Give the volume a reference: the median window, of those in which there are rows at all.

    A reference says little about traffic, being often a sample or a training set.
    """
    series = dict(found.series)
    filled = found.series[SeriesKey("volume")].values > 0
    for key, now in found.series.items():
        if key.metric == "volume" and np.count_nonzero(filled) >= LEAST_WINDOWS:
            series[key] = replace(now, reference=float(np.median(now.values[filled])))
    return replace(found, series=series)
