"""Ranges of Parquet columns from the statistics in the footer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa

from wane.sources.columns import family, unique_names

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow.parquet as pq

MICROSECONDS = {"milliseconds": 1e3, "microseconds": 1.0, "nanoseconds": 1e-3}
DAY = 86_400e6


def statistics_ranges(
    metadata: pq.FileMetaData, schema: pa.Schema
) -> dict[str, tuple[float, float]]:
    """(min, max) of the numeric, boolean and temporal columns whose every row group says so.

    Args:
        metadata: The footer.
        schema: The Arrow schema of the same file.

    Returns:
        Column name -> (min, max), times in microseconds since 1970-01-01 UTC. A column is
        missing when a row group has no statistics for it, or holds nothing but nulls.
    """
    ranges = {}
    leaf = 0
    for name, field in zip(unique_names(schema.names), schema, strict=True):
        reader = _reader(metadata, leaf, field.type)
        found = _column_range(metadata, leaf, reader) if reader else None
        if found is not None:
            ranges[name] = found
        leaf += _leaves(field.type)
    return ranges


def _column_range(
    metadata: pq.FileMetaData, leaf: int, read: Callable[[pq.Statistics], tuple[float, float]]
) -> tuple[float, float] | None:
    pairs = []
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        statistics = group.column(leaf).statistics
        if statistics is not None and statistics.has_min_max:
            pairs.append(read(statistics))
        elif group.num_rows and not _only_nulls(statistics, group.num_rows):
            return None
    return (min(low for low, _ in pairs), max(high for _, high in pairs)) if pairs else None


def _only_nulls(statistics: pq.Statistics | None, rows: int) -> bool:
    return statistics is not None and statistics.has_null_count and statistics.null_count == rows


def _reader(
    metadata: pq.FileMetaData, leaf: int, kind: pa.DataType
) -> Callable[[pq.Statistics], tuple[float, float]] | None:
    """How the statistics of a column are read; None when it has no range."""
    values = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_float16(values):
        return None
    if family(values) in {"number", "boolean"} or pa.types.is_decimal(values):
        return lambda statistics: (float(statistics.min), float(statistics.max))
    if family(values) != "time":
        return None
    logical = json.loads(metadata.schema.column(leaf).logical_type.to_json())
    scale = DAY if logical["Type"] == "Date" else MICROSECONDS.get(logical.get("timeUnit", ""))
    if scale is None:
        return None
    return lambda statistics: (statistics.min_raw * scale, statistics.max_raw * scale)


def _leaves(kind: pa.DataType) -> int:
    """How many columns of the file a column of the table takes."""
    if isinstance(kind, pa.BaseExtensionType):
        return _leaves(kind.storage_type)
    if pa.types.is_struct(kind):
        return sum(_leaves(kind.field(index).type) for index in range(kind.num_fields))
    if pa.types.is_map(kind):
        return _leaves(kind.key_type) + _leaves(kind.item_type)
    return _leaves(kind.value_type) if pa.types.is_nested(kind) else 1
