"""Watching streams window by window: is this more than what they do when nothing is wrong?

Three detectors look at each stream. *spike*: one window so far from what is expected that the
budget allows it (t quantile of the predictive distribution). *shift*: windows that add up to a
lasting change (CUSUM). *loss*: evidence that a loss is above the reference plus what is
tolerated, whenever one looks (e-detector). Each is given a third of the stream's part of the
false-alarm budget. All look past what is tolerated, and at all streams at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy  # its `special` is slow to load, and so is left to load on first use

from wane.detect.learned import fewest_windows, learn
from wane.detect.state import NEVER, Mark, State
from wane.stats import e_detector
from wane.stats.array import divide
from wane.stats.cusum import REFERENCE_VALUE, threshold
from wane.stats.natural_variation import design_effect, row_correlation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wane.detect.learned import Learned
    from wane.detect.streams import Streams

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Ints = NDArray[np.intp]

DETECTORS = ("spike", "shift", "loss")
SPIKE, SHIFT, LOSS = range(3)
UP, DOWN = 0, 1
RELEARN = 1.2
"""Limits are learnt again when there are a fifth more windows, so that work grows with length."""
MEMORY = 26
"""Cycles that are learnt from, the newest ones."""
LEAST_MEMORY = 200
LEAST_SHARE = 6.0
"""What never varied may vary by the tolerance over this, as a standard deviation."""
TAIL = 1e-3
"""Where a t variable is made to meet a normal one for the CUSUM."""
RETURN = math.log(1000)
"""Log likelihood ratio of the usual level over the one of the alarm that ends it; an alarm that
stands ends falsely after some thousand windows."""
LEAST_MOVE = 0.5
"""Deviations that an alarm's level is at least taken to be away, so that its end can be told."""
USUAL = 1.0
"""An alarm does not end in a window further from what is expected than the tolerance and so many
deviations."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Windows that are judged by the same limits; [S, m] unless said otherwise.

    Attributes:
        distance: Distance from what is expected, in deviations.
        tolerated: What is tolerated, in the same.
        limit: [S] the distance of a spike.
        steps: [2, S, m] what the CUSUM charts add.
        evidence: [S, m, bets] of a loss; nan where there is none.
        memory: [S] variance of sums of windows over that of independent ones.
    """

    distance: Floats
    tolerated: Floats
    limit: Floats
    steps: Floats
    evidence: Floats
    memory: Floats


def watch(streams: Streams, state: State, rate: float, until: int | None = None) -> State:
    """Carry the detectors over the windows from `state.at` on.

    Args:
        streams: All windows so far, also those that were judged before: limits are learnt from
            them.
        state: After the windows before `state.at`.
        rate: False alarms that may be expected in one window of all streams.
        until: First window that is not judged; None: all are.

    Returns:
        The next state; window by window the same as all at once.
    """
    until = streams.length if until is None else until
    while state.at < until:
        if state.at >= state.learn_at:
            state = _learn(streams, state)
        end = min(until, max(state.learn_at, state.at + 1))
        state = _judge(streams, state, rate, end)
    return state


def _learn(streams: Streams, state: State) -> State:
    """Limits from the windows before `state.at` that nothing was wrong with."""
    memory = max(MEMORY * streams.period, LEAST_MEMORY)
    first = max(0, state.at - memory)
    first -= first % streams.period
    history = slice(first, state.at)
    values = np.where(state.left_out[:, history], np.nan, streams.values[:, history])
    learned = learn(
        values,
        streams.noise[:, history],
        streams.rows[:, history],
        start=first,
        period=streams.period,
        counted=streams.counted,
        growing=streams.growing,
    )
    least = fewest_windows(streams.period)
    after = least if state.at < least else max(state.at + 1, math.ceil(state.at * RELEARN))
    return replace(state, learned=learned, learn_at=after)


def _judge(streams: Streams, state: State, rate: float, end: int) -> State:
    """The windows up to `end`, or to one that calls for new limits at once."""
    learned, begin = state.learned, state.at
    blank = np.zeros((len(streams.keys), end - begin), dtype=np.bool_)
    left_out = np.concatenate([state.left_out, blank], axis=1)
    if learned is None or not learned.known.any():
        return replace(state, at=end, left_out=left_out)
    allowed = rate * streams.weight / len(DETECTORS)
    block = _block(streams, learned, np.arange(begin, end), allowed)
    walk = _Walk(streams, state, left_out)
    chart_limit, log_limit = threshold(1 / allowed), -np.log(allowed)
    for at in range(end - begin):
        walk.step(block, at, begin + at, chart_limit, log_limit)
        if walk.adopted:
            return walk.state(begin + at + 1, learn_at=begin + at + 1)
    return walk.state(end, learn_at=state.learn_at)


class _Walk:
    """The parts of a state while windows go by."""

    def __init__(self, streams: Streams, state: State, left_out: Bools) -> None:
        self.streams = streams
        self.learned = state.learned
        self.charts, self.evidence = state.charts, state.evidence
        self.side = state.side.copy()
        self.moved, self.back = state.moved.copy(), state.back.copy()
        self.back_since = state.back_since.copy()
        self.left_out = left_out
        known = False if state.learned is None else state.learned.known
        new = known & (state.judged_from == NEVER)
        self.judged_from = np.where(new, state.at, state.judged_from)
        self.marks = list(state.marks)
        self.standing = {mark.stream: at for at, mark in enumerate(self.marks) if mark.open}
        self.patience = fewest_windows(streams.period)
        self.adopted = False

    def state(self, at: int, *, learn_at: int) -> State:
        """What is kept after the windows before `at`."""
        return State(
            at=at,
            learn_at=learn_at,
            learned=self.learned,
            charts=self.charts,
            evidence=self.evidence,
            side=self.side,
            moved=self.moved,
            back=self.back,
            back_since=self.back_since,
            left_out=self.left_out[:, :at],
            judged_from=self.judged_from,
            marks=tuple(self.marks),
        )

    def step(
        self, block: _Block, at: int, window: int, chart_limit: Floats, log_limit: Floats
    ) -> None:
        """One window of all streams."""
        harm = self.streams.harm
        steps = np.where(self.side == 0, np.nan_to_num(block.steps[:, :, at]), 0)
        self.charts = np.maximum(self.charts + steps, 0)
        self.evidence = e_detector.step(self.evidence, block.evidence[:, at])
        lost = e_detector.log_average(self.evidence) >= log_limit
        distance, tolerated = block.distance[:, at], block.tolerated[:, at]
        spiked = np.stack([distance, -distance]) - tolerated > block.limit
        shifted = self.charts > chart_limit
        calling = (spiked | shifted).any(axis=0) | lost
        for stream in np.flatnonzero(calling & (self.side == 0)).tolist():
            ways = [bool(spiked[way, stream] or shifted[way, stream]) for way in (UP, DOWN)]
            side = _side(int(harm[stream]), ways, lost=bool(lost[stream]))
            way = UP if side > 0 else DOWN
            found = SPIKE if spiked[way, stream] else SHIFT if shifted[way, stream] else LOSS
            self.standing[stream] = len(self.marks)
            self.marks.append(Mark(stream, side, found, window))
            self.side[stream] = side
            self.charts[:, stream] = 0
        for stream in np.flatnonzero(lost & (self.side == harm) & (harm != 0)).tolist():
            if self.marks[self.standing[stream]].paged == NEVER:
                self._change(stream, paged=window)
        self.left_out[:, window] = self.side != 0
        self._wait(distance * self.side, tolerated, block.memory, window)

    def _wait(self, distance: Floats, tolerated: Floats, memory: Floats, window: int) -> None:
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
        ended = there & (back >= RETURN) & (distance <= tolerated + USUAL)
        for stream in np.flatnonzero(ended).tolist():
            first = max(int(self.back_since[stream]), self.marks[self.standing[stream]].raised + 1)
            self.left_out[stream, first : window + 1] = False
            self._close(stream, ended=first)
        for stream in np.flatnonzero((self.side != 0) & self.streams.adopts).tolist():
            raised = self.marks[self.standing[stream]].raised
            if window - raised + 1 >= self.patience:
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


def _block(streams: Streams, learned: Learned, windows: Ints, allowed: Floats) -> _Block:
    """Everything about windows [m] that does not depend on what happened before them."""
    sampling = learned.sampling(streams.noise[:, windows], streams.rows[:, windows])
    least = (streams.tolerance / LEAST_SHARE) ** 2
    deviation = np.sqrt(learned.variance(windows, sampling, least))
    known = np.where(learned.known[:, None], streams.values[:, windows], np.nan)
    distance = divide(known - learned.expected(windows), deviation)
    tolerated = divide(np.broadcast_to(streams.tolerance[:, None], deviation.shape), deviation)
    freedom = np.maximum(learned.variation.degrees_of_freedom, 1)
    one_sided = np.where(streams.harm == 0, allowed / 2, allowed)
    scale = scipy.special.stdtrit(freedom, 1 - TAIL) / -scipy.special.ndtri(TAIL)
    memory = (1 + learned.correlation) / (1 - learned.correlation)
    variation = learned.variation
    unsure = np.sqrt(divide(variation.mean_variance, variation.typical_variance))
    slack = REFERENCE_VALUE + np.nan_to_num(unsure)
    beyond = np.stack([distance, -distance]) - tolerated
    return _Block(
        distance=distance,
        tolerated=tolerated,
        limit=scipy.special.stdtrit(freedom, 1 - one_sided),
        steps=beyond / (scale * np.sqrt(memory))[:, None] - slack[:, None],
        evidence=_evidence(streams, learned, windows, sampling, least),
        memory=memory,
    )


def _evidence(
    streams: Streams, learned: Learned, windows: Ints, sampling: Floats, least: Floats
) -> Floats:
    """[S, m, bets] evidence that the loss is above the reference plus what is tolerated."""
    evidence = np.full((*sampling.shape, len(e_detector.BINARY_BETS)), np.nan)
    judged = learned.known & (streams.harm != 0) & np.isfinite(streams.reference)
    memory = (1 + learned.correlation) / (1 - learned.correlation)
    between = np.maximum(learned.cautious_between, least)
    values, rows = streams.values[:, windows], streams.rows[:, windows]
    by_rows = np.flatnonzero(judged & streams.counted)
    if len(by_rows):
        harm = streams.harm[by_rows, None]
        value, base, n = values[by_rows], streams.reference[by_rows, None], rows[by_rows]
        wrong = np.where(harm > 0, value, 1 - value) * n
        tolerated = np.where(harm > 0, base, 1 - base) + streams.tolerance[by_rows, None]
        rho = row_correlation(between[by_rows], learned.row_variance[by_rows])
        effect = design_effect(n, rho[:, None]) * memory[by_rows, None]
        evidence[by_rows] = e_detector.binary_evidence(
            np.where(np.isnan(value), 0, wrong),
            np.where(np.isnan(value), np.nan, n),
            np.clip(tolerated, 0, 1),
            design_effect=effect,
        )
    others = np.flatnonzero(judged & ~streams.counted)
    if len(others):
        loss = streams.harm[others, None] * (values[others] - streams.reference[others, None])
        deviation = np.sqrt(between[others, None] + sampling[others])
        excess = divide(loss - streams.tolerance[others, None], deviation)
        evidence[others] = e_detector.normal_evidence(excess, design_effect=memory[others, None])
    return evidence
