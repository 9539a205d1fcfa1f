"""The reliability curve: what scores say against what turns out, with a finding as its title."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.report import histogram
from wane.report.numbers import DASH, format_count, format_value
from wane.report.scale import Linear
from wane.report.svg import element, line_path, number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup

    from wane.diagnose.reliability import Reliability, ReliabilityBin
    from wane.report.result import Result

SIZE, LEFT, BOTTOM, TOP = 300, 34, 24, 8
TICKS = (0.0, 0.5, 1.0)
X, Y = Linear(0, 1, LEFT, SIZE), Linear(0, 1, SIZE - BOTTOM, TOP)
LEAST_N = 30
"""A bin with fewer rows is no news."""


@dataclass(frozen=True, slots=True)
class ReliabilityRow:
    """A bin as text."""

    score: str
    positive: str
    interval: str
    n: str
    reference: str


@dataclass(frozen=True, slots=True)
class ReliabilityCard:
    """Title, curve, distribution of the scores (None without any), and the table behind them."""

    title: str
    drawing: Markup
    distribution: Markup | None
    rows: tuple[ReliabilityRow, ...]
    has_reference: bool


def reliability_card(result: Result) -> ReliabilityCard | None:
    """The card of a result; None where scores cannot be held against labels."""
    found = result.reliability
    if found is None:
        return None
    title = finding(found)
    bars = next((one.bars for one in result.changes if one.role == "score"), ())
    return ReliabilityCard(
        title=title,
        drawing=draw(found, title),
        distribution=histogram.draw(bars, "Distribution of the scores"),
        rows=_rows(found),
        has_reference=bool(found.reference),
    )


def finding(found: Reliability) -> str:
    """Where scores are furthest from what turns out, by rows; or that they are not."""
    off = [one for one in found.now if one.n >= LEAST_N and not one.low <= one.score <= one.high]
    if not off:
        return "Scores mean what they say"
    worst = max(off, key=lambda one: abs(one.score - one.positive) * one.n)
    said, came = (format_value(v, percent=True) for v in (worst.score, worst.positive))
    way = "too high" if worst.score > worst.positive else "too low"
    return f"Scores are {way}: where they say {said}, {came} turn out positive"


def draw(found: Reliability, label: str) -> Markup:
    """Current bins with their intervals over the line of the reference, and the diagonal."""
    parts = [
        element("path", d=_curve([(0, 0), (1, 1)]), class_="ideal"),
        *(element("path", d=f"M{LEFT} {number(Y(t))}H{SIZE}", class_="grid") for t in TICKS),
        *(element("text", f"{t:g}", x=LEFT - 6, y=Y(t) + 4, text_anchor="end") for t in TICKS),
        *(
            element("text", f"{t:g}", x=X(t), y=SIZE - 6, text_anchor=anchor)
            for t, anchor in zip(TICKS, ("start", "middle", "end"), strict=True)
        ),
    ]
    if found.reference:
        line = _curve((one.score, one.positive) for one in found.reference)
        parts.append(element("path", d=line, class_="refcurve"))
    for one in found.now:
        x, low, high = (number(at) for at in (X(one.score), Y(one.low), Y(one.high)))
        parts.append(element("path", d=f"M{x} {low}V{high}", class_="interval"))
    line = _curve((one.score, one.positive) for one in found.now)
    parts.append(element("path", d=line, class_="curve"))
    parts += [
        element("circle", cx=X(one.score), cy=Y(one.positive), r=3.5, class_="cur")
        for one in found.now
    ]
    return element(
        "svg",
        *parts,
        class_="reliability",
        viewBox=f"0 0 {SIZE + 8} {SIZE}",
        role="img",
        aria_label=label,
    )


def _curve(points: Iterable[tuple[float, float]]) -> str:
    return line_path((X(x), Y(y)) for x, y in points)


def _rows(found: Reliability) -> tuple[ReliabilityRow, ...]:
    return tuple(
        ReliabilityRow(
            score=_percent(one.score),
            positive=_percent(one.positive),
            interval=f"{_percent(one.low)} {DASH} {_percent(one.high)}",
            n=format_count(round(one.n)),
            reference=_beside(one, found.reference),
        )
        for one in found.now
    )


def _beside(one: ReliabilityBin, reference: tuple[ReliabilityBin, ...]) -> str:
    """The share of positives in the bin of the reference; empty where it has no such rows."""
    tenth = min(int(one.score * 10), 9)
    same = [other for other in reference if min(int(other.score * 10), 9) == tenth]
    return _percent(same[0].positive) if same else ""


def _percent(value: float) -> str:
    return format_value(value, percent=True)
