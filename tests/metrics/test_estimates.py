from __future__ import annotations

import numpy as np

from wane.metrics.estimates import estimates, estimates_by_column, undefined
from wane.stats.interval import Interval


def test_every_undefined_value_gets_the_first_reason_that_applies() -> None:
    nan, inf = np.nan, np.inf
    found = estimates(
        [1.0, 2.0, nan, inf, 5.0],
        [10, 0.6, 3, 4, 5],
        interval=Interval(np.array([0.5, 1, 1, 1, nan]), np.array([2.0, 3, 3, 3, inf])),
        because=[
            (np.array([False, True, False, False, False]), "first"),
            (np.array([False, True, True, False, False]), "second"),
        ],
        otherwise="other",
    )
    assert found.reasons == (None, "first", "second", "other", None)
    np.testing.assert_array_equal(found.values, [1, nan, nan, nan, 5])
    np.testing.assert_array_equal(found.low, [0.5, nan, nan, nan, nan])
    np.testing.assert_array_equal(found.high, [2, nan, nan, nan, nan])
    assert found.n.tolist() == [10, 1, 3, 4, 5]


def test_one_number_for_all_windows_and_none_at_all() -> None:
    assert estimates([1.0, 2.0], 7).n.tolist() == [7, 7]
    assert estimates([], 0).reasons == ()
    assert undefined(2, "why").reasons == ("why", "why")


def test_many_columns_at_once_are_as_each_by_itself() -> None:
    values = np.array([[1.0, np.nan, 3.0], [np.inf, 5.0, 6.0]])
    ends = Interval(values - 1, np.array([[9.0, 9.0, np.nan], [9.0, 9.0, 9.0]]))
    n = np.array([[10.0], [20.0]])
    masks = [(n == 20, "late"), (np.array([False, True, False]), "bad column")]
    found = estimates_by_column(values, n, interval=ends, because=masks, otherwise="other")
    for at, one in enumerate(found):
        alone = estimates(
            values[:, at],
            n[:, 0],
            interval=Interval(*(end[:, at] for end in ends)),
            because=[(np.broadcast_to(mask, (2, 3))[:, at], reason) for mask, reason in masks],
            otherwise="other",
        )
        assert one.reasons == alone.reasons
        for name in ("values", "low", "high", "n"):
            np.testing.assert_array_equal(getattr(one, name), getattr(alone, name))
    assert [one.reasons for one in found] == [
        (None, "late"),
        ("bad column", "late"),
        (None, "late"),
    ]
    assert estimates_by_column(np.zeros((2, 0)), n) == []
