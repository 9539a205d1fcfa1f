"""Alarms of watched streams as findings: their shape, date, size and severity."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy  # its `special` is slow to load, and so is left to load on first use

from wane.detect.events import family
from wane.detect.finding import Finding
from wane.detect.learned import FEWEST_WINDOWS, learn_from
from wane.detect.limits import DETECTORS, LOSS, SPIKE, allowed_alarms
from wane.detect.severity import Severity
from wane.detect.shape import classify
from wane.detect.state import NEVER
from wane.detect.usual import range_about
from wane.detect.watched import NO_ROWS, in_own_unit
from wane.metrics.calendar import WEEK
from wane.metrics.catalogue import Family
from wane.stats.season import effect_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from wane.detect.learned import Learned
    from wane.detect.place import Place
    from wane.detect.state import Mark, State
    from wane.detect.streams import Streams

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

OUTAGE = math.log(0.01)
"""Logarithm of the share of the expected rows below which a loss of volume is an outage."""
APART = 2
"""Windows between two alarms of one stream that are told as one, also without a season."""
LONGEST_ODDS = 1e12


def marked_findings(streams: Streams, state: State, place: Place, rate: float) -> list[Finding]:
    """Every alarm, by the limits that held just before it was raised.

    Args:
        streams: What was watched.
        state: After the last window.
        place: Where its windows lie.
        rate: False alarms that may be expected in one window of all streams.
    """
    alarms = _joined(state.marks, streams.periods[0])
    by_window: dict[int, list[Mark]] = {}
    for mark in alarms:
        by_window.setdefault(mark.raised, []).append(mark)
    found = []
    for marks in by_window.values():
        limits = _Limits.of(streams, alarms, marks)
        for at, mark in enumerate(marks):
            found.append(_finding(streams, limits.of_mark(at), mark, place, rate))
    return found


def _joined(marks: Iterable[Mark], period: int) -> list[Mark]:
    """Alarms of a stream on one side that follow each other within half a day, or a week, are one.

    A weekly pattern that is gone shows on weekends only.
    """
    apart = max(period if period <= WEEK else period // 2, APART)
    found: list[Mark] = []
    newest: dict[tuple[int, int], int] = {}
    for mark in marks:
        at = newest.get((mark.stream, mark.side))
        over = NEVER if at is None else max(found[at].ended, found[at].adopted)
        if at is not None and over != NEVER and over >= mark.raised - apart:
            before = found[at]
            paged = before.paged if before.paged != NEVER else mark.paged
            found[at] = before._replace(paged=paged, ended=mark.ended, adopted=mark.adopted)
            continue
        newest[mark.stream, mark.side] = len(found)
        found.append(mark)
    return found


@dataclass(frozen=True, slots=True)
class _Limit:
    """What one stream should have shown; arrays [L]."""

    expected: Floats
    variance: Floats
    effects: Floats | None
    freedom: float
    correlation: float
    since: int


@dataclass(frozen=True, slots=True)
class _Limits:
    """The same for alarms that were raised in one window."""

    learned: Learned
    past: Bools
    expected: Floats
    variance: Floats
    effects: Floats

    @classmethod
    def of(cls, streams: Streams, every: Sequence[Mark], marks: Sequence[Mark]) -> _Limits:
        rows = np.array([mark.stream for mark in marks], dtype=np.intp)
        history = slice(0, marks[0].raised)
        past = np.stack([_left_out(every, mark) for mark in marks])
        learned = learn_from(streams, history, past, rows)
        windows = np.arange(streams.length)
        sampling = learned.sampling(streams.noise[rows], streams.rows[rows])
        return cls(
            learned,
            past,
            learned.expected(windows),
            learned.variance(windows, sampling, streams.tolerance[rows]),
            effect_at(learned.season, windows),
        )

    def of_mark(self, at: int) -> _Limit:
        """The limits of one of them."""
        used = np.flatnonzero(~self.past[at])
        return _Limit(
            self.expected[at],
            self.variance[at],
            self.effects[at] if self.learned.season.used[at] else None,
            max(float(self.learned.variation.degrees_of_freedom[at]), 1.0),
            float(self.learned.correlation[at]),
            int(used[0]) if len(used) else 0,
        )


def _left_out(every: Iterable[Mark], mark: Mark) -> Bools:
    """[raised] windows before an alarm that its limits are not learned from."""
    out = np.zeros(mark.raised, dtype=np.bool_)
    for other in every:
        if other.stream == mark.stream and other.raised < mark.raised:
            if other.adopted != NEVER:
                out[: other.raised] = True
            else:
                out[other.raised : other.ended] = True
    return out


def _finding(streams: Streams, limit: _Limit, mark: Mark, place: Place, rate: float) -> Finding:
    values, tolerance = streams.values[mark.stream], float(streams.tolerance[mark.stream])
    limit = _from_reference(streams, limit, mark)
    last = _last(mark, values)
    shaped = classify(
        values,
        limit.expected,
        limit.variance,
        last=last,
        raised=mark.raised,
        ended=mark.ended != NEVER,
        since=_since(streams, limit, mark),
        correlation=limit.correlation,
        effects=limit.effects,
        period=streams.period,
    )
    key, logarithmic = streams.keys[mark.stream], bool(streams.logarithmic[mark.stream])
    middle, deviation = limit.expected[last], np.sqrt(limit.variance[last])
    usual = range_about(middle, deviation, limit.freedom, key.metric, logarithmic=logarithmic)
    levels = (shaped.before, shaped.now, float(middle) + mark.side * tolerance)
    before, now, tolerated = (in_own_unit(level, key.metric, place.ask.choice) for level in levels)
    return Finding(
        key=key,
        severity=_severity(streams, mark, limit.expected, last, place),
        detector=DETECTORS[LOSS if mark.paged != NEVER else mark.detector],
        shape=shaped.shape,
        side=mark.side,
        first=place.index(shaped.first),
        earliest=place.index(shaped.earliest),
        latest=place.index(shaped.latest),
        raised=place.index(mark.raised),
        last=place.before(last + 1),
        recovered=place.index(mark.ended) if mark.ended != NEVER else None,
        adopted=mark.adopted != NEVER,
        before=before,
        now=now,
        usual_low=float(usual.low),
        usual_high=float(usual.high),
        tolerated=tolerated,
        once_in=_once_in(streams, limit, mark, rate),
        reason="",
    )


def _from_reference(streams: Streams, limit: _Limit, mark: Mark) -> _Limit:
    """The limits, with the reference expected where the stream's own level was a loss already."""
    reference = float(streams.reference[mark.stream])
    sure = np.isfinite(limit.variance)  # windows count as in the levels of the finding
    level = float(np.average(limit.expected[sure], weights=1 / limit.variance[sure]))
    worse = int(streams.harm[mark.stream]) * (level - reference)
    if mark.paged == NEVER or not worse > float(streams.tolerance[mark.stream]):
        return limit
    return replace(limit, expected=limit.expected - level + reference, since=streams.begin)


def _since(streams: Streams, limit: _Limit, mark: Mark) -> int:
    """The first window that the change of an alarm may have begun at.

    Not in windows of another regime, and not long before what led to the alarm: with noise of
    heavy tails a change of level may be found anywhere, but it is not what the alarm is about.
    """
    since = min(limit.since, mark.raised)
    if mark.rising == NEVER or mark.paged != NEVER:
        return since
    led = mark.raised - mark.rising
    slack = max(FEWEST_WINDOWS, led, streams.periods[0])
    return max(since, mark.rising - slack)


def _last(mark: Mark, values: Floats) -> int:
    """The last window of the calendar that belongs to an alarm."""
    if mark.ended != NEVER:
        return max(mark.ended - 1, mark.raised)
    if mark.adopted != NEVER:
        return mark.adopted
    return max(int(np.flatnonzero(~np.isnan(values))[-1]), mark.raised)


def _once_in(streams: Streams, limit: _Limit, mark: Mark, rate: float) -> float:
    """Windows of the stream among which noise alone raises such an alarm once.

    At the least what the budget asks for; of a single wild window, how wild it is.
    """
    allowed = float(allowed_alarms(streams, rate)[mark.stream])
    if mark.detector != SPIKE:
        return 1 / allowed
    away = mark.side * (streams.values[mark.stream, mark.raised] - limit.expected[mark.raised])
    beyond = away - float(streams.tolerance[mark.stream])
    tail = scipy.special.stdtr(limit.freedom, -beyond / math.sqrt(limit.variance[mark.raised]))
    return float(max(1 / max(float(tail), 1 / LONGEST_ODDS), 1 / allowed))


def _severity(streams: Streams, mark: Mark, expected: Floats, last: int, place: Place) -> Severity:
    """Harm first: a proven loss and an outage are critical, an improvement is information.

    Only the main metric, and those a tolerance was given for, can be critical: the others are
    other views of it, and some of them move against it.
    """
    harm, key, choice = int(streams.harm[mark.stream]), streams.keys[mark.stream], place.ask.choice
    if harm and mark.side != harm:
        return Severity.INFO
    if key.metric == "error_rate" or _is_outage(streams, mark, expected, last):
        return Severity.CRITICAL
    matters = key.metric == choice.main or key.metric in choice.tolerance
    proven = matters and family(key) == Family.PERFORMANCE and mark.paged != NEVER
    return Severity.CRITICAL if proven else Severity.WARNING


def _is_outage(streams: Streams, mark: Mark, expected: Floats, last: int) -> bool:
    """Whether a window of an alarm of volume had no rows, or hardly any of those expected."""
    key, during = streams.keys[mark.stream], slice(mark.raised, last + 1)
    if key.metric != "volume":
        return False
    values = streams.values[mark.stream, during]
    silent = key.segment is None and bool((values <= NO_ROWS).any())
    return silent or bool((values - expected[during] < OUTAGE).any())
