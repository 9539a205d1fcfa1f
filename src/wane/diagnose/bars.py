"""Small histograms: cells regrouped into a few bars that people can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.diagnose.change import Bar
from wane.profile.cells import NumericCells
from wane.profile.grid import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.profile.cells import CategoryCells
    from wane.profile.grid import Grid
    from wane.profile.profile import Profile

BARS = 20
NAMED = 8
SHOWN = 0.99
"""Share of the rows that the bars of a numeric column span; the rest falls into the end bars."""


def bars(grid: Grid, position: int, now: Profile, reference: Profile | None) -> tuple[Bar, ...]:
    """The histogram of one column, reference beside current; empty when there are no rows.

    Numeric columns: 20 bars of equal width, or one for each value of a column with few; the
    last bar is the missing share, where there is any. Categories: the eight most frequent of
    either side, then the others, then missing.
    """
    cells = grid.columns[position].cells
    start, stop = grid.starts[position], grid.starts[position + 1]
    shown = np.ones(stop - start)
    if grid.columns[position].part is Part.LABEL:
        shown[-1] = 0.0  # labels that have not come yet are no change
    current = now.counters.cells[start:stop].sum(axis=1) * shown
    before = None
    if reference is not None:
        before = reference.counters.cells[start:stop].sum(axis=1) * shown
    if not current.sum():
        return ()
    if before is not None and not before.sum():
        before = None
    if isinstance(cells, NumericCells):
        limits = _limits(position, now, reference)
        return _numeric(cells, current, before, limits)
    return _categorical(cells, current, before)


def _numeric(
    cells: NumericCells,
    current: NDArray[np.float64],
    before: NDArray[np.float64] | None,
    limits: tuple[float, float],
) -> tuple[Bar, ...]:
    """Equal-width bars by straight lines inside the cells."""
    pooled = current[:-1] + (0 if before is None else before[:-1] / before.sum() * current.sum())
    found: list[Bar] = []
    if pooled.sum():
        bounds = np.concatenate([[limits[0]], np.clip(cells.edges, *limits), [limits[1]]])
        low, high = _quantiles(bounds, pooled)
        edges = np.linspace(low, high, BARS + 1) if high > low else np.array([low, high])
        now = _shares(edges, bounds, current)
        past = None if before is None else _shares(edges, bounds, before)
        for index in range(len(edges) - 1):
            label = f"{edges[index]:.4g} to {edges[index + 1]:.4g}" if high > low else f"{low:.4g}"
            found.append(Bar(label, 1.0, None if past is None else past[index], now[index]))
    return _scaled([*found, *_missing(current, before)])


def _shares(
    edges: NDArray[np.float64], bounds: NDArray[np.float64], counts: NDArray[np.float64]
) -> list[float]:
    """Share of all rows in each bar; what lies outside counts in the end bars."""
    if len(edges) == 2 and edges[0] == edges[1]:
        return [float(counts[:-1].sum() / counts.sum())]
    below = np.concatenate([[0.0], np.cumsum(counts[:-1])]) / counts.sum()
    rising = np.concatenate([np.diff(bounds) > 0, [True]])
    at = np.interp(edges, bounds[rising], below[rising])
    at[0], at[-1] = 0.0, below[-1]
    return [float(share) for share in np.maximum(np.diff(at), 0.0)]


def _quantiles(bounds: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[float, float]:
    """The middle 99 % of the rows."""
    running = np.concatenate([[0.0], np.cumsum(counts)]) / counts.sum()
    tail = (1 - SHOWN) / 2
    low, high = np.interp([tail, 1 - tail], running, bounds)
    return float(low), float(high)


def _limits(position: int, now: Profile, reference: Profile | None) -> tuple[float, float]:
    """Smallest and largest value of either side; (0, 0) when there is none."""
    sides = [now] if reference is None else [now, reference]
    low = min(float(side.counters.minimum[position]) for side in sides)
    high = max(float(side.counters.maximum[position]) for side in sides)
    return (low, high) if low <= high else (0.0, 0.0)


def _categorical(
    cells: CategoryCells, current: NDArray[np.float64], before: NDArray[np.float64] | None
) -> tuple[Bar, ...]:
    """The most frequent categories, the others together, and missing."""
    now = current / current.sum()
    past = None if before is None else before / before.sum()
    weight = now[:-2] if past is None else np.maximum(now[:-2], past[:-2])
    order = np.argsort(-weight, kind="stable")
    chosen = sorted(order[:NAMED].tolist())
    rest = [*order[NAMED:].tolist(), cells.other]
    found = [
        Bar(cells.categories[i], 1.0, None if past is None else float(past[i]), float(now[i]))
        for i in chosen
    ]
    others = float(now[rest].sum()), None if past is None else float(past[rest].sum())
    if others[0] or others[1]:
        found.append(Bar("(other)", 1.0, others[1], others[0]))
    return _scaled([*found, *_missing(current, before)])


def _missing(current: NDArray[np.float64], before: NDArray[np.float64] | None) -> list[Bar]:
    """A bar for missing values, where either side has any."""
    now = float(current[-1] / current.sum())
    past = None if before is None else float(before[-1] / before.sum())
    return [Bar("(missing)", 1.0, past, now)] if now or past else []


def _scaled(found: list[Bar]) -> tuple[Bar, ...]:
    return tuple(Bar(bar.label, 1 / len(found), bar.reference, bar.current) for bar in found)
