from __future__ import annotations

import numpy as np

from streams import SCHEMAS, assert_same, count, grid_of, log
from wane.profile.collapse import collapse, totals
from wane.profile.counters import Total
from wane.profile.profile import ProfileKey, ledger_of
from wane.schema import Task

TABLE, SCHEMA = log(Task.BINARY, 300), SCHEMAS[Task.BINARY]
FOUND = count(TABLE, SCHEMA, grid_of(TABLE, SCHEMA))
WINDOWS = [key.window for key in FOUND.whole.keys]


def test_totals_of_some_windows_by_segment() -> None:
    chosen = set(WINDOWS[1:3])
    whole = totals(FOUND.whole, chosen)
    assert set(whole) == {None}
    split = totals(FOUND.segments, chosen)
    rows = sum(part.counters.totals[Total.ROWS] for part in split.values())
    assert whole[None].counters.totals[Total.ROWS] == rows > 0
    assert totals(FOUND.whole, set()) == {}


def test_all_windows_collapse_to_the_count_without_windows() -> None:
    single = count(TABLE, SCHEMA, FOUND.whole.grid, every=None)
    assert_same(collapse(FOUND.whole, WINDOWS), single.whole)
    segments = collapse(FOUND.segments, WINDOWS)
    assert set(segments.keys) == set(single.segments.keys)
    for key, profile in zip(segments.keys, range(len(segments)), strict=True):
        other = single.segments.keys.index(key)
        left, right = (
            ledger_of(ledger.grid, {ProfileKey(0): ledger.profile(row)}, ledger.counters)
            for ledger, row in ((segments, profile), (single.segments, other))
        )
        assert_same(left, right)


def test_no_windows_collapse_to_nothing() -> None:
    nothing = collapse(FOUND.whole, [])
    assert len(nothing) == 0
    assert nothing.counters.cells.shape[1:] == FOUND.whole.counters.cells.shape[1:]
    assert np.isfinite(nothing.counters.totals).all()
