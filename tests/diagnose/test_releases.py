from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from streams import DAILY, SCHEMAS, START, count, grid_of, log
from wane.diagnose.releases import MOST, Release, releases
from wane.schema import Task
from wane.window import DAY

SCHEMA = SCHEMAS[Task.BINARY]


def found(versions: list[list[str | None]], known: int = 1) -> tuple[Release, ...]:
    """Releases in a log of one day for each list of versions; the grid knows the first days."""
    n = 200
    parts = []
    for day, names in enumerate(versions):
        rows = log(Task.BINARY, n, seed=day)
        at = pa.array(np.full(n, START + day * DAY), pa.timestamp("us", "UTC"))
        given = pa.array((names * n)[:n], pa.string())
        rows = rows.set_column(rows.column_names.index("at"), "at", at)
        parts.append(rows.set_column(rows.column_names.index("version"), "version", given))
    grid = grid_of(pa.concat_tables(parts[:known]), SCHEMA)
    return releases(count(pa.concat_tables(parts), SCHEMA, grid, every=DAILY).whole)


def test_versions_that_come_up() -> None:
    """Also beside the old one, and those that the reference knows; each once."""
    days: list[list[str | None]] = [["v1"], ["v1"], ["v1", "v2"], ["v2"], ["v1"], ["v3", "v2"]]
    expected = (Release("v2", START + 2 * DAY), Release("v3", START + 5 * DAY))
    for known in (1, 6):
        assert found(days, known) == expected


def test_a_trial_is_no_release() -> None:
    trial: list[str | None] = [*["v1"] * 199, "v2"]
    assert found([["v1"], trial, ["v1"]]) == ()


def test_rows_without_a_version_are_none() -> None:
    assert found([["v1"], [None], ["v1"]]) == ()


def test_the_newest_of_many() -> None:
    days: list[list[str | None]] = [[f"v{day}"] for day in range(MOST + 5)]
    told = found(days)
    assert len(told) == MOST
    assert told[-1].version == f"v{MOST + 4}"


def test_a_log_without_versions() -> None:
    schema = replace(SCHEMA, version=None)
    table = log(Task.BINARY, 100)
    assert releases(count(table, schema, grid_of(table, schema)).whole) == ()
