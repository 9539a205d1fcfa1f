"""Where a change of performance comes from: other inputs, or other answers to the same ones.

For every column the change splits into a part by its mix (rows with other values came) and a part
by its rates (rows with the same values were answered otherwise), which add up to the whole. By
score cells the split is that of covariate shift, which scores can see, and concept shift, which
only labels can. Labelled rows alone count, on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wane.diagnose.outcome_cells import (
    METRICS,
    NO_REFERENCE,
    NO_TASK,
    feature_cells,
    score_cells,
    segment_cells,
    whole_side,
)
from wane.stats.decompose import Side, decompose
from wane.stats.interval import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from wane.diagnose.cell_groups import CellGroup
    from wane.diagnose.outcome_cells import OutcomeCells
    from wane.profile.grid import Grid
    from wane.profile.profile import Profile

    Floats = NDArray[np.float64]

LEAST_ROWS = 100
"""Fewer labelled rows on a side say nothing of where they differ."""
EXPLAINS = 0.5
"""A column whose mix makes up so much of a change explains it."""
LEAST_CHANGE = 0.005
"""Parts of a change that are smaller than this are nobody's business."""
SHOWN = 20
"""Columns whose values are kept in groups."""
TOO_FEW = f"fewer than {LEAST_ROWS} labelled rows on one side"
TOO_LARGE = "values are so large that their squares cannot be counted"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A part of the change, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether it is there beyond chance."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class GroupChange:
    """Rows with about the same value of a column, before and now.

    Attributes:
        label: The category, or the range of values.
        share_before: Of the labelled rows, in [0, 1].
        share: The same now.
        before: The metric among them; None without rows.
        now: The same now.
        low: Lower end of the 95 % interval of `now`; None without rows.
        high: Upper end.
        part: What they add to the change, by mix and rates.
    """

    label: str
    share_before: float
    share: float
    before: float | None
    now: float | None
    low: float | None
    high: float | None
    part: float


@dataclass(frozen=True, slots=True)
class ColumnParts:
    """How a column splits the change.

    Attributes:
        column: Its name.
        role: "feature", "segment" or "score".
        mix: By other values.
        rates: By other answers to the same values.
        groups: Its values in few groups, in order; of the columns with the largest parts.
    """

    column: str
    role: str
    mix: Estimate
    rates: Estimate
    groups: tuple[GroupChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A change of performance, taken apart.

    Attributes:
        metric: "accuracy", or "mae" of regressions.
        before: Its value over the labelled rows before; None where it is not taken apart.
        now: The same now.
        rows_before: Labelled rows before, in effective rows.
        rows: The same now.
        score: The split by score cells; None without scores.
        columns: The split by each feature and segment column, largest mix first.
        reason: Why the change is not taken apart; None where it is.
    """

    metric: str
    before: float | None = None
    now: float | None = None
    rows_before: float = 0.0
    rows: float = 0.0
    score: ColumnParts | None = None
    columns: tuple[ColumnParts, ...] = ()
    reason: str | None = None

    @property
    def change(self) -> float | None:
        """By how much the metric changed."""
        return None if self.before is None or self.now is None else self.now - self.before

    @property
    def z(self) -> float | None:
        """By how many standard errors the same scores are answered otherwise."""
        if self.score is None:
            return None
        error = (self.score.rates.high - self.score.rates.low) / (2 * normal_quantile())
        return self.score.rates.value / error if error > 0 else None

    @property
    def matters(self) -> bool:
        """Whether the change, or either part of it by scores, is beyond chance."""
        ways = [*([] if self.score is None else [self.score]), *self.columns[:1]]
        return any(
            part.is_clear
            for one in ways
            for part in (one.mix, one.rates)
            if abs(part.value) > LEAST_CHANGE
        )

    @property
    def explained_by(self) -> tuple[str, ...]:
        """Columns whose mix alone makes up at least half of the change, most first."""
        change = self.change
        if not change:
            return ()
        return tuple(
            one.column
            for one in self.columns
            if one.mix.is_clear and one.mix.value / change >= EXPLAINS
        )


def decomposition(
    grid: Grid,
    before: Profile | None,
    now: Profile,
    segments: Mapping[str, tuple[Profile | None, Profile | None]],
    keep: Collection[str] = (),
) -> Decomposition:
    """Take the change between two profiles apart.

    Args:
        grid: Of both.
        before: The rows before; None without.
        now: The rows now.
        segments: Name of a segment ("site=north") -> its rows before and now.
        keep: Columns whose values are kept in groups, besides those with the largest parts.

    Returns:
        With a reason where a side has too few labels, or rows are not right or wrong one by one.
    """
    metric = METRICS.get(grid.task)
    if metric is None:
        return Decomposition("", reason=NO_TASK)
    if before is None:
        return Decomposition(metric, reason=NO_REFERENCE)
    sides = tuple(whole_side(profile, grid.task) for profile in (before, now))
    if min(float(side.rows[0]) for side in sides) < LEAST_ROWS:
        return Decomposition(metric, reason=TOO_FEW)
    if not all(np.isfinite(side.squares[0]) for side in sides):
        return Decomposition(metric, reason=TOO_LARGE)
    by_segment = segment_cells(grid, segments)
    told = {cells.column for cells in by_segment}
    features = [cells for cells in feature_cells(grid, before, now) if cells.column not in told]
    parts = sorted(
        (_parts(cells) for cells in (*features, *by_segment) if cells.is_counted),
        key=lambda one: -abs(one.mix.value),
    )
    shown = {one.column for one in parts[:SHOWN]} | set(keep)
    scores = score_cells(grid, before, now)
    first, last = (float(side.total[0] / side.rows[0]) for side in sides)
    return Decomposition(
        metric,
        before=first,
        now=last,
        rows_before=float(sides[0].rows[0]),
        rows=float(sides[1].rows[0]),
        score=None if scores is None else _parts(scores),
        columns=tuple(one if one.column in shown else replace(one, groups=()) for one in parts),
    )


def _parts(cells: OutcomeCells) -> ColumnParts:
    found = decompose(cells.before, cells.now, np.zeros(1, dtype=np.intp))
    return ColumnParts(
        cells.column,
        cells.role,
        mix=_estimate(found.mix.sum(), found.mix_variance[0]),
        rates=_estimate(found.rates.sum(), found.rates_variance[0]),
        groups=tuple(_group(cells, group, found.mix + found.rates) for group in cells.groups),
    )


def _estimate(value: float, variance: float) -> Estimate:
    reach = normal_quantile() * float(np.sqrt(variance))
    return Estimate(float(value), float(value) - reach, float(value) + reach)


def _group(cells: OutcomeCells, group: CellGroup, part: Floats) -> GroupChange:
    before, now = (_of(side, group.cells) for side in (cells.before, cells.now))
    last, error = _mean(now), _error(now)
    reach = normal_quantile() * error
    return GroupChange(
        label=group.label,
        share_before=float(before.rows[0] / cells.before.rows.sum()),
        share=float(now.rows[0] / cells.now.rows.sum()),
        before=_mean(before),
        now=last,
        low=None if last is None else last - reach,
        high=None if last is None else last + reach,
        part=float(part[group.cells].sum()),
    )


def _of(side: Side, cells: NDArray[np.intp] | slice) -> Side:
    """The rows of some cells as one."""
    return Side(*(np.array([part[cells].sum()]) for part in side))


def _mean(side: Side) -> float | None:
    return float(side.total[0] / side.rows[0]) if side.rows[0] > 0 else None


def _error(side: Side) -> float:
    """Standard error of the mean, with one row more than there are that is off by as much."""
    rows = float(side.rows[0])
    if not rows:
        return 0.0
    mean = float(side.total[0]) / rows
    return float(np.sqrt((max(float(side.squares[0]) / rows - mean**2, 0.0) + 1 / rows) / rows))
