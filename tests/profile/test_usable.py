"""Setting unusable values aside."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wane.profile.usable import usable_values
from wane.profile.values import Numbers

VALUES = st.lists(st.floats(width=32) | st.sampled_from([0.0, 1.0, -0.5, 2.0]), max_size=30)


@given(values=VALUES, probability=st.booleans())
def test_what_is_usable_is_kept_and_everything_else_is_zero(
    values: list[float], *, probability: bool
) -> None:
    array = np.array(values, dtype=np.float64)
    found = usable_values(Numbers(array), probability=probability)
    fine = np.isfinite(array)
    if probability:
        fine &= (array >= 0) & (array <= 1)
    np.testing.assert_array_equal(found.values, np.where(fine, array, 0.0))
    np.testing.assert_array_equal(
        np.ones(len(array), bool) if found.mask is None else found.mask, fine
    )
    assert found.low == min(array[fine].tolist(), default=np.inf)
    assert found.high == max(array[fine].tolist(), default=-np.inf)


def test_nothing_is_copied_when_nothing_is_wrong() -> None:
    array = np.array([0.25, 0.75])
    assert usable_values(Numbers(array), probability=True).values is array
    beyond = usable_values(Numbers(np.array([0.25, 1.5])), probability=True)
    assert beyond.outside is not None
    assert beyond.outside.tolist() == [False, True]
