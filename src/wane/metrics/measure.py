"""From the profiles of a run to its measurements: every metric, window, column and segment."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics import adjusted, binary, maturity, multiclass, regression, traffic
from wane.metrics.calendar import Calendar, calendar
from wane.metrics.drift import grouped, measure_drift
from wane.metrics.drift_recent import measure_recent_drift
from wane.metrics.estimable import BLENDED, ESTIMABLE, ESTIMATED
from wane.metrics.estimate import Estimation, estimate, estimate_in_segment
from wane.metrics.estimate_errors import (
    ErrorEstimation,
    estimate_errors,
    estimate_errors_in_segment,
)
from wane.metrics.learned import learn
from wane.metrics.lists import measure_lists
from wane.metrics.measurement import Measurements, Series, SeriesKey
from wane.metrics.provisional import MATURE, MATURITY
from wane.metrics.quality import measure_quality
from wane.profile.counters import Counters, zeros
from wane.profile.grid import Part
from wane.profile.profile import NO_NAMES, Profile
from wane.schema import Role, Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from wane.metrics.catalogue import Definition
    from wane.metrics.estimates import Estimates
    from wane.profile.grid import Grid
    from wane.profile.names import NameCounts
    from wane.profile.profile import Ledger
    from wane.schema import Schema
    from wane.window import Window

NO_COSTS: Mapping[str, float] = MappingProxyType({})
RARE = 0.1
"""A class with a smaller share of the labels is rare."""
IDLE = 0.03
"""Accuracy this close to that of always answering the frequent class says little."""
Measured = dict[tuple[str, str | None], "Estimates"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What there is to measure: the roles that are filled, and the value of each outcome."""

    roles: frozenset[Role]
    costs: Mapping[str, float]

    @classmethod
    def of(cls, schema: Schema, costs: Mapping[str, float]) -> _Asked:
        """A score stands in for a prediction."""
        roles = frozenset(schema.roles().values())
        roles |= {Role.PREDICTION} if Role.SCORE in roles else set()
        return cls(roles, costs)


@dataclass(frozen=True, slots=True)
class Reference:
    """What the current profiles are held against.

    Attributes:
        whole: All reference rows; None when there is no reference.
        segments: The reference rows of each segment.
        effects: What features told of labels beyond scores, see `profile.effects`; None without.
    """

    whole: Profile | None = None
    segments: Mapping[str, Profile] = field(default_factory=dict)
    effects: NDArray[np.float64] | None = None

    def of(self, segment: str | None) -> Profile | None:
        """The reference of a segment, or of the whole model."""
        return self.whole if segment is None else self.segments.get(segment)


def measure(
    windows: Sequence[Window],
    whole: Ledger,
    segments: Ledger,
    reference: Reference,
    *,
    schema: Schema,
    costs: Mapping[str, float] = NO_COSTS,
    now: int | None = None,
) -> Measurements:
    """Measure everything.

    Args:
        windows: The windows to measure, in order.
        whole: Profiles of the whole model by window.
        segments: Profiles of the segments by window.
        reference: What to compare with.
        schema: The roles; metrics whose roles are absent are left out.
        costs: Value of a row by outcome: tn, fp, fn, tp.
        now: Time up to which labels can have come, in microseconds since 1970 UTC; None: how they
            mature is not measured, and nothing estimated.

    Returns:
        The series of the whole model first, then segment by segment.
    """
    found = {key.segment for key in segments.keys}
    names = [n for cells in segments.grid.segments for n in cells.names() if n in found]
    asked = _Asked.of(schema, costs)
    series: dict[SeriesKey, Series] = {}
    model: Estimation | ErrorEstimation | None = None
    with np.errstate(over="ignore", invalid="ignore"):  # sums of huge values come out undefined
        for segment, ledger in [(None, whole), *((name, segments) for name in names)]:
            stack, unseen = _stack(ledger, windows, segment)
            against = reference.of(segment)
            when = calendar(windows) if segment is None else None
            current = _measured(stack, unseen, ledger.grid, against, asked, when=when)
            before = {} if against is None else _of_reference(against, ledger.grid, asked)
            if segment is None and now is not None:
                current |= _late(stack, ledger.grid, asked, now)
                before |= _of_all_labels(before, adjusted.SUFFIX)
                model = _estimated(stack, ledger.grid, asked, reference, current)
                guessed = {} if model is None else dict(model.by_key)
            else:
                guessed = _estimated_in_segment(stack, against, current, model)
            if guessed:
                current |= guessed
                before |= _of_all_labels(before, ESTIMATED) | _of_all_labels(before, BLENDED)
            for (metric, column), values in current.items():
                key = SeriesKey(metric, column, segment)
                series[key] = _series(key, values, before.get((metric, column)))
    return Measurements(tuple(windows), series)


def main_metric(measurements: Measurements, task: Task) -> str | None:
    """The metric that stands for performance, or None when there is none.

    Accuracy for classification, unless one class is so rare (under 10 %) that always answering
    the other would be nearly as accurate: then ROC AUC, or F1 without scores. MAE for regression;
    for ranking the first NDCG. Where no row has a label, what is estimated of it.
    """
    if task is Task.BINARY:
        rate, right = (_typical(measurements, key) for key in ("base_rate", "accuracy"))
        rare = min(rate, 1 - rate) < RARE
        idle = rare and right > max(rate, 1 - rate) - IDLE
        wanted = ["roc_auc", "f1", "accuracy"] if idle else ["accuracy"]
    elif task is Task.RANKING:
        wanted = [key.metric for key in measurements.series if key.metric.startswith("ndcg@")]
    else:
        wanted = {Task.MULTICLASS: ["accuracy"], Task.REGRESSION: ["mae"]}.get(task, [])
    wanted += [key + ESTIMATED for key in wanted]
    present = [key for key in wanted if measurements.get(key) is not None]
    defined = [key for key in present if _defined(measurements.get(key))]
    return next(iter([*defined, *present]), None)


def _typical(measurements: Measurements, metric: str) -> float:
    """Reference value of a metric, or else its median over the windows; NaN when undefined."""
    series = measurements.get(metric)
    if series is None or math.isfinite(series.reference):
        return math.nan if series is None else series.reference
    known = series.values[~np.isnan(series.values)]
    return float(np.median(known)) if len(known) else math.nan


def _defined(series: Series | None) -> bool:
    return series is not None and series.last_defined is not None


def _measured(
    counters: Counters,
    names: Sequence[Mapping[int, NameCounts]],
    grid: Grid,
    reference: Profile | None,
    asked: _Asked,
    *,
    when: Calendar | None,
) -> Measured:
    """Every metric of a stack of R profiles; those that look back only where told when they are."""
    measured = _apply(traffic.METRICS, traffic.Carried.of(counters, grid), asked)
    measured.update(_performance(counters, grid, asked))
    measured.update(measure_quality(counters, names, grid, reference))
    if reference is None or _empty(reference):
        return measured
    groups = grouped(counters, grid, reference)
    if groups is not None:
        measured.update(measure_drift(counters, grid, reference, groups))
        if when is not None:
            measured.update(measure_recent_drift(groups, when))
    return measured


def _performance(counters: Counters, grid: Grid, asked: _Asked) -> Measured:
    """How well the model answered, by its task."""
    if grid.task is Task.RANKING:
        return {(key, None): value for key, value in measure_lists(counters, grid).items()}
    if grid.task is Task.BINARY:
        definitions = (*binary.METRICS, binary.COST) if asked.costs else binary.METRICS
        return _apply(definitions, binary.Answered.of(counters, asked.costs), asked)
    if grid.task is Task.REGRESSION:
        return _apply(regression.METRICS, regression.Erred.of(counters, grid), asked)
    if grid.task is not Task.MULTICLASS:
        return {}
    answered = multiclass.Classified.of(counters)
    measured = _apply(multiclass.METRICS, answered, asked)
    if Role.LABEL in asked.roles:
        for key, by_class in multiclass.per_class(answered).items():
            measured |= {(key, name): by_class[at] for at, name in enumerate(grid.classes)}
    return measured


def _late(counters: Counters, grid: Grid, asked: _Asked, now: int) -> Measured:
    """How the labels of a stack of profiles mature, and what they are expected to say."""
    if not asked.roles >= {Role.LABEL, Role.LABEL_TIME}:
        return {}
    aged = maturity.Aged.of(counters, grid, now)
    measured = _apply(maturity.METRICS, aged, asked)
    for name, found in zip(grid.classes, maturity.by_predicted_class(aged), strict=False):
        measured[MATURITY, name] = found
    if grid.task is Task.BINARY:
        measured |= _apply(adjusted.METRICS, adjusted.Completed.of(counters, aged), asked)
    return measured


def _estimated(
    counters: Counters, grid: Grid, asked: _Asked, reference: Reference, measured: Measured
) -> Estimation | ErrorEstimation | None:
    """What is to be expected where labels are missing; None where nothing tells of that."""
    scored = grid.task in ESTIMABLE and bool(grid.of_part(Part.SCORE))
    regresses = grid.task is Task.REGRESSION and Role.PREDICTION in asked.roles
    if not (scored or regresses) or Role.LABEL not in asked.roles:
        return None
    waits = np.zeros(len(counters.totals), dtype=np.bool_)
    for (key, _), found in measured.items():
        if key == MATURITY:
            waits |= found.values < MATURE
    realised = _values(measured)
    if regresses:
        return estimate_errors(counters, grid, reference.whole, ~waits, realised)
    learned = learn(
        grid.task, reference.whole, reference.effects, classes=grid.classes, costs=asked.costs
    )
    return estimate(counters, learned, ~waits, realised)


def _estimated_in_segment(
    counters: Counters,
    segment: Profile | None,
    measured: Measured,
    model: Estimation | ErrorEstimation | None,
) -> Measured:
    """What is to be expected in a segment; nothing where nothing is of all rows."""
    realised = _values(measured)
    match model:
        case Estimation():
            return estimate_in_segment(counters, segment, realised, model)
        case ErrorEstimation():
            return estimate_errors_in_segment(counters, segment, realised, model)
    return {}


def _values(measured: Measured) -> dict[tuple[str, str | None], NDArray[np.float64]]:
    """Metrics without intervals and reasons."""
    return {key: found.values for key, found in measured.items()}


def _of_all_labels(reference: Measured, suffix: str) -> Measured:
    """Corrected or estimated metrics of a reference, which is taken to have all its labels."""
    return {(key + suffix, column): found for (key, column), found in reference.items()}


def _apply(definitions: Iterable[Definition], counted: object, asked: _Asked) -> Measured:
    return {
        (definition.metric.key, None): definition.measure(counted)
        for definition in definitions
        if definition.needs <= asked.roles
    }


def _of_reference(reference: Profile, grid: Grid, asked: _Asked) -> Measured:
    """The same metrics on the reference itself, but for drift and volume."""
    stack = reference.counters.as_stack()
    measured = _apply(traffic.METRICS, traffic.Carried.of(stack, grid), asked)
    measured.pop(("volume", None), None)
    measured.update(_performance(stack, grid, asked))
    measured.update(measure_quality(stack, [reference.names], grid, reference))
    return measured


def _stack(
    ledger: Ledger, windows: Sequence[Window], segment: str | None
) -> tuple[Counters, list[Mapping[int, NameCounts]]]:
    """One profile for each window, empty where the segment has no rows."""
    rows = {key.window: row for row, key in enumerate(ledger.keys) if key.segment == segment}
    wanted = [rows.get(window.start) for window in windows]
    names = [NO_NAMES if row is None else ledger.names[row] for row in wanted]
    if all(row is not None for row in wanted) and len(rows) == len(ledger.keys) == len(windows):
        return ledger.counters, names
    blank = zeros(ledger.grid, ledger.counters.cells.shape[-1])
    parts = [blank if row is None else ledger.counters.at(row) for row in wanted]
    if not parts:
        return zeros(ledger.grid, ledger.counters.cells.shape[-1], rows=0), names
    return Counters.stack(parts), names


def _series(key: SeriesKey, now: Estimates, before: Estimates | None) -> Series:
    own = (now.values, now.low, now.high, now.n, now.reasons)
    if before is None:
        return Series(key, *own)
    return Series(key, *own, *(float(part[0]) for part in (before.values, before.low, before.high)))


def _empty(profile: Profile) -> bool:
    return not profile.counters.totals[0]
