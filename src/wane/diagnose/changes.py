"""What changed: every column between the reference and the recent rows, largest change first."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.importance import ALIKE, Importance
from wane.diagnose.bars import bars
from wane.diagnose.change import Because, ColumnChange
from wane.metrics.drift import PARTS, standard_deviations
from wane.profile.counters import Moment, Total
from wane.profile.grid import Part
from wane.schema import Kind
from wane.stats.noise import noise_of_many

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from wane.diagnose.decomposition import Decomposition
    from wane.metrics.measurement import Measurements
    from wane.profile.grid import Grid
    from wane.profile.profile import Profile

LARGE_PSI = 0.1
MOST_GROUPS = 21
"""Cells are compared in groups: of numbers 20 and the missing ones, of categories a few more."""
MOVED_SHARE = 0.02
"""A change of the missing or unseen share by this much is named before anything else."""


def column_changes(
    recent: Measurements,
    now: Profile,
    reference: Profile | None,
    grid: Grid,
    *,
    origin: Decomposition | None = None,
    worse: Collection[str] = (),
    lost: bool = False,
    importance: Importance = ALIKE,
) -> tuple[ColumnChange, ...]:
    """How every feature, score, prediction and label changed.

    Args:
        recent: Measurements of the recent rows as a single window.
        now: The profile of the recent rows.
        reference: The profile of the reference; None when there is none.
        grid: The grid of both.
        origin: Where the change of performance comes from, where that is known.
        worse: Columns with values among which answers got worse most.
        lost: Whether there is a loss of performance to explain.
        importance: Of the columns.

    Returns:
        Drifted columns first, by their part in the loss if there is one, else by PSI times
        importance; one entry for each column, whatever could be measured.
    """
    parts = {} if origin is None else {one.column: one.mix.value for one in origin.columns}
    positions = [at for at, column in enumerate(grid.columns) if column.part in PARTS]
    changes = [
        _told(_change(recent, now, reference, grid, at, many=len(positions)), parts, worse)
        for at in positions
    ]
    return tuple(sorted(changes, key=lambda change: _order(change, importance, lost=lost)))


def _told(change: ColumnChange, parts: Mapping[str, float], worse: Collection[str]) -> ColumnChange:
    """A change with its part in that of performance."""
    if change.role != Part.FEATURE:
        return change
    of_answers = change.column in worse and change.because in (Because.SAME, Because.MIX)
    because = Because.ANSWERS_WORSE if of_answers else change.because
    return replace(change, contribution=parts.get(change.column), because=because)


def _order(
    change: ColumnChange, importance: Importance, *, lost: bool
) -> tuple[bool, float, float]:
    told = lost and change.drifted and change.contribution is not None
    part = -abs(change.contribution or 0.0) if told else 0.0
    return not change.drifted, part, -(change.psi or 0.0) * importance.weight(change.column)


def _change(
    recent: Measurements,
    now: Profile,
    reference: Profile | None,
    grid: Grid,
    position: int,
    *,
    many: int,
) -> ColumnChange:
    """How one of so many columns changed: of many some would pass what noise does to one."""
    column = grid.columns[position]
    psi, noise = recent.get("psi", column.name), recent.get("psi_noise", column.name)
    value = math.nan if psi is None else float(psi.values[0])
    level = math.nan if noise is None else float(noise.values[0])
    cells = min(column.cells.size, MOST_GROUPS)
    drifted = value >= LARGE_PSI and value > float(noise_of_many(level, cells, many))
    because = _because(recent, column.name, drifted=drifted)
    return ColumnChange(
        column=column.name,
        role=column.part.value,
        kind=Kind.NUMERIC if column.numeric else Kind.CATEGORICAL,
        what=_what(recent, now, reference, grid, position),
        psi=None if math.isnan(value) else value,
        noise=None if math.isnan(level) else level,
        drifted=bool(drifted),
        contribution=None,
        because=because,
        bars=bars(grid, position, now, reference),
        reason=None if psi is None else psi.reasons[0],
    )


def _because(recent: Measurements, column: str, *, drifted: bool) -> Because:
    """The kind of change that weighs most."""
    if _risen(recent, "missing_share", column) > MOVED_SHARE:
        return Because.MISSING
    if _risen(recent, "unseen_share", column) > MOVED_SHARE:
        return Because.UNSEEN
    return Because.MIX if drifted else Because.SAME


def _risen(recent: Measurements, metric: str, column: str) -> float:
    """How much a share rose over the reference; 0 when either is unknown."""
    series = recent.get(metric, column)
    if series is None:
        return 0.0
    change = float(series.values[0]) - series.reference
    return 0.0 if math.isnan(change) else change


def _what(
    recent: Measurements, now: Profile, reference: Profile | None, grid: Grid, position: int
) -> str:
    """The change in words and numbers."""
    column = grid.columns[position]
    if reference is None:
        return "no reference"
    for metric, word in (("missing_share", "missing"), ("unseen_share", "new values")):
        series = recent.get(metric, column.name)
        if series is not None and abs(_risen(recent, metric, column.name)) > MOVED_SHARE:
            return f"{word} {_percent(series.reference)} → {_percent(float(series.values[0]))} %"
    if column.numeric and _constant(reference, position) and not _constant(now, position):
        return "was constant, now varies"
    if column.numeric:
        shift = _shift(now, reference, grid, position)
        moved = f"{shift:+.2f}" if abs(shift) >= 0.005 else "0.00"
        return "" if math.isnan(shift) else f"{moved} sd".replace("-", "\u2212")
    start, stop = grid.starts[position], grid.starts[position + 1] - 2
    p, q = (_shares(side, start, stop) for side in (reference, now))
    if p is None or q is None or not len(p):
        return ""
    at = int(np.argmax(np.abs(q - p)))
    name = column.cells.to_json()["categories"][at]  # type: ignore[index]  # plain JSON
    return f"{name} {_percent(p[at])} → {_percent(q[at])} %"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if share >= 0.1 or share == 0 else f"{100 * share:.2g}"


def _shift(now: Profile, reference: Profile, grid: Grid, position: int) -> float:
    """Difference of the means in standard deviations of the reference; NaN when it has none."""
    deviation = float(standard_deviations(grid, reference, [position])[0])
    moved = _mean(now, position) - _mean(reference, position)
    return moved / deviation if deviation > 0 else math.nan


def _constant(profile: Profile, position: int) -> bool:
    """Whether a column has a single value."""
    counters = profile.counters
    return bool(counters.minimum[position] == counters.maximum[position])


def _mean(profile: Profile, position: int) -> float:
    """Mean of the finite values; NaN when there are none."""
    moments, weight = profile.counters.moments[position], profile.counters.totals[Total.WEIGHT]
    n = weight - moments[[Moment.NULLS, Moment.NANS, Moment.INFINITE, Moment.WRONG_TYPE]].sum()
    return float(moments[Moment.SUM] / n) if n > 0 else math.nan


def _shares(profile: Profile, start: int, stop: int) -> NDArray[np.float64] | None:
    cells = profile.counters.cells[start : stop + 2].sum(axis=1)
    total = float(cells.sum())
    return cells[: stop - start] / total if total else None
