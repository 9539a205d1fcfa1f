"""Watching streams window by window: is this more than what they do when nothing is wrong?

Three detectors look at each stream. *spike*: one window so far from what is expected that the
budget allows it (t quantile of the predictive distribution). *shift*: windows that add up to a
lasting change (CUSUM). *loss*: evidence that a loss is above the reference plus what is
tolerated, whenever one looks (e-detector). Each is given a third of the stream's part of the
false-alarm budget. All look past what is tolerated, and at all streams at once.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.base import FEWEST_OF_REFERENCE, base_of, bounded_by_reference
from wane.detect.block import block_of, chart_limit
from wane.detect.learned import fewest_windows, held, learn_from
from wane.detect.limits import Limits
from wane.detect.told import told_of
from wane.detect.walk import Walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.detect.state import State
    from wane.detect.streams import Streams

    Bools = NDArray[np.bool_]

RELEARN = 1.25
"""Limits are learned again when there are a quarter more windows: work grows with the length."""
RELEARN_EARLY = 1.1
"""And more often in the beginning, when a window that is missing may be the one that lacks."""
MEMORY = 16
"""Cycles of the shortest season that are learned from, the newest ones."""
LONG_MEMORY = 6
"""Cycles of the longest season, if those are more windows."""
LEAST_MEMORY = 112
DOUBT = 0.5
"""Share of its threshold from which on what a chart is rising over is not learned from."""


def watch(streams: Streams, state: State, rate: float, until: int | None = None) -> State:
    """Carry the detectors over the windows from `state.at` on.

    Args:
        streams: All windows so far, also those that were judged before: limits are learned from
            them.
        state: After the windows before `state.at`.
        rate: False alarms that may be expected in one window of all streams.
        until: First window that is not judged; None: all are.

    Returns:
        The next state; window by window the same as all at once.
    """
    until = streams.length if until is None else until
    limits = Limits.of(streams, rate)
    while state.at < until:
        if state.at >= state.learn_at:
            state = _learn(streams, state, limits)
        end = min(until, max(state.learn_at, state.at + 1))
        state = _judge(streams, state, limits, end)
    return state


def _learn(streams: Streams, state: State, limits: Limits) -> State:
    """Limits from the newest windows before `state.at` that nothing was wrong with.

    While an alarm stands its stream keeps the limits that raised it. A performance metric without
    a reference is held to the first level it had.
    """
    memory = max(MEMORY * streams.periods[0], LONG_MEMORY * streams.period, LEAST_MEMORY)
    first = max(0, state.at - memory)
    first -= first % streams.period
    history = slice(first, state.at)
    left_out, told = _unlearned(state, limits), told_of(streams, state)
    learned = learn_from(streams, history, left_out[:, history], told=told.peaks[:, history])
    learned = replace(learned, risen=told.risen(learned, history, left_out))
    if state.at == streams.begin >= FEWEST_OF_REFERENCE:
        state = bounded_by_reference(streams, state, learned, limits)
    learned = replace(
        learned,
        cautious_between=np.minimum(learned.cautious_between, state.most_between),
        likely_correlation=np.minimum(learned.likely_correlation, state.most_correlation),
    )
    if state.learned is not None:
        learned = held(state.learned, learned, state.side != 0)
    least = fewest_windows(streams.periods)
    factor = RELEARN if state.at >= 2 * least and learned.known.all() else RELEARN_EARLY
    after = least if state.at < least else max(state.at + 1, math.ceil(state.at * factor))
    base = base_of(streams, state, learned, limits)
    return replace(state, learned=learned, base=base, learn_at=after)


def _unlearned(state: State, limits: Limits) -> Bools:
    """[S, at] windows that are left out: those of alarms, and what looks like becoming one."""
    if state.learned is None:
        return state.left_out
    doubtful = state.charts > DOUBT * chart_limit(state.learned, limits)
    since = np.where(doubtful, state.rising, state.at).min(axis=0)
    return np.asarray(state.left_out | (np.arange(state.at) >= since[:, None]))


def _judge(streams: Streams, state: State, limits: Limits, end: int) -> State:
    """The windows up to `end`, or to one that calls for new limits at once."""
    learned, begin = state.learned, state.at
    blank = np.zeros((len(streams.keys), end - begin), dtype=np.bool_)
    left_out = np.concatenate([state.left_out, blank], axis=1)
    if learned is None or not learned.known.any():
        return replace(state, at=end, left_out=left_out)
    block = block_of(streams, learned, state.base, np.arange(begin, end), limits)
    walk = Walk(streams, state, left_out)
    for at in range(end - begin):
        walk.step(block, at, begin + at, limits)
        if walk.adopted:  # the rest of the block goes by new limits
            return walk.state(begin + at + 1, learn_at=begin + at + 1)
    return walk.state(end, learn_at=state.learn_at)
