"""What each series of the whole model usually shows: by all windows in which nothing was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.bounds import bounds_of
from wane.detect.state import NEVER
from wane.stats.interval import student_quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from wane.detect.place import Place
    from wane.detect.state import State
    from wane.detect.streams import Streams
    from wane.metrics.measurement import SeriesKey

    Floats = NDArray[np.float64]

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


def range_about(
    middle: Floats, deviation: Floats, freedom: ArrayLike, metric: str, *, logarithmic: bool
) -> Usual:
    """The range of 95 % of windows about what is expected, in the unit of the metric.

    Args:
        middle: [...] expected values, in the unit they are judged in.
        deviation: [...] of a window.
        freedom: Degrees of freedom of the deviation; broadcasts.
        metric: Key; nothing usual is told beyond what it can be.
        logarithmic: Whether logarithms are judged.
    """
    half = student_quantile(np.maximum(freedom, 1), CONFIDENCE) * deviation
    ends = np.stack([middle - half, middle + half])
    low, high = np.clip(np.exp(ends) if logarithmic else ends, *bounds_of(metric))
    return Usual(low, high)


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
    deviation = np.sqrt(learned.variance(windows, sampling, streams.tolerance))
    there = ~np.isnan(streams.values[:, windows]) & learned.known[:, None]
    middle = np.where(there, expected, np.nan)
    return {
        streams.keys[at]: range_about(
            middle[at],
            deviation[at],
            learned.variation.degrees_of_freedom[at],
            streams.keys[at].metric,
            logarithmic=bool(streams.logarithmic[at]),
        )
        for at in rows
    }
