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

from wane.detect.learned import FEWEST_WINDOWS, fewest_windows, held, learn
from wane.detect.state import NEVER, Mark, State
from wane.stats import e_detector
from wane.stats.array import divide
from wane.stats.cusum import REFERENCE_VALUE, threshold
from wane.stats.natural_variation import design_effect, row_correlation
from wane.stats.season import effect_at

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
RELEARN = 1.25
"""Limits are learnt again when there are a quarter more windows, so that work grows with length."""
RELEARN_EARLY = 1.1
"""And more often in the beginning, when a window that is missing may be the one that lacks."""
MEMORY = 16
"""Cycles of the shortest season that are learnt from, the newest ones."""
LONG_MEMORY = 6
"""Cycles of the longest season, if those are more windows."""
LEAST_MEMORY = 112
DOUBT = 0.5
"""Share of its threshold from which on what a chart is rising over is not learnt from."""
LEAST_SHARE = 6.0
"""What never varied may vary by the tolerance over this, as a standard deviation."""
FEWEST_OF_REFERENCE = 8
"""Windows of a reference that say how much windows of it vary."""
BASE_WINDOWS = 30
"""Windows of a stream's budget that its first level may cost by being wrong."""
WILDEST = 4.0
"""Deviations that one window counts as at most, in what adds up over windows."""
TAIL = 1e-3
"""Where a t variable is made to meet a normal one for the CUSUM."""
RETURN = math.log(10_000)
"""Log likelihood ratio of the usual level over the one of the alarm that ends it; an alarm that
stands ends falsely after some ten thousand windows."""
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
        seen: [2, S, m] the distance that has been seen often.
        steps: [2, S, m] what the CUSUM charts add.
        provable: [P] streams with a reference that a loss can be proven against.
        evidence: [P, m, bets] of a loss; nan where a window is missing.
        memory: [S] variance of sums of windows over that of independent ones.
    """

    distance: Floats
    tolerated: Floats
    limit: Floats
    seen: Floats
    steps: Floats
    provable: Ints
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
    limits = _Limits.of(streams, rate)
    while state.at < until:
        if state.at >= state.learn_at:
            state = _learn(streams, state, limits)
        end = min(until, max(state.learn_at, state.at + 1))
        state = _judge(streams, state, limits, end)
    return state


@dataclass(frozen=True, slots=True)
class _Limits:
    """What the budget allows; [S] each.

    Attributes:
        spike: Probability of a false spike, in a window and on one side.
        chart: Height of a CUSUM chart that is an alarm.
        log_evidence: Logarithm of the evidence that proves a loss.
    """

    spike: Floats
    chart: Floats
    log_evidence: Floats

    @classmethod
    def of(cls, streams: Streams, rate: float) -> _Limits:
        """A third of the stream's part for each detector; both sides share it where both harm."""
        allowed = rate * streams.weight / len(DETECTORS)
        one_sided = np.where(streams.harm == 0, allowed / 2, allowed)
        return cls(one_sided, threshold(1 / one_sided), -np.log(allowed))


def _learn(streams: Streams, state: State, limits: _Limits) -> State:
    """Limits from the newest windows before `state.at` that nothing was wrong with.

    While an alarm stands its stream keeps the limits that raised it. A performance metric without
    a reference is held to the first level it had.
    """
    memory = max(MEMORY * streams.periods[0], LONG_MEMORY * streams.period, LEAST_MEMORY)
    first = max(0, state.at - memory)
    first -= first % streams.period
    history = slice(first, state.at)
    learned = learn(
        np.where(_unlearned(state, limits)[:, history], np.nan, streams.values[:, history]),
        streams.noise[:, history],
        streams.rows[:, history],
        start=first,
        periods=streams.periods,
        counted=streams.counted,
        growing=streams.growing,
    )
    if state.at == streams.begin >= FEWEST_OF_REFERENCE:
        state = _bounded(streams, state, learned, limits)
    learned = replace(
        learned,
        cautious_between=np.minimum(learned.cautious_between, state.most_between),
        likely_correlation=np.minimum(learned.likely_correlation, state.most_correlation),
    )
    if state.learned is not None:
        learned = held(state.learned, learned, state.side != 0)
    least = fewest_windows(streams.periods, growing=streams.growing)
    factor = RELEARN if state.at >= 2 * least else RELEARN_EARLY
    after = least if state.at < least else max(state.at + 1, math.ceil(state.at * factor))
    base = _base(streams, state, learned, limits)
    return replace(state, learned=learned, base=base, learn_at=after)


def _bounded(streams: Streams, state: State, learned: Learned, limits: _Limits) -> State:
    """The state, with what the windows of the reference say of natural variation.

    A loss that begins before limits are known would otherwise pass for variation, and hide itself.
    """
    between = learned.cautious_between
    enough = np.isfinite(between) & (learned.variation.windows >= FEWEST_OF_REFERENCE)
    noise = np.nan_to_num(streams.reference_noise)
    variance = np.maximum(learned.variation.mean_variance, noise)
    base = _harmful_bound(streams, learned, streams.reference, variance, limits)
    return replace(
        state,
        base=np.where(enough & (streams.harm != 0), base, state.base),
        most_between=np.where(enough, between, np.inf),
        most_correlation=np.where(enough, learned.likely_correlation, np.inf),
    )


def _unlearned(state: State, limits: _Limits) -> Bools:
    """[S, at] windows that are left out: those of alarms, and what looks like becoming one."""
    doubtful = state.charts > DOUBT * limits.chart
    since = np.where(doubtful, state.rising, state.at).min(axis=0)
    return np.asarray(state.left_out | (np.arange(state.at) >= since[:, None]))


def _base(streams: Streams, state: State, learned: Learned, limits: _Limits) -> Floats:
    """[S] the level that a loss is proven against, set once limits are first known.

    The reference, or without one the first level that was learned. A reference is the mean of so
    many windows' rows, and windows differ.
    """
    variation = learned.variation
    given = np.isfinite(streams.reference)
    sampling = variation.typical_variance - variation.between_variance
    windows = np.maximum(divide(sampling, streams.reference_noise), 1)
    memory = (1 + learned.likely_correlation) / (1 - learned.likely_correlation)
    own = streams.reference_noise + variation.between_variance * memory / windows
    variance = np.where(given & np.isfinite(own), own, variation.mean_variance)
    level = np.where(given, streams.reference, learned.season.level + variation.mean)
    provable = learned.known & (streams.harm != 0) & (given | ~streams.adopts)
    bound = _harmful_bound(streams, learned, level, variance, limits)
    return np.where(np.isnan(state.base) & provable, bound, state.base)


def _harmful_bound(
    streams: Streams, learned: Learned, level: Floats, variance: Floats, limits: _Limits
) -> Floats:
    """[S] the level moved to the harmful side by as much as it is unsure.

    It is wrong as rarely as the budget lets `BASE_WINDOWS` windows be.
    """
    freedom = np.maximum(learned.variation.degrees_of_freedom, 1)
    wrong = np.minimum(BASE_WINDOWS * limits.spike, 0.025)
    unsure = scipy.special.stdtrit(freedom, 1 - wrong) * np.sqrt(variance)
    return np.asarray(level + streams.harm * unsure)


def _judge(streams: Streams, state: State, limits: _Limits, end: int) -> State:
    """The windows up to `end`, or to one that calls for new limits at once."""
    learned, begin = state.learned, state.at
    blank = np.zeros((len(streams.keys), end - begin), dtype=np.bool_)
    left_out = np.concatenate([state.left_out, blank], axis=1)
    if learned is None or not learned.known.any():
        return replace(state, at=end, left_out=left_out)
    block = _block(streams, learned, state.base, np.arange(begin, end), limits)
    walk = _Walk(streams, state, left_out)
    for at in range(end - begin):
        walk.step(block, at, begin + at, limits)
        if walk.adopted:
            return walk.state(begin + at + 1, learn_at=begin + at + 1)
    return walk.state(end, learn_at=state.learn_at)


class _Walk:
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

    def step(self, block: _Block, at: int, window: int, limits: _Limits) -> None:
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
        spiked = (sides - tolerated > block.limit) & (sides > block.seen[:, :, at])
        shifted = self.charts > limits.chart
        calling = (spiked | shifted).any(axis=0) | lost
        for stream in np.flatnonzero(calling & (self.side == 0)).tolist():
            ways = [bool(spiked[way, stream] or shifted[way, stream]) for way in (UP, DOWN)]
            side = _side(int(harm[stream]), ways, lost=bool(lost[stream]))
            way = UP if side > 0 else DOWN
            found = SPIKE if spiked[way, stream] else SHIFT if shifted[way, stream] else LOSS
            self.standing[stream] = len(self.marks)
            self.marks.append(Mark(stream, side, found, window))
            self.side[stream] = side
            if self.rising[way, stream] != NEVER:  # what led to the alarm was not usual either
                self.left_out[stream, self.rising[way, stream] : window] = True
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


def _block(
    streams: Streams, learned: Learned, base: Floats, windows: Ints, limits: _Limits
) -> _Block:
    """Everything about windows [m] that does not depend on what happened before them."""
    sampling = learned.sampling(streams.noise[:, windows], streams.rows[:, windows])
    least = (streams.tolerance / LEAST_SHARE) ** 2
    deviation = np.sqrt(learned.variance(windows, sampling, least))
    known = np.where(learned.known[:, None], streams.values[:, windows], np.nan)
    distance = divide(known - learned.expected(windows), deviation)
    tolerated = divide(np.broadcast_to(streams.tolerance[:, None], deviation.shape), deviation)
    variation = learned.variation
    freedom = np.maximum(variation.degrees_of_freedom, 1)
    scale = scipy.special.stdtrit(freedom, 1 - TAIL) / -scipy.special.ndtri(TAIL)
    memory = (1 + learned.correlation) / (1 - learned.correlation)
    unsure = np.sqrt(divide(variation.mean_variance, variation.typical_variance))
    slack = REFERENCE_VALUE + np.nan_to_num(unsure)
    # one window, however wild, is a spike and no lasting shift
    beyond = np.minimum(np.stack([distance, -distance]) - tolerated, WILDEST)
    provable = np.flatnonzero(learned.known & (streams.harm != 0) & np.isfinite(base))
    return _Block(
        distance=distance,
        tolerated=tolerated,
        limit=scipy.special.stdtrit(freedom, 1 - limits.spike),
        seen=divide(learned.seen[:, :, None], deviation),
        steps=beyond / (scale * np.sqrt(memory))[:, None] - slack[:, None],
        provable=provable,
        evidence=_evidence(streams, learned, base[provable], windows, provable),
        memory=memory,
    )


def _evidence(
    streams: Streams, learned: Learned, base: Floats, windows: Ints, rows: Ints
) -> Floats:
    """[P, m, bets] evidence of streams [P] that the loss is above the base [P] and the tolerance.

    Shares of rows by their counts, other metrics by their distance in standard deviations; both
    tempered by what windows vary beyond their rows, and by their memory.
    """
    values, n = streams.values[np.ix_(rows, windows)], streams.rows[np.ix_(rows, windows)]
    sampling = learned.sampling(streams.noise[:, windows], streams.rows[:, windows])[rows]
    least = (streams.tolerance[rows] / LEAST_SHARE) ** 2
    # one caution is enough: in how much windows vary, or in how long they remember
    between = np.maximum(learned.cautious_between[rows], least)
    memory = ((1 + learned.likely_correlation) / (1 - learned.likely_correlation))[rows]
    harm, tolerance, counted = streams.harm[rows], streams.tolerance[rows], streams.counted[rows]
    level = base[:, None] + effect_at(learned.season, windows - learned.start)[rows]
    evidence = np.empty((*values.shape, len(e_detector.BINARY_BETS)))
    if counted.any():
        loss, worse = (
            np.where(harm[counted, None] > 0, part, 1 - part)
            for part in (values[counted], level[counted])
        )
        rho = row_correlation(between, learned.row_variance[rows])[counted]
        evidence[counted] = e_detector.binary_evidence(
            np.nan_to_num(loss) * n[counted],
            np.where(np.isnan(loss), np.nan, n[counted]),
            np.clip(worse + tolerance[counted, None], 0, 1),
            design_effect=design_effect(n[counted], rho[:, None]) * memory[counted, None],
        )
    if not counted.all():
        deviation = np.sqrt(between[:, None] + sampling)
        beyond = harm[:, None] * (values - level) - tolerance[:, None]
        excess = np.minimum(divide(beyond, deviation)[~counted], WILDEST)
        evidence[~counted] = e_detector.normal_evidence(
            excess, design_effect=memory[~counted, None]
        )
    return evidence
