"""Drift: how far the distribution of each column is from the reference's, in all windows at once.

PSI, Jensen-Shannon, Hellinger, total variation and chi-square are taken on about 20 groups of
cells of equal reference mass (categories: the 30 most frequent apart), as finer ones would only
add noise; KS and Wasserstein distance use every cell.

Missing values are a cell like any other; for labels they are left out, since a label that has not
come yet is no drift. Wasserstein distance and KS look at the numbers only. PSI adds 0.5 to every
cell once both sides are scaled down to the rows of the smaller one; the lower end of its interval
is what remains after the PSI that pure noise exceeds once in 20 windows at this size (PSI of equal
distributions is (1/n + 1/m) chi-square).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.catalogue import Better, Family, Metric
from wane.metrics.estimates import Estimates, effective_scale, estimates, estimates_by_column
from wane.profile.cells import NumericCells
from wane.profile.counters import Moment
from wane.profile.grid import Grid, GridColumn, Part
from wane.stats import distance, noise, ragged
from wane.stats.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wane.profile.counters import Counters
    from wane.profile.profile import Profile

PARTS = (Part.FEATURE, Part.SCORE, Part.PREDICTION, Part.LABEL)
NO_VALUES = "no values in this window"
NO_REFERENCE_VALUES = "the reference has no values of this column"
CONSTANT_REFERENCE = "the reference is constant, so it has no standard deviation"
NO_DEVIATION = "the standard deviation of the reference cannot be told from its sums"
TOO_FEW = "too few rows in the cells for this test"
TOO_LARGE = "the values are too large to add up"
NOISE_QUANTILE = 0.95
GROUPS = 20
CATEGORIES = 30


def _metric(key: str, title: str, meaning: str) -> Metric:
    return Metric(key, title, Family.DRIFT, Better.LOWER, meaning, per_column=True)


METRICS = (
    _metric("psi", "PSI", "Population stability index, 0.5 added to every cell"),
    _metric("psi_noise", "PSI of noise", "The PSI that pure noise stays below in 95 % of windows"),
    _metric(
        "psi_recent",
        "PSI to recent weeks",
        "PSI against the same weekday (or hour) of recent weeks; without a season, recent windows",
    ),
    _metric("jsd", "Jensen-Shannon distance", "Jensen-Shannon distance, base 2, in [0, 1]"),
    _metric("hellinger", "Hellinger distance", "Hellinger distance, in [0, 1]"),
    _metric("total_variation", "total variation", "Share of rows that would have to change cell"),
    _metric(
        "ks", "KS statistic", "Largest difference of the cumulative distributions, numbers only"
    ),
    _metric("ks_p", "KS p-value", "Chance of such a KS statistic without drift (conservative)"),
    _metric("wasserstein", "Wasserstein distance", "Mean shift needed, in reference deviations"),
    _metric("chi_square_p", "chi-square p-value", "Chance of such counts without drift"),
    _metric(
        "new_categories",
        "new categories",
        "Number of categories the reference does not have; of rare ones at most 1,000 are counted",
    ),
    _metric("vanished_categories", "vanished", "Number of reference categories without a row"),
)


@dataclass(frozen=True)
class Compared:
    """The cells of some columns, reference beside R windows, laid out one after the other.

    Attributes:
        names: Length C, the columns.
        reference: [T] effective rows, or [R, T] where each window has a reference of its own.
        current: [R, T].
        starts: [C] first cell of each column.
        sizes: [C] number of cells.
    """

    names: tuple[str, ...]
    reference: NDArray[np.float64]
    current: NDArray[np.float64]
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]

    @property
    def n_reference(self) -> NDArray[np.float64]:
        """[C] or [R, C] reference rows."""
        return np.add.reduceat(self.reference, self.starts, axis=-1)

    @property
    def n_current(self) -> NDArray[np.float64]:
        """[R, C] current rows."""
        return np.add.reduceat(self.current, self.starts, axis=-1)


def measure_drift(
    counters: Counters, grid: Grid, reference: Profile, groups: Compared
) -> dict[tuple[str, str | None], Estimates]:
    """Every drift metric from one reference, of every column in R windows, by (metric, column).

    Args:
        counters: Of the windows, R of them.
        grid: What both sides were counted on.
        reference: What they are held against.
        groups: What `grouped` makes of these.
    """
    positions = _positions(grid)
    measured = _distances(groups)
    numeric = [i for i in positions if grid.columns[i].numeric]
    if numeric:
        measured |= _ordered(counters, grid, reference, numeric)
    for position in positions:
        if not grid.columns[position].numeric:
            measured |= _categories(counters, grid, reference, position)
    return measured


def _distances(c: Compared) -> dict[tuple[str, str | None], Estimates]:
    """Distances between shares of cells."""
    reference, current, starts = c.reference, c.current, c.starts
    psi, threshold = psi_and_noise(c)
    tables = {
        "psi": psi,
        "psi_noise": threshold,
        "jsd": distance.jensen_shannon_distance(reference, current, starts),
        "hellinger": distance.hellinger_distance(reference, current, starts),
        "total_variation": distance.total_variation_distance(reference, current, starts),
        "chi_square_p": noise.chi_square_test(reference, current, starts).p_value,
    }
    low = np.maximum(psi - threshold, 0.0)
    ends = {"psi": (low, np.full_like(low, np.nan))}
    return _by_column(c, tables, ends=ends)


def psi_and_noise(c: Compared) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """PSI [R, C] and what noise alone stays below in 95 % of windows, nan without rows."""
    psi = distance.population_stability_index(*_of_equal_size(c), c.starts)
    used = ragged.column_sums((c.reference + c.current > 0).astype(np.float64), c.starts)
    return psi, noise.psi_quantile(NOISE_QUANTILE, c.n_reference, c.n_current, used)


def _of_equal_size(c: Compared) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both sides [R, T] scaled down to the rows of the smaller one.

    Half a row then weighs the same on both sides, so that a cell without rows adds nothing.
    """
    n_reference, n_current, cells = c.n_reference, c.n_current, c.reference.shape[-1]
    smaller = np.minimum(n_reference, n_current)
    scales = [smaller / np.where(n > 0, n, 1.0) for n in (n_reference, n_current)]
    before, after = (ragged.per_cell(scale, c.starts, cells) for scale in scales)
    return c.reference * before, c.current * after


def _ordered(
    counters: Counters, grid: Grid, reference: Profile, positions: Sequence[int]
) -> dict[tuple[str, str | None], Estimates]:
    """Distances that need an order: KS and Wasserstein, over the numbers only."""
    names = tuple(grid.columns[i].name for i in positions)
    c = _compare(counters, reference, names, [_value_cells(grid, i) for i in positions])
    taken = np.concatenate([_value_cells(grid, i) for i in positions])
    edges = np.concatenate(
        [
            np.append(cells.edges, np.inf)
            for i in positions
            if isinstance(cells := grid.columns[i].cells, NumericCells)
        ]
    )
    scale = effective_scale(counters)
    ks = distance.kolmogorov_smirnov_statistic(c.reference, c.current, c.starts)
    moved = distance.wasserstein_distance(
        c.reference,
        c.current,
        reference.counters.cell_sums[taken] * _reference_scale(reference),
        counters.cell_sums[:, taken] * scale[:, None],
        edges=edges,
        starts=c.starts,
    )
    deviation = standard_deviations(grid, reference, positions)
    tables = {
        "ks": ks,
        "ks_p": noise.kolmogorov_smirnov_p_value(ks, c.n_reference, c.n_current),
        "wasserstein": moved / np.where(deviation > 0, deviation, np.nan),
    }
    at = list(positions)
    constant = reference.counters.minimum[at] >= reference.counters.maximum[at]
    flat = deviation == 0
    unscaled = [(flat & constant, CONSTANT_REFERENCE), (flat & ~constant, NO_DEVIATION)]
    return _by_column(c, tables, unscaled=unscaled)


def _categories(
    counters: Counters, grid: Grid, reference: Profile, position: int
) -> dict[tuple[str, str | None], Estimates]:
    """Numbers of vanished reference categories, by window."""
    column, start = grid.columns[position], grid.starts[position]
    named = slice(start, start + column.cells.size - 2)
    before = reference.counters.cells[named].sum(axis=1) > 0
    now = counters.cells[:, named].sum(axis=2) > 0
    n = counters.cells[:, start : start + column.cells.size].sum(axis=(1, 2))
    vanished = (before & ~now).sum(axis=1).astype(np.float64)
    because = [(n == 0, NO_VALUES)]
    return {("vanished_categories", column.name): estimates(vanished, n, because=because)}


def _by_column(
    compared: Compared,
    tables: dict[str, NDArray[np.float64]],
    *,
    ends: dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]] | None = None,
    unscaled: Sequence[tuple[NDArray[np.bool_], str]] = (),
) -> dict[tuple[str, str | None], Estimates]:
    """Tables [R, C] as one `Estimates` for each metric and column."""
    n = compared.n_current
    because = [(compared.n_reference == 0, NO_REFERENCE_VALUES), (n == 0, NO_VALUES)]
    found = {
        key: estimates_by_column(
            table,
            n,
            interval=Interval(*ends[key]) if ends and key in ends else None,
            because=[*because, *(unscaled if unscaled and key == "wasserstein" else ())],
            otherwise=TOO_FEW if key == "chi_square_p" else TOO_LARGE,
        )
        for key, table in tables.items()
    }
    return {(key, name): found[key][at] for at, name in enumerate(compared.names) for key in tables}


def _compare(
    counters: Counters,
    reference: Profile,
    names: tuple[str, ...],
    chosen: Sequence[NDArray[np.intp]],
) -> Compared:
    """Lay the chosen cells of each column out one after the other, in effective rows."""
    sizes = np.array([len(cells) for cells in chosen], dtype=np.intp)
    taken = np.concatenate(chosen)
    scale = effective_scale(counters)
    return Compared(
        names,
        reference.counters.cells[taken].sum(axis=1) * _reference_scale(reference),
        counters.cells[:, taken].sum(axis=2) * scale[:, None],
        np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp),
        sizes,
    )


def grouped(counters: Counters, grid: Grid, reference: Profile) -> Compared | None:
    """Cells joined to groups, for labels without the missing cell; None without columns or windows.

    Cost: reads every cell of every window, so it is done once for all that compares groups.
    """
    positions = _positions(grid)
    if not positions or not len(counters.totals):
        return None
    names = tuple(grid.columns[i].name for i in positions)
    chosen = [
        np.arange(grid.starts[i], grid.starts[i + 1] - (grid.columns[i].part is Part.LABEL))
        for i in positions
    ]
    fine = _compare(counters, reference, names, chosen)
    firsts = [
        _group_starts(grid.columns[i], fine.reference[start : start + size])
        for i, start, size in zip(positions, fine.starts, fine.sizes, strict=True)
    ]
    sizes = np.array([len(first) for first in firsts], dtype=np.intp)
    at = np.concatenate([start + first for start, first in zip(fine.starts, firsts, strict=True)])
    return Compared(
        names,
        np.add.reduceat(fine.reference, at),
        np.add.reduceat(fine.current, at, axis=-1),
        np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp),
        sizes,
    )


def _positions(grid: Grid) -> list[int]:
    """Columns whose drift is measured."""
    return [i for i, column in enumerate(grid.columns) if column.part in PARTS]


def _group_starts(column: GridColumn, reference: NDArray[np.float64]) -> NDArray[np.intp]:
    """First cell of each group of a column: [groups], the first is 0.

    Numbers: cells whose middle lies in the same twentieth of the reference's values. Categories:
    the 30 most frequent by themselves, the rest and `other` together. Missing is always apart.
    """
    last = column.cells.size - 1
    if column.numeric:
        values = reference[:last]
        middle = np.cumsum(values) - values / 2
        group = np.floor(GROUPS * middle / max(values.sum(), 1e-300)).astype(np.intp)
        starts = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    else:
        starts = np.arange(min(CATEGORIES + 1, last))
    return np.append(starts, last) if len(reference) > last else starts


def _value_cells(grid: Grid, position: int) -> NDArray[np.intp]:
    """Cells that hold numbers."""
    return np.arange(grid.starts[position], grid.starts[position + 1] - 1)


def _reference_scale(reference: Profile) -> float:
    return float(effective_scale(reference.counters.as_stack())[0])


def standard_deviations(
    grid: Grid, reference: Profile, positions: Sequence[int]
) -> NDArray[np.float64]:
    """[C] standard deviation of each column's finite reference values; 0 where it is rounding."""
    counters = reference.counters
    moments = counters.moments[list(positions)]
    mass = [counters.cells[_value_cells(grid, i)].sum() for i in positions]
    n = np.where(np.array(mass) > 0, mass, 1.0)
    mean = moments[:, Moment.SUM] / n
    variance = moments[:, Moment.SUM_SQUARES] / n - mean**2
    rounding = 1e-12 * moments[:, Moment.SUM_SQUARES] / n
    at = list(positions)
    constant = counters.minimum[at] >= counters.maximum[at]
    return np.sqrt(np.where((variance > rounding) & ~constant, variance, 0.0))
