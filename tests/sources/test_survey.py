from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wane.sources.survey import column_range, survey

FIELDS = {"x": pa.int64(), "s": pa.dictionary(pa.int32(), pa.string())}


def batch(start: int, rows: int) -> pa.RecordBatch:
    texts = pa.array([f"v{start + row}" for row in range(rows)], pa.string())
    return pa.record_batch(
        {"x": pa.array(range(start, start + rows), pa.int64()), "s": texts.dictionary_encode()}
    )


@settings(deadline=None)
@given(sizes=st.lists(st.integers(0, 60), max_size=12), wanted=st.integers(1, 50))
def test_the_sample_is_even_however_the_stream_is_cut(sizes: list[int], wanted: int) -> None:
    starts = np.cumsum([0, *sizes])
    seen = survey(map(batch, starts.tolist(), sizes), FIELDS, wanted)
    rows = sum(sizes)
    assert seen.rows == rows
    assert seen.sample.num_rows <= wanted
    assert seen.sample.num_rows >= min(rows, wanted // 2)
    kept = seen.sample.column("x").to_numpy()
    assert seen.sample.column("s").to_pylist() == [f"v{value}" for value in kept]
    steps = np.diff(kept)
    assert len(steps) == 0 or (steps.min() >= 1 and steps.max() <= 2 * steps.min())
    assert seen.ranges == ({"x": (0, rows - 1)} if rows else {})


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (pa.array([3, None, -1]), (-1, 3)),
        (pa.array([float("inf"), 2.0, float("nan"), -float("inf")]), (2, 2)),
        (pa.array([float("nan")]), None),
        (pa.array([True, False]), (0, 1)),
        (pa.array([1, 2], pa.timestamp("s")), (1e6, 2e6)),
        (pa.array([1, None], pa.date32()), (86_400e6, 86_400e6)),
        (pa.array([None, None], pa.int64()), None),
        (pa.array(["a"]), None),
        (pa.nulls(2), None),
    ],
)
def test_ranges(array: pa.Array, expected: tuple[float, float] | None) -> None:
    assert column_range(array) == expected
