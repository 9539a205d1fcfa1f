"""Among which rows answers got worse: values of one column, or of up to three together.

From profiles each column is searched by itself. Values of several columns together need rows that
were counted by them: `profile.leaves`.
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
    segment_cells,
    whole_side,
)
from wane.profile.leaves import Axis
from wane.schema import Task
from wane.stats.localise import DEEPEST, localise
from wane.stats.natural_variation import natural_variation
from wane.stats.rise import LEAST_ROWS, mean_rise, rate_rise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from wane.diagnose.outcome_cells import OutcomeCells
    from wane.profile.grid import Grid
    from wane.profile.leaves import Leaves
    from wane.profile.profile import Profile
    from wane.stats.decompose import Side
    from wane.stats.localise import Element, Judge, Search

    Floats = NDArray[np.float64]

LEAST_PART = 0.01
"""What is told adds so much to what was wrong before, as a share of it."""
MOST_VALUES = 50
"""Categories that are looked at by name; the rest of a column are looked at as one."""
MOST_COLUMNS = 8
"""Columns that are searched together, those with the largest rise first."""
LEAST_WINDOWS = 4
"""Fewer windows do not tell how much windows differ by themselves."""
TOO_FEW = f"fewer than {LEAST_ROWS} labelled rows on one side"


@dataclass(frozen=True, slots=True)
class Spot:
    """Rows among which answers got worse; those of spots before it do not count again.

    Attributes:
        values: (column, value) of one to three columns; () for all other rows.
        share: Of the labelled rows now, in [0, 1].
        before: The metric among them, before.
        now: The same now.
        part: What they add to the metric of all rows, in its unit.
        explains: That as a share of the loss; above 1 where other rows got better, and None where
            there is no loss.
        z: By how many standard errors they got worse.
    """

    values: tuple[tuple[str, str], ...]
    share: float
    before: float
    now: float
    part: float
    explains: float | None
    z: float

    @property
    def name(self) -> str:
        """Its values: "channel=mobile & plan=basic"."""
        return " & ".join(f"{column}={value}" for column, value in self.values)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its values."""
        return tuple(column for column, _ in self.values)


@dataclass(frozen=True, slots=True)
class Localised:
    """Where answers got worse between the reference and the recent rows.

    Attributes:
        metric: "accuracy", or "mae" of regressions.
        first: Index of the first of the recent windows.
        before: The metric over all labelled rows before; None where nothing was searched.
        now: The same now.
        spots: At most three, in the order found; empty where none stands out.
        everywhere: All other rows, where they got worse alike; None where they did not.
        columns: What was searched.
        together: Columns that were searched together, at most.
        looked: How many sets of rows were looked at.
        reason: Why nothing was searched; None where it was.
    """

    metric: str
    first: int
    before: float | None = None
    now: float | None = None
    spots: tuple[Spot, ...] = ()
    everywhere: Spot | None = None
    columns: tuple[str, ...] = ()
    together: int = 1
    looked: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared.

    Attributes:
        grid: Of all profiles.
        before: The rows before; None without.
        now: The rows now.
        segments: Name of a segment ("site=north") -> its rows before and now.
        first: Index of the first of the recent windows.
        wobble: Variance of the change of a mean that windows have by themselves.
    """

    grid: Grid
    before: Profile | None
    now: Profile
    segments: Mapping[str, tuple[Profile | None, Profile | None]]
    first: int = 0
    wobble: float = 0.0


@dataclass(frozen=True, slots=True)
class Searched:
    """A column, searched by itself.

    Attributes:
        cells: Its cells.
        search: What was found.
    """

    cells: OutcomeCells
    search: Search

    @property
    def axis(self) -> Axis:
        """How rows are counted by its values; those without a group are left out."""
        group = np.full(len(self.cells.now.rows), -1)
        for at, one in enumerate(self.cells.groups):
            group[one.cells] = at
        return Axis(self.cells.column, self.cells.role == "segment", tuple(group.tolist()))


def localised(sides: Sides) -> Localised:
    """Search each segment column and each feature by itself.

    Returns:
        The spots of the column that tells most; with a reason where nothing can be searched.
    """
    metric = METRICS.get(sides.grid.task)
    if metric is None or sides.before is None:
        reason = NO_TASK if metric is None else NO_REFERENCE
        return Localised(metric or "", sides.first, reason=reason)
    task = sides.grid.task
    whole = _sums(whole_side(sides.before, task), whole_side(sides.now, task), task)
    if min(whole[0, 0], whole[len(whole) // 2, 0]) < LEAST_ROWS:
        return Localised(metric, sides.first, reason=TOO_FEW)
    found = searched(sides)
    best = max(found, key=lambda one: (len(one.search.elements) > 0, one.search.gain), default=None)
    blank = Localised(
        metric,
        sides.first,
        columns=tuple(one.cells.column for one in found),
        looked=sum(one.search.looked for one in found),
    )
    if best is None:
        return _told(blank, localise(np.zeros((1, 1), np.intp), whole, _judge(sides)), [], whole)
    labels = [(best.cells.column, tuple(group.label for group in best.cells.groups))]
    return _told(blank, best.search, labels, whole)


def searched(sides: Sides) -> tuple[Searched, ...]:
    """Each column by itself, that with the largest rise first; none without a reference."""
    if sides.before is None:
        return ()
    by_segment = segment_cells(sides.grid, sides.segments)
    told = {cells.column for cells in by_segment}
    features = feature_cells(sides.grid, sides.before, sides.now, MOST_VALUES)
    columns = [
        cells
        for cells in (*by_segment, *(one for one in features if one.column not in told))
        if cells.is_counted
    ]
    tables = [_grouped(cells, sides.grid.task) for cells in columns]
    values = sum(table.shape[1] for table in tables)
    found = [
        Searched(cells, _search(_one_column(table), table, sides, values - table.shape[1], 1))
        for cells, table in zip(columns, tables, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: -one.search.gain))


def together(
    found: Localised, sides: Sides, columns: Sequence[Searched], leaves: Leaves
) -> Localised:
    """Search values of up to three columns together.

    Args:
        found: What each column tells by itself.
        sides: What is compared.
        columns: Those of the leaves, in order; there may be more.
        leaves: Rows of both sides by the values of the columns.

    Returns:
        As `found` where there are no leaves.
    """
    if not leaves.codes.size:
        return found
    kept = columns[: leaves.codes.shape[1]]
    labels = [(one.cells.column, tuple(g.label for g in one.cells.groups)) for one in kept]
    blank = replace(
        found,
        columns=tuple(column for column, _ in labels),
        together=min(DEEPEST, len(kept)),
    )
    search = _search(leaves.codes, leaves.sums, sides, 0, DEEPEST)
    whole = leaves.sums.sum(axis=1)[:, None]
    return _told(replace(blank, looked=search.looked), search, labels, whole)


def wobble(windows: Sequence[Side], before: int, now: int) -> float:
    """Variance of the change of a mean that windows have by themselves.

    Args:
        windows: Rows of each window in which nothing is known to have happened.
        before: Windows before the change; a single one is a sample of many, and adds nothing.
        now: Windows after it.

    Returns:
        0 where there are too few windows to tell.
    """
    filled = [side for side in windows if side.rows[0] > 0]
    if len(filled) < LEAST_WINDOWS or not now:
        return 0.0
    rows, total, squares = (np.array([float(side[at][0]) for side in filled]) for at in range(3))
    mean = total.sum() / rows.sum()
    noise = max(squares.sum() / rows.sum() - mean**2, 0.0) / rows
    between = float(natural_variation((total / rows)[None], noise[None]).between_variance[0])
    return between * (1 / now + (1 / before if before > 1 else 0.0))


def _search(codes: NDArray[np.intp], sums: Floats, sides: Sides, looked: int, deep: int) -> Search:
    whole = sums.sum(axis=1)
    mean = float(whole[1] / whole[0]) if whole[0] else 0.0
    return localise(
        codes,
        sums,
        _judge(sides),
        deepest=deep,
        wobble=sides.wobble,
        least_part=LEAST_PART * mean,
        looked=looked,
    )


def _judge(sides: Sides) -> Judge:
    return mean_rise if sides.grid.task is Task.REGRESSION else rate_rise


def _one_column(table: Floats) -> NDArray[np.intp]:
    return np.arange(table.shape[1], dtype=np.intp)[:, None]


def _sums(before: Side, now: Side, task: Task) -> Floats:
    """Sums of cells as `stats.rise` takes them: of rates the wrong rows, not the right ones."""
    parts: list[Floats] = []
    for side in (before, now):
        if task is Task.REGRESSION:
            parts += [side.rows, side.total, side.squares]
        else:
            parts += [side.rows, side.rows - side.total]
    return np.stack(parts)


def _grouped(cells: OutcomeCells, task: Task) -> Floats:
    """The same by group of cells."""
    sums = _sums(cells.before, cells.now, task)
    return np.stack([sums[:, group.cells].sum(axis=1) for group in cells.groups], axis=1)


def _told(
    blank: Localised,
    search: Search,
    labels: Sequence[tuple[str, Sequence[str]]],
    whole: Floats,
) -> Localised:
    """What was found, by name."""
    before, now = _means(whole[:, 0], blank.metric)
    worse = (now - before) * (1 if blank.metric == "mae" else -1)
    rows = float(whole[len(whole) // 2, 0])

    def spot(element: Element) -> Spot:
        first, last = _means(element.sums, blank.metric)
        added = element.excess / rows
        return Spot(
            values=tuple(
                (labels[column][0], labels[column][1][value])
                for column, value in zip(element.columns, element.values, strict=True)
            ),
            share=float(element.sums[len(whole) // 2]) / rows,
            before=first,
            now=last,
            part=added if blank.metric == "mae" else -added,
            explains=added / worse if worse > 0 else None,
            z=element.z,
        )

    return replace(
        blank,
        before=before,
        now=now,
        spots=tuple(spot(element) for element in search.elements),
        everywhere=None if search.everywhere is None else spot(search.everywhere),
    )


def _means(sums: Floats, metric: str) -> tuple[float, float]:
    """The metric before and now, by sums of wrong rows or of errors."""
    half = len(sums) // 2
    first, last = (float(sums[at + 1] / sums[at]) if sums[at] else 0.0 for at in (0, half))
    return (first, last) if metric == "mae" else (1 - first, 1 - last)
