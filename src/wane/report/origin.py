"""Where a change of performance comes from: other inputs, or other answers to the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.diagnose.segment import SegmentChange
from wane.report import dumbbell, two_bars
from wane.report.numbers import DASH, format_change, format_count, format_margin, format_value
from wane.report.scale import Linear
from wane.report.segments import direction
from wane.report.words import format_metric, metric_title, sentence_case, shorten

if TYPE_CHECKING:
    from markupsafe import Markup

    from wane.diagnose.decomposition import (
        ColumnParts,
        Decomposition,
        Estimate,
        GroupChange,
    )
    from wane.diagnose.localise import Localised
    from wane.report.result import Result

MOST = 8
CLEAR = 3.0
"""Standard errors beyond which it is said that the same scores are answered otherwise."""


@dataclass(frozen=True, slots=True)
class PartRow:
    """A way to split the change: its two parts as text, and drawn."""

    name: str
    role: str
    mix: str
    rates: str
    drawing: Markup


@dataclass(frozen=True, slots=True)
class MapRow:
    """Rows with about the same value: how they were answered, and how they are now."""

    label: str
    shares: str
    before: str
    now: str
    margin: str
    drawing: Markup | None


@dataclass(frozen=True, slots=True)
class Origin:
    """What the section shows.

    Attributes:
        title: The finding.
        notes: Sentences on what explains the change, and what does not.
        rows: The split by scores, then by the columns with the largest mix.
        map_title: Of which column the map is; empty without one.
        map: How its values are answered, then and now.
    """

    title: str
    notes: tuple[str, ...]
    rows: tuple[PartRow, ...]
    map_title: str
    map: tuple[MapRow, ...]


def origin(result: Result) -> Origin | None:
    """The section; None where the change cannot be taken apart."""
    found = result.decomposition
    if found is None or not found.matters:
        return None
    shown = found.columns[:MOST]
    ways = [*([found.score] if found.score is not None else []), *shown]
    if not ways:
        return None
    extent = max(abs(end) for one in ways for part in (one.mix, one.rates) for end in _ends(part))
    scale = Linear(-extent or -1.0, extent or 1.0, two_bars.EDGE, two_bars.WIDTH - two_bars.EDGE)
    mapped = _mapped(found, result.localised)
    return Origin(
        title=finding(found),
        notes=notes(found),
        rows=tuple(_row(one, scale) for one in ways),
        map_title="" if mapped is None else f"How rows are answered by {shorten(mapped.column)}",
        map=() if mapped is None else _map(mapped, found.metric),
    )


def finding(found: Decomposition) -> str:
    """How much came from where, in one sentence."""
    title, change = sentence_case(metric_title(found.metric)), found.change or 0.0
    told = f"{title} changed by {format_change(change)}"
    if found.score is None:
        return told
    rates, mix = found.score.rates.value, found.score.mix.value
    same = "scores" if found.metric == "accuracy" else "kinds of rows"
    return (
        f"{told}: {format_change(rates)} as the same {same} are answered otherwise, "
        f"{format_change(mix)} as other {same} come"
    )


def notes(found: Decomposition) -> tuple[str, ...]:
    """What explains the change, what does not, and what was counted."""
    told = []
    if found.z is not None and abs(found.z) >= CLEAR:
        told.append(
            f"That the same {'scores' if found.metric == 'accuracy' else 'kinds of rows'} are "
            "answered otherwise is no chance "
            f"(z {format_value(found.z)}): inputs alone do not explain it."
        )
    explained = found.explained_by
    if explained:
        names = ", ".join(shorten(name) for name in explained[:3])
        told.append(f"What comes by {names} alone would make up most of the change.")
    elif found.columns:
        told.append("No single column explains the change by what comes in.")
    rows = f"{format_count(found.rows_before)} and {format_count(found.rows)}"
    told.append(f"By the labelled rows of both sides, before and now: {rows}.")
    return tuple(told)


def _ends(part: Estimate) -> tuple[float, float]:
    return part.low, part.high


def _row(one: ColumnParts, scale: Linear) -> PartRow:
    name = shorten(one.column)
    mix, rates = (_told(part) for part in (one.mix, one.rates))
    label = f"{name}: {mix} by what comes, {rates} by how it is answered"
    return PartRow(
        name=one.column,
        role={"score": "by score", "risk": "by expected error"}.get(one.role, one.role),
        mix=mix,
        rates=rates,
        drawing=two_bars.draw(one.mix, one.rates, scale, label),
    )


def _told(part: Estimate) -> str:
    return f"{format_change(part.value)} ±{format_margin((part.high - part.low) / 2)}"


def _mapped(found: Decomposition, localised: Localised | None) -> ColumnParts | None:
    """The column to look at: where answers got worse most, else that of the largest mix."""
    spots = () if localised is None else localised.spots
    wanted = spots[0].columns if spots else ()
    with_groups = [one for one in found.columns if len(one.groups) > 1]
    chosen = [one for one in with_groups if one.column in wanted]
    return next(iter([*chosen, *with_groups]), None)


def _map(one: ColumnParts, metric: str) -> tuple[MapRow, ...]:
    changes = [_change(group, metric) for group in one.groups]
    extent = dumbbell.extent(changes)
    low, high = (extent.low, extent.high) if extent else (0.0, 1.0)
    scale = Linear(low, high if high > low else low + 1, dumbbell.EDGE, dumbbell.WIDTH - 8)
    return tuple(
        MapRow(
            label=group.label,
            shares=" → ".join(
                format_value(share, percent=True) for share in (group.share_before, group.share)
            ),
            before=format_metric(metric, group.before),
            now=format_metric(metric, group.now),
            margin=""
            if group.low is None or group.high is None
            else f"±{format_margin((group.high - group.low) / 2)}",
            drawing=dumbbell.draw(
                change, scale, direction(change), f"{shorten(group.label)}: {_course(change)}"
            ),
        )
        for group, change in zip(one.groups, changes, strict=True)
    )


def _course(change: SegmentChange) -> str:
    then, now = (
        format_value(v) if v is not None else DASH for v in (change.reference, change.value)
    )
    return f"{then} before, {now} now"


def _change(group: GroupChange, metric: str) -> SegmentChange:
    return SegmentChange(
        segment=group.label,
        rows=0,
        metric=metric,
        reference=group.before,
        value=group.now,
        low=group.low,
        high=group.high,
    )
