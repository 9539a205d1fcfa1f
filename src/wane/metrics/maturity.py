"""Late labels: how many of those expected are in, how long they take, how many will come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.catalogue import Better, Family, define
from wane.metrics.estimates import Estimates, effective_scale, estimates
from wane.metrics.labelled import UNPREDICTED
from wane.profile.counters import AGE_LIMITS_HOURS, Total
from wane.schema import Role, Task
from wane.stats.array import divide
from wane.stats.interval import Interval, logit
from wane.stats.maturity import Maturity, maturity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.profile.counters import Counters
    from wane.profile.grid import Grid

HOUR = 3_600_000_000
HOURS_A_DAY = 24
LEAST_LABELS = 30
"""Fewer labels than this do not tell how late labels come."""
LEAST_SHARE = 0.1
"""With a smaller share of the labels in, how many will come cannot be told."""
UNTIMED = "no label says when it came"
TOO_FEW = f"fewer than {LEAST_LABELS} labels with a time so far"
UNSETTLED = "labels still come at the greatest age seen: the history is too short for their delays"
TOO_EARLY = f"less than {100 * LEAST_SHARE:.0f} % of the labels are in, too few to tell the rest"


@dataclass(frozen=True, slots=True)
class Aged:
    """The labels of R windows by age, as known at one moment.

    Attributes:
        counts: [R, A, O] labels by age cell and outcome, in effective rows.
        complete: [R] age cells that all rows of the window have passed.
        youngest: [R] age of its newest row in hours; nan without rows.
        oldest: [R] age of its oldest row.
        predicted: [R] rows with a prediction.
        labelled: [R] those with a label, with a time or not.
        pooled: How labels of all kinds mature.
        by_class: The same by predicted class; empty but for binary models.
    """

    counts: NDArray[np.float64]
    complete: NDArray[np.intp]
    youngest: NDArray[np.float64]
    oldest: NDArray[np.float64]
    predicted: NDArray[np.float64]
    labelled: NDArray[np.float64]
    pooled: Maturity
    by_class: tuple[Maturity, ...]

    @classmethod
    def of(cls, counters: Counters, grid: Grid, now: int) -> Aged:
        """The labels of a stack of profiles.

        Args:
            counters: [R, ...] of windows in order of time.
            grid: Their grid.
            now: Time up to which rows and labels can have come, in microseconds since 1970 UTC.
                A log that was taken earlier knows nothing of the time since, so ages count up to
                its newest row or label, where that is before `now`.
        """
        limits = np.array(AGE_LIMITS_HOURS, dtype=np.float64)
        known = np.concatenate([counters.latest, counters.latest_label]).max(initial=-np.inf)
        until = min(float(now), float(known))
        youngest = (until - counters.latest[:, 0]) / HOUR
        oldest = (until - counters.earliest[:, 0]) / HOUR
        filled = np.isfinite(youngest)
        ages = np.where(filled, np.maximum(youngest, 0.0), np.nan)
        complete = np.where(filled, np.searchsorted(limits, ages, side="right"), 0)
        counts = counters.ages * effective_scale(counters)[:, None, None]
        timed = counts[:, : len(limits)]
        by_class: tuple[Maturity, ...] = ()
        if grid.task is Task.BINARY:
            by_class = tuple(
                maturity(timed[..., 3 * at : 3 * at + 2].sum(axis=2), complete, limits)
                for at in range(2)
            )
        return cls(
            counts=counts,
            complete=complete,
            youngest=ages,
            oldest=np.where(filled, np.maximum(oldest, 0.0), np.nan),
            predicted=counters.totals[:, Total.PREDICTED],
            labelled=counters.totals[:, Total.LABELLED],
            pooled=maturity(timed.sum(axis=2), complete, limits),
            by_class=by_class,
        )

    def unknown(self, of: Maturity) -> list[tuple[NDArray[np.bool_], str]]:
        """Why nothing can be said of how labels mature."""
        timed = self.counts.sum() > 0
        return [
            (np.full(len(self.predicted), not timed), UNTIMED),
            (of.labels < LEAST_LABELS, TOO_FEW),
            (~of.settled, UNSETTLED),
        ]


def label_maturity(a: Aged) -> Estimates:
    """Share of the labels expected in the end that are in; logit interval."""
    return _matured(a, a.pooled)


def by_predicted_class(a: Aged) -> tuple[Estimates, ...]:
    """The same for the predictions of each class: flagged cases may be looked at first."""
    return tuple(_matured(a, of) for of in a.by_class)


def label_delay_p50(a: Aged) -> Estimates:
    """Age in days by which half of the labels of this and the 25 windows before will be in."""
    return _delay(a, 0.5)


def label_delay_p90(a: Aged) -> Estimates:
    """Age in days by which nine in ten labels of this and the 25 windows before will be in."""
    return _delay(a, 0.9)


def expected_label_coverage(a: Aged) -> Estimates:
    """Share of predictions that will have a label in the end, as far as labels are in now."""
    share, variance = a.pooled.by(a.youngest, a.oldest)
    coverage = divide(a.labelled, a.predicted)
    value = np.minimum(divide(coverage, share), 1.0)
    relative = divide(1 - coverage, a.labelled) + divide(variance, share**2)
    with np.errstate(invalid="ignore"):
        limits = logit(value, value * np.sqrt(relative), a.predicted)
    because = [
        (a.predicted == 0, UNPREDICTED),
        *a.unknown(a.pooled),
        (~(share >= LEAST_SHARE), TOO_EARLY),
    ]
    return estimates(value, a.predicted, interval=limits, because=because)


_NEEDS = (Role.LABEL, Role.PREDICTION, Role.LABEL_TIME)
_LABELS, _NEITHER = Family.LABELS, Better.NEITHER
METRICS = (
    define(label_maturity, family=_LABELS, better=_NEITHER, percent=True, needs=_NEEDS),
    define(
        label_delay_p50,
        title="median label delay in days",
        family=_LABELS,
        better=_NEITHER,
        needs=_NEEDS,
    ),
    define(
        label_delay_p90,
        title="label delay p90 in days",
        family=_LABELS,
        better=_NEITHER,
        needs=_NEEDS,
    ),
    define(
        expected_label_coverage,
        title="labels expected in the end",
        family=_LABELS,
        better=_NEITHER,
        percent=True,
        needs=_NEEDS,
    ),
)


def _matured(a: Aged, of: Maturity) -> Estimates:
    share, variance = of.by(a.youngest, a.oldest)
    limits = logit(share, np.sqrt(variance), of.labels)
    because = [(a.predicted == 0, UNPREDICTED), *a.unknown(of)]
    return estimates(share, a.predicted, interval=limits, because=because)


def _delay(a: Aged, probability: float) -> Estimates:
    value, low, high = (part / HOURS_A_DAY for part in a.pooled.quantile(probability))
    limits = Interval(low, high)
    return estimates(value, a.pooled.labels, interval=limits, because=a.unknown(a.pooled))
