"""What came and went as an alarm so often that it is no news any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.block import chart_steps
from wane.detect.learned import OFTEN
from wane.detect.state import NEVER
from wane.detect.walk import DOWN, UP
from wane.stats.cusum import often_reached

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.detect.learned import Learned
    from wane.detect.state import State
    from wane.detect.streams import Streams

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Told:
    """Alarms that were told and are over, of streams and on sides where that does no harm.

    Harm that recurs is harm each time; but a burst of traffic that comes for the fourth time is
    what this stream does.

    Attributes:
        streams: Of which streams.
        windows: [S, at] windows of such alarms, and those that led to them.
        ends: [S, at] the first windows after them, in which charts begin anew.
        peaks: [S, at] the value furthest out of each such alarm; nan everywhere else.
    """

    streams: Streams
    windows: Bools
    ends: Bools
    peaks: Floats

    def risen(self, learned: Learned, history: slice, left_out: Bools) -> Floats:
        """[S, 2] height that charts would have reached `OFTEN` times in windows of a history.

        Args:
            learned: The limits they would have gone by.
            history: Which windows.
            left_out: [S, at] windows that are not learned from; those of such alarms count.
        """
        harm = harmful(self.streams)
        if harm.all():
            return np.zeros(harm.shape)
        steps = chart_steps(self.streams, learned, np.arange(history.start, history.stop))
        steps[:, ((left_out & ~self.windows) | self.ends)[:, history]] = -np.inf
        sides = [often_reached(side, OFTEN) for side in steps]
        return np.where(harm, 0, np.stack(sides, axis=1))


def told_of(streams: Streams, state: State) -> Told:
    """The alarms of a state that are over."""
    shape = (len(streams.keys), state.at)
    windows, ends = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    peaks = np.full(shape, np.nan)
    harm = harmful(streams)
    for mark in state.marks:
        if mark.ended != NEVER and not harm[mark.stream, UP if mark.side > 0 else DOWN]:
            values = mark.side * streams.values[mark.stream, mark.raised : mark.ended]
            begun = mark.raised if mark.rising == NEVER else mark.rising
            windows[mark.stream, begun : mark.ended] = True
            ends[mark.stream, mark.ended] = True
            furthest = mark.raised + int(np.argmax(np.nan_to_num(values, nan=-np.inf)))
            peaks[mark.stream, furthest] = streams.values[mark.stream, furthest]
    return Told(streams, windows, ends, peaks)


def harmful(streams: Streams) -> Bools:
    """[S, 2] whether a move upward, or downward, may do harm each time it comes.

    So does every one of performance, and traffic that stays away.
    """
    up = ~streams.adopts | (streams.harm > 0)
    down = ~streams.adopts | (streams.harm < 0) | streams.logarithmic
    return np.stack([up, down], axis=1)
