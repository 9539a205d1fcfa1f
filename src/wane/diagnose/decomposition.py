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

from wane.diagnose.cell_groups import CellGroup, cell_groups
from wane.profile.counters import Error, Loss, Score
from wane.profile.grid import Part as Column
from wane.schema import Task
from wane.stats.decompose import Side, decompose
from wane.stats.interval import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from wane.profile.grid import Grid
    from wane.profile.profile import Profile

    Floats = NDArray[np.float64]

LEAST_ROWS = 100
"""Fewer labelled rows on a side say nothing of where they differ."""
EXPLAINS = 0.5
"""A column whose mix makes up so much of a change explains it."""
LEAST_CHANGE = 0.005
"""Parts of a change that are smaller than this are nobody's business."""
MOST_OF = 0.5
"""Rows that are more than this share of all are no place to look at."""
SHOWN = 20
"""Columns whose values are kept in groups."""
SURE = 0.05
"""Chance that any group of rows is named for nothing, over all that were looked at."""
METRICS = {Task.BINARY: "accuracy", Task.MULTICLASS: "accuracy", Task.REGRESSION: "mae"}
NO_REFERENCE = "there is no reference to compare with"
NO_TASK = "answers of this kind are not right or wrong one by one"
TOO_FEW = f"fewer than {LEAST_ROWS} labelled rows on one side"


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
class Concentrated:
    """Rows among which answers changed more than among all others.

    Attributes:
        column: Of the values.
        label: The values.
        share: Of the labelled rows now, in [0, 1].
        before: The metric among them, before.
        now: The same now.
        elsewhere_before: The metric among all others, before.
        elsewhere: The same now.
        z: By how many standard errors they differ.
    """

    column: str
    label: str
    share: float
    before: float
    now: float
    elsewhere_before: float
    elsewhere: float
    z: float


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
        where: The rows among which answers changed most; None where no group stands out.
        reason: Why the change is not taken apart; None where it is.
    """

    metric: str
    before: float | None = None
    now: float | None = None
    rows_before: float = 0.0
    rows: float = 0.0
    score: ColumnParts | None = None
    columns: tuple[ColumnParts, ...] = ()
    where: Concentrated | None = None
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


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one column on both sides."""

    column: str
    role: str
    before: Side
    now: Side
    groups: tuple[CellGroup, ...]


def decomposition(
    grid: Grid,
    before: Profile | None,
    now: Profile,
    segments: Mapping[str, tuple[Profile | None, Profile | None]],
) -> Decomposition:
    """Take the change between two profiles apart.

    Args:
        grid: Of both.
        before: The rows before; None without.
        now: The rows now.
        segments: Name of a segment ("site=north") -> its rows before and now.

    Returns:
        With a reason where a side has too few labels, or rows are not right or wrong one by one.
    """
    metric = METRICS.get(grid.task)
    if metric is None:
        return Decomposition("", reason=NO_TASK)
    if before is None:
        return Decomposition(metric, reason=NO_REFERENCE)
    sides = tuple(_whole(profile, grid.task) for profile in (before, now))
    if min(float(side.rows[0]) for side in sides) < LEAST_ROWS:
        return Decomposition(metric, reason=TOO_FEW)
    by_segment = _segments(grid, segments)
    told = {cells.column for cells in by_segment}
    features = [cells for cells in _features(grid, before, now) if cells.column not in told]
    columns = [*features, *by_segment]
    where = _where(columns, 1 if grid.task is Task.REGRESSION else -1)
    parts = sorted(
        (_parts(cells) for cells in columns if _counted(cells)),
        key=lambda one: -abs(one.mix.value),
    )
    shown = {one.column for one in parts[:SHOWN]} | ({where.column} if where else set())
    scores = _scores(grid, before, now)
    first, last = (float(side.total[0] / side.rows[0]) for side in sides)
    return Decomposition(
        metric,
        before=first,
        now=last,
        rows_before=float(sides[0].rows[0]),
        rows=float(sides[1].rows[0]),
        score=None if scores is None else _parts(scores),
        columns=tuple(one if one.column in shown else replace(one, groups=()) for one in parts),
        where=where,
    )


def _counted(cells: _Cells) -> bool:
    """Whether both sides have rows in the column."""
    return bool(cells.before.rows.sum() and cells.now.rows.sum())


def _parts(cells: _Cells) -> ColumnParts:
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


def _group(cells: _Cells, group: CellGroup, part: Floats) -> GroupChange:
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


def _where(columns: Sequence[_Cells], worse: int) -> Concentrated | None:
    """The group that got worse most against all other rows, if any did beyond chance.

    Chance is that of the largest of all groups looked at (Bonferroni).

    Args:
        columns: Their groups are looked at.
        worse: 1 where large values are worse, -1 where small ones are.
    """
    best: Concentrated | None = None
    looked = 0
    for cells in columns:
        everything = (
            Side(*(np.array([part.sum()]) for part in cells.before)),
            Side(*(np.array([part.sum()]) for part in cells.now)),
        )
        for group in cells.groups:
            inside = tuple(_of(side, group.cells) for side in (cells.before, cells.now))
            outside = tuple(
                Side(*(all_of - part for all_of, part in zip(whole, some, strict=True)))
                for whole, some in zip(everything, inside, strict=True)
            )
            found = _differs(cells.column, group, inside, outside, everything)
            looked += found is not None
            if found is not None and (best is None or worse * found.z > worse * best.z):
                best = found
    if best is None or worse * best.z < normal_quantile(1 - SURE / looked):
        return None
    return best


def _differs(
    column: str,
    group: CellGroup,
    inside: tuple[Side, ...],
    outside: tuple[Side, ...],
    everything: tuple[Side, ...],
) -> Concentrated | None:
    """How much a group's change differs from that of all other rows; None for too few rows."""
    values = [_mean(side) for side in (*inside, *outside)]
    least = min(float(side.rows[0]) for side in (*inside, *outside))
    share = float(inside[1].rows[0] / everything[1].rows[0])
    if least < LEAST_ROWS / 2 or share > MOST_OF or any(value is None for value in values):
        return None
    before, now, elsewhere_before, elsewhere = (float(value or 0.0) for value in values)
    error = np.sqrt(sum(_error(side) ** 2 for side in (*inside, *outside)))
    z = ((now - before) - (elsewhere - elsewhere_before)) / error
    return Concentrated(
        column, group.label, share, before, now, elsewhere_before, elsewhere, float(z)
    )


def _features(grid: Grid, before: Profile, now: Profile) -> list[_Cells]:
    """The cells of features, where they are split by outcome."""
    if not grid.split:
        return []
    found = []
    for position in grid.of_part(Column.FEATURE):
        part = slice(int(grid.starts[position]), int(grid.starts[position + 1]))
        column = grid.columns[position]
        then, after = (_side_of_cells(profile, grid.task, part) for profile in (before, now))
        groups = cell_groups(column.cells, then.rows + after.rows)
        found.append(_Cells(column.name, "feature", then, after, groups))
    return found


def _side_of_cells(profile: Profile, task: Task, part: slice) -> Side:
    """Labelled rows of cells by outcome: right ones count 1, of regressions |e|."""
    cells = profile.counters.cells[part]
    if task is Task.REGRESSION:
        losses = profile.counters.cell_losses[part]
        return Side(cells[:, 0], losses[:, Loss.ABSOLUTE], losses[:, Loss.SQUARES])
    if task is Task.BINARY:
        right = cells[:, 0] + cells[:, 4]
        return Side(right + cells[:, 1] + cells[:, 3], right, right)
    wrong, right = cells[:, 0:-1:3].sum(axis=1), cells[:, 1:-1:3].sum(axis=1)
    return Side(wrong + right, right, right)


def _scores(grid: Grid, before: Profile, now: Profile) -> _Cells | None:
    """The cells of the score; of a binary model those of each predicted class."""
    positions = grid.of_part(Column.SCORE)
    if grid.task not in (Task.BINARY, Task.MULTICLASS) or not positions:
        return None
    then, after = (_side_of_scores(profile, grid.task) for profile in (before, now))
    cells = _Cells(grid.columns[positions[0]].name, "score", then, after, groups=())
    return cells if _counted(cells) else None


def _side_of_scores(profile: Profile, task: Task) -> Side:
    score = profile.counters.score[:-1, :, :2, Score.WEIGHT]
    if task is Task.MULTICLASS:
        right = score[:, 0, 1]
        return Side(score[:, 0].sum(axis=1), right, right)
    right = np.stack([score[:, 0, 0], score[:, 1, 1]], axis=1).ravel()
    return Side(score.sum(axis=2).ravel(), right, right)


def _segments(
    grid: Grid, segments: Mapping[str, tuple[Profile | None, Profile | None]]
) -> list[_Cells]:
    """Segment columns, a cell for each of their segments."""
    found = []
    for cells in grid.segments:
        names = [name for name in cells.names() if name in segments]
        if not names:
            continue
        sides = []
        for at in (0, 1):
            each = [segments[name][at] for name in names]
            parts = [_nothing() if one is None else _whole(one, grid.task) for one in each]
            sides.append(Side(*(np.concatenate(of) for of in zip(*parts, strict=True))))
        labels = [name.partition("=")[2] for name in names]
        groups = tuple(CellGroup(label, np.array([at])) for at, label in enumerate(labels))
        found.append(_Cells(cells.column, "segment", sides[0], sides[1], groups))
    return found


def _whole(profile: Profile, task: Task) -> Side:
    """All labelled rows of a profile as one cell."""
    if task is Task.REGRESSION:
        errors = profile.counters.errors.sum(axis=0)
        return Side(
            *(np.array([errors[at]]) for at in (Error.WEIGHT, Error.ABSOLUTE, Error.SQUARES))
        )
    if task is Task.BINARY:
        score = profile.counters.score[..., Score.WEIGHT].sum(axis=0)
        right = np.array([score[0, 0] + score[1, 1]])
        return Side(np.array([score[:, :2].sum()]), right, right)
    confusion = profile.counters.confusion
    right = np.array([np.trace(confusion[:, :-1])])
    return Side(np.array([confusion[:, :-1].sum()]), right, right)


def _nothing() -> Side:
    return Side(np.zeros(1), np.zeros(1), np.zeros(1))
