"""Since when: the first window of a loss that lasts to the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.shape import Shape
from wane.detect.watched import LARGEST
from wane.metrics import metric_of
from wane.metrics.catalogue import Better
from wane.metrics.measurement import SeriesKey
from wane.stats.onset import onset

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from wane.detect.finding import Finding
    from wane.diagnose.episode import Episode
    from wane.metrics.measurement import Series

LEAST_CHANGE = 0.01
"""A smaller loss is not called one: points for shares, a share of the reference for the rest."""
PENALTY = 3.0
"""A split must gain this many times variance x log(windows) (methods, section 6.1)."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss that lasts to the newest window.

    Attributes:
        first: Index of its first window.
        before: Level it fell from: the reference, or the mean of the windows before.
        now: Mean of the windows since, weighted by rows; what a gradual loss has come to.
        gradual: Whether it grew little by little.
    """

    first: int
    before: float
    now: float
    gradual: bool = False


def lasting(findings: Iterable[Finding], main: str | None) -> Loss | None:
    """The newest loss of the main metric that learned limits found and that still stands."""
    losses = [
        finding
        for finding in findings
        if finding.key == SeriesKey(main or "")
        and finding.stands
        and _worse(finding.key.metric, finding.before, finding.now)
    ]
    if not losses:
        return None
    found = losses[-1]
    return Loss(found.first, found.before, found.now, gradual=found.shape is Shape.RAMP)


def lasting_loss(series: Series, partial: Collection[int] = ()) -> Loss | None:
    """Find the window since which a metric is worse than its reference.

    The series is split in two by least squares, the first part held at the reference where there
    is one; the split must pay for itself, and the loss must be worth a word.

    Args:
        series: A metric with a better direction.
        partial: Windows that are left out.

    Returns:
        The loss; None when the newest windows are not clearly worse.
    """
    usable = np.abs(series.values) < LARGEST
    known = [i for i in np.flatnonzero(usable).tolist() if i not in partial]
    if len(known) < 3:
        return None
    x = series.values[known]
    n = series.n[known].astype(np.float64)
    n = n if n.all() else np.ones(len(known))
    w = n / n.mean()
    held = not np.isnan(series.reference)
    base = series.reference if held else float(np.average(x, weights=w))
    change = onset(x - base, 1 / w, held=held)
    split = change.first or 0
    before = base if held else float(np.average(x[:split], weights=n[:split]))
    now = float(np.average(x[split:], weights=n[split:]))
    noise = (float(np.sum(w * (x - base) ** 2)) - change.statistic) / (len(x) - 1)
    pays = change.statistic >= PENALTY * noise * np.log(len(x))
    if not pays or not _worse(series.key.metric, before, now):
        return None
    return Loss(known[split], before, now)


def noticed_loss(series: Series | None, events: Iterable[Episode]) -> Loss | None:
    """A loss that lasts, if a rule has noticed it: an alert of the series since it began."""
    loss = None if series is None else lasting_loss(series)
    if series is None or loss is None:
        return None
    noticed = any(event.key == series.key and event.last >= loss.first for event in events)
    return loss if noticed else None


def _worse(metric: str, before: float, now: float) -> bool:
    """Whether the change is for the worse and large enough to matter."""
    known = metric_of(metric)
    if known is None or known.better is Better.NEITHER:
        return False
    fallen = before - now if known.better is Better.HIGHER else now - before
    return fallen >= least_change(metric, before)


def least_change(metric: str, level: float) -> float:
    """The change from a level that is worth a word: points of a share, else a part of the level."""
    known = metric_of(metric)
    share = known is not None and known.better is Better.HIGHER
    return LEAST_CHANGE if share else LEAST_CHANGE * abs(level)
