#!/usr/bin/env python3
"""The yardstick: DuckDB reads every column of a Parquet file once and takes its sum or maximum.

Usage: python benchmarks/scan.py LOG.parquet
Prints the seconds of the query alone.
"""

from __future__ import annotations

import sys
import time

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq


def scan(path: str) -> float:
    """Seconds to scan the file at `path`: `sum` of numbers, `max` of everything else."""
    parts = [
        f'sum("{field.name}")' if is_number(field.type) else f'max("{field.name}")'
        for field in pq.read_schema(path)
    ]
    with duckdb.connect() as connection:
        started = time.perf_counter()
        connection.read_parquet(path).aggregate(", ".join(parts)).to_arrow_table()
        return time.perf_counter() - started


def is_number(kind: pa.DataType) -> bool:
    """Whether a column of this type can be summed."""
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


if __name__ == "__main__":
    print(f"{scan(sys.argv[1]):.4f}")
