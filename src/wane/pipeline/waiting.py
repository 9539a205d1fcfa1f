"""What waits for labels that are still to come, and the words for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wane.metrics.adjusted import only_positives
from wane.metrics.provisional import MATURE, provisional
from wane.profile.grid import Part
from wane.schema import Task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wane.alert.alert import Alert
    from wane.metrics.best_known import BestKnown
    from wane.metrics.measurement import Measurements
    from wane.metrics.provisional import Provisional
    from wane.profile.grid import Grid
    from wane.profile.profile import Ledger

OF_LABELS = (Part.LABEL, Part.RESIDUAL)
"""Why columns are counted that are made of labels."""


def waiting(measurements: Measurements, grid: Grid) -> Provisional:
    """What is provisional in a run, columns that are made of labels included."""
    columns = frozenset(column.name for column in grid.columns if column.part in OF_LABELS)
    return provisional(measurements, columns)


def waiting_notes(found: Provisional, whole: Ledger) -> tuple[str, ...]:
    """What the user should know of labels that are still to come; () where nothing waits."""
    notes = []
    if found.share:
        many = len(found.share)
        windows = f"{many} windows wait" if many > 1 else "1 window waits"
        notes.append(
            f"{windows} for labels: what rests on them is provisional there, and learned limits "
            f"and default rules judge it once {100 * MATURE:.0f} % of the labels are in"
        )
    if whole.grid.task is Task.BINARY and only_positives(whole.counters.ages):
        notes.append(
            "only positive labels come with a time: accuracy, precision and recall as corrected "
            "for late labels take every other prediction as negative"
        )
    return tuple(notes)


def said_estimated(alerts: Iterable[Alert], known: BestKnown) -> list[Alert]:
    """The alerts; those of a value that rests on an estimate say so."""
    windows = known.measurements.windows
    starts = {windows[at].start for at in known.estimated}
    return [
        replace(alert, reason=f"{alert.reason}; estimated, as labels are missing")
        if alert.key.metric == known.main and not alert.key.segment and alert.window.start in starts
        else alert
        for alert in alerts
    ]


def said_provisional(
    alerts: Iterable[Alert], measurements: Measurements, found: Provisional
) -> list[Alert]:
    """The alerts; those of a value that waits for labels say so."""
    places = {window.start: at for at, window in enumerate(measurements.windows)}
    return [
        replace(alert, reason=f"{alert.reason}; {found.told(at)}")
        if found.holds(alert.key, at := places[alert.window.start])
        else alert
        for alert in alerts
    ]
