"""The top of the report: which model, when, the verdict and the facts it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.report.moment import timezone_of
from wane.report.numbers import format_count, format_span
from wane.report.result import ReferenceKind
from wane.report.tone import OF_STATE
from wane.report.words import readable, sentence_case, shorten

if TYPE_CHECKING:
    from wane.report.result import Result
    from wane.report.tone import Tone
    from wane.window import Every

EVERY = {"1d": "daily", "1h": "hourly", "1w": "weekly"}


@dataclass(frozen=True, slots=True)
class Header:
    """Model, span, state, sentence, advice and one line of facts."""

    model: str
    facts_of_time: tuple[str, ...]
    tone: Tone
    state: str
    sentence: str
    advice: str
    facts: str


def header(result: Result) -> Header:
    """The header of any result; without windows the span is left out."""
    return Header(
        model=result.model,
        facts_of_time=_time(result),
        tone=OF_STATE[result.verdict.state],
        state=sentence_case(result.verdict.state.value),
        sentence=readable(result.verdict.sentence),
        advice=readable(result.verdict.advice),
        facts=f"{rows_in_words(result)} {reference_in_words(result)}",
    )


def rows_in_words(result: Result) -> str:
    """Rows used, and rows rejected with their reasons."""
    rows = result.rows
    used = f"{format_count(rows.used)} of {format_count(rows.read)} rows used"
    if not rows.rejected:
        return f"{used}."
    reasons = ", ".join(
        f"{format_count(part.count)} {readable(part.reason)}" for part in rows.rejected
    )
    return f"{used}; rejected: {reasons}."


def reference_in_words(result: Result) -> str:
    """What the current rows are compared with."""
    facts = result.reference
    if facts.kind is ReferenceKind.NONE:
        return "No reference."
    source = shorten(facts.source) if facts.source else "given"
    if facts.kind is ReferenceKind.FIRST_WINDOWS:
        source = facts.source or f"first {facts.windows} windows"
    rows = f", {format_count(facts.rows)} rows" if facts.rows else ""
    return f"Reference: {source}{rows}."


def _time(result: Result) -> tuple[str, ...]:
    windows, every = result.measurements.windows, result.every
    if not windows:
        return ()
    span = format_span(windows[0], windows[-1], timezone_of(result))
    if every is None:
        return (span,)
    if every.by_rows:
        return span, f"every {format_count(every.size)} rows"
    return span, _every(every), every.timezone


def _every(every: Every) -> str:
    return EVERY.get(every.text, f"every {every.text}" if every.text else "")
