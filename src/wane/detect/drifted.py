"""Columns that drift, as findings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.detector import Detector
from wane.detect.drifting import drifting
from wane.detect.finding import Finding
from wane.detect.severity import Severity
from wane.detect.shape import Shape
from wane.metrics.measurement import SeriesKey

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.detect.drifting import Drift
    from wane.detect.place import Place

    Floats = NDArray[np.float64]

STATISTIC = "psi_recent"
RULED_BY = "psi"
"""The metric whose default rule holds until there is a history."""
LARGE = 0.2
"""PSI to recent weeks from which on drift that lasts is a warning."""


def drift_findings(place: Place) -> tuple[list[Finding], dict[SeriesKey, int]]:
    """Columns whose distribution left what their own history shows.

    Returns:
        The findings, information unless large in two windows or more; and from which measured
        window on each column was judged, by the series that default rules speak of.
    """
    series = place.measurements.of_metric(STATISTIC)
    calendar = place.calendar
    statistic = np.full((len(series), calendar.length), np.nan)
    for at, one in enumerate(series):
        statistic[at, calendar.place] = one.values
    statistic[:, calendar.place[place.ask.choice.silent(STATISTIC)]] = np.nan
    importance = place.ask.choice.importance
    drifts = drifting(
        statistic, weight=np.array([importance.weight(one.key.column) for one in series])
    )
    judged = {
        SeriesKey(RULED_BY, one.key.column): place.index(place.begin + first)
        for one, first in zip(series, drifts.judged_from.tolist(), strict=True)
        if first < calendar.length
    }
    found = [
        _finding(drift, series[drift.stream].key, statistic[drift.stream], place)
        for drift in drifts.found
    ]
    return found, judged


def _finding(drift: Drift, key: SeriesKey, statistic: Floats, place: Place) -> Finding:
    end = len(statistic) if drift.ended is None else drift.ended
    during, quiet = statistic[drift.first : end], statistic[: drift.first]
    usual_high = float(np.nanquantile(quiet, 0.95))
    large = int((during >= LARGE).sum()) > 1
    first, raised = (place.index(place.begin + at) for at in (drift.first, drift.raised))
    return Finding(
        key=key,
        severity=Severity.WARNING if large else Severity.INFO,
        detector=Detector.DRIFT,
        shape=Shape.STEP,
        side=1,
        first=first,
        earliest=first,
        latest=raised,
        raised=raised,
        last=place.before(place.begin + end),
        recovered=None if drift.ended is None else place.index(place.begin + drift.ended),
        adopted=False,
        before=float(np.nanmedian(quiet)),
        now=float(np.nanmedian(during)),
        usual_low=0.0,
        usual_high=usual_high,
        tolerated=usual_high,
        once_in=math.nan,
        reason="",
    )
