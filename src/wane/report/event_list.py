"""What learned limits found, as a reader wants it: one row for each event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.detect.detector import Detector
from wane.report import event_words, shape_icon
from wane.report.digest import budget_facts
from wane.report.event_words import events, information
from wane.report.numbers import format_count
from wane.report.tone import OF_SEVERITY, Tone
from wane.report.words import format_metric, metric_title, sentence_case

if TYPE_CHECKING:
    from markupsafe import Markup

    from wane.detect.finding import Finding
    from wane.detect.found import Found
    from wane.report.result import Result

MOST = 60
MOST_INFORMATION = 60
MOST_OTHERS = 30


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event.

    Attributes:
        tone: Of its severity.
        severity: As a word.
        subject: The column, or else the metric.
        metric: The metric where the subject is a column; else empty.
        segment: The segment; None for all rows.
        when: Since when, or from when to when.
        course: When it may have begun, when it was noticed and how it ended; a line each.
        shape: What kind of change, in words.
        drawing: The same as a small picture.
        before: Level it left.
        now: Level it came to.
        usual: What is usual; empty while that is being learned.
        sure: What speaks against noise.
        others: Other series of the event.
        others_left_out: How many more there are.
    """

    tone: Tone
    severity: str
    subject: str
    metric: str
    segment: str | None
    when: str
    course: tuple[str, ...]
    shape: str
    drawing: Markup
    before: str
    now: str
    usual: str
    sure: str
    others: tuple[str, ...]
    others_left_out: int


@dataclass(frozen=True, slots=True)
class EventSection:
    """What happened; the numbers ending in `_left_out` count what a cap left out."""

    title: str
    rows: tuple[EventRow, ...]
    rows_left_out: int
    information: tuple[EventRow, ...]
    information_left_out: int
    budget: tuple[str, ...]


def event_section(result: Result) -> EventSection | None:
    """The section of any result; None where nothing was watched."""
    if not result.found.streams and not result.found.findings:
        return None
    happened, informative = events(result), information(result)
    return EventSection(
        title=_title(result.found, happened, informative),
        rows=tuple(_row(result, event) for event in happened[:MOST]),
        rows_left_out=max(0, len(happened) - MOST),
        information=tuple(_row(result, event) for event in informative[:MOST_INFORMATION]),
        information_left_out=max(0, len(informative) - MOST_INFORMATION),
        budget=budget_facts(result.found),
    )


def _title(found: Found, happened: tuple[Finding, ...], informative: tuple[Finding, ...]) -> str:
    """How many events, and whether they last; or that there was none, or no telling yet."""
    steady = next((event for event in informative if event.detector is Detector.TREND), None)
    if not happened and steady is not None:
        way = "rises" if steady.side > 0 else "falls"
        name = sentence_case(event_words.name(steady.key))
        return f"{name} {way} steadily; what is usual is still being learned"
    if not happened and found.streams <= found.learning:
        return "What is usual is still being learned"
    if not happened:
        return f"Nothing {'harmful ' if informative else ''}left its natural variation"
    count, standing = len(happened), sum(event.stands for event in happened)
    lead = f"{format_count(count)} {'event' if count == 1 else 'events'} beyond natural variation"
    if standing == count:
        return f"{lead}, {'' if count == 1 else 'all '}still standing"
    if not standing:
        return f"{lead}, {'' if count == 1 else 'all '}over by now"
    return f"{lead}, {format_count(standing)} of them still standing"


def _row(result: Result, event: Finding) -> EventRow:
    key = event.key
    title = sentence_case(metric_title(key.metric))
    course = (
        event_words.began(result, event),
        event_words.noticed(result, event),
        event_words.until(result, event),
    )
    names = tuple(event_words.name(other) for other in event.also[:MOST_OTHERS])
    informative = event.severity.rank == 0
    return EventRow(
        tone=Tone.UNKNOWN if informative else OF_SEVERITY[event.severity],
        severity=str(event.severity),
        subject=key.column or title,
        metric=title if key.column else "",
        segment=key.segment,
        when=event_words.when(result, event),
        course=tuple(part for part in course if part),
        shape=shape_icon.WORDS[event.shape],
        drawing=shape_icon.draw(event.shape, event.side),
        before=format_metric(key.metric, event.before),
        now=format_metric(key.metric, event.now),
        usual=event_words.usual(event),
        sure=event_words.sureness(result, event),
        others=names,
        others_left_out=len(event.also) - len(names),
    )
