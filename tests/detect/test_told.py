"""What came and went as an alarm, as far as that makes it no news."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from detect.build_streams import RARE, streams_of, watched_through
from wane.detect.learned import learn_from
from wane.detect.limits import Limits
from wane.detect.told import harmful, told_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.detect.streams import Streams

WINDOWS = 180
HISTORY = slice(60, WINDOWS)


def with_bursts(harm: int = 0) -> Streams:
    """Three weeks of bursts of nine windows, that each raise an alarm of the chart."""
    values = np.random.default_rng(8).normal(size=(1, WINDOWS))
    for start in (100, 120, 140):
        values[:, start : start + 9] += 5
    return streams_of(values, harm=harm, adopts=True, periods=(1,), begin=90)


def risen(streams: Streams) -> NDArray[np.float64]:
    state = watched_through(streams, RARE)
    assert len(state.marks) == 3
    learned = learn_from(streams, HISTORY, state.left_out[:, HISTORY])
    heights = told_of(streams, state).risen(learned, HISTORY, state.left_out)
    return np.asarray(heights[0])


def test_a_chart_that_rose_three_times_is_remembered() -> None:
    upward, downward = risen(with_bursts())
    assert upward > Limits.of(with_bursts(), RARE).chart[0]
    assert downward < 3


def test_on_the_side_where_it_does_harm_it_is_not() -> None:
    upward, downward = risen(with_bursts(harm=1))
    assert upward == 0
    assert 0 < downward < 3


def test_of_each_alarm_that_is_over_the_furthest_window_is_kept() -> None:
    streams = with_bursts()
    state = watched_through(streams, RARE)
    told = told_of(streams, state)
    for mark in state.marks:
        during = slice(mark.raised, mark.ended)
        assert np.nanmax(told.peaks[0, during]) == streams.values[0, during].max()
        assert told.windows[0, mark.rising : mark.ended].all()
    assert np.isfinite(told.peaks).sum() == len(state.marks)


def test_an_alarm_that_stands_is_not_over() -> None:
    streams = with_bursts()
    state = watched_through(streams, RARE)
    told = told_of(streams, replace(state, marks=(state.marks[0]._replace(ended=-1),)))
    assert not told.windows.any()
    assert np.isnan(told.peaks).all()


@pytest.mark.parametrize(
    ("harm", "adopts", "logarithmic", "sides"),
    [
        (0, True, False, (False, False)),
        (1, True, False, (True, False)),
        (-1, True, False, (False, True)),
        (0, True, True, (False, True)),
        (0, False, False, (True, True)),
    ],
)
def test_which_moves_do_harm(
    harm: int, sides: tuple[bool, bool], *, adopts: bool, logarithmic: bool
) -> None:
    streams = replace(
        streams_of(np.zeros((1, 3)), harm=harm, adopts=adopts),
        logarithmic=np.array([logarithmic]),
    )
    assert tuple(harmful(streams)[0]) == sides
