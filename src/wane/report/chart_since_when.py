"""The main chart: one metric over time, with what is usual, since when it changed, and alerts.

It is drawn once per width, because text in a scaled drawing would change its size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.report.labels import Box, Labels
from wane.report.runs import runs, stretches
from wane.report.scale import Linear, Tick, row_ticks, time_ticks, value_ticks
from wane.report.svg import bar_path, element, join, line_path, number
from wane.report.thin import thin
from wane.report.tone import OF_SEVERITY, SHAPES
from wane.report.words import format_metric, is_percent, shorten

if TYPE_CHECKING:
    from markupsafe import Markup
    from numpy.typing import NDArray

    from wane.report.since_when import Change, SinceWhen, Span

LETTER = 6.6
"""Pixels that a letter of the 12 px labels takes, on the wide side."""
BOLD = 7.4
"""The same of those in heavy type."""


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
SLIM = View("slim", 330, 130)
TOP, RIGHT, LANE, AXIS = 10, 8, 16, 22
MOST_MARKS = 400
LINE = 14
"""Height of a label, halo included."""
SHELVES, SHELF = 4, 19
"""Number and height of the rows above the plot, for labels that find no free place in it."""
RING = 3
"""Radius of the open marks of corrected values."""
MOST_LETTERS = 24
"""Of the name of a version in the chart."""
MOST_SQUARES = 60
"""With more estimated windows than this their line alone is drawn."""
SAMPLE = 20
"""Width of the piece of its line that a label on a shelf begins with."""


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
    labels = Labels(_obstacles(frame))
    reference_level, thresholds = _reference_level(frame, labels), _thresholds(frame, labels)
    parts = [
        _spans(frame),
        _grid(frame),
        _change_spans(frame),
        _band(frame),
        _usual(frame),
        reference_level,
        _lines(frame),
        _adjusted(frame),
        _estimated(frame),
        thresholds,
        _changes(frame, labels),
        _releases(frame, labels),
        _marks(frame),
        _strip(frame) if frame.has_strip else _rule_off(frame),
        _axis(frame),
    ]
    top = labels.top - 2 if labels.top < 0 else 0
    height = frame.strip_bottom + AXIS - top
    return element(
        "svg",
        *parts,
        class_=f"chart {view.name}",
        viewBox=f"0 {number(top)} {view.width} {number(height)}",
        role="img",
        aria_label=label,
        data_at=_places(frame),
    )


def _places(frame: Frame) -> str | None:
    """The middles of the windows in the main chart, for a cursor that says what stands there."""
    if not frame.has_strip or len(frame.middles) > MOST_MARKS:
        return None
    return " ".join(number(frame.x(float(middle))) for middle in frame.middles)


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
    """Lowest and highest value shown: the line, most of its band, levels that are not far off."""
    known = np.concatenate([chart.values, chart.adjusted, chart.estimated.values])
    known = known[~np.isnan(known)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    lower = np.concatenate([chart.low, chart.estimated.low])
    upper = np.concatenate([chart.high, chart.estimated.high])
    for ends, quantile in ((lower, 0.05), (upper, 0.95)):
        if not np.isnan(ends).all():
            edge = float(np.nanquantile(ends, quantile))
            low, high = min(low, edge), max(high, edge)
    room = max(high - low, abs(high) * 0.02, 1e-9)
    levels = [threshold.value for threshold in chart.thresholds]
    levels += [] if chart.reference_value is None else [chart.reference_value]
    for ends in (chart.usual_low, chart.usual_high):
        if not np.isnan(ends).all():
            levels += np.nanquantile(ends, (0.05, 0.5, 0.95)).tolist()
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


def _segments(
    frame: Frame, wanted: NDArray[np.bool_], kept: NDArray[np.int64] | None = None
) -> list[NDArray[np.int64]]:
    """Window numbers of each unbroken stretch of the points that are drawn."""
    drawn = frame.kept if kept is None else kept
    groups = stretches(frame.chart.windows)[drawn]
    return [drawn[first:end] for first, end in runs(groups, wanted[drawn])]


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


def _usual(frame: Frame) -> Markup:
    """Both ends of the usual range, where they lie inside the plot."""
    path = ""
    for ends in (frame.chart.usual_low, frame.chart.usual_high):
        inside = (ends >= frame.y.low) & (ends <= frame.y.high)
        for part in _segments(frame, inside, thin(ends, frame.view.width // 3)):
            path += line_path([(frame.x(frame.middles[i]), frame.y(ends[i])) for i in part])
    return element("path", d=path, class_="usual") if path else join([])


def _change_spans(frame: Frame) -> Markup:
    """Windows that a change may have begun in."""
    spans = [
        (frame.x.clamped(change.earliest), frame.x.clamped(change.latest))
        for change in frame.chart.changes
    ]
    path = "".join(
        bar_path(left, frame.bottom, max(right - left, 1), frame.view.plot) for left, right in spans
    )
    return element("path", d=path, class_="began") if path else join([])


def _changes(frame: Frame, labels: Labels) -> Markup:
    """A line where a change began, held along the top for as long as it stands, with its date."""
    return join(_change(frame, change, labels) for change in frame.chart.changes)


def _change(frame: Frame, change: Change, labels: Labels) -> Markup:
    x, end = frame.x.clamped(change.at), frame.x.clamped(change.end)
    line = f"M{number(x)} {number(frame.bottom)}V{TOP}H{number(max(end, x))}"
    width = len(change.text) * BOLD
    left, right = frame.left, frame.view.width - RIGHT
    beside = [start for start in (x + 5, x - 5 - width) if left <= start and start + width <= right]
    tops = np.linspace(TOP + 4, frame.bottom - LINE - 2, 12)
    places = [Box(start, float(top), width, LINE) for top in tops for start in beside]
    above = min(max(x - 6, left), right - width)
    places += [Box(above, top, width, LINE) for top in _shelves()]
    place = labels.place(places)
    before = place.left + width < x
    text = element(
        "text",
        change.text,
        x=place.left + width if before else place.left,
        y=place.top + 11,
        text_anchor="end" if before else None,
        class_="on since",
    )
    return element("path", d=line, class_="since") + text


def _releases(frame: Frame, labels: Labels) -> Markup:
    """A dotted line where a new version of the model began to answer, with its name at the foot.

    And where people said that something happened, with what they said.
    """
    told = [(one.start, one.version) for one in frame.chart.releases]
    told += [(one.at, one.text) for one in frame.chart.annotations]
    return join(_told(frame, at, text, labels) for at, text in sorted(told))


def _told(frame: Frame, at: int, said: str, labels: Labels) -> Markup:
    x = frame.x.clamped(at)
    line = element("path", d=f"M{number(x)} {number(frame.bottom)}V{TOP}", class_="release")
    text = shorten(said, MOST_LETTERS)
    width = len(text) * LETTER
    left, right = frame.left, frame.view.width - RIGHT
    sides = [start for start in (x + 4, x - 4 - width) if left <= start and start + width <= right]
    tops = np.linspace(frame.bottom - LINE - 2, TOP + 4, 12)
    places = [Box(start, float(top), width, LINE) for top in tops for start in sides]
    if not places:
        return line
    place = labels.place(places)
    label = element("text", text, x=place.left, y=place.top + 11, class_="on release")
    return line + label


def _shelves() -> list[float]:
    """Tops of the rows above the plot, from below."""
    return [float(TOP - 22 - SHELF * row) for row in range(SHELVES)]


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


def _adjusted(frame: Frame) -> Markup:
    """Corrected values of windows that wait for labels: open marks on a thin broken line."""
    chart, path, rings = frame.chart, "", []
    drawn = np.flatnonzero(~np.isnan(chart.adjusted))
    for part in _segments(frame, ~np.isnan(chart.adjusted), drawn):
        points = [(frame.x(frame.middles[i]), frame.y(chart.adjusted[i])) for i in part]
        path += line_path(points) if len(points) > 1 else ""
        rings += [element("circle", cx=x, cy=y, r=RING, class_="adjusted") for x, y in points]
    line = [element("path", d=path, class_="adjusted")] if path else []
    return join([*line, *rings])


def _estimated(frame: Frame) -> Markup:
    """What labels do not tell: open squares on a broken line, between the ends of its interval."""
    guess, path, ends, squares = frame.chart.estimated, "", "", []
    known = ~np.isnan(guess.values)
    drawn = thin(guess.values, frame.view.width)
    for part in _segments(frame, known, drawn):
        points = [(frame.x(frame.middles[i]), frame.y(guess.values[i])) for i in part]
        path += line_path(points) if len(points) > 1 else ""
        for edge in (guess.low, guess.high):
            edges = [(frame.x(frame.middles[i]), frame.y.clamped(edge[i])) for i in part]
            ends += line_path(edges if len(edges) > 1 else _widened(edges[0]))
        if len(drawn) <= MOST_SQUARES:
            squares += [_square(x, y) for x, y in points]
    lines = [
        element("path", d=drawn, class_=name)
        for drawn, name in ((ends, "doubt"), (path, "estimated"))
        if drawn
    ]
    return join([*lines, *squares])


def _square(x: float, y: float) -> Markup:
    side = 2 * RING - 1
    return element(
        "rect", x=x - side / 2, y=y - side / 2, width=side, height=side, class_="estimated"
    )


def _reference_level(frame: Frame, labels: Labels) -> Markup:
    level = frame.chart.reference_value
    if level is None or not frame.y.low <= level <= frame.y.high:
        return join([])
    text = f"reference {format_metric(frame.chart.key, level)}"
    return _level(frame, level, text, "refline", labels, prefer_left=True)


def _thresholds(frame: Frame, labels: Labels) -> Markup:
    inside = [t for t in frame.chart.thresholds if frame.y.low <= t.value <= frame.y.high]
    return join(
        _level(frame, t.value, f"rule: {t.text}", f"rule {OF_SEVERITY[t.severity]}", labels)
        for t in inside[:4]
    )


def _level(
    frame: Frame,
    level: float,
    text: str,
    name: str,
    labels: Labels,
    *,
    prefer_left: bool = False,
) -> Markup:
    """A horizontal line with its label on it, or above the plot where it would hide the metric."""
    y, width = frame.y(level), len(text) * LETTER
    left, right = frame.left, frame.view.width - RIGHT
    if width + SAMPLE > right - left:
        text = text[: int((right - left - SAMPLE) / LETTER) - 1] + "…"
        width = len(text) * LETTER
    starts = np.linspace(left + 4, right - 4 - width, 25)
    places = [
        Box(float(start), top, width, LINE)
        for start in (starts if prefer_left else starts[::-1])
        for top in (y - 17, y + 3)
        if top >= TOP and top + LINE <= frame.bottom
    ]
    shelved = min(width + SAMPLE, right - left)
    places += [Box(left, top, shelved, LINE) for top in _shelves()]
    place = labels.place(places)
    labels.avoid(np.column_stack([np.linspace(left, right, 100), np.full(100, y)]))
    line = f"M{number(left)} {number(y)}H{right}"
    at = place.left
    if place.top < 0:
        at += SAMPLE
        line += f"M{number(left)} {number(place.top + 7)}h{SAMPLE - 4}"
    label = element("text", text, x=at, y=place.top + 11, class_=f"on {name}")
    return element("path", d=line, class_=name) + label


def _obstacles(frame: Frame) -> NDArray[np.float64]:
    """Points that labels avoid: the lines, finely, and the alert marks. Shape [n, 2]."""
    chart = frame.chart
    lines = [
        _fine(frame, part)
        for part in (
            chart.values,
            chart.adjusted,
            chart.estimated.values,
            chart.usual_low,
            chart.usual_high,
        )
    ]
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
    return np.vstack([*lines, np.array([*marks, *words]).reshape(-1, 2)])


def _fine(frame: Frame, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Many points on a line through the values. Shape [n, 2]."""
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return np.zeros((0, 2))
    xs = np.array([frame.x(at) for at in frame.middles[known]])
    ys = np.array([frame.y(value) for value in values[known]])
    fine = np.linspace(xs[0], xs[-1], 400)
    return np.column_stack([fine, np.interp(fine, xs, ys)])


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
