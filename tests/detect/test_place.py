from __future__ import annotations

import pytest

from report.build_result import Recorder, days
from wane.detect.place import Ask, Place
from wane.metrics.calendar import calendar

WINDOWS = days(8)
THERE = tuple(WINDOWS[at] for at in (0, 1, 2, 5, 6, 7))
PLACE = Place(Recorder(THERE).measurements(), calendar(THERE), begin=10, ask=Ask())


@pytest.mark.parametrize(
    ("at", "index"),
    [(10, 0), (12, 2), (13, 3), (14, 3), (15, 3), (17, 5), (18, 5), (99, 5), (3, 0)],
)
def test_a_place_in_a_gap_is_the_window_after_it(at: int, index: int) -> None:
    assert PLACE.index(at) == index


@pytest.mark.parametrize(("at", "index"), [(11, 0), (13, 2), (15, 2), (16, 3), (18, 5), (10, 0)])
def test_the_window_before_a_place(at: int, index: int) -> None:
    assert PLACE.before(at) == index
