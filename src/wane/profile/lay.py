"""Laying cells: from a sample of the reference to the cells of one column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wane.profile.cells import (
    FINE_BINS,
    CategoryCells,
    Map,
    NumericCells,
    from_ordered_bits,
    log_odds,
    ordered_bits,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

QUANTILE_CELLS = 128
TAIL_HALVINGS = 8
"""The outermost cells are halved so often: there skewed columns hide much of their sum."""
DISTINCT_CELLS = 128
"""Up to this many distinct values each have a cell of their own."""
POINT_MASS = 0.02
"""A value with at least this share of the rows has a cell of its own."""
CROWDED = 2.0
"""A map is good enough when no cell mixes more than this times its fair share of the rows."""
CATEGORY_CELLS = 100
SCORE_LOG_ODDS_CELLS = 200
SCORE_LOG_ODDS_REACH = 8.0
SCORE_QUANTILE_CELLS = 200
SCORE_FINE_STEP = 0.002
"""Width of a fine bin of scores, in log-odds."""


def lay_numeric(
    sample: NDArray[np.float64], low: float = np.inf, high: float = -np.inf
) -> NumericCells:
    """Cells of a numeric column: point masses alone, the rest cut at its quantiles.

    Args:
        sample: [n] finite reference values, any order; empty gives a single cell.
        low: Smallest value of the whole reference; +inf when there is none.
        high: Largest value of the whole reference; -inf when there is none.

    Returns:
        128 quantile cells, finer in the tails, and up to 50 point masses; or, when there are at
        most 128 distinct values, one cell for each and two for what lies below and above them.
    """
    values, counts = np.unique(sample + 0.0, return_counts=True)  # makes -0.0 a zero
    if not len(values):
        return NumericCells(np.zeros(0), Map.SEARCH, low=low, high=high)
    if len(values) == 1:
        edges = np.array([values[0], np.nextafter(values[0], np.inf)])
        return NumericCells(edges, Map.SEARCH, low=low, high=high)
    fair = counts.sum() / QUANTILE_CELLS
    cuts = _cuts(counts, QUANTILE_CELLS)
    if len(values) <= DISTINCT_CELLS:
        fair, (values, counts) = 0.0, _with_tails(values, counts)
        cuts = np.arange(1, len(values))
    with np.errstate(over="ignore", invalid="ignore"):  # maps that overflow are not used
        for lay in (_lay_linear, _lay_log):
            for cells in lay(values, cuts, low, high):
                if not _crowded(cells, values, counts, fair):
                    return cells
    return NumericCells(_between(values, cuts), Map.SEARCH, low=low, high=high)


def lay_score(sample: NDArray[np.float64], low: float, high: float) -> NumericCells:
    """Cells of a probability: 200 equal steps of log-odds, and 200 quantiles of the reference.

    The steps keep rare positives apart; the quantiles keep the answers of a model apart that uses
    only a narrow band of probabilities.

    Args:
        sample: [n] reference scores in [0, 1]; may be empty.
        low: Smallest score of the whole reference.
        high: Largest score of the whole reference.
    """
    reach, scale = SCORE_LOG_ODDS_REACH, 1 / SCORE_FINE_STEP
    offset = 2 * reach * scale
    steps = np.linspace(-reach, reach, SCORE_LOG_ODDS_CELLS + 1) * scale + offset
    values, counts = np.unique(log_odds(sample), return_counts=True)
    fine = np.clip(values * scale + offset, 0, 2 * offset).astype(np.int64)
    quantiles = _snap(fine, _cuts(counts, SCORE_QUANTILE_CELLS))
    fine_edges = np.unique(np.concatenate([np.rint(steps).astype(np.int64), quantiles]))
    edges = 1 / (1 + np.exp(-(fine_edges - offset) / scale))
    return _numeric(edges, fine_edges, Map.LOGIT, (scale, offset, 0), (low, high))


def lay_positive(low: float = np.inf, high: float = -np.inf) -> NumericCells:
    """Cells for durations of any unit: 1e-6 to 1e9 in steps of about 3 %, smaller ones together.

    Quantiles are then right to about 1.5 % wherever they fall, as on any logarithmic grid
    (Masson et al., DDSketch, VLDB 2019).
    """
    first, last = ordered_bits(np.array([1e-6, 1e9]))
    keys = np.arange(first, last + 1, 2, dtype=np.int64)
    base = int(first) - 1
    return NumericCells(
        from_ordered_bits(keys), Map.LOG, 1.0, 0.0, base, keys - base, low=low, high=high
    )


def lay_signed(scale: float) -> NumericCells:
    """Cells for errors of either sign, finer towards zero: scale * 1e-4 to scale * 1e3 both ways.

    Args:
        scale: A typical size of the quantity, > 0.
    """
    first, last = ordered_bits(np.array([1e-4 * scale, 1e3 * scale]))
    positive = from_ordered_bits(np.arange(first, last, 4, dtype=np.int64))
    return NumericCells(np.concatenate([-positive[::-1], [0.0], positive]), Map.SEARCH)


def lay_categories(counts: Mapping[str, float], limit: int = CATEGORY_CELLS) -> CategoryCells:
    """Cells of a categorical column: the `limit` most frequent values, ties by name."""
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    return CategoryCells(tuple(ranked[:limit]))


def _cuts(counts: NDArray[np.int64], cells: int) -> NDArray[np.intp]:
    """Where to cut a list of distinct values: cut j lies between value j-1 and value j."""
    if len(counts) <= DISTINCT_CELLS:
        return np.arange(1, len(counts))
    heavy = np.flatnonzero(counts >= POINT_MASS * counts.sum())
    rest = counts.copy()
    rest[heavy] = 0
    below = np.cumsum(rest) - rest
    tail = 0.5 ** np.arange(1, TAIL_HALVINGS + 1)
    wanted = np.concatenate([tail, np.arange(1, cells), cells - tail]) / cells
    at = np.searchsorted(below, wanted * rest.sum())
    cuts = np.unique(np.concatenate([at, heavy, heavy + 1]))
    return cuts[(cuts > 0) & (cuts < len(counts))]


def _between(values: NDArray[np.float64], cuts: NDArray[np.intp]) -> NDArray[np.float64]:
    """An edge above value j-1 and not above value j, for each cut j."""
    below, above = values[cuts - 1], values[cuts]
    middle = below / 2 + above / 2
    return np.where(middle > below, middle, above)


def _snap(fine: NDArray[np.int64], cuts: NDArray[np.intp]) -> NDArray[np.int64]:
    """Fine bin at which each cut's upper cell begins; cuts inside one fine bin move above it."""
    below, above = fine[cuts - 1], fine[cuts]
    return np.unique(np.maximum((below + 1 + above) // 2, below + 1))


def _with_tails(
    values: NDArray[np.float64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Two or more distinct values, and one more on either side, as far off as its neighbours."""
    with np.errstate(over="ignore"):
        ends = np.array([2 * values[0] - values[1], 2 * values[-1] - values[-2]])
    if not (np.isfinite(ends).all() and ends[0] < values[0] and ends[1] > values[-1]):
        return values, counts
    return np.concatenate([ends[:1], values, ends[1:]]), np.concatenate([[1], counts, [1]])


def _crowded(
    cells: NumericCells, values: NDArray[np.float64], counts: NDArray[np.int64], fair: float
) -> bool:
    """Whether a cell holds too many rows beside those of its most frequent value."""
    cell = cells.index(values)
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    beside = np.add.reduceat(counts, starts) - np.maximum.reduceat(counts, starts)
    return bool(np.any(beside > CROWDED * fair))


def _lay_linear(
    values: NDArray[np.float64], cuts: NDArray[np.intp], low: float, high: float
) -> Iterator[NumericCells]:
    """Fine bins of equal width between the outermost cuts; one for each step of a lattice."""
    first, last = float(values[cuts[0] - 1]), float(values[cuts[-1]])
    step = _lattice_step(values[cuts[0] - 1 : cuts[-1] + 1])
    width = step or (last - first) / (FINE_BINS - 4)
    if not (np.isfinite(width) and np.isfinite(1 / width) and width > 0):
        return
    scale, offset = 1 / width, 1.5 - first / width
    fine = np.clip(values * scale + offset, 0, FINE_BINS).astype(np.int64)
    fine_edges = _snap(fine, cuts)
    edges = (fine_edges - offset) / scale
    yield _numeric(edges, fine_edges, Map.LINEAR, (scale, offset, 0), (low, high))


def _lattice_step(values: NDArray[np.float64]) -> float | None:
    """The step when all values are whole multiples of one step apart and few enough."""
    step = float(np.min(np.diff(values)))
    if not (values[-1] - values[0]) / (FINE_BINS - 4) < step:
        return None
    places = (values - values[0]) / step
    return step if bool(np.all(np.abs(places - np.rint(places)) < 1e-3)) else None


def _lay_log(
    values: NDArray[np.float64], cuts: NDArray[np.intp], low: float, high: float
) -> Iterator[NumericCells]:
    """Fine bins on the bits of the distance from an origin: 0, or either end of the range."""
    for origin in (0.0, float(values[0]), float(values[-1])):
        keys = ordered_bits(values - origin)
        base = int(keys[cuts[0] - 1]) - 1
        fine_edges = _snap(keys - base, cuts)
        if fine_edges[-1] <= 16 * FINE_BINS:
            edges = from_ordered_bits(fine_edges + base) + origin
            yield _numeric(edges, fine_edges, Map.LOG, (1.0, origin, base), (low, high))


def _numeric(
    edges: NDArray[np.floating[Any]],
    fine_edges: NDArray[np.int64],
    kind: Map,
    terms: tuple[float, float, int],
    limits: tuple[float, float],
) -> NumericCells:
    """Cells without the edges that rounding has made equal."""
    rising = np.concatenate([[True], np.diff(edges) > 0])
    scale, offset, base = terms
    kept = edges[rising].astype(np.float64)
    return NumericCells(kept, kind, scale, offset, base, fine_edges[rising], *limits)
