"""Which series are watched, in which unit, and what each may cost of the false-alarm budget."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.importance import ALIKE, Importance
from wane.detect.streams import Streams
from wane.metrics import metric_of
from wane.metrics.calendar import calendar
from wane.metrics.catalogue import Better, Family
from wane.metrics.measurement import SeriesKey
from wane.stats.interval import normal_quantile
from wane.stats.robust import median

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from wane.metrics.calendar import Calendar
    from wane.metrics.measurement import Measurements, Series

    Floats = NDArray[np.float64]

TRAFFIC = ("volume", "error_rate", "latency_p95")
QUALITY = (
    *("missing_share", "nan_share", "wrong_type_share"),
    *("invalid_share", "out_of_range_share", "unseen_share"),
)
INCOMPARABLE = ("calibration_error", "out_of_range_share", "unseen_share")
"""Not held against the reference: the first grows as windows get smaller, and the reference itself
has no row out of its own range and no value it has not seen."""
VOLUME = frozenset({"volume"})
LATENCY = ("latency_p95",)
WEIGHTS = MappingProxyType(
    {"main": 0.3, Family.PERFORMANCE: 0.2, Family.TRAFFIC: 0.25, Family.QUALITY: 0.25}
)
"""Parts of the budget, performance first; those without a stream go to the others. Drift has no
part of its own: it is information until it is large and lasts (`drifting`)."""
TOLERATED_SHARE = 0.01
"""Of a share, such as an accuracy or the missing values: a point."""
TOLERATED_ERROR = 0.05
"""Of an error without a scale of its own: one in twenty of the reference or the median."""
TOLERATED_RATE = 0.005
"""Of failed calls: half a point."""
TOLERATED_FACTOR = 1.2
"""Of volume and latency: a fifth more or less."""
HALF_A_ROW = 0.5
"""What no rows at all count as, for there is no logarithm of nothing."""
NO_ROWS = math.log(HALF_A_ROW) + 1e-9
"""Up to here the logarithm of a volume is that of no rows, but for rounding."""
LARGEST = 1e100
"""Beyond this a value is no number to reckon with: its square overflows."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched, in two lots: with and without growth that is nothing unusual.

    Attributes:
        lots: Streams that share a calendar.
        calendar: Of the windows that were measured.
        begin: Windows of history before the first of them.
    """

    lots: tuple[Streams, ...]
    calendar: Calendar
    begin: int

    @property
    def streams(self) -> int:
        """How many streams there are."""
        return sum(len(lot.keys) for lot in self.lots)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a user says about what is watched.

    Attributes:
        main: Key of the metric that stands for performance.
        tolerance: Metric key -> change that is nobody's business, in the metric's unit (for volume
            and latency a share).
        harm: Metric key -> 1 where large values do harm, -1 where small ones do, 0 for both; for
            names that are not in the catalogue.
        volumes: Metrics that are counts of rows or calls: they may grow, and what matters is by how
            many times they change.
        partial: Indices of windows that were only seen in part: their volume says nothing.
        days_off: Indices of windows whose traffic and drift are not judged.
        importance: Of the columns: their parts of the budget, and which drift is told first.
    """

    main: str | None = None
    tolerance: Mapping[str, float] = field(default_factory=dict)
    harm: Mapping[str, int] = field(default_factory=dict)
    volumes: frozenset[str] = VOLUME
    partial: frozenset[int] = frozenset()
    days_off: frozenset[int] = frozenset()
    importance: Importance = ALIKE

    def silent(self, metric: str) -> list[int]:
        """Indices of the windows in which a metric is not judged."""
        traffic = (*TRAFFIC, *self.volumes, "psi_recent")
        off = self.days_off if metric in traffic else frozenset()
        return sorted(off | self.partial if metric in self.volumes else off)

    def by_factor(self, metric: str) -> bool:
        """Whether it matters by how many times a metric changes, so that logarithms are judged."""
        return metric in self.volumes or metric in LATENCY


def watched(
    measurements: Measurements, before: Measurements | None = None, choice: Choice | None = None
) -> Watched:
    """Lay out what is watched.

    Args:
        measurements: Of the windows to judge.
        before: Of the windows of a reference, as history; None: there are none.
        choice: See `Choice`.
    """
    chosen = choice or Choice()
    now = calendar(measurements.windows)
    by_rows = bool(measurements.windows) and measurements.windows[0].by_rows
    series = [
        found
        for found in measurements.series.values()
        # windows of rows hold as many as they were cut to
        if _is_watched(found, chosen) and not (by_rows and found.key.metric in chosen.volumes)
    ]
    history = _History.of(now, measurements, before)
    lots = []
    for growing in (False, True):
        part = [one for one in series if (one.key.metric in chosen.volumes) is growing]
        if part:
            weight = _weights(series, chosen)
            lots.append(_streams(part, now, history, chosen, weight, growing=growing))
    return Watched(tuple(lots), now, history.length)


@dataclass(frozen=True, slots=True)
class _History:
    """Windows of the reference, moved by whole cycles to lie just before the first one judged.

    Those from the first judged window on are left out: the reference may end in the middle of it.
    """

    place: NDArray[np.intp]
    length: int
    measurements: Measurements | None

    @classmethod
    def of(cls, now: Calendar, current: Measurements, before: Measurements | None) -> _History:
        if before is None or len(before.windows) < 2 or not current.windows:
            return cls(np.zeros(0, dtype=np.intp), 0, None)
        then = calendar(before.windows)
        first = current.windows[0]
        apart = round((first.start - before.windows[0].start) / (first.end - first.start))
        apart = then.length if first.by_rows else apart
        if then.windows_per_day != now.windows_per_day or apart < 1:
            return cls(np.zeros(0, dtype=np.intp), 0, None)
        surplus = max(apart - then.length, 0) // now.period * now.period
        return cls(then.place[then.place < apart], apart - surplus, before)

    def of_series(self, key: SeriesKey) -> Series | None:
        return None if self.measurements is None else self.measurements.series.get(key)


def _is_watched(series: Series, choice: Choice) -> bool:
    """Whether a series has a value and a way to do harm."""
    if series.last_defined is None:
        return False
    metric = series.key.metric
    known = metric_of(metric)
    if metric in choice.harm or known is None or series.key == SeriesKey(choice.main or ""):
        return True
    if known.family is Family.PERFORMANCE:
        return not known.view and known.better is not Better.NEITHER
    return metric in TRAFFIC or metric in QUALITY


def _harm(metric: str, choice: Choice) -> int:
    known = metric_of(metric)
    if metric in choice.harm or known is None:
        return choice.harm.get(metric, 0)
    return {Better.HIGHER: -1, Better.LOWER: 1, Better.NEITHER: 0}[known.better]


def _weights(series: Sequence[Series], choice: Choice) -> dict[SeriesKey, float]:
    """The part of the budget of each stream: within a family by the importance of its column."""
    families: dict[str, list[SeriesKey]] = {}
    for one in series:
        known = metric_of(one.key.metric)
        family = Family.PERFORMANCE if known is None else known.family
        is_main = one.key.metric == choice.main and one.key[1:] == (None, None)
        families.setdefault("main" if is_main else family, []).append(one.key)
    total = sum(WEIGHTS[family] for family in families)
    weight = choice.importance.weight
    parts: dict[SeriesKey, float] = {}
    for name, keys in families.items():
        within = np.array([weight(key.column) for key in keys])
        budget = WEIGHTS[name] / total * within / within.sum()
        parts.update(zip(keys, budget.tolist(), strict=True))
    return parts


def _streams(
    series: Sequence[Series],
    now: Calendar,
    history: _History,
    choice: Choice,
    weight: Mapping[SeriesKey, float],
    *,
    growing: bool,
) -> Streams:
    keys = tuple(one.key for one in series)
    known = [metric_of(key.metric) for key in keys]
    logarithmic = np.array([choice.by_factor(key.metric) for key in keys], dtype=np.bool_)
    shape = (len(keys), history.length + now.length)
    values, noise, rows = (np.full(shape, np.nan) for _ in range(3))
    for at, one in enumerate(series):
        parts = [(history.of_series(one.key), history.place), (one, history.length + now.place)]
        for part, place in parts:
            if part is not None:
                value, error = _judged(part, choice)
                values[at, place] = value[: len(place)]
                noise[at, place] = error[: len(place)]
                rows[at, place] = 1 if one.key.metric in choice.volumes else part.n[: len(place)]
        silent = choice.silent(one.key.metric)
        values[at, history.length + now.place[silent]] = np.nan
    reference = np.array([one.reference for one in series])
    incomparable = np.array([key.metric in INCOMPARABLE for key in keys], dtype=np.bool_)
    # a sample's volume and a test bench's latency mean little
    reference[logarithmic | incomparable] = np.nan
    counted = np.array([one is not None and one.counted for one in known], dtype=np.bool_)
    return Streams(
        keys=keys,
        values=values,
        noise=np.nan_to_num(noise),
        rows=np.nan_to_num(rows),
        reference=reference,
        reference_noise=np.array([_reference_noise(one) for one in series]),
        tolerance=np.array([_tolerance(one, choice) for one in series]),
        harm=np.array([_harm(key.metric, choice) for key in keys], dtype=np.int8),
        counted=counted & (np.nan_to_num(rows).max(axis=1, initial=0) > 0),
        adopts=np.array(
            [
                (one is None and not _harm(key.metric, choice))
                or (one is not None and one.family is not Family.PERFORMANCE)
                for key, one in zip(keys, known, strict=True)
            ],
            dtype=np.bool_,
        ),
        logarithmic=logarithmic,
        weight=np.array([weight[key] for key in keys]),
        growing=growing,
        periods=now.periods,
        begin=history.length,
    )


def _judged(series: Series, choice: Choice) -> tuple[Floats, Floats]:
    """Values [W] in the unit they are judged in, and their sampling variances.

    Half the width of a 95 % interval is 1.96 standard errors; a count is taken as Poisson.
    """
    values = np.where(np.abs(series.values) < LARGEST, series.values, np.nan)
    error = _standard_error(series.low, series.high)
    error = np.where(np.isfinite(error), error, 0.0)
    if not choice.by_factor(series.key.metric):
        return values, error**2
    if series.key.metric in choice.volumes:
        positive = np.where(values < 0, np.nan, np.maximum(values, HALF_A_ROW))
        return np.log(positive), 1 / positive
    positive = np.where(values > 0, values, np.nan)
    return np.log(positive), (error / positive) ** 2


def in_own_unit(level: float, metric: str, choice: Choice) -> float:
    """A level in the unit that is judged, as a value of the metric."""
    if not choice.by_factor(metric):
        return level
    return 0.0 if metric in choice.volumes and level <= NO_ROWS else math.exp(level)


def _standard_error(low: ArrayLike, high: ArrayLike) -> Floats:
    """By the ends of a 95 % interval, as if it were a normal one."""
    return np.subtract(high, low) / (2 * normal_quantile(0.95))


def _reference_noise(series: Series) -> float:
    """Sampling variance of the reference value, from its own interval."""
    return float(_standard_error(series.reference_low, series.reference_high)) ** 2


def _tolerance(series: Series, choice: Choice) -> float:
    """The change that is nobody's business, in the unit that is judged."""
    metric = series.key.metric
    given = choice.tolerance.get(metric)
    if choice.by_factor(metric):
        return math.log(TOLERATED_FACTOR if given is None else 1 + given)
    if given is not None:
        return given
    if metric == "error_rate":
        return TOLERATED_RATE
    known = metric_of(metric)
    if known is None or (known.family is Family.PERFORMANCE and known.better is Better.LOWER):
        level = series.reference
        level = level if math.isfinite(level) else float(median(series.values))
        return (TOLERATED_SHARE if known is None else TOLERATED_ERROR) * abs(level)
    return TOLERATED_SHARE
