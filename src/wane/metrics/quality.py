"""Data quality of each column: what is missing, impossible, unknown, out of range or constant.

Shares are of all rows of the window, with Wilson intervals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.catalogue import Better, Family, Metric
from wane.metrics.estimates import Estimates, estimates, estimates_by_column
from wane.profile.cells import NumericCells
from wane.profile.counters import Moment, Total
from wane.profile.grid import Grid, GridColumn, Part
from wane.profile.names import NONE, NameCounts
from wane.stats import interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from wane.profile.counters import Counters
    from wane.profile.names import NameCounts
    from wane.profile.profile import Profile


def _metric(key: str, title: str, meaning: str) -> Metric:
    return Metric(
        key,
        title,
        Family.QUALITY,
        Better.LOWER,
        meaning,
        percent=True,
        per_column=True,
        counted=key != "constant",
    )


METRICS = (
    _metric("missing_share", "missing", "Share of rows without a value (null)"),
    _metric("nan_share", "NaN or infinite", "Share of rows that are NaN or infinite"),
    _metric("wrong_type_share", "wrong type", "Share of rows whose text is not a number"),
    _metric("invalid_share", "impossible", "Share of rows a score can never have: outside [0, 1]"),
    _metric("out_of_range_share", "out of range", "Share of rows beyond the reference's range"),
    _metric("unseen_share", "unseen", "Share of rows with a category the reference does not have"),
    _metric("constant", "constant", "1 when the column has a single value in the window, else 0"),
)
NO_ROWS = "no rows in this window"
NO_RANGE = "the reference has no values to give a range"
UNKNOWN_NAMES = "the reference has too many rare categories to know them all"
NO_REFERENCE = "there is no reference to compare with"
NO_REFERENCE_VALUES = "the reference has no values of this column"
NO_VALUES = "no values in this window"
OUT_OF_RANGE = (Moment.BELOW, Moment.ABOVE)
FAULTS = {
    "missing_share": (Moment.NULLS,),
    "nan_share": (Moment.NANS, Moment.INFINITE),
    "wrong_type_share": (Moment.WRONG_TYPE,),
    "invalid_share": (Moment.INVALID,),
    "out_of_range_share": OUT_OF_RANGE,
}
SKIPPED = (Part.RESIDUAL, Part.RISK, Part.ITEM)


def measure_quality(
    counters: Counters,
    names: Sequence[Mapping[int, NameCounts]],
    grid: Grid,
    reference: Profile | None,
) -> dict[tuple[str, str | None], Estimates]:
    """Every quality metric of every column in R windows, by (metric, column).

    Args:
        counters: A stack of R profiles.
        names: Length R, their values without a cell.
        grid: Their grid.
        reference: The profile of the reference.
    """
    shown = [i for i, column in enumerate(grid.columns) if column.part not in SKIPPED]
    shares = {
        key: dict(zip(shown, _moments(counters, grid, shown, which), strict=True))
        for key, which in FAULTS.items()
    }
    constant = dict(zip(shown, _constant(counters, names, grid, shown), strict=True))
    measured: dict[tuple[str, str | None], Estimates] = {}
    for position in shown:
        column = grid.columns[position]
        own = {key: shares[key][position] for key in _applicable(column)}
        if not column.numeric:
            named = [row.get(position, NONE) for row in names]
            own |= _unseen(counters, named, grid, position, reference)
        own["constant"] = constant[position]
        measured |= {(key, column.name): value for key, value in own.items()}
    return measured


def _applicable(column: GridColumn) -> list[str]:
    """Which of the faults a column can have."""
    keys = [] if column.part is Part.LABEL else ["missing_share"]  # that is `label_coverage`
    if not column.numeric:
        return keys
    keys += ["nan_share", "wrong_type_share"]
    if column.part is not Part.LATENCY:  # slow is traffic's business, not a fault of the data
        keys.append("out_of_range_share")
    return [*keys, "invalid_share"] if column.part is Part.SCORE else keys


def _moments(
    counters: Counters, grid: Grid, positions: Sequence[int], which: Sequence[Moment]
) -> list[Estimates]:
    """Share of rows counted in some of the moments, column by column."""
    part = counters.moments[:, positions][:, :, list(which)].sum(axis=2)
    cells = [grid.columns[position].cells for position in positions]
    no_range = np.array([isinstance(c, NumericCells) and c.low > c.high for c in cells])
    because = [(no_range, NO_RANGE)] if which == OUT_OF_RANGE else []
    return _shares(part, counters.totals[:, Total.ROWS, None], because)


def _unseen(
    counters: Counters,
    names: Sequence[NameCounts],
    grid: Grid,
    position: int,
    reference: Profile | None,
) -> dict[str, Estimates]:
    """Rows with a category the reference does not have, and how many such categories."""
    rows = counters.totals[:, Total.ROWS]
    if reference is None:
        nothing = estimates(np.full(len(rows), np.nan), rows, otherwise=NO_REFERENCE)
        return {"unseen_share": nothing, "new_categories": nothing}
    known = reference.names.get(position, NONE)
    start, stop = grid.starts[position], grid.starts[position + 1] - 2
    unknown = reference.counters.cells[start:stop].sum(axis=1) == 0
    named = counters.cells[:, start:stop].sum(axis=2) * unknown
    other = counters.cells[:, stop].sum(axis=1)
    new = [{name for name in row.counts if name not in known.counts} for row in names]
    unseen = [_unseen_rows(*found) for found in zip(names, new, other, strict=True)]
    valueless = unknown.all() and not known.counts and not reference.counters.cells[stop].sum()
    because = [
        (np.full(len(rows), valueless), NO_REFERENCE_VALUES),
        (np.full(len(rows), not known.complete), UNKNOWN_NAMES),
        (rows == 0, NO_ROWS),
    ]
    count = (named > 0).sum(axis=1) + [len(found) for found in new]
    weight = counters.totals[:, Total.WEIGHT]
    strange = (named.sum(axis=1) + unseen) * rows / np.where(weight > 0, weight, 1.0)
    (share,) = _shares(
        strange[:, None], rows[:, None], [(mask[:, None], why) for mask, why in because]
    )
    return {"unseen_share": share, "new_categories": estimates(count, rows, because=because)}


def _unseen_rows(named: NameCounts, new: set[str], other: float) -> float:
    """Rows of new names; where too many names were seen, the kept ones stand for all."""
    unseen, kept = sum(named.counts[name] for name in new), sum(named.counts.values())
    return unseen if named.complete or not kept else other * unseen / kept


def _constant(
    counters: Counters,
    names: Sequence[Mapping[int, NameCounts]],
    grid: Grid,
    positions: Sequence[int],
) -> list[Estimates]:
    """Whether a column has a single value; values without a cell are told apart by name."""
    same, n = [], []
    for position in positions:
        column, start = grid.columns[position], grid.starts[position]
        values = counters.cells[:, start : start + column.cells.size - 1].sum(axis=2)
        n.append(values.sum(axis=1))
        if column.numeric:
            same.append(counters.minimum[:, position] == counters.maximum[:, position])
        else:
            unnamed = [len(row.get(position, NONE).counts) for row in names]
            same.append((values[:, :-1] > 0).sum(axis=1) + unnamed == 1)
    if not positions:
        return []
    sizes = np.stack(n, axis=1)
    alike = np.stack(same, axis=1).astype(np.float64)
    return estimates_by_column(alike, sizes, because=[(sizes == 0, NO_VALUES)])


def _shares(
    part: NDArray[np.float64],
    rows: NDArray[np.float64],
    because: Sequence[tuple[NDArray[np.bool_], str]] = (),
) -> list[Estimates]:
    """[R, C] rows among [R, 1] rows, as shares."""
    every = np.broadcast_to(rows, part.shape)
    return estimates_by_column(
        part / np.where(every > 0, every, np.nan),
        every,
        interval=interval.wilson(part, every),
        because=because,
        otherwise=NO_ROWS,
    )
