"""What seems wrong with the pipeline: a line for each fault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.report.event_words import date_of
from wane.report.words import readable, sentence_case

if TYPE_CHECKING:
    from wane.diagnose.fault import Fault
    from wane.report.result import Result

MOST = 50


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault: its kind, what was seen since when, and what to look at."""

    kind: str
    sentence: str
    since: str
    advice: str


def fault_rows(result: Result) -> tuple[FaultRow, ...]:
    """The faults of the newest rows, at most 50, those of most rows first."""
    return tuple(
        FaultRow(
            kind=sentence_case(str(fault.kind)),
            sentence=sentence_case(readable(fault.sentence)),
            since=_since(fault, result),
            advice=readable(fault.advice),
        )
        for fault in result.faults[:MOST]
    )


def fault_facts(result: Result) -> tuple[str, ...]:
    """The same as sentences."""
    return tuple(
        f"{sentence_case(fault.sentence)}{_told(_since(fault, result))}." for fault in result.faults
    )


def _since(fault: Fault, result: Result) -> str:
    return "" if fault.since is None else f"since {date_of(result, fault.since)}"


def _told(since: str) -> str:
    return f" ({since})" if since else ""
