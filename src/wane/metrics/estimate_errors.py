"""Errors of a regression where labels are missing, estimated from what its rows are like.

As NannyML's direct loss estimation does, but by cells: a model fitted on the reference says how far
off each row is likely to be, and the reference how far off such rows were. It sees that other rows
come; it is blind to answers to the same rows that change, until labels tell. It is withheld where
labels of late tell that it misled, and where values come such as the reference did not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.calibrator import NO_REFERENCE
from wane.metrics.doubt import BETWEEN_WINDOWS, between_windows, freedom
from wane.metrics.estimable import BLENDED, ERRORS, ESTIMATED
from wane.metrics.estimate import LEAST_LABELS, MOST_STRANGE
from wane.metrics.estimates import Estimates, estimates, undefined
from wane.metrics.expected_errors import (
    ExpectedErrors,
    error_cells,
    expect_errors,
    expect_errors_in_segment,
)
from wane.metrics.labelled import UNPREDICTED
from wane.metrics.trust import TRUST, Trusted, least_trust, trust
from wane.profile.cells import NumericCells
from wane.profile.counters import Moment, Total
from wane.stats.array import divide
from wane.stats.interval import Interval, student_quantile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from wane.profile.counters import Counters
    from wane.profile.grid import Grid
    from wane.profile.profile import Profile

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Key = tuple[str, str | None]

TOLERANCE = 0.05
"""To be off by this share of the estimate, beyond noise, misleads nobody."""
UNLABELLED_REFERENCE = "the reference has fewer than 100 rows with label and prediction"
STRANGE = (
    f"more than {100 * MOST_STRANGE:.0f} % of the values of a feature are such as the reference "
    "does not have"
)


@dataclass(frozen=True, slots=True)
class ErrorEstimation:
    """What was estimated for a stack of profiles of a regression.

    Attributes:
        by_key: Every metric that can be estimated, blends, and the trust in that.
        grid: Where rows were counted.
        settled: [R] windows whose labels are in, enough of them.
        expected: The errors to expect; None where they cannot be known.
        reason: Why not.
    """

    by_key: Mapping[Key, Estimates]
    grid: Grid
    settled: Bools
    expected: ExpectedErrors | None
    reason: str = ""


def estimate_errors(
    counters: Counters,
    grid: Grid,
    reference: Profile | None,
    settled: Bools,
    realised: Mapping[Key, Floats],
) -> ErrorEstimation:
    """MAE and RMSE of a regression, estimated.

    Args:
        counters: [R, ...] in order of time.
        grid: Where they were counted.
        reference: What to learn from; None without.
        settled: [R] windows whose labels are in.
        realised: Metric, and no column -> [R] its value by the labels, nan where undefined.

    Returns:
        Blends only where rows have labels and others have none.
    """
    told = settled & _enough(counters)
    cells = None if reference is None else error_cells(reference, grid)
    if cells is None:
        reason = NO_REFERENCE if reference is None else UNLABELLED_REFERENCE
        return ErrorEstimation(_unknown(counters, reason), grid, told, None, reason)
    expected = expect_errors(counters, grid, cells, told)
    found = _estimates(counters, grid, expected, told, realised)
    return ErrorEstimation(found, grid, told, expected)


def estimate_errors_in_segment(
    counters: Counters,
    segment: Profile | None,
    realised: Mapping[Key, Floats],
    model: ErrorEstimation,
) -> dict[Key, Estimates]:
    """The same in a segment, without blends.

    Args:
        counters: [R, ...] of the segment, in the windows of the model.
        segment: The reference rows of the segment; None where it has none.
        realised: Metric, and no column -> [R] its value by the labels in the segment.
        model: What was estimated for all rows.
    """
    if model.expected is None:
        return _unknown(counters, model.reason)
    expected = expect_errors_in_segment(counters, model.grid, segment, model.expected)
    told = model.settled & _enough(counters)
    return _estimates(counters, model.grid, expected, told, realised, blends=False)


def _enough(counters: Counters) -> Bools:
    """[R] windows with labels enough to tell how good an estimate was."""
    return np.asarray(counters.totals[:, Total.LABELLED] >= LEAST_LABELS)


def _unknown(counters: Counters, reason: str) -> dict[Key, Estimates]:
    keys = [*(key + ESTIMATED for key in ERRORS), TRUST.metric.key]
    return {(key, None): undefined(len(counters.totals), reason) for key in keys}


def _estimates(
    counters: Counters,
    grid: Grid,
    expected: ExpectedErrors,
    settled: Bools,
    realised: Mapping[Key, Floats],
    *,
    blends: bool = True,
) -> dict[Key, Estimates]:
    """Both metrics, blends, and the least trust in them."""
    predicted = counters.totals[:, Total.PREDICTED]
    whole = expected.labelled + expected.unlabelled
    rows, with_label = whole.sum(axis=1), expected.labelled.sum(axis=1)
    missing = np.nan_to_num(divide(rows - with_label, rows))
    mixed = blends and bool((missing > 0).any() and (missing < 1).any())
    unsupported = [(predicted == 0, UNPREDICTED), (_strange(counters, grid, expected), STRANGE)]
    found: dict[Key, Estimates] = {}
    trusted: list[Trusted] = []
    for at, key in enumerate(ERRORS):
        value, noise = _guessed(expected, whole, at)
        then, noise_then = _guessed(expected, expected.labelled, at)
        truth = realised.get((key, None), np.full(len(settled), np.nan))
        off = np.where(settled, truth - then, np.nan)
        trusting = trust(
            off, (1 + BETWEEN_WINDOWS) * noise_then.total, predicted, TOLERANCE * value
        )
        model = noise.model + between_windows(off, noise_then.total, noise.total)
        reach = student_quantile(freedom(off))
        because = [*unsupported, *trusting.told()]
        width = reach * np.sqrt(noise.labels + model)
        found[key + ESTIMATED, None] = _with_interval(value, width, predicted, because)
        if mixed:
            sums = expected.known[:, at] + expected.sums(expected.unlabelled)[:, at]
            told = [(mask & (missing > 0), reason) for mask, reason in because]
            best = _in_units(divide(sums, rows), at)
            width = reach * np.sqrt(missing * noise.labels + missing**2 * model)
            found[key + BLENDED, None] = _with_interval(best, width, predicted, told)
        trusted.append(trusting)
    return {**found, (TRUST.metric.key, None): TRUST.measure(least_trust(trusted))}


@dataclass(frozen=True, slots=True)
class _Noise:
    """Variance of an estimate in R windows: by chance of the labels, and in what it rests on."""

    labels: Floats
    model: Floats

    @property
    def total(self) -> Floats:
        return np.asarray(self.labels + self.model)


def _guessed(expected: ExpectedErrors, rows: Floats, at: int) -> tuple[Floats, _Noise]:
    """A metric of [R, S] rows by cell, and how unsure it is.

    The variance of e^2 among rows of a cell is taken to be that of a normal error.
    """
    count = rows.sum(axis=1)
    mean = divide(expected.sums(rows)[:, at], count)
    spread = expected.cells.variance if at == 0 else 2 * expected.cells.losses[:, 1] ** 2
    scale = expected.factor[:, at] ** 2
    labels = divide((rows @ spread) * scale, count**2)
    by_block = _by_block(divide(rows, count[:, None]), expected)
    reference = (by_block**2 * (_block_spread(spread, expected) / expected.cells.rows)).sum(axis=1)
    plain = divide((rows @ expected.cells.losses)[:, at], count)
    ideas = np.zeros(len(count))
    for each, weight in zip(expected.candidates, expected.weights.T, strict=True):
        ideas += weight * (plain * each[:, at] - mean) ** 2
    slope = _slope(mean, at) ** 2
    return _in_units(mean, at), _Noise(labels * slope, (reference * scale + ideas) * slope)


def _by_block(shares: Floats, expected: ExpectedErrors) -> Floats:
    """[R, B] sums of [R, S] over the cells of each block."""
    sums = np.zeros((len(shares), len(expected.cells.rows)))
    np.add.at(sums.T, expected.cells.block, np.nan_to_num(shares).T)
    return sums


def _block_spread(spread: Floats, expected: ExpectedErrors) -> Floats:
    """[B] spread of the last cell of each block."""
    by_block = np.zeros(len(expected.cells.rows))
    by_block[expected.cells.block] = spread
    return by_block


def _in_units(mean: Floats, at: int) -> Floats:
    """Mean |e| as it is, mean e^2 as its root."""
    return mean if at == 0 else np.sqrt(mean)


def _slope(mean: Floats, at: int) -> Floats:
    """By how much the metric changes with the mean."""
    return np.ones_like(mean) if at == 0 else divide(0.5, np.sqrt(mean))


def _with_interval(
    value: Floats, width: Floats, n: Floats, because: list[tuple[Bools, str]]
) -> Estimates:
    ends = Interval(np.maximum(value - width, 0.0), value + width)
    return estimates(value, n, interval=ends, because=because)


def _strange(counters: Counters, grid: Grid, expected: ExpectedErrors) -> Bools:
    """[R] whether a column that tells how far off rows are has values that are new to it."""
    columns = [expected.cells.column] if grid.risk is None else list(grid.risk.columns)
    rows = counters.totals[:, Total.ROWS]
    most = np.zeros(len(rows))
    for at in columns:
        cells = grid.columns[at].cells
        if isinstance(cells, NumericCells):
            outside = counters.moments[:, at, [Moment.BELOW, Moment.ABOVE]].sum(axis=1)
            share = divide(outside, rows)
        else:
            other = int(grid.starts[at]) + cells.other
            share = divide(counters.cells[:, other].sum(axis=1), counters.totals[:, Total.WEIGHT])
        most = np.fmax(most, share)
    return np.asarray(most > MOST_STRANGE)
