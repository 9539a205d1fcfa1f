"""From measurements to findings: what left its natural variation, grouped into events."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wane.detect.drifted import drift_findings
from wane.detect.events import events
from wane.detect.found import Found
from wane.detect.learned import fewest_windows
from wane.detect.marked import marked_findings
from wane.detect.place import Ask, Place
from wane.detect.sentence import happened
from wane.detect.state import NEVER, State
from wane.detect.steady import steady_findings
from wane.detect.usual import usual_ranges
from wane.detect.watch import watch
from wane.detect.watched import watched

if TYPE_CHECKING:
    from wane.detect.finding import Finding
    from wane.detect.usual import Usual
    from wane.metrics.measurement import Measurements, SeriesKey

__all__ = ["Ask", "find"]


def find(
    measurements: Measurements, before: Measurements | None = None, ask: Ask | None = None
) -> Found:
    """Watch every series of a run and say what happened.

    Args:
        measurements: Of the windows to judge.
        before: Of the windows of the reference, as history.
        ask: Budget, tolerance and time zone.

    Returns:
        The findings in the order in which they were raised; none without windows.
    """
    asked = ask or Ask()
    lots = watched(measurements, before, asked.choice)
    rate = asked.budget.per_window(lots.calendar.windows_per_day)
    place = Place(measurements, lots.calendar, lots.begin, asked)
    findings, judged_from = drift_findings(place)
    usual: dict[SeriesKey, Usual] = {}
    known = 0
    for streams in lots.lots:
        state = watch(streams, State.start(streams), rate)
        findings += marked_findings(streams, state, place, rate)
        findings += steady_findings(streams, state, place, rate)
        since = _judged_from(streams.keys, state, place)
        known += len(since)
        judged_from |= since
        usual |= usual_ranges(streams, state, place)
    needed = fewest_windows(lots.calendar.periods)
    return Found(
        findings=tuple(
            _told(one, place)
            for one in events(findings, asked.choice.main, asked.choice.importance)
        ),
        budget=asked.budget,
        streams=lots.streams,
        expected_today=asked.budget.alarms / asked.budget.days,
        judged_from=judged_from,
        usual=usual,
        learning=lots.streams - known,
        windows=min(lots.begin + lots.calendar.length, needed),
        needed=needed,
    )


def _judged_from(keys: tuple[SeriesKey, ...], state: State, place: Place) -> dict[SeriesKey, int]:
    """Index of the first measured window of each series that limits were known for."""
    return {
        key: place.index(at)
        for key, at in zip(keys, state.judged_from.tolist(), strict=True)
        if at != NEVER
    }


def _told(finding: Finding, place: Place) -> Finding:
    """The finding with its sentence."""
    series = place.measurements.series[finding.key]
    sentence = happened(
        finding, place.measurements.windows, place.ask.timezone, reference=series.reference
    )
    return replace(finding, reason=sentence)
