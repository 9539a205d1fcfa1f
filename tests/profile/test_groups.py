"""Groups against a plain loop."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wane.profile.groups import Groups


@given(
    rows=st.lists(st.tuples(st.integers(-2, 3), st.integers(0, 2), st.integers(-9, 9)), min_size=1),
    ordered=st.booleans(),
)
def test_counts_sums_and_limits_by_group(
    rows: list[tuple[int, int, int]], *, ordered: bool
) -> None:
    rows = sorted(rows) if ordered else rows
    keys, codes, numbers = (np.array(column) for column in zip(*rows, strict=True))
    values = numbers.astype(float)
    groups = Groups.by(keys.astype(np.int64))
    expected = sorted(set(keys.tolist()))
    assert groups.keys.tolist() == expected
    assert len(groups) == len(expected)
    masks = [keys == key for key in expected]
    assert groups.sum(values).tolist() == [values[mask].sum() for mask in masks]
    assert groups.minimum(values).tolist() == [values[mask].min() for mask in masks]
    assert groups.maximum(values).tolist() == [values[mask].max() for mask in masks]
    table = [[(mask & (codes == code)).sum() for code in range(3)] for mask in masks]
    assert groups.count(codes, 3).tolist() == table
    weighed = [[values[mask & (codes == code)].sum() for code in range(3)] for mask in masks]
    assert groups.count(codes, 3, values).tolist() == weighed
