from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wane.store.within import within


@given(sizes=st.lists(st.integers(0, 50)), bound=st.integers(0, 200))
def test_as_many_as_fit_and_one_at_least(sizes: list[int], bound: int) -> None:
    count = within(sizes, bound)
    assert (count == 0) == (sizes == [])
    assert count <= 1 or sum(sizes[:count]) <= bound
    assert count == len(sizes) or sum(sizes[: count + 1]) > bound
