"""Logs, and ways to spoil them."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pyarrow as pa

import wane
from build_log import log

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
LOG, TRAIN = log(8, 100, seed=2), log(7, 100, seed=1, first_day=-7)
ROWS = LOG.num_rows
DAY = dt.timedelta(days=1)
check = partial(wane.check, now=NOW)


def put(table: pa.Table, **columns: Any) -> pa.Table:  # noqa: ANN401 - values of any kind
    """The table with columns replaced or added."""
    for name, values in columns.items():
        if name in table.column_names:
            table = table.set_column(table.column_names.index(name), name, pa.array(values))
        else:
            table = table.append_column(name, pa.array(values))
    return table


def spoilt(column: str, values: dict[int, object]) -> pa.Table:
    """The log with some values of a column replaced."""
    given = LOG[column].to_pylist()
    return put(LOG, **{column: [values.get(i, value) for i, value in enumerate(given)]})
