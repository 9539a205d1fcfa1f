"""The main chart: one metric over time, with its reference, interval, rules, alerts and volume.

It is drawn once per width, because text in a scaled drawing would change its size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.report.labels import Box, free_place
from wane.report.runs import runs, stretches
from wane.report.scale import Linear, Tick, row_ticks, time_ticks, value_ticks
from wane.report.svg import bar_path, element, join, line_path, number
from wane.report.thin import thin
from wane.report.tone import OF_SEVERITY, SHAPES
from wane.report.words import format_metric, is_percent

if TYPE_CHECKING:
    from markupsafe import Markup
    from numpy.typing import NDArray

    from wane.report.since_when import SinceWhen, Span

LETTER = 6.6
"""Pixels that a letter of the 12 px labels takes, on the wide side."""


@dataclass(frozen=True, slots=True)
class View:
    """A size the chart is drawn at; `name` is the CSS class that shows it at the right width."""

    name: str
    width: int
    plot: int
    strip: int = 0


WIDE = View("wide", 1092, 214, 40)
MEDIUM = View("medium", 690, 200, 36)
NARROW = View("narrow", 330, 190, 30)
SMALL = View("small", 530, 130)
TOP, RIGHT, LANE, AXIS = 10, 8, 16, 22
MOST_MARKS = 400


@dataclass(frozen=True)
class Frame:
    """Scales and thinned points of one drawing."""

    view: View
    chart: SinceWhen
    x: Linear
    y: Linear
    kept: NDArray[np.int64]
    middles: NDArray[np.float64]
    ticks: tuple[Tick, ...]
    left: float
    has_lane: bool

    @property
    def bottom(self) -> float:
        """Lower edge of the plot."""
        return TOP + self.view.plot

    @property
    def strip_bottom(self) -> float:
        """Foot of the volume bars, or the lower edge of what is above when there are none."""
        lane = self.bottom + (LANE if self.has_lane else 0)
        return lane + (self.view.strip + 12 if self.has_strip else 0)

    @property
    def has_strip(self) -> bool:
        """Whether there is room for the volume, and a volume to show."""
        return self.view.strip > 0 and not bool(np.isnan(self.chart.volume).all())


def draw(chart: SinceWhen, view: View, label: str) -> Markup:
    """The chart at one width.

    Args:
        chart: What to show; at least one window.
        view: The size.
        label: The finding, for those who do not see the drawing.
    """
    frame = _frame(chart, view)
    parts = [
        _spans(frame),
        _grid(frame),
        _band(frame),
        _reference_level(frame),
        _lines(frame),
        _thresholds(frame),
        _marks(frame),
        _strip(frame) if frame.has_strip else _rule_off(frame),
        _axis(frame),
    ]
    height = frame.strip_bottom + AXIS
    return element(
        "svg",
        *parts,
        class_=f"chart {view.name}",
        viewBox=f"0 0 {view.width} {number(height)}",
        role="img",
        aria_label=label,
    )


def _frame(chart: SinceWhen, view: View) -> Frame:
    starts = np.array([window.start for window in chart.windows], dtype=float)
    ends = np.array([window.end for window in chart.windows], dtype=float)
    low, high = _domain(chart)
    count = 5 if view.plot > 150 else 3
    ticks = value_ticks(low, high, count, percent=is_percent(chart.key))
    longest = max(len(name) for name in ("alerts", *(tick.label for tick in ticks)))
    left = longest * LETTER + 10
    return Frame(
        view=view,
        chart=chart,
        x=Linear(starts[0], ends[-1], left, view.width - RIGHT),
        y=Linear(low, high, TOP + view.plot, TOP),
        kept=thin(chart.values, view.width),
        middles=(starts + ends) / 2,
        ticks=ticks,
        left=left,
        has_lane=view.strip > 0 and any(mark.value is None for mark in chart.marks),
    )


def _domain(chart: SinceWhen) -> tuple[float, float]:
    """Lowest and highest value shown: the line, most of its band, rules that are not far off."""
    known = chart.values[~np.isnan(chart.values)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    for ends, quantile in ((chart.low, 0.05), (chart.high, 0.95)):
        if not np.isnan(ends).all():
            edge = float(np.nanquantile(ends, quantile))
            low, high = min(low, edge), max(high, edge)
    room = max(high - low, abs(high) * 0.02, 1e-9)
    levels = [threshold.value for threshold in chart.thresholds]
    levels += [] if chart.reference_value is None else [chart.reference_value]
    near = [level for level in levels if low - 1.5 * room <= level <= high + 1.5 * room]
    low, high = min([low, *near]), max([high, *near])
    margin = 0.08 * max(high - low, abs(high) * 0.02, 1e-9)
    floor = 0.0 if low >= 0 and low - margin < 0 else low - margin
    return floor, high + margin


def _spans(frame: Frame) -> Markup:
    """The shaded reference, and tinted windows whose labels are missing or late."""
    reference = [] if frame.chart.reference is None else [(frame.chart.reference, "reference")]
    tinted = [(span, "tint") for span in frame.chart.spans]
    return join(_span(frame, span, name) for span, name in [*reference, *tinted])


def _span(frame: Frame, span: Span, name: str) -> Markup:
    left, right = frame.x.clamped(span.start), frame.x.clamped(span.end)
    area = element(
        "path", d=bar_path(left, frame.bottom, max(right - left, 1), frame.view.plot), class_=name
    )
    width = len(span.text) * LETTER
    if width > right - left and name == "tint" and right - left < 20:
        return area
    at, anchor = (left + 6, None) if left + 6 + width < frame.view.width else (right - 6, "end")
    text = element("text", span.text, x=at, y=TOP + 14, text_anchor=anchor, class_="on")
    return area + text


def _grid(frame: Frame) -> Markup:
    lines = "".join(
        f"M{number(frame.left)} {number(frame.y(tick.at))}H{frame.view.width - RIGHT}"
        for tick in frame.ticks
    )
    labels = (
        element("text", tick.label, x=frame.left - 8, y=frame.y(tick.at) + 4, text_anchor="end")
        for tick in frame.ticks
    )
    return element("path", d=lines, class_="grid") + join(labels)


def _segments(frame: Frame, wanted: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Window numbers of each unbroken stretch of the points that are drawn."""
    groups = stretches(frame.chart.windows)[frame.kept]
    return [frame.kept[first:end] for first, end in runs(groups, wanted[frame.kept])]


def _band(frame: Frame) -> Markup:
    chart = frame.chart
    wanted = ~(np.isnan(chart.low) | np.isnan(chart.high) | np.isnan(chart.values))
    path = ""
    for part in _segments(frame, wanted):
        upper = [(frame.x(frame.middles[i]), frame.y.clamped(chart.high[i])) for i in part]
        lower = [(frame.x(frame.middles[i]), frame.y.clamped(chart.low[i])) for i in part[::-1]]
        if len(part) == 1:
            upper, lower = _widened(upper[0]), _widened(lower[0])[::-1]
        path += line_path(upper + lower) + "z"
    return element("path", d=path, class_="band") if path else join([])


def _widened(point: tuple[float, float]) -> list[tuple[float, float]]:
    """A lone point's interval as a thin bar, so that it can be seen."""
    return [(point[0] - 1.5, point[1]), (point[0] + 1.5, point[1])]


def _lines(frame: Frame) -> Markup:
    """The metric itself; a window between two gaps is a dot."""
    chart, path, dots = frame.chart, "", ""
    for part in _segments(frame, ~np.isnan(chart.values)):
        points = [(frame.x(frame.middles[i]), frame.y(chart.values[i])) for i in part]
        if len(points) > 1:
            path += line_path(points)
        else:
            dots += f"M{number(points[0][0])} {number(points[0][1])}h0"
    return join(
        element("path", d=drawn, class_=name)
        for drawn, name in ((path, "line"), (dots, "line dot"))
        if drawn
    )


def _reference_level(frame: Frame) -> Markup:
    level = frame.chart.reference_value
    if level is None or not frame.y.low <= level <= frame.y.high:
        return join([])
    text = f"reference {format_metric(frame.chart.key, level)}"
    return _level(frame, level, text, "refline", prefer_left=True)


def _thresholds(frame: Frame) -> Markup:
    inside = [t for t in frame.chart.thresholds if frame.y.low <= t.value <= frame.y.high]
    return join(
        _level(frame, t.value, f"rule: {t.text}", f"rule {OF_SEVERITY[t.severity]}")
        for t in inside[:4]
    )


def _level(
    frame: Frame, level: float, text: str, name: str, *, prefer_left: bool = False
) -> Markup:
    """A horizontal line with its label where the fewest points of the metric are."""
    y, width = frame.y(level), len(text) * LETTER
    left, right = frame.left, frame.view.width - RIGHT
    if width > right - left:
        text = text[: int((right - left) / LETTER) - 1] + "…"
        width = len(text) * LETTER
    starts = np.linspace(left + 4, right - 4 - width, 9)
    places = [
        Box(float(start), top, width, 14)
        for start in (starts if prefer_left else starts[::-1])
        for top in (y - 17, y + 3)
        if top >= TOP and top + 14 <= frame.bottom
    ]
    place = free_place(places or [Box(left + 4, y - 17, width, 14)], _obstacles(frame))
    label = element("text", text, x=place.left, y=place.top + 11, class_=f"on {name}")
    line = element("path", d=f"M{number(left)} {number(y)}H{right}", class_=name)
    return line + label


def _obstacles(frame: Frame) -> NDArray[np.float64]:
    """Points that labels avoid: the line, finely, and the alert marks. Shape [n, 2]."""
    values = frame.chart.values
    known = np.flatnonzero(~np.isnan(values))
    xs = np.array([frame.x(at) for at in frame.middles[known]])
    ys = np.array([frame.y(value) for value in values[known]])
    fine = np.linspace(xs[0], xs[-1], 400) if len(xs) else xs
    points = np.column_stack([fine, np.interp(fine, xs, ys)]) if len(xs) else np.zeros((0, 2))
    marks = [
        (frame.x(m.at), frame.y.clamped(m.value) - 12)
        for m in frame.chart.marks
        if m.value is not None
    ]
    spans = [*frame.chart.spans, *([frame.chart.reference] if frame.chart.reference else [])]
    words = [
        (frame.x.clamped(span.start) + 6 + 10 * step, TOP + 10.0)
        for span in spans
        for step in range(1 + int(len(span.text) * LETTER / 10))
    ]
    return np.vstack([points, np.array([*marks, *words]).reshape(-1, 2)])


def _marks(frame: Frame) -> Markup:
    """Alerts: above the line of this metric, or in a lane of their own for all other metrics."""
    drawn = []
    for mark in frame.chart.marks[-MOST_MARKS:]:
        if mark.value is None and not frame.has_lane:
            continue
        y = frame.bottom + LANE - 4 if mark.value is None else frame.y.clamped(mark.value) - 12
        tone = OF_SEVERITY[mark.severity]
        place = (
            f"translate({number(frame.x.clamped(mark.at) - 4)} {number(max(y, TOP) - 5)})scale(.8)"
        )
        drawn.append(element("path", d=SHAPES[tone], class_=f"mark {tone}", transform=place))
    label = element(
        "text", "alerts", x=frame.left - 8, y=frame.bottom + LANE - 1, text_anchor="end"
    )
    return join([*drawn, label] if frame.has_lane else drawn)


def _strip(frame: Frame) -> Markup:
    """Rows of each window, on the same axis; unusual ones in another colour."""
    chart, foot = frame.chart, frame.strip_bottom
    most = float(np.nanmax(chart.volume)) if not np.isnan(chart.volume).all() else 0.0
    height = Linear(0, most or 1.0, 0, frame.view.strip)
    bars = {"bar": "", "bar unusual": ""}
    for first, end in _chunks(len(chart.windows), frame.view.width // 3):
        rows = chart.volume[first:end]
        if np.isnan(rows).all():
            continue
        left, right = frame.x(chart.windows[first].start), frame.x(chart.windows[end - 1].end)
        gap = min(3.0, (right - left) * 0.2)
        name = "bar unusual" if chart.unusual[first:end].any() else "bar"
        size = max(height(float(np.nanmax(rows))), 0.5)
        bars[name] += bar_path(left + gap / 2, foot, right - left - gap, size)
    label = element("text", "rows", x=frame.left - 8, y=foot - 2, text_anchor="end")
    return join(
        [element("path", d=path, class_=name) for name, path in bars.items() if path] + [label]
    )


def _chunks(count: int, most: int) -> list[tuple[int, int]]:
    """Neighbouring windows together, when there are more of them than bars fit."""
    size = -(-count // most)
    return [(first, min(first + size, count)) for first in range(0, count, size)]


def _rule_off(frame: Frame) -> Markup:
    edge = f"M{number(frame.left)} {number(frame.bottom)}H{frame.view.width - RIGHT}"
    return element("path", d=edge, class_="grid")


def _axis(frame: Frame) -> Markup:
    first, last = frame.chart.windows[0], frame.chart.windows[-1]
    room = int((frame.view.width - frame.left) / (84 if frame.view.width > 400 else 56))
    ticks = (
        row_ticks(first.start, last.end, room)
        if first.by_rows
        else time_ticks(first.start, last.end, room, frame.chart.timezone)
    )
    return join(_tick(frame, tick) for tick in ticks)


def _tick(frame: Frame, tick: Tick) -> Markup:
    """A label centred under the window that starts there, but inside the drawing."""
    first, y = frame.chart.windows[0], frame.strip_bottom + 16
    half = len(tick.label) * LETTER / 2
    middle = tick.at if first.by_rows else tick.at + (first.end - first.start) / 2
    at = min(max(frame.x(middle), half), frame.view.width - half)
    return element("text", tick.label, x=at, y=y, text_anchor="middle")
