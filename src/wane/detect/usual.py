"""What each series of the whole model usually shows: by all windows in which nothing was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.bounds import bounds_of
from wane.detect.state import NEVER
from wane.stats.interval import student_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.detect.place import Place
    from wane.detect.state import State
    from wane.detect.streams import Streams
    from wane.metrics.measurement import SeriesKey

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Usual:
    """The range of 95 % of windows, in the metric's unit; [W] each.

    Attributes:
        low: Lower end, nan where the series has no value or nothing was learned yet.
        high: Upper end.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]


def usual_ranges(streams: Streams, state: State, place: Place) -> dict[SeriesKey, Usual]:
    """The usual range of every series of the whole model that limits were learned for.

    By the newest limits, drawn back over all windows; detectors went by those that held then.
    """
    rows = [
        at
        for at, key in enumerate(streams.keys)
        if key.column is None and key.segment is None and state.judged_from[at] != NEVER
    ]
    learned = state.learned
    if not rows or learned is None:
        return {}
    windows = place.begin + place.calendar.place
    sampling = learned.sampling(streams.noise[:, windows], streams.rows[:, windows])
    expected = learned.expected(windows)
    freedom = np.maximum(learned.variation.degrees_of_freedom, 1)[:, None]
    half = student_quantile(freedom, CONFIDENCE) * np.sqrt(
        learned.variance(windows, sampling, streams.tolerance)
    )
    there = ~np.isnan(streams.values[:, windows]) & learned.known[:, None]
    found = {}
    for at in rows:
        ends = np.where(
            there[at], np.stack([expected[at] - half[at], expected[at] + half[at]]), np.nan
        )
        if streams.logarithmic[at]:
            ends = np.exp(ends)
        ends = np.clip(ends, *bounds_of(streams.keys[at].metric))
        found[streams.keys[at]] = Usual(ends[0], ends[1])
    return found
