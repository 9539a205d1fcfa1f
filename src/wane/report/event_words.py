"""An event in words: what it is about, since when, until when, how large and how sure.

Every output takes its words from here: the page, the terminal, Markdown, build servers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wane.detect.detector import Detector
from wane.detect.sentence import SHAPES, how_sure, series_name
from wane.detect.severity import Severity
from wane.detect.shape import Shape
from wane.report.moment import timezone_of
from wane.report.numbers import DASH, format_count, format_date, format_value
from wane.report.words import format_metric, metric_title
from wane.window import DAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from wane.detect.finding import Finding
    from wane.metrics.measurement import SeriesKey
    from wane.report.result import Result

YEAR = 365 * DAY
"""Dates of a run this long are told with their year."""


def events(result: Result) -> tuple[Finding, ...]:
    """What matters of what learned limits found; most severe first, then standing, then newest."""
    return _ordered(result, informative=False)


def information(result: Result) -> tuple[Finding, ...]:
    """What is good to know and raises no alert: improvements, small drift. The same order."""
    return _ordered(result, informative=True)


def date_of(result: Result, index: int) -> str:
    """When a window starts, with the year where it could be another."""
    windows = result.measurements.windows
    long = not windows[0].by_rows and windows[-1].end - windows[0].start >= YEAR
    return format_date(windows[index], timezone_of(result), year=long)


def when(result: Result, event: Finding) -> str:
    """The time an event took: "since 31 Mar", "31 Mar - 15 Aug", "22 Sep"."""
    first = date_of(result, event.first)
    if event.stands:
        return f"since {first}"
    if event.first == event.last:
        return first
    return f"{first} {DASH} {date_of(result, event.last)}"


def began(result: Result, event: Finding) -> str:
    """In which windows it may have begun; empty when there is no doubt."""
    if event.earliest == event.latest:
        return ""
    earliest, latest = date_of(result, event.earliest), date_of(result, event.latest)
    return f"began between {earliest} and {latest}"


def until(result: Result, event: Finding) -> str:
    """Whether it stands, or how it ended."""
    if event.recovered is not None:
        return f"recovered on {date_of(result, event.recovered)}"
    return "has become the usual level" if event.adopted else "still standing"


def noticed(result: Result, event: Finding) -> str:
    """When the alarm was raised; empty where that was at once, or none was raised."""
    if event.raised == event.first or event.detector is Detector.TREND:
        return ""
    return f"noticed on {date_of(result, event.raised)}"


def usual(event: Finding) -> str:
    """What the series shows when nothing is wrong; empty while that is being learned."""
    if math.isnan(event.usual_low):
        return ""
    low, high = (
        format_metric(event.key.metric, end) for end in (event.usual_low, event.usual_high)
    )
    return f"usual {low} to {high}"


def sureness(
    result: Result, event: Finding, shown: Callable[[str, float], str] = format_metric
) -> str:
    """What speaks against noise; empty where nothing can be said.

    Args:
        result: What the event was found in.
        event: The event.
        shown: How a value of a metric is written.
    """
    metric, reference = event.key.metric, result.measurements.series[event.key].reference
    return how_sure(event, "" if math.isnan(reference) else shown(metric, reference))


def name(key: SeriesKey) -> str:
    """A series in the words of titles: "PSI of income in channel=mobile"."""
    of = f" of {key.column}" if key.column else ""
    where = f" in {key.segment}" if key.segment else ""
    return f"{metric_title(key.metric)}{of}{where}"


def sentence(result: Result, event: Finding) -> str:
    """One sentence without dates, in the words of rules: "accuracy fell from 0.94 to 0.91, ..."."""
    verb = "rose" if event.side > 0 else "fell"
    levels = f"from {format_value(event.before)} to {format_value(event.now)}"
    lead = f"{series_name(event.key)} {verb} {levels}"
    apart = "; " if event.shape is Shape.SEASON else ", "
    sure = sureness(result, event, lambda _, value: format_value(value))
    told = f"{lead}{apart}{SHAPES[event.shape]}"
    return "; ".join(part for part in (told, sure, others(event)) if part)


def others(event: Finding) -> str:
    """How many other series tell of the same event; empty for none."""
    count = len(event.also)
    return f"also {format_count(count)} other series" if count else ""


def _ordered(result: Result, *, informative: bool) -> tuple[Finding, ...]:
    chosen = [
        finding
        for finding in result.found.findings
        if (finding.severity is Severity.INFO) is informative
    ]
    return tuple(sorted(chosen, key=lambda one: (-one.severity.rank, not one.stands, -one.first)))
