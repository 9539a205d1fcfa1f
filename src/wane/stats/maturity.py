"""How late labels come: the share of them that is in by each age, though the newest are not.

Cohorts (the predictions of a window) are watched up to their own age, so the delays that can be
seen are cut off: short ones are always among them, long ones only in old cohorts. The plain
distribution of the delays seen so far is too short. The chain ladder of insurance (Mack 1993)
mends that: how labels grow from one age to the next is taken from the cohorts that are old enough
to show it. The shares it gives are those of the product-limit estimator in reversed time for delays
that are truncated on the right (Lagakos, Barraj & De Gruttola 1988), whose variance is Greenwood's.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from wane.stats.array import Bools, Floats, Ints, divide
from wane.stats.interval import normal_quantile

NEWEST = 26
"""Cohorts that a step of the ladder rests on: the newest that show it, as delays change."""
SETTLED = 0.95
"""Share of the labels seen that must have come in the first half of the ages that were watched."""


@dataclass(frozen=True, slots=True)
class Maturity:
    """The share of the labels ever to come that is in by each age, as known with each cohort.

    Attributes:
        limits: [J] upper limits of the age cells, ascending, from 0.
        share: [T, J] in [0, 1], not falling along J; 1 from the greatest age watched; nan in rows
            without a label.
        variance: [T, J] of it, for labels that come together as much as cohorts differ.
        labels: [T] labels that it rests on, of the step with most of them.
        watched: [T] greatest age up to which some cohort was watched; 0 for none.
    """

    limits: Floats
    share: Floats
    variance: Floats
    labels: Floats
    watched: Floats

    @property
    def settled(self) -> Bools:
        """[T] whether cohorts were watched until labels had all but ceased to come.

        Of the labels that came by the greatest age watched, at least 95 % had come by half of it.
        Where labels still come at the end, nobody knows how many follow. That none follow after a
        pause that is longer than what was watched cannot be known either way.
        """
        half = _mean(self.limits, self.share, self.watched / 2, self.watched / 2)
        return np.asarray(np.nan_to_num(half) >= SETTLED)

    def by(self, youngest: Floats, oldest: Floats) -> tuple[Floats, Floats]:
        """Expected share of the labels that are in of rows whose ages lie evenly between two.

        Args:
            youngest: [T] age of the newest row of each cohort, in the unit of the limits.
            oldest: [T] of the oldest one, >= youngest.

        Returns:
            [T] shares in [0, 1] and their variances, as if all ages were wrong together; between
            limits both are taken to grow evenly. nan where the shares or the ages are.
        """
        share, error = (
            _mean(self.limits, part, youngest, oldest)
            for part in (self.share, np.sqrt(self.variance))
        )
        return np.clip(share, 0, 1), error**2

    def quantile(self, probability: float, confidence: float = 0.95) -> tuple[Floats, ...]:
        """Age by which a share of all labels is in, with the ends of its interval.

        The interval holds the ages at which the share does not surely differ from the one asked
        for (Brookmeyer & Crowley 1982).

        Returns:
            Value, lower and upper end, [T] each, in the unit of the limits; nan without labels.
        """
        reach = normal_quantile(confidence) * np.sqrt(self.variance)
        curves = (self.share, self.share + reach, np.maximum.accumulate(self.share - reach, axis=1))
        return tuple(_age(self.limits, curve, probability) for curve in curves)


def maturity(
    counts: ArrayLike, complete: ArrayLike, limits: ArrayLike, newest: int = NEWEST
) -> Maturity:
    """The chain ladder over cohorts and ages, once with each cohort as the newest one.

    The share that is in at the limit of cell j is the product over the later cells i of
    1 - (labels in i) / (labels up to i), both summed over the cohorts that were watched through i.
    So large cohorts weigh more, and a cohort says nothing of ages that it has not reached.

    Args:
        counts: [T, J] labels of each cohort by age cell, >= 0; need not be whole. Cells that were
            not watched to their end are ignored.
        complete: [T] how many cells, counted from the first, were watched to their end.
        limits: [J] upper limits of the cells, ascending, from 0.
        newest: Cohorts that each step rests on, at most.

    Returns:
        T rows: row t knows the cohorts up to t. None for no cohorts.

    Raises:
        ValueError: The shapes do not fit.
    """
    labels, known = np.asarray(counts, dtype=np.float64), np.asarray(complete, dtype=np.intp)
    edges = np.asarray(limits, dtype=np.float64)
    if labels.shape != (len(known), len(edges)):
        raise ValueError(f"counts {labels.shape} do not fit {len(known)} x {len(edges)} cells")
    reached = np.arange(len(edges)) < known[:, None]
    steps = _Steps.of(np.where(reached, labels, 0.0), reached, newest)
    later = np.cumprod(steps.kept[:, :0:-1], axis=1)[:, ::-1]
    share = np.concatenate([later, np.ones((len(known), 1))], axis=1)
    added = np.cumsum(steps.relative_variance[:, :0:-1], axis=1)[:, ::-1]
    relative = np.concatenate([added, np.zeros((len(known), 1))], axis=1)
    share[steps.labels == 0] = np.nan
    furthest = np.maximum.accumulate(known) if len(known) else known
    return Maturity(
        limits=edges,
        share=share,
        variance=share**2 * relative * steps.dispersion[:, None],
        labels=steps.labels,
        watched=np.concatenate([[0.0], edges])[furthest],
    )


@dataclass(frozen=True, slots=True)
class _Steps:
    """From each age to the next, with each cohort as the newest one.

    Attributes:
        kept: [T, J] share of the labels up to cell j that were in before it.
        relative_variance: [T, J] its part of Greenwood's sum.
        dispersion: [T] variance between cohorts over that of labels which come one by one, >= 1.
        labels: [T] most labels that a step rests on.
    """

    kept: Floats
    relative_variance: Floats
    dispersion: Floats
    labels: Floats

    @classmethod
    def of(cls, labels: Floats, reached: Bools, newest: int) -> Self:
        upto = np.cumsum(labels, axis=1)
        square = np.nan_to_num(divide(labels**2, upto))
        came, total, squares = (_newest(part, reached, newest) for part in (labels, upto, square))
        cohorts = _newest((upto > 0).astype(np.float64), reached, newest)
        step = np.clip(np.nan_to_num(divide(came, total)), 0.0, 1.0)
        varies = (step > 0) & (step < 1)
        varies[:, 0] = False  # of the first cell there is no step
        # Pearson's statistic of the cohorts' steps about their common one
        pearson = np.where(varies, divide(squares - step * came, step * (1 - step)), 0.0)
        freedom = np.where(varies, np.maximum(cohorts - 1, 0), 0.0)
        dispersion = np.nan_to_num(divide(pearson.sum(axis=1), freedom.sum(axis=1)))
        greenwood = np.where(varies, divide(step, total * (1 - step)), 0.0)
        return cls(1 - step, greenwood, np.maximum(dispersion, 1.0), total.max(axis=1, initial=0.0))


def _newest(values: Floats, reached: Bools, newest: int) -> Floats:
    """[T, J] sum over the newest cohorts up to each one, of those that reached the cell."""
    found = np.zeros_like(values)
    for cell in range(values.shape[1]):
        there = np.flatnonzero(reached[:, cell])
        summed = np.concatenate([[0.0], np.cumsum(values[there, cell])])
        last: Ints = np.searchsorted(there, np.arange(len(values)), side="right")
        found[:, cell] = summed[last] - summed[np.maximum(last - newest, 0)]
    return found


def _mean(limits: Floats, share: Floats, first: Floats, last: Floats) -> Floats:
    """[T] the share [T, J] averaged over ages [first, last] >= 0; at one age where they are equal.

    It grows evenly between limits and stays as it is after the last one.
    """
    areas = np.cumsum((share[:, 1:] + share[:, :-1]) / 2 * np.diff(limits), axis=1)
    upto = np.concatenate([np.zeros((len(share), 1)), areas], axis=1)
    rows = np.arange(len(share))

    def at(ages: Floats) -> tuple[Floats, Floats]:
        """The share at an age of each row, and the area below it up to there."""
        cell: Ints = np.maximum(np.searchsorted(limits, ages, side="right") - 1, 0)
        after = np.minimum(cell + 1, len(limits) - 1)
        beyond = ages - limits[cell]
        slope = np.nan_to_num(divide(share[rows, after] - share[rows, cell], _width(limits)[cell]))
        begun = share[rows, cell]
        return begun + slope * beyond, upto[rows, cell] + (begun + slope * beyond / 2) * beyond

    (now, before), (_, all_) = at(first), at(last)
    return np.where(last > first, divide(all_ - before, last - first), now)


def _width(limits: Floats) -> Floats:
    """From each limit to the next; the last one is followed by none."""
    return np.append(np.diff(limits), np.inf)


def _age(limits: Floats, share: Floats, probability: float) -> Floats:
    """[T] the first age by which a share [T, J] is reached; nan where it never is."""
    reached, rows = share >= probability, np.arange(len(share))
    at = np.argmax(reached, axis=1)
    before = np.maximum(at - 1, 0)
    step = divide(probability - share[rows, before], share[rows, at] - share[rows, before])
    age = limits[before] + np.where(at > 0, step, 0.0) * (limits[at] - limits[before])
    return np.where(reached.any(axis=1), age, np.nan)
