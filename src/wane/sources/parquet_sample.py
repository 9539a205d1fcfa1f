"""A sample of Parquet files, without decoding all of a large one.

Parquet decodes a row group from its first row on, so an even sample costs as much as reading
everything. Of small tables that is what is taken. Of large ones it is the first rows of row groups
spread over the stream; and because a file may be one single row group, sorted by its label, say,
the columns of few values are then read throughout: when the first rows lack a value that is common
further on, the even sample is taken after all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wane.sources.columns import batch_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wane.sources.parquet_file import ParquetFile

AFFORDABLE_VALUES = 8_388_608
"""Decoding so many takes about a tenth of a second."""
GROUPS = range(8, 65)
"""How many row groups the first rows are taken from: fewer where groups are large."""
HEAD_ROWS = 2_048
"""Where so many rows of each are enough for the sample, half as many row groups are: opening one
costs as much as decoding its first pages."""
FEW_VALUES = 20
COMMON = 0.01
"""A value with this share of the rows is one that a sample must not lack."""


@dataclass(frozen=True, slots=True)
class RowGroup:
    """A row group of a file."""

    file: ParquetFile
    index: int
    rows: int


def sample_of(
    files: Sequence[ParquetFile],
    fields: Mapping[str, pa.DataType],
    wanted: int,
    affordable: int = AFFORDABLE_VALUES,
) -> list[pa.Table]:
    """Tables that together hold about `wanted` rows, in stream order; none without rows.

    Args:
        files: The files, in stream order.
        fields: Name -> type of the columns.
        wanted: Rows to take, at least 1.
        affordable: Values that may be decoded for an even sample.
    """
    groups = [
        RowGroup(file, index, file.metadata.row_group(index).num_rows)
        for file in files
        for index in range(file.metadata.num_row_groups)
    ]
    rows = sum(group.rows for group in groups)
    cost = rows * len(fields) / affordable
    if cost <= 1 or rows <= wanted:
        return list(_spread(groups, fields, wanted))
    heads = list(_heads(_some(groups, cost, wanted), fields, wanted))
    checked = max(1, 2 * affordable // rows)
    if len(groups) < GROUPS.start and _misleading(heads, groups, fields, checked):
        return list(_spread(groups, fields, wanted))
    return heads


def _some(groups: Sequence[RowGroup], cost: float, wanted: int) -> list[RowGroup]:
    """Row groups spread over the stream: as many as decoding them whole could be afforded for."""
    least = GROUPS.start if wanted >= GROUPS.start * HEAD_ROWS else GROUPS.start // 2
    count = min(len(groups), max(least, min(GROUPS.stop - 1, int(len(groups) / cost))))
    return [groups[place * len(groups) // count] for place in range(count)]


def _heads(
    groups: Sequence[RowGroup], fields: Mapping[str, pa.DataType], wanted: int
) -> Iterator[pa.Table]:
    """The first rows of each row group."""
    for group, share in _shares(groups, wanted):
        yield from map(pa.table, islice(group.file.batches(fields, share, [group.index]), 1))


def _spread(
    groups: Sequence[RowGroup], fields: Mapping[str, pa.DataType], wanted: int
) -> Iterator[pa.Table]:
    """Evenly spread rows; decodes everything."""
    for group, share in _shares(groups, wanted):
        batches = group.file.batches(fields, batch_rows(len(fields)), [group.index])
        yield from _taken(batches, group.rows, share)


def _shares(groups: Sequence[RowGroup], wanted: int) -> Iterator[tuple[RowGroup, int]]:
    """The row groups that have rows, and how many to take from each: in proportion to them."""
    total = sum(group.rows for group in groups)
    for group in groups:
        if group.rows:
            yield group, min(group.rows, math.ceil(wanted * group.rows / total))


def _taken(batches: Iterable[pa.RecordBatch], rows: int, wanted: int) -> Iterator[pa.Table]:
    """`wanted` of `rows` rows, evenly spread, taken from each batch as it passes."""
    positions = np.arange(wanted) * rows // wanted
    start = 0
    for batch in batches:
        inside = positions[(positions >= start) & (positions < start + batch.num_rows)] - start
        yield pa.table(batch.take(pa.array(inside)))
        start += batch.num_rows


def _misleading(
    heads: Sequence[pa.Table],
    groups: Sequence[RowGroup],
    fields: Mapping[str, pa.DataType],
    most: int,
) -> bool:
    """Whether one of up to `most` columns of few values has common ones the first rows lack."""
    if not heads:
        return False
    head = pa.concat_tables(heads).unify_dictionaries()
    few = [name for name in fields if _distinct(head[name]) <= FEW_VALUES][:most]
    parts = list(_spread(groups, {name: fields[name] for name in few}, head.num_rows))
    even = pa.concat_tables(parts).unify_dictionaries()
    return any(_lacks(head[name], even[name]) for name in few)


def _lacks(head: pa.ChunkedArray, even: pa.ChunkedArray) -> bool:
    known = pc.unique(_plain(head))
    strange = pc.invert(pc.is_in(_plain(even), value_set=known))
    return (pc.sum(strange).as_py() or 0) > COMMON * len(even)


def _distinct(column: pa.ChunkedArray) -> int:
    found: int = pc.count_distinct(_plain(column), mode="all").as_py()
    return found


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dictionary columns as their values, which can be compared between tables."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
