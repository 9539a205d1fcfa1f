"""Among which rows answers got worse, in sentences and as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.report.numbers import SPACE, format_count, format_value
from wane.report.words import (
    format_metric,
    format_metric_change,
    metric_title,
    shorten,
)

if TYPE_CHECKING:
    from wane.diagnose.localise import Localised, Spot
    from wane.report.result import Result

ALL_OF_IT = 0.995
"""Shares of a loss from here on are all of it."""
ELSEWHERE = "all other rows"


@dataclass(frozen=True, slots=True)
class SpotRow:
    """Rows that share values: how they were answered, how they are now, and what that adds."""

    values: tuple[str, ...]
    share: str
    before: str
    now: str
    part: str
    explains: str


@dataclass(frozen=True, slots=True)
class Where:
    """What the section shows.

    Attributes:
        title: The finding.
        rows: The spots, in the order found; then all other rows, where they got worse as well.
        note: What was searched.
    """

    title: str
    rows: tuple[SpotRow, ...]
    note: str


def where(result: Result) -> Where | None:
    """The section; None where no rows got worse than others."""
    found = result.localised
    if found is None or not found.spots:
        return None
    told = [*found.spots, *([] if found.everywhere is None else [found.everywhere])]
    return Where(
        title=finding(found),
        rows=tuple(_row(spot, found.metric) for spot in told),
        note=searched(found),
    )


def facts(result: Result) -> tuple[str, ...]:
    """The same as sentences; also that no rows stand out, where that was asked for."""
    return () if result.localised is None else facts_of(result.localised)


def facts_of(found: Localised) -> tuple[str, ...]:
    """What was found, as sentences."""
    if found.reason is not None:
        return ()
    if found.spots:
        return (f"{finding(found)}.", *(f"Then {_told(one, found)}." for one in found.spots[1:]))
    if found.everywhere is not None:
        then, now = (format_metric(found.metric, v) for v in (found.before, found.now))
        return (f"Answers got worse alike in all rows looked at: {then} → {now}.",)
    return (f"No rows stand out. {searched(found)}",) if found.together > 1 else ()


def for_messages(result: Result) -> str:
    """Where answers got worse most, for messages that leave: "channel=mobile, by plan".

    Values are named of segment columns alone, which are made to be told apart by name; of other
    columns only that they are. Empty where no rows stand out.
    """
    found = result.localised
    if found is None or not found.spots:
        return ""
    segments = () if result.schema is None else result.schema.segments
    spot = found.spots[0]
    named = [f"{column}={value}" for column, value in spot.values if column in segments]
    others = [column for column, _ in spot.values if column not in segments]
    told = [" & ".join(named), f"by {' & '.join(others)}" if others else ""]
    told += [] if spot.explains is None else [_of_the_loss(spot)]
    return ", ".join(part for part in told if part)


def finding(found: Localised) -> str:
    """Where answers got worse most: "Worst together: channel=mobile & plan=basic: ..."."""
    if not found.spots:
        return ""
    several = len(found.spots[0].values) > 1
    start = "Worst together: " if several else "Answers got worse most where "
    return f"{start}{_told(found.spots[0], found)}"


def searched(found: Localised) -> str:
    """What was looked at, in how many ways."""
    names = ", ".join(shorten(name) for name in found.columns[:8])
    names += f" and {len(found.columns) - 8:,} more" if len(found.columns) > 8 else ""
    how = f"up to {found.together} together" if found.together > 1 else "each by itself"
    return (
        f"Searched: {names}, {how}; {format_count(found.looked)} sets of rows. "
        "Chance alone names some in about 1 of 20 reports."
    )


def _told(spot: Spot, found: Localised) -> str:
    title = metric_title(found.metric)
    then, now = (format_metric(found.metric, value) for value in (spot.before, spot.now))
    share = _percent(spot.share)
    told = f"{_named(spot)}: {title} {now} against {then} then, {share} of rows"
    return f"{told}, {_of_the_loss(spot)}" if spot.explains is not None else told


def _of_the_loss(spot: Spot) -> str:
    explains = spot.explains or 0.0
    return f"explains {'all' if explains >= ALL_OF_IT else _percent(explains)} of the loss"


def _named(spot: Spot) -> str:
    return " & ".join(f"{shorten(column)}={shorten(value)}" for column, value in spot.values)


def _percent(share: float) -> str:
    """Whole percents from a tenth on: what is behind them is no surer."""
    return (
        f"{share:.0%}".replace("%", f"{SPACE}%")
        if share >= 0.1
        else format_value(share, percent=True)
    )


def _row(spot: Spot, metric: str) -> SpotRow:
    explains = spot.explains
    return SpotRow(
        values=tuple(f"{column}={value}" for column, value in spot.values) or (ELSEWHERE,),
        share=_percent(spot.share),
        before=format_metric(metric, spot.before),
        now=format_metric(metric, spot.now),
        part=format_metric_change(metric, spot.part),
        explains="" if explains is None else "all" if explains >= ALL_OF_IT else _percent(explains),
    )
