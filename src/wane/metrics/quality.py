"""Data quality of each column: what is missing, impossible, unknown, out of range or constant.

Shares are of all rows of the window, with Wilson intervals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.catalogue import Better, Family, Metric
from wane.metrics.estimates import Estimates, estimates
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
    return Metric(key, title, Family.QUALITY, Better.LOWER, meaning, percent=True, per_column=True)


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
SKIPPED = (Part.RESIDUAL, Part.ITEM)


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
    measured: dict[tuple[str, str | None], Estimates] = {}
    rows = counters.totals[:, Total.ROWS]
    clean = _share(np.zeros(len(rows)), rows)  # most columns have nothing wrong with them
    for position, column in enumerate(grid.columns):
        if column.part in SKIPPED:
            continue
        if isinstance(column.cells, NumericCells):
            own = _numeric(counters, column, column.cells, position, clean)
        else:
            own = {"missing_share": _moment(counters, position, clean, Moment.NULLS)}
            named = [row.get(position, NONE) for row in names]
            own |= _unseen(counters, named, grid, position, reference)
        if column.part is Part.LABEL:
            del own["missing_share"]  # a label that has not come yet is `label_coverage`
        own["constant"] = _constant(counters, grid, position, names)
        measured |= {(key, column.name): value for key, value in own.items()}
    return measured


def _numeric(
    counters: Counters, column: GridColumn, cells: NumericCells, position: int, clean: Estimates
) -> dict[str, Estimates]:
    """What can be wrong with numbers."""
    rows = counters.totals[:, Total.ROWS]
    no_range = np.full(len(rows), cells.low > cells.high)
    measured = {
        "missing_share": _moment(counters, position, clean, Moment.NULLS),
        "nan_share": _moment(counters, position, clean, Moment.NANS, Moment.INFINITE),
        "wrong_type_share": _moment(counters, position, clean, Moment.WRONG_TYPE),
        "out_of_range_share": _moment(
            counters, position, clean, Moment.BELOW, Moment.ABOVE, because=[(no_range, NO_RANGE)]
        ),
    }
    if column.part is Part.LATENCY:
        del measured["out_of_range_share"]  # slow is traffic's business, not a fault of the data
    if column.part is Part.SCORE:
        measured["invalid_share"] = _moment(counters, position, clean, Moment.INVALID)
    return measured


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
    rows_a_weight = rows / np.where(weight > 0, weight, 1.0)
    return {
        "unseen_share": _share((named.sum(axis=1) + unseen) * rows_a_weight, rows, because),
        "new_categories": estimates(count, rows, because=because),
    }


def _unseen_rows(named: NameCounts, new: set[str], other: float) -> float:
    """Rows of new names; where too many names were seen, the kept ones stand for all."""
    unseen, kept = sum(named.counts[name] for name in new), sum(named.counts.values())
    return unseen if named.complete or not kept else other * unseen / kept


def _moment(
    counters: Counters,
    position: int,
    clean: Estimates,
    *which: Moment,
    because: Sequence[tuple[NDArray[np.bool_], str]] = (),
) -> Estimates:
    """Share of rows counted in some of the moments of a column; `clean` where none is."""
    part = counters.moments[:, position, list(which)].sum(axis=1)
    if not part.any() and not any(mask.any() for mask, _ in because):
        return clean
    return _share(part, counters.totals[:, Total.ROWS], because)


def _constant(
    counters: Counters, grid: Grid, position: int, names: Sequence[Mapping[int, NameCounts]]
) -> Estimates:
    """Whether a column has a single value; values without a cell are told apart by name."""
    column, start = grid.columns[position], grid.starts[position]
    values = counters.cells[:, start : start + column.cells.size - 1].sum(axis=2)
    n = values.sum(axis=1)
    if column.numeric:
        same = counters.minimum[:, position] == counters.maximum[:, position]
    else:
        unnamed = [len(row.get(position, NONE).counts) for row in names]
        same = (values[:, :-1] > 0).sum(axis=1) + unnamed == 1
    return estimates(same.astype(np.float64), n, because=[(n == 0, NO_VALUES)])


def _share(
    part: NDArray[np.float64],
    rows: NDArray[np.float64],
    because: Sequence[tuple[NDArray[np.bool_], str]] = (),
) -> Estimates:
    value = part / np.where(rows > 0, rows, np.nan)
    limits = interval.wilson(part, rows)
    return estimates(value, rows, interval=limits, because=because, otherwise=NO_ROWS)
