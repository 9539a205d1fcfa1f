"""Window by window: raising alarms, ending them, and making new levels the usual ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.learned import FEWEST_WINDOWS
from wane.detect.limits import LOSS, SHIFT, SPIKE
from wane.detect.state import NEVER, Mark, State
from wane.stats import e_detector
from wane.stats.array import divide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.detect.block import Block
    from wane.detect.limits import Limits
    from wane.detect.streams import Streams

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

UP, DOWN = 0, 1
RETURN = math.log(10_000)
"""Log likelihood ratio of the usual level over the one of the alarm that ends it; an alarm that
stands ends falsely after some ten thousand windows."""
LIKELY = 1.0
"""The same for a level that would become the usual one: what was usual before is sooner believed
than a new level, to which all that was learned is lost."""
LEAST_MOVE = 0.5
"""Deviations that an alarm's level is at least taken to be away, so that its end can be told."""
USUAL = 1.0
"""An alarm does not end in a window further from what is expected than the tolerance and so many
deviations."""


class Walk:
    """The parts of a state while windows go by."""

    def __init__(self, streams: Streams, state: State, left_out: Bools) -> None:
        self.streams = streams
        self.learned, self.base = state.learned, state.base
        self.most_between = state.most_between
        self.most_correlation = state.most_correlation
        self.charts, self.evidence = state.charts, state.evidence.copy()
        self.rising = state.rising
        self.side = state.side.copy()
        self.moved, self.back = state.moved.copy(), state.back.copy()
        self.back_since = state.back_since.copy()
        self.left_out = left_out
        known = False if state.learned is None else state.learned.known
        new = known & (state.judged_from == NEVER)
        self.judged_from = np.where(new, state.at, state.judged_from)
        self.marks = list(state.marks)
        self.standing = {mark.stream: at for at, mark in enumerate(self.marks) if mark.open}
        self.patience = max(FEWEST_WINDOWS, streams.periods[0])
        self.adopted = False

    def state(self, at: int, *, learn_at: int) -> State:
        """What is kept after the windows before `at`."""
        return State(
            at=at,
            learn_at=learn_at,
            learned=self.learned,
            charts=self.charts,
            rising=self.rising,
            evidence=self.evidence,
            side=self.side,
            moved=self.moved,
            back=self.back,
            back_since=self.back_since,
            left_out=self.left_out[:, :at],
            judged_from=self.judged_from,
            base=self.base,
            most_between=self.most_between,
            most_correlation=self.most_correlation,
            marks=tuple(self.marks),
        )

    def step(self, block: Block, at: int, window: int, limits: Limits) -> None:
        """One window of all streams."""
        harm = self.streams.harm
        steps = np.where(self.side == 0, np.nan_to_num(block.steps[:, :, at]), 0)
        charts = np.maximum(self.charts + steps, 0)
        begun = np.where(self.charts == 0, window, self.rising)
        self.charts, self.rising = charts, np.where(charts == 0, NEVER, begun)
        lost = np.zeros(len(harm), dtype=np.bool_)
        if len(block.provable):
            some = block.provable
            self.evidence[some] = e_detector.step(self.evidence[some], block.evidence[:, at])
            lost[some] = e_detector.log_average(self.evidence[some]) >= limits.log_evidence[some]
        distance, tolerated = block.distance[:, at], block.tolerated[:, at]
        sides = np.stack([distance, -distance])
        spiked = (sides - tolerated > block.limit) & (sides > block.no_news[:, :, at])
        shifted = self.charts > block.chart
        calling = (spiked | shifted).any(axis=0) | lost
        for stream in np.flatnonzero(calling & (self.side == 0)).tolist():
            ways = [bool(spiked[way, stream] or shifted[way, stream]) for way in (UP, DOWN)]
            side = _side(int(harm[stream]), ways, lost=bool(lost[stream]))
            way = UP if side > 0 else DOWN
            found = SPIKE if spiked[way, stream] else SHIFT if shifted[way, stream] else LOSS
            self.standing[stream] = len(self.marks)
            rising = int(self.rising[way, stream])
            rising = window if rising == NEVER and found == SPIKE else rising
            self.marks.append(Mark(stream, side, found, window, rising=rising))
            self.side[stream] = side
            if rising != NEVER:  # what led to the alarm was not usual either
                self.left_out[stream, rising:window] = True
            self.charts[:, stream] = 0
        for stream in np.flatnonzero(lost & (self.side == harm) & (harm != 0)).tolist():
            if self.marks[self.standing[stream]].paged == NEVER:
                self._change(stream, paged=window)
        self.left_out[:, window] = self.side != 0
        beyond = block.beyond[:, at]
        self._wait(distance * self.side, tolerated, beyond, block.memory, window)

    def _proven(self, beyond: Floats) -> Bools:
        """[S] whether a proven loss is what this window shows still, by its distance `beyond`."""
        proven = np.zeros(len(self.side), dtype=np.bool_)
        for stream, at in self.standing.items():
            proven[stream] = self.marks[at].paged != NEVER
        return proven & (beyond > USUAL)

    def _wait(
        self, distance: Floats, tolerated: Floats, beyond: Floats, memory: Floats, window: int
    ) -> None:
        """End alarms whose streams are back, and make new levels that last the usual ones.

        Back is a sequential likelihood ratio of the usual level against the mean since the alarm.
        """
        there = (self.side != 0) & ~np.isnan(distance)
        self.moved += np.where(there, [distance, np.ones_like(distance)], 0)
        level = divide(self.moved[0], self.moved[1])
        level = np.maximum(np.nan_to_num(level), tolerated + LEAST_MOVE)
        gain = level * (level / 2 - distance) / memory
        back = np.where(there, np.maximum(self.back + gain, 0), self.back)
        self.back_since = np.where(
            back == 0, NEVER, np.where(self.back == 0, window, self.back_since)
        )
        self.back = back
        ended = there & (back >= RETURN) & (distance <= tolerated + USUAL) & ~self._proven(beyond)
        lasts = (self.side != 0) & self.streams.adopts & (self.moved[1] >= self.patience)
        ended |= lasts & (back >= LIKELY) & (distance <= tolerated + USUAL)
        for stream in np.flatnonzero(ended).tolist():
            first = max(int(self.back_since[stream]), self.marks[self.standing[stream]].raised + 1)
            self.left_out[stream, first : window + 1] = False
            self._close(stream, ended=first)
        for stream in np.flatnonzero(lasts & ~ended).tolist():
            raised = self.marks[self.standing[stream]].raised
            self.left_out[stream, :raised] = True
            self.left_out[stream, raised:] = False
            self._close(stream, adopted=window)
            self.adopted = True

    def _close(self, stream: int, **when: int) -> None:
        self._change(stream, **when)
        self.standing.pop(stream)
        self.side[stream] = 0
        self.moved[:, stream] = 0
        self.back[stream] = 0
        self.back_since[stream] = NEVER
        self.evidence[stream] = -np.inf

    def _change(self, stream: int, **fields: int) -> None:
        at = self.standing[stream]
        self.marks[at] = self.marks[at]._replace(**fields)


def _side(harm: int, ways: list[bool], *, lost: bool) -> int:
    """The side of a new alarm: the harmful one if it is among those that call."""
    if harm and (lost or ways[UP if harm > 0 else DOWN]):
        return harm
    return 1 if ways[UP] else -1
