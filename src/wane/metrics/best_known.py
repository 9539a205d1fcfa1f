"""The main line: the metric that stands for performance, estimated where its labels are missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics import metric_of
from wane.metrics.estimable import BLENDED
from wane.metrics.labelled import UNLABELLED
from wane.metrics.measurement import SeriesKey
from wane.metrics.provisional import provisional
from wane.stats.array import divide
from wane.stats.interval import normal_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.metrics.measurement import Measurement, Measurements, Series
    from wane.metrics.provisional import Provisional


@dataclass(frozen=True, slots=True)
class BestKnown:
    """Measurements in which the main metric has no gaps where an estimate can fill them.

    Attributes:
        measurements: All series; of windows that wait for labels, what is provisional is undefined
            but for the main metric.
        main: Key of the main metric.
        estimated: Windows in which the main metric rests on an estimate, in whole or in part.
    """

    measurements: Measurements
    main: str | None = None
    estimated: frozenset[int] = frozenset()


def best_known(
    settled: Measurements, measured: Measurements, main: str | None, waiting: Provisional
) -> BestKnown:
    """Fill the main metric of windows without labels, or with few of those to come.

    Args:
        settled: The measurements without what is provisional.
        measured: All of them, blends of labels and estimates included.
        main: Key of the main metric.
        waiting: What is provisional.
    """
    key = SeriesKey(main or "")
    own, best = settled.series.get(key), measured.get(f"{main}{BLENDED}")
    if own is None or best is None:
        return BestKnown(settled, main)
    fill = unsettled(own, waiting) & ~np.isnan(best.values)
    if not fill.any():
        return BestKnown(settled, main)
    filled = replace(
        own,
        values=np.where(fill, best.values, own.values),
        low=np.where(fill, best.low, own.low),
        high=np.where(fill, best.high, own.high),
        n=np.where(fill, _rows(best), own.n),
        reasons=tuple(
            None if now else reason for now, reason in zip(fill, own.reasons, strict=True)
        ),
    )
    series = {**settled.series, key: filled}
    return BestKnown(
        replace(settled, series=series), main, frozenset(np.flatnonzero(fill).tolist())
    )


def best_guess(measurements: Measurements, key: str) -> Measurement | None:
    """The newest value of a metric by labels and estimate together, where labels do not tell yet.

    Returns:
        None where the newest window is known by its labels, and where there is no estimate.
    """
    series, best = measurements.get(key), measurements.get(f"{key}{BLENDED}")
    if series is None or best is None or best.last_defined is None:
        return None
    last = best.last_defined
    if not unsettled(series, provisional(measurements))[last]:
        return None
    return measurements.at(best, last)


def unsettled(series: Series, waiting: Provisional) -> NDArray[np.bool_]:
    """In which windows the labels of a series are missing, or still to come."""
    without = np.array([reason == UNLABELLED for reason in series.reasons], dtype=np.bool_)
    return waiting.waits(series.key, len(series.values)) | without


def _rows(series: Series) -> NDArray[np.int64]:
    """As many labelled rows as would tell a share so exactly; at most those there are."""
    known = metric_of(series.key.metric.removesuffix(BLENDED))
    if known is None or not known.counted:
        return series.n
    error = (series.high - series.low) / (2 * normal_quantile())
    rows = divide(series.values * (1 - series.values), error**2)
    return np.minimum(np.nan_to_num(rows, nan=0.0), series.n).astype(np.int64)
