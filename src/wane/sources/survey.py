"""Look once at a stream of unknown length: an even sample, the ranges, the number of rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wane.profile.clock import BROKEN_TIME, to_times
from wane.sources.columns import family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over a stream shows; fields as in `Description`."""

    rows: int
    sample: pa.Table
    ranges: Mapping[str, tuple[float, float]]


def survey(
    batches: Iterable[pa.RecordBatch], fields: Mapping[str, pa.DataType], sample_rows: int
) -> Survey:
    """Read a stream once, keeping every k-th row.

    k starts at 1 and doubles whenever twice `sample_rows` rows are kept, dropping every second
    one: the kept rows are always evenly spread, and memory holds at most 2 `sample_rows` rows
    and one batch.

    Args:
        batches: Record batches with the columns `fields`.
        fields: Name -> type of the columns.
        sample_rows: At most so many rows are in the sample; at least 1.
    """
    kept: list[pa.Table] = []
    rows = held = 0
    step = 1
    ranges: dict[str, tuple[float, float]] = {}
    for batch in batches:
        offsets = np.arange(-rows % step, batch.num_rows, step)
        kept.append(pa.table(batch if step == 1 else batch.take(pa.array(offsets))))
        held += len(offsets)
        rows += batch.num_rows
        ranges = _widened(ranges, batch)
        while held > 2 * sample_rows:
            kept = [_table(kept, fields).take(pa.array(np.arange(0, held, 2)))]
            held = (held + 1) // 2
            step *= 2
    return Survey(rows, even(_table(kept, fields), sample_rows), ranges)


def even(table: pa.Table, sample_rows: int) -> pa.Table:
    """At most `sample_rows` rows of a table, evenly spread, in order."""
    if table.num_rows <= sample_rows:
        return table
    return table.take(pa.array(np.arange(sample_rows) * table.num_rows // sample_rows))


def column_range(array: pa.Array) -> tuple[float, float] | None:
    """(min, max) of the finite values of a column; None for text, and where there are none."""
    kind = family(array.type)
    if kind == "time":
        times = to_times(array)
        times = times[times > BROKEN_TIME]
        return (float(times.min()), float(times.max())) if len(times) else None
    if kind not in {"number", "boolean"}:
        return None
    found = _ends(array)
    if found is not None and not all(map(math.isfinite, found)):
        found = _ends(array.filter(pc.is_finite(array)))
    return found


def _ends(numbers: pa.Array) -> tuple[float, float] | None:
    found = pc.min_max(numbers).as_py()
    return None if found["min"] is None else (float(found["min"]), float(found["max"]))


def _widened(
    ranges: dict[str, tuple[float, float]], batch: pa.RecordBatch
) -> dict[str, tuple[float, float]]:
    found = {
        name: column_range(array)
        for name, array in zip(batch.schema.names, batch.columns, strict=True)
    }
    return ranges | {
        name: (min(pair[0], ranges.get(name, pair)[0]), max(pair[1], ranges.get(name, pair)[1]))
        for name, pair in found.items()
        if pair is not None
    }


def _table(parts: list[pa.Table], fields: Mapping[str, pa.DataType]) -> pa.Table:
    if not parts:
        return pa.schema(list(fields.items())).empty_table()
    return pa.concat_tables(parts).unify_dictionaries().combine_chunks()
