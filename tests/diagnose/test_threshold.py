from __future__ import annotations

import numpy as np
import pytest

from streams import SCHEMAS, count, grid_of, log
from wane.diagnose.threshold import threshold_gain
from wane.profile.collapse import totals
from wane.schema import Task

SCHEMA = SCHEMAS[Task.BINARY]
TABLE = log(Task.BINARY, 6_000)
GRID = grid_of(TABLE, SCHEMA)


def test_the_best_threshold_of_the_rows() -> None:
    now = totals(count(TABLE, SCHEMA, GRID, every=None).whole, {0})[None]
    found = threshold_gain(GRID, now)
    assert found is not None
    rows = [
        (row["score"], row["label"] == "yes", row["prediction"] == "yes")
        for row in TABLE.select(["score", "label", "prediction"]).to_pylist()
        if None not in row.values() and 0 <= row["score"] <= 1
    ]
    score, label, answer = (np.array(part) for part in zip(*rows, strict=True))
    assert found.rows == len(rows)
    assert found.current == pytest.approx(np.mean(label == answer))
    best = max(np.mean((score >= at) == label) for at in np.linspace(0, 1, 501))
    assert found.accuracy == pytest.approx(best, abs=2e-3)
    assert np.mean((score >= found.threshold) == label) == pytest.approx(found.accuracy, abs=1e-9)


def test_where_it_cannot_be_told() -> None:
    few = totals(count(TABLE.slice(0, 400), SCHEMA, GRID, every=None).whole, {0})[None]
    assert threshold_gain(GRID, few) is None
    other = SCHEMAS[Task.REGRESSION]
    table = log(Task.REGRESSION, 900)
    grid = grid_of(table, other)
    assert threshold_gain(grid, count(table, other, grid, every=None).whole.total()) is None
