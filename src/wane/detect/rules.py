"""Applying rules to series of measurements, all windows at once."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.detection import Detection, Undecided
from wane.detect.rule import EVERY, Against, Operator, Rule
from wane.detect.sentence import broken, rows, series_name
from wane.stats.interval import poisson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from wane.metrics.measurement import Measurements, Series

STANDS: Mapping[Operator, Callable[[NDArray[np.float64], float], NDArray[np.bool_]]] = {
    Operator.BELOW: np.less,
    Operator.AT_MOST: np.less_equal,
    Operator.ABOVE: np.greater,
    Operator.AT_LEAST: np.greater_equal,
}
COUNT = "volume"
"""The metric that is a count: exact, so it has no interval, but not without chance."""


def apply_rule(rule: Rule, measurements: Measurements) -> tuple[Detection | Undecided, ...]:
    """Every window in which the rule is broken or cannot be judged, series by series.

    A window without a value says nothing (its measurement carries the reason). A relative rule
    on a series without a reference value is undecided once, in the last window.

    Args:
        rule: What must hold.
        measurements: All series of a run; those that `matching` finds are judged.

    Returns:
        Detections and undecided windows, oldest first within a series; empty when nothing
        matches or nothing is broken.
    """
    return tuple(found for series in matching(rule, measurements) for found in _judge(rule, series))


def matching(rule: Rule, measurements: Measurements) -> tuple[Series, ...]:
    """The series a rule speaks of; empty when it names a column or segment that is not there."""
    candidates = measurements.of_metric(rule.metric)
    whole = any(series.key.column is None for series in candidates)
    return tuple(
        series
        for series in candidates
        if _column_matches(rule.column, series.key.column, whole=whole)
        and _segment_matches(rule.segment, series.key.segment)
    )


def limit_of(rule: Rule, reference: float) -> float:
    """The limit in the metric's own unit; NaN when a relative rule has no reference value.

    Decimal arithmetic on the shortest decimal of the reference: 0.93 minus 0.05 is 0.88, the
    number that a measured 0.88 equals, and not the float just beside it.
    """
    if not rule.relative:
        return float(rule.threshold)
    if not math.isfinite(reference):
        return math.nan
    base = Decimal(repr(float(reference)))
    by_share = rule.against is Against.REFERENCE_SHARE
    change = abs(base) * rule.threshold if by_share else rule.threshold
    return float(base - change if rule.operator.downward else base + change)


def _column_matches(wanted: str | None, column: str | None, *, whole: bool) -> bool:
    """Without a named column a rule means the whole, or each column when there is no whole."""
    if wanted is None:
        return column is None or not whole
    return column is not None and wanted in (EVERY, column)


def _segment_matches(wanted: str | None, segment: str | None) -> bool:
    if wanted is None or segment is None:
        return wanted is segment
    return wanted in (EVERY, segment) or ("=" not in wanted and segment.startswith(f"{wanted}="))


def _judge(rule: Rule, series: Series) -> list[Detection | Undecided]:
    """One rule on one series."""
    limit = limit_of(rule, series.reference)
    if math.isnan(limit):
        return _without_reference(rule, series)
    beyond = STANDS[rule.operator]
    broken_here = beyond(series.values, limit)
    enough = series.n >= rule.min_n
    edge = _edge(rule, series)
    clear = np.isnan(edge) | beyond(edge, limit) if rule.sure else np.ones(len(edge), dtype=bool)
    few = ~enough & ~np.isnan(series.values)
    return [
        _detection(rule, series, int(index), limit)
        if enough[index] and clear[index]
        else _too_few(rule, series, int(index), limit, float(edge[index]))
        for index in np.flatnonzero(broken_here | few)
    ]


def _edge(rule: Rule, series: Series) -> NDArray[np.float64]:
    """[W] end of the 95 % interval on the side of the limit; NaN where there is none.

    A count has the interval that its mean would have if rows came independently (Poisson).
    """
    low, high = series.low, series.high
    if series.key.metric == COUNT:
        low, high = poisson(np.where(series.n == series.values, series.values, np.nan))
    return high if rule.operator.downward else low


def _detection(rule: Rule, series: Series, index: int, limit: float) -> Detection:
    value, n = float(series.values[index]), int(series.n[index])
    reason = broken(rule, series.key, value, series.reference, n)
    return Detection(rule, series.key, index, value, limit, n, reason)


def _too_few(rule: Rule, series: Series, index: int, limit: float, edge: float) -> Undecided:
    """More rows would tell: up to `min_n`, or until the interval clears the limit.

    The width of an interval goes with 1 / sqrt(n), so the half that straddles the limit has to
    shrink from `half` to `gap`, which takes n * (half / gap)^2 rows.
    """
    n = int(series.n[index])
    missing = rule.min_n - n
    value = float(series.values[index])
    gap, half = abs(value - limit), abs(edge - value)
    if missing <= 0:
        more = n * ((half / gap) ** 2 - 1) if gap else math.inf
        needed = max(1, math.ceil(more)) if math.isfinite(more) else None
    else:
        needed = missing
    help_ = f"need about {needed:,} more" if needed is not None else "it lies at the limit"
    name = series_name(series.key)
    reason = f"too few rows to tell whether {name} breaks {rule.text!r} ({rows(n)}): {help_}"
    return Undecided(rule, series.key, index, needed, reason)


def _without_reference(rule: Rule, series: Series) -> list[Detection | Undecided]:
    last = series.last_defined
    if last is None:
        return []
    name = series_name(series.key)
    reason = f"{rule.text!r} cannot be judged: {name} has no value in the reference"
    return [Undecided(rule, series.key, last, None, reason)]
