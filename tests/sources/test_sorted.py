from __future__ import annotations

import numpy as np

from sources.whole import whole
from wane.sources.frame import FrameSource
from wane.sources.sorted import sorted_batches


def test_rows_of_one_value_come_together() -> None:
    chance = np.random.default_rng(0)
    queries = chance.integers(0, 1_000, 100_000)
    source = FrameSource({"A": queries, "a": np.arange(100_000)})
    batches = list(sorted_batches(source, ["a", "A"], "A"))
    assert {tuple(batch.schema.names) for batch in batches} == {("a", "A")}
    found = np.concatenate([batch.column("A").to_numpy() for batch in batches])
    rows = np.concatenate([batch.column("a").to_numpy() for batch in batches])
    assert (np.diff(found) >= 0).all()
    assert (queries[rows] == found).all()
    assert sorted(rows) == whole(source, "a")["a"]
