"""Metrics of a regression, from sums of errors by prediction cell; e = prediction - label.

All are exact but the residual quantiles, which come from cells of the residual. Intervals are
95 %: normal ones for means; for RMSE that of the mean squared error, carried over; for WAPE and R2
those of ratios, whose sums of products come from the cells of the label; for quantiles the order
statistics a binomial allows (Conover 1999, section 3.2). A few huge errors make those of RMSE and
R2 too narrow, as they do to every estimate of a mean square.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.catalogue import Better, define
from wane.metrics.estimates import Estimates, effective_scale, estimates
from wane.metrics.labelled import Labelled
from wane.metrics.quantiles import ColumnCells, column_cells, quantile
from wane.profile.counters import Error, Loss
from wane.profile.grid import Grid, Part
from wane.schema import Role
from wane.stats import delta, interval
from wane.stats.array import divide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.profile.counters import Counters

ALL_ZERO = "all labels in this window are 0"
CONSTANT = "all labels in this window are equal"


@dataclass(frozen=True, slots=True)
class LabelCells:
    """The rows of R windows by cell of their label, in effective rows; [R, cells] each.

    Attributes:
        share: Share of the labels that lie in the cell; all 0 without labels.
        label: Mean label of the cell; 0 where there is none.
        absolute: Sum of |e|.
        squares: Sum of e^2.
    """

    share: NDArray[np.float64]
    label: NDArray[np.float64]
    absolute: NDArray[np.float64]
    squares: NDArray[np.float64]

    @classmethod
    def of(cls, counters: Counters, grid: Grid, scale: NDArray[np.float64]) -> LabelCells:
        """The cells of the label, without the missing one; no cells without a label."""
        position = grid.one(Part.LABEL)
        at = slice(0, 0)
        if position is not None:
            at = slice(grid.starts[position], grid.starts[position + 1] - 1)
        n = counters.cells[:, at].sum(axis=2)
        losses = counters.cell_losses[:, at] * scale[:, None, None]
        return cls(
            np.nan_to_num(divide(n, n.sum(axis=1, keepdims=True))),
            np.nan_to_num(divide(counters.cell_sums[:, at], n)),
            losses[..., Loss.ABSOLUTE],
            losses[..., Loss.SQUARES],
        )


@dataclass(frozen=True)
class Erred(Labelled):
    """The error counters of R windows, in effective rows.

    Attributes:
        sums: [R, len(Error)].
        totals: [R, len(Total)].
        residual: Cells of the residual; None when the grid has none.
        by_label: Errors by cell of the label.
    """

    sums: NDArray[np.float64]
    totals: NDArray[np.float64]
    residual: ColumnCells | None
    by_label: LabelCells

    @classmethod
    def of(cls, counters: Counters, grid: Grid) -> Erred:
        """The error counters of a stack of profiles."""
        scale = effective_scale(counters)
        position = grid.one(Part.RESIDUAL)
        return cls(
            counters.errors.sum(axis=1) * scale[:, None],
            counters.totals,
            None if position is None else column_cells(counters, grid, position),
            LabelCells.of(counters, grid, scale),
        )

    @cached_property
    def n(self) -> NDArray[np.float64]:
        """[R] effective labelled rows, at least a tiny number."""
        return np.maximum(self.sums[:, Error.WEIGHT], 1e-300)

    @cached_property
    def label_variance(self) -> NDArray[np.float64]:
        """[R] population variance of the labels."""
        mean = self.sums[:, Error.LABEL] / self.n
        variance = self.sums[:, Error.LABEL_SQUARES] / self.n - mean**2
        rounding = 1e-12 * self.sums[:, Error.LABEL_SQUARES] / self.n
        return np.where(variance > rounding, variance, 0.0)


def mean_absolute_error(e: Erred) -> Estimates:
    """Mean of |prediction - label|; normal interval."""
    return _mean(e, Error.ABSOLUTE, Error.SQUARES)


def root_mean_squared_error(e: Erred) -> Estimates:
    """Root of the mean of (prediction - label)^2."""
    limits = interval.mean(e.sums[:, Error.SQUARES], e.sums[:, Error.FOURTH_POWERS], e.n)
    ends = interval.Interval(*(np.sqrt(np.maximum(end, 0.0)) for end in limits))
    value = np.sqrt(e.sums[:, Error.SQUARES] / e.n)
    return estimates(value, e.labelled, interval=ends, because=e.missing)


def mean_absolute_percentage_error(e: Erred) -> Estimates:
    """Mean of |prediction - label| / |label| over labels other than 0; normal interval."""
    n = e.sums[:, Error.PERCENT_WEIGHT]
    total, squares = e.sums[:, Error.PERCENT], e.sums[:, Error.PERCENT_SQUARES]
    because = [*e.missing, (n == 0, ALL_ZERO)]
    value = total / np.where(n > 0, n, np.nan)
    return estimates(value, n, interval=interval.mean(total, squares, n), because=because)


def symmetric_percentage_error(e: Erred) -> Estimates:
    """Mean of 2 |prediction - label| / (|prediction| + |label|), 0 where both are 0."""
    return _mean(e, Error.SYMMETRIC_PERCENT, Error.SYMMETRIC_PERCENT_SQUARES)


def weighted_percentage_error(e: Erred) -> Estimates:
    """Sum of |prediction - label| over the sum of |label|."""
    total, size = e.sums[:, Error.ABSOLUTE], e.sums[:, Error.LABEL_ABSOLUTE]
    limits = delta.ratio_interval(
        total,
        size,
        squares=e.sums[:, Error.SQUARES],
        products=(e.by_label.absolute * np.abs(e.by_label.label)).sum(axis=1),
        base_squares=e.sums[:, Error.LABEL_SQUARES],
        n=e.n,
    )
    because = [*e.missing, (size == 0, ALL_ZERO)]
    return estimates(divide(total, size), e.labelled, interval=limits, because=because)


def bias(e: Erred) -> Estimates:
    """Mean of prediction - label; normal interval."""
    return _mean(e, Error.SUM, Error.SQUARES)


def coefficient_of_determination(e: Erred) -> Estimates:
    """1 - mean squared error / variance of the labels."""
    total, base = e.sums[:, Error.SQUARES], e.n * e.label_variance
    distance = _squared_distance(e)
    limits = delta.ratio_interval(
        total,
        base,
        squares=e.sums[:, Error.FOURTH_POWERS],
        products=(e.by_label.squares * distance).sum(axis=1),
        base_squares=e.n * (e.by_label.share * distance**2).sum(axis=1),
        n=e.n,
    )
    ends = interval.Interval(1 - limits.high, 1 - limits.low)
    because = [*e.missing, (e.label_variance == 0, CONSTANT)]
    return estimates(1 - divide(total, base), e.labelled, interval=ends, because=because)


def residual_p05(e: Erred) -> Estimates:
    """5th percentile of prediction - label."""
    return _residual(e, 0.05)


def residual_p50(e: Erred) -> Estimates:
    """Median of prediction - label."""
    return _residual(e, 0.5)


def residual_p95(e: Erred) -> Estimates:
    """95th percentile of prediction - label."""
    return _residual(e, 0.95)


_LABEL = (Role.LABEL,)
METRICS = (
    define(mean_absolute_error, key="mae", title="MAE", better=Better.LOWER, needs=_LABEL),
    define(root_mean_squared_error, key="rmse", title="RMSE", better=Better.LOWER, needs=_LABEL),
    define(
        mean_absolute_percentage_error, key="mape", title="MAPE", better=Better.LOWER, needs=_LABEL
    ),
    define(
        symmetric_percentage_error, key="smape", title="sMAPE", better=Better.LOWER, needs=_LABEL
    ),
    define(weighted_percentage_error, key="wape", title="WAPE", better=Better.LOWER, needs=_LABEL),
    define(bias, better=Better.NEITHER, needs=_LABEL),
    define(coefficient_of_determination, key="r2", title="R2", needs=_LABEL),
    define(residual_p05, title="5th percentile of residuals", better=Better.NEITHER, needs=_LABEL),
    define(residual_p50, title="median residual", better=Better.NEITHER, needs=_LABEL),
    define(residual_p95, title="95th percentile of residuals", better=Better.NEITHER, needs=_LABEL),
)


def _mean(e: Erred, total: Error, squares: Error) -> Estimates:
    limits = interval.mean(e.sums[:, total], e.sums[:, squares], e.n)
    return estimates(e.sums[:, total] / e.n, e.labelled, interval=limits, because=e.missing)


def _squared_distance(e: Erred) -> NDArray[np.float64]:
    """[R, cells] squared distance of the labels from their mean, that averages to their variance.

    NaN where all labels lie in one cell, so that the cells cannot tell.
    """
    share, label = e.by_label.share, e.by_label.label
    mean = (share * label).sum(axis=1, keepdims=True)
    between = (label - mean) ** 2
    known = (share * between).sum(axis=1)
    return np.asarray(between * divide(e.label_variance, known)[:, None])


def _residual(e: Erred, probability: float) -> Estimates:
    if e.residual is None:
        return estimates(np.full(len(e.n), np.nan), 0, because=e.missing)
    return quantile(e.residual, probability, because=e.missing)
