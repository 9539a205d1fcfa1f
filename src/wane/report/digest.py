"""What the short outputs say about a result, before it is laid out as text or Markdown."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wane.metrics.best_known import best_guess
from wane.metrics.catalogue import Family
from wane.metrics.provisional import provisional
from wane.report import event_words, origin, where
from wane.report.alert_list import ruled, taken_back
from wane.report.fault_list import fault_facts
from wane.report.firings import firings
from wane.report.late import labels_arrive
from wane.report.moment import timezone_of
from wane.report.numbers import (
    format_change,
    format_count,
    format_date,
    format_span,
    format_value,
)
from wane.report.result import ReferenceKind
from wane.report.words import metric_family, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wane.alert.alert import Alert
    from wane.detect.found import Found
    from wane.report.result import Result

IN_JSON = "with --format json"
IN_REPORT = "in the report of --out"
MOST_METRICS = 16
MOST_EVENTS = 15
MOST_INFORMATION = 3
MOST_ALERTS = 15
MOST_CHANGES = 5
MOST_SEGMENTS = 5


@dataclass(frozen=True, slots=True)
class Table:
    """A small table of text.

    Attributes:
        title: Its heading.
        header: Names of the columns.
        rows: As many cells each as the header has.
        numbers: Which columns hold numbers, counted from 0.
        left_out: What the rows do not show, as a sentence; empty when they show all.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int]
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """The parts of a short report, in order; `facts` are sentences below the tables."""

    title: str
    state: str
    sentence: str
    advice: str
    now: str
    tables: tuple[Table, ...]
    facts: tuple[str, ...]


def mapped(said: Digest, clean: Callable[[str], str]) -> Digest:
    """The same digest with every text passed through `clean`."""
    return Digest(
        title=clean(said.title),
        state=clean(said.state),
        sentence=clean(said.sentence),
        advice=clean(said.advice),
        now=clean(said.now),
        tables=tuple(mapped_table(table, clean) for table in said.tables),
        facts=tuple(clean(fact) for fact in said.facts),
    )


def mapped_table(table: Table, clean: Callable[[str], str]) -> Table:
    """The same table with every text passed through `clean`."""
    rows = tuple(tuple(clean(cell) for cell in row) for row in table.rows)
    header = tuple(clean(cell) for cell in table.header)
    return replace(table, header=header, rows=rows, left_out=clean(table.left_out))


def digest(result: Result) -> Digest:
    """Everything worth saying on one screen."""
    tables = (
        _summary(result),
        _events(result),
        _alerts("Alerts", ruled(result), result),
        _alerts("Pending: broken, but not for long enough yet", result.pending, result),
        _alerts("Alerts of the run before that fire no more", taken_back(result), result),
        _changes(result),
        _segments(result),
    )
    return Digest(
        title=_title(result),
        state=str(result.verdict.state),
        sentence=result.verdict.sentence,
        advice=result.verdict.advice,
        now=_now(result),
        tables=tuple(table for table in tables if table.rows),
        facts=(
            _alert_count(result),
            *budget_facts(result.found),
            *_waiting(result),
            *_origin(result),
            *where.facts(result),
            *fault_facts(result),
            _rows(result),
            _reference(result),
        ),
    )


def _title(result: Result) -> str:
    windows = result.measurements.windows
    if not windows:
        return f"{shorten(result.model)}: no windows"
    span = format_span(windows[0], windows[-1], timezone_of(result))
    size = f" of {result.every.text}" if result.every and result.every.text else ""
    return f"{shorten(result.model)}: {span}, {_counted(len(windows), 'window')}{size}"


def _now(result: Result) -> str:
    """The main metric in the last window that has it, with how sure that is."""
    series = result.measurements.get(result.main_metric) if result.main_metric else None
    if series is None:
        return ""
    last = series.last_defined
    if last is None:
        return f"{series.key.metric} is undefined: {series.reasons[-1]}" if series.reasons else ""
    found = result.measurements.at(series, last)
    facts = [f"on {format_date(found.window, timezone_of(result))}"]
    if found.low is not None and found.high is not None:
        facts.append(f"95 % interval {format_value(found.low)} to {format_value(found.high)}")
    if found.n:
        facts.append(_counted(found.n, "row"))
    if found.reference_value is not None:
        facts.append(f"reference {format_value(found.reference_value)}")
    waiting = provisional(result.measurements)
    if waiting.holds(series.key, last):
        facts.append(waiting.told(last))
    told = f"{series.key.metric} is now {format_value(found.value)} ({', '.join(facts)})"
    return f"{told}{_best(result, series.key.metric)}"


def _best(result: Result, key: str) -> str:
    """The best guess at the main metric, where labels do not tell all."""
    best = best_guess(result.measurements, key)
    if best is None or best.value is None or best.low is None or best.high is None:
        return ""
    when = format_date(best.window, timezone_of(result))
    between = f"{format_value(best.low)} to {format_value(best.high)}"
    return f"; on {when} it is {format_value(best.value)} by labels and estimate ({between})"


def _summary(result: Result) -> Table:
    """First, last, change and average of each metric: the main one, performance, the rest."""
    main = result.main_metric
    names = sorted(
        result.summary,
        key=lambda metric: (metric != main, metric_family(metric) is not Family.PERFORMANCE),
    )
    rows = tuple(
        (
            name,
            format_value(result.summary[name].first),
            format_value(result.summary[name].last),
            format_change(result.summary[name].change),
            format_value(result.summary[name].mean),
        )
        for name in names[:MOST_METRICS]
    )
    return Table(
        "From the first to the last window",
        ("metric", "first", "last", "change", "average"),
        rows,
        frozenset({1, 2, 3, 4}),
        _more(len(names) - len(rows), "metric", IN_JSON),
    )


def _events(result: Result) -> Table:
    """What learned limits found, and a little of what is only information."""
    happened, informative = event_words.events(result), event_words.information(result)
    shown = (*happened[:MOST_EVENTS], *informative[:MOST_INFORMATION])
    rows = tuple(
        (
            event_words.date_of(result, event.first),
            "standing" if event.stands else event_words.date_of(result, event.last),
            str(event.severity),
            event_words.sentence(result, event),
        )
        for event in shown
    )
    more = _more(len(happened) + len(informative) - len(shown), "event", IN_JSON)
    return Table("Events", ("since", "until", "severity", "what"), rows, frozenset(), more)


def _alerts(title: str, alerts: Iterable[Alert], result: Result) -> Table:
    """Alerts that are no events: a row for each rule and series."""
    found = firings(alerts)
    rows = tuple(
        (
            format_date(firing.first.window, timezone_of(result), year=True),
            format_date(firing.latest.window, timezone_of(result), year=True),
            format_count(firing.windows),
            str(firing.latest.severity),
            firing.latest.reason,
        )
        for firing in found[:MOST_ALERTS]
    )
    more = _more(len(found) - len(rows), "alert", IN_JSON)
    header = ("first", "last", "windows", "severity", "what")
    return Table(title, header, rows, frozenset({2}), more)


def _changes(result: Result) -> Table:
    changed = [change for change in result.changes if change.psi is not None]
    rows = tuple(
        (
            change.column,
            change.what,
            format_value(change.psi),
            format_value(change.noise),
            "yes" if change.drifted else "no",
            str(change.because),
        )
        for change in changed[:MOST_CHANGES]
    )
    return Table(
        "What changed most",
        ("column", "change", "psi", "noise", "drifted", "kind"),
        rows,
        frozenset({2, 3}),
        _more(len(changed) - len(rows), "column", IN_REPORT),
    )


def _segments(result: Result) -> Table:
    rows = tuple(
        (
            found.segment,
            format_count(found.rows),
            found.metric,
            format_value(found.reference),
            format_value(found.value) if found.reason is None else f"undefined: {found.reason}",
        )
        for found in result.segments[:MOST_SEGMENTS]
    )
    return Table(
        "Segments, worst first",
        ("segment", "rows", "metric", "reference", "current"),
        rows,
        frozenset({1, 3, 4}),
        _more(len(result.segments) - len(rows), "segment", IN_REPORT),
    )


def _alert_count(result: Result) -> str:
    """How many alerts there are, and who raised them; that there are none is news as well."""
    alerts, events = ruled(result), event_words.events(result)
    outgrown = sum(alert.rule not in result.rules for alert in alerts)
    facts = []
    if len(alerts) > outgrown:
        by = _counted(len(result.rules), "rule")
        facts.append(f"{_counted(len(alerts) - outgrown, 'alert')} by {by}")
    if outgrown:
        facts.append(f"{_counted(outgrown, 'alert')} by default rules, before limits were learned")
    if events:
        facts.append(f"{_counted(len(events), 'event')} by learned limits")
    if facts:
        return f"{'; '.join(facts)}."
    held = [f"{_counted(len(result.rules), 'rule')} applied"] if result.rules else []
    held += ["nothing left its natural variation"] if _is_watched(result.found) else []
    return f"No alerts; {', '.join(held)}." if held else "No alerts."


def _is_watched(found: Found) -> bool:
    """Whether limits are known for any series."""
    return found.streams > found.learning


def budget_facts(found: Found) -> tuple[str, ...]:
    """How often learned limits may be wrong, and what is still being learned; () if nothing is."""
    if not found.streams:
        return ()
    watched = found.streams - found.learning
    facts = []
    if _is_watched(found):
        facts.append(
            f"False alarms of this model: at most {found.budget.text}, "
            f"{found.expected_today:.2g} expected today; learned limits on "
            f"{_counted(watched, 'series', 'series')}."
        )
    if found.learning:
        facts.append(still_learning(found))
    return tuple(facts)


def still_learning(found: Found) -> str:
    """For which series limits are not known yet; empty for none."""
    if not found.learning:
        return ""
    so_far = f" ({found.windows} of {found.needed} so far)"
    return (
        f"Learning: {_counted(found.learning, 'series', 'series')} with fewer than "
        f"{found.needed} usable windows{so_far if found.windows < found.needed else ''}."
    )


def _waiting(result: Result) -> tuple[str, ...]:
    """Which windows wait for labels, and how long these take; () where none does."""
    waiting = provisional(result.measurements)
    if not waiting.share:
        return ()
    windows = [result.measurements.windows[at] for at in waiting.share]
    since = (
        f"{_counted(len(windows), 'window')} since {format_date(windows[0], timezone_of(result))}"
    )
    delays = labels_arrive(result.measurements)
    come = f"; labels come {delays}" if delays else ""
    return (f"Provisional, as labels are still to come: {since}{come}.",)


def _origin(result: Result) -> tuple[str, ...]:
    """Where a change of performance comes from, as labels tell."""
    found = result.decomposition
    if found is None or not found.matters:
        return ()
    return (f"{origin.finding(found)}.",)


def _rows(result: Result) -> str:
    rows = result.rows
    text = f"{_counted(rows.read, 'row')} read, {format_count(rows.used)} used"
    if not rows.rejected:
        return f"{text}."
    reasons = ", ".join(f"{format_count(found.count)} {found.reason}" for found in rows.rejected)
    return f"{text}; left out: {reasons}."


def _reference(result: Result) -> str:
    reference = result.reference
    if reference.kind is ReferenceKind.NONE:
        return "No reference to compare with."
    source = reference.source or str(reference.kind)
    return f"Reference: {source}, {_counted(reference.rows, 'row')}."


def _counted(count: int, noun: str, several: str | None = None) -> str:
    return f"{format_count(count)} {noun if count == 1 else several or f'{noun}s'}"


def _more(count: int, noun: str, where: str) -> str:
    return f"and {_counted(count, f'more {noun}')} (all {where})" if count > 0 else ""
