"""Last stage: what changed, where, and the verdict."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from wane.diagnose.annotation import MOST
from wane.diagnose.changes import column_changes
from wane.diagnose.conclude import Evidence, conclude
from wane.diagnose.decide import Case
from wane.diagnose.decomposition import decomposition
from wane.diagnose.episode import episodes
from wane.diagnose.faults.repeated import repeated
from wane.diagnose.offset import offset_gain
from wane.diagnose.onset import lasting, noticed_loss
from wane.diagnose.releases import releases
from wane.diagnose.reliability import reliability
from wane.diagnose.segments import segment_changes
from wane.diagnose.summary import summarise_series
from wane.diagnose.threshold import threshold_gain
from wane.diagnose.versions import version_change
from wane.metrics.measure import measure
from wane.metrics.measurement import SeriesKey, last_value
from wane.pipeline.faulty import faulty
from wane.pipeline.localised import localise
from wane.profile.codec import Encoded
from wane.profile.collapse import collapse
from wane.profile.profile import empty
from wane.report.result import Rejected, Result, RowCount
from wane.window import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.diagnose.fault import Fault
    from wane.diagnose.onset import Loss
    from wane.metrics.best_known import BestKnown
    from wane.metrics.measure import Reference
    from wane.metrics.measurement import Measurements
    from wane.pipeline.count import Profiled
    from wane.pipeline.judge import Judged
    from wane.pipeline.measured import Measured
    from wane.profile.profile import Ledger, Profile

RECENT_SHARE = 4
"""Without a loss that lasts, the newest quarter of the windows with rows is compared with the
reference."""


def explain(measured: Measured, known: BestKnown, judged: Judged) -> Result:
    """Everything that is known, as the value that reports show.

    Args:
        measured: Every metric in every window.
        known: The same without what waits for labels, but for what is estimated of the main
            metric; the verdict rests on it.
        judged: What rules and learned limits say.
    """
    profiled, found = measured.profiled, measured.measurements
    looked, summarised = profiled.looked, profiled.current.summarised
    events = episodes(judged.alerts, found.windows)
    main = None if measured.main is None else known.measurements.get(measured.main)
    loss = lasting(judged.found.findings, measured.main) or noticed_loss(main, events)
    first = _since(found, loss)
    recent = {window.start for window in found.windows[first:]}
    whole = collapse(summarised.whole, recent)
    parts = collapse(summarised.segments, recent)
    now = measure(
        [Window(0, 1)],
        whole,
        parts,
        measured.reference,
        schema=looked.schema,
        costs=looked.asked.costs,
    )
    latest = whole.profile(0) if len(whole) else empty(looked.grid)
    sides = _sides(parts, measured.reference)
    where = localise(measured, first, latest, sides)
    worse = {column for spot in where.spots for column in spot.columns}
    origin = decomposition(looked.grid, measured.reference.whole, latest, sides, keep=worse)
    changes = column_changes(
        now,
        latest,
        measured.reference.whole,
        looked.grid,
        origin=origin,
        worse=worse,
        lost=loss is not None,
        importance=looked.asked.watching.importance,
    )
    faults = (*faulty(found.windows, summarised, measured.reference), *_twice(profiled))
    rows, segments = _rows(profiled), segment_changes(now, measured.main)
    evidence = Evidence(
        measurements=known.measurements,
        estimated=known.estimated,
        case=Case(
            faults=faults,
            decomposition=origin,
            threshold=threshold_gain(looked.grid, latest),
            offset=offset_gain(looked.grid, measured.reference.whole, latest),
            ranking_lost=_lost(now, "roc_auc"),
            version=version_change(looked.grid, measured.reference.whole, latest),
            labels_by_days=last_value(found, "label_delay_p90"),
            features=len(looked.schema.features or ()),
        ),
        episodes=events,
        main=measured.main,
        loss=loss,
        changes=changes,
        timezone=looked.every.timezone,
        rows=rows.used,
        rejected=rows.read - rows.used,
        segments=segments,
        localised=where,
    )
    return Result(
        model=looked.asked.model,
        schema=looked.schema,
        every=looked.every,
        measurements=found,
        reference_measurements=measured.before,
        alerts=judged.alerts,
        pending=judged.pending,
        verdict=conclude(evidence),
        rows=rows,
        reference=measured.facts,
        summary=summarise_series(found),
        main_metric=measured.main,
        found=judged.found,
        changes=changes,
        segments=segments,
        releases=releases(summarised.whole),
        annotations=looked.asked.annotations[-MOST:],
        faults=faults,
        decomposition=origin,
        localised=where,
        rules=tuple(rule.text for rule in judged.rules),
        assumptions=looked.assumptions,
        notes=(*profiled.notes, *judged.notes),
        hours=_hours(profiled),
        reliability=reliability(looked.grid, latest, measured.reference.whole),
        profiles=_profiles(profiled),
    )


def _twice(profiled: Profiled) -> tuple[Fault, ...]:
    """Whether rows come more than once, where they have ids."""
    column = profiled.looked.schema.id
    if column is None:
        return ()
    then = 0 if profiled.reference is None else profiled.reference.summarised.read
    repeats, before = profiled.repeated
    return repeated(column, repeats, profiled.current.summarised.read, (before, then))


def _lost(now: Measurements, metric: str) -> float | None:
    """By how much a metric of which more is better surely fell; None where that is not known."""
    series = now.get(metric)
    value = None if series is None else float(series.reference - series.high[0])
    return None if value is None or math.isnan(value) else value


def _sides(now: Ledger, reference: Reference) -> dict[str, tuple[Profile | None, Profile | None]]:
    """Each segment's rows in the reference and now."""
    current = {key.segment: now.profile(row) for row, key in enumerate(now.keys)}
    names = [name for cells in now.grid.segments for name in cells.names()]
    there = [n for n in names if n in current or n in reference.segments]
    return {name: (reference.of(name), current.get(name)) for name in there}


def _since(found: Measurements, loss: Loss | None) -> int:
    """First of the recent windows: where a loss began that lasts, or the newest quarter."""
    if loss is not None:
        return loss.first
    filled = np.flatnonzero(found.series[SeriesKey("volume")].values > 0)
    return int(filled[-max(1, round(len(filled) / RECENT_SHARE))])


def _rows(profiled: Profiled) -> RowCount:
    summarised = profiled.current.summarised
    rejected = [*summarised.rejected.items(), *profiled.current.unparsed]
    unparsed = sum(count for _, count in profiled.current.unparsed)
    return RowCount(
        read=summarised.read + unparsed,
        used=summarised.used,
        rejected=tuple(Rejected(reason, count) for reason, count in rejected if count),
    )


def _hours(profiled: Profiled) -> NDArray[np.float64] | None:
    """Share of rows by weekday and hour, UTC."""
    hours = profiled.current.summarised.whole.counters.hours.sum(axis=0).reshape(7, 24)
    total = hours.sum()
    return hours / total if total else None


def _profiles(profiled: Profiled) -> Encoded:
    """The profiles, encoded when somebody asks for them."""
    current = profiled.current.summarised
    ledgers = {"windows": current.whole}
    if len(current.segments):
        ledgers["segments"] = current.segments
    if profiled.reference is not None:
        ledgers["reference"] = profiled.reference.summarised.whole
    return Encoded(ledgers)
