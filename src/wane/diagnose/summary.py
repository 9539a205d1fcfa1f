"""Each metric over the run in four numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wane.metrics.measurement import Measurements


@dataclass(frozen=True, slots=True)
class Summary:
    """A metric over the run: first and last defined window, their difference, plain mean."""

    first: float
    last: float
    change: float
    mean: float


def summarise_series(measurements: Measurements) -> dict[str, Summary]:
    """Metric key -> summary, for metrics of the whole model that were defined at all."""
    found: dict[str, Summary] = {}
    for key, series in measurements.series.items():
        if key.column is not None or key.segment is not None:
            continue
        known = series.values[~np.isnan(series.values)]
        if len(known):
            first, last = float(known[0]), float(known[-1])
            change = round(last - first, 12)
            found[key.metric] = Summary(first, last, change, round(float(np.mean(known)), 12))
    return found
