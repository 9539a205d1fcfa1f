"""What the main chart shows, and the finding that is its title."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.detector import Detector
from wane.detect.grammar import parse_rule
from wane.detect.rules import limit_of, matching
from wane.detect.sentence import SHAPES
from wane.detect.severity import Severity
from wane.diagnose.episode import episodes
from wane.metrics.adjusted import SUFFIX as ADJUSTED
from wane.metrics.best_known import unsettled
from wane.metrics.estimable import BLENDED, ESTIMATED
from wane.metrics.measurement import Measurements, Series, SeriesKey, cut_all
from wane.metrics.provisional import MATURITY, provisional
from wane.report import event_words
from wane.report.alert_list import grouped, ruled
from wane.report.moment import timezone_of
from wane.report.numbers import format_value
from wane.report.result import ReferenceKind
from wane.report.runs import runs, stretches
from wane.report.words import (
    format_metric,
    format_metric_change,
    is_percent,
    metric_title,
    readable,
    sentence_case,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wane.detect.finding import Finding
    from wane.detect.rule import Rule
    from wane.detect.usual import Usual
    from wane.diagnose.annotation import Annotation
    from wane.diagnose.releases import Release
    from wane.report.result import Result
    from wane.window import Window

FALLBACKS = ("positive_rate", "mean_confidence", "error_rate", "volume")
"""What is charted when the main metric cannot be: nobody is helped by an empty chart."""
LARGEST_REFERENCE = 0.4
"""Part of the time axis that the reference may take; earlier windows are left out."""
IMMATURE = 0.5
"""Windows at the end with less than half of the usual label coverage are tinted."""
MOST_CHANGES = 3
"""Events of the metric that are drawn, the newest ones."""
UNUSUAL = (1 / 3, 2.0)
"""Volume outside these multiples of the median is drawn in another colour."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A horizontal line with its rule."""

    value: float
    text: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Span:
    """A tinted stretch of the axis [start, end) with a word on it."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """An event of the metric on the axis.

    Attributes:
        at: Middle of its first window.
        earliest: Start of the first window that it may have begun in.
        latest: End of the last such window.
        end: End of the newest window in which it stands.
        text: Since when, in words.
    """

    at: float
    earliest: float
    latest: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An alert of a rule, or the window in which an event was noticed.

    Where on the axis, at which value (None: on another metric), how severe.
    """

    at: float
    value: float | None
    severity: Severity


@dataclass(frozen=True, slots=True)
class Guess:
    """What a metric is estimated to be; NaN in windows whose labels tell. Arrays have length W.

    Attributes:
        values: In windows without labels, or with few of those to come.
        low: Lower ends of the 95 % intervals.
        high: Upper ends.
    """

    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def nowhere(cls, windows: int) -> Guess:
        """Of a metric that is not estimated."""
        return cls(*(np.full(windows, np.nan) for _ in range(3)))

    def part(self, windows: slice) -> Guess:
        """Some of the windows."""
        return Guess(self.values[windows], self.low[windows], self.high[windows])


@dataclass(frozen=True)
class SinceWhen:
    """One metric over time with everything that is drawn around it. Arrays have length W.

    Attributes:
        key: The metric.
        windows: Reference windows that are drawn, then the current ones.
        timezone: For the labels of the axis.
        values: NaN where undefined.
        low: Lower ends of the 95 % intervals, NaN where there is none.
        high: Upper ends.
        volume: Rows of each window, NaN where unknown.
        unusual: Whether the volume is far from its median.
        reference: The stretch that serves as reference, or None.
        reference_value: The reference as a level, drawn when there is no stretch.
        adjusted: The metric corrected for labels that are still to come, in windows that wait for
            them; NaN elsewhere.
        estimated: What it is estimated to be where labels do not tell.
        spans: Windows whose labels are missing or still coming in.
        usual_low: Lower ends of what is usual, NaN where that is not known.
        usual_high: Upper ends.
        thresholds: Rules on this metric.
        changes: The newest events of this metric, oldest first.
        marks: Alerts.
        releases: New versions of the model.
        annotations: What people said of it, within the windows.
    """

    key: str
    windows: tuple[Window, ...]
    timezone: str
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    volume: NDArray[np.float64]
    unusual: NDArray[np.bool_]
    reference: Span | None
    reference_value: float | None
    adjusted: NDArray[np.float64]
    estimated: Guess
    spans: tuple[Span, ...]
    usual_low: NDArray[np.float64]
    usual_high: NDArray[np.float64]
    thresholds: tuple[Threshold, ...]
    changes: tuple[Change, ...]
    marks: tuple[Mark, ...]
    releases: tuple[Release, ...] = ()
    annotations: tuple[Annotation, ...] = ()


def since_when(result: Result, key: str) -> SinceWhen | None:
    """The chart of a metric of the whole model; None when it was not measured in any window."""
    series = result.measurements.get(key)
    if series is None or not result.measurements.windows:
        return None
    before = _reference_windows(result)
    measured = [_arrays(before, key), _arrays(result.measurements, key)]
    values, low, high, volume = (np.concatenate(arrays) for arrays in zip(*measured, strict=True))
    estimated = _estimated(result.measurements, series, len(before.windows))
    if key.endswith(ESTIMATED):  # no label tells but those of the reference
        now = np.arange(len(values)) >= len(before.windows)
        estimated = Guess(*(np.where(now, part, np.nan) for part in (values, low, high)))
        values, low, high = (np.where(now, np.nan, part) for part in (values, low, high))
    reference = _reference_span(result, before)
    usual = _usual(result.found.usual.get(series.key), len(before.windows), len(values))
    return SinceWhen(
        key=key,
        windows=before.windows + result.measurements.windows,
        timezone=timezone_of(result),
        values=values,
        low=low,
        high=high,
        volume=volume,
        unusual=np.concatenate([_unusual(part[3]) for part in measured]),
        reference=reference,
        reference_value=None if reference or np.isnan(series.reference) else series.reference,
        adjusted=_adjusted(result.measurements, key, len(before.windows)),
        estimated=estimated,
        spans=_spans(result.measurements, series),
        usual_low=usual[0],
        usual_high=usual[1],
        thresholds=_thresholds(result, series),
        changes=_changes(result, key),
        marks=_marks(result, key),
        releases=result.releases,
        annotations=_annotations(result, before.windows + result.measurements.windows),
    )


def _annotations(result: Result, windows: Sequence[Window]) -> tuple[Annotation, ...]:
    """Those within the windows; windows of rows have no time."""
    if windows[0].by_rows:
        return ()
    first, last = windows[0].start, windows[-1].end
    return tuple(one for one in result.annotations if first <= one.at < last)


def charted_metric(result: Result) -> str | None:
    """The main metric, or the first of the fallbacks that has a value anywhere."""
    for key in (result.main_metric, *FALLBACKS, *result.summary):
        series = result.measurements.get(key) if key else None
        if key and series and series.last_defined is not None:
            return key
    return None


def finding(result: Result, key: str) -> str:
    """The title of the chart of a metric: how far it moved, and since when a rule is broken."""
    series = result.measurements.get(key)
    title = sentence_case(metric_title(key))
    if series is None:
        return f"{title} was not measured"
    first, last = series.first_defined, series.last_defined
    if first is None or last is None:
        return f"{title} cannot be shown: {readable(series.reasons[-1] or 'not measured')}"
    has_reference = not np.isnan(series.reference)
    base = series.reference if has_reference else series.values[first]
    against = "the reference" if has_reference else "the first window"
    delta = float(series.values[last] - base)
    now = format_metric(key, float(series.values[last]))
    now += " (provisional)" if provisional(result.measurements).holds(series.key, last) else ""
    if delta == 0:
        movement = f"{title} is {now}, as in {against}"
    else:
        size = format_metric_change(key, abs(delta)).lstrip("+")
        side = "below" if delta < 0 else "above"
        movement = f"{title} is {now}, {size} {side} {against}"
    return f"{movement}{_since(result, series)}"


def _since(result: Result, series: Series) -> str:
    """What happened last, a rule broken or a change found, as the end of a sentence."""
    groups = [group for group in grouped(result) if group.key == series.key]
    latest = max(groups, key=lambda group: group.last.start, default=None)
    event = _newest(result, series.key)
    if event and (latest is None or _last(result, event).start >= latest.last.start):
        return _since_event(event, result)
    if latest is None:
        return _nothing_happened(result, series)
    rule = parse_rule(latest.rule)
    side = "below" if rule.operator.downward else "above"
    written = (
        latest.threshold if rule.relative or is_percent(rule.metric) else f"{rule.threshold:f}"
    )
    limit = f"{side} the limit of {written}"
    if latest.last == result.measurements.windows[-1]:
        return f", and {limit} since {latest.begins}"
    return f"; it was {limit} on {latest.when}"


def _nothing_happened(result: Result, series: Series) -> str:
    """By what it was watched without a finding; empty where it was not."""
    if _thresholds(result, series):
        return "; no rule was broken"
    return "; nothing unusual happened" if series.key in result.found.judged_from else ""


def _newest(result: Result, key: SeriesKey) -> Finding | None:
    """The newest event of a series; information only where there is nothing else."""
    found = [finding for finding in result.found.findings if finding.key == key]
    return max(found, key=lambda one: (one.severity is not Severity.INFO, one.last), default=None)


def _last(result: Result, event: Finding) -> Window:
    return result.measurements.windows[event.last]


def _since_event(event: Finding, result: Result) -> str:
    """When what learned limits found began, and its shape."""
    first, last = (event_words.date_of(result, at) for at in (event.first, event.last))
    way = "up" if event.side > 0 else "down"
    if event.stands:
        return f", and {way} since {first}: {SHAPES[event.shape]}"
    when = f"on {first}" if event.first == event.last else f"from {first} to {last}"
    return f"; it was {way} {when}: {SHAPES[event.shape]}"


def _arrays(
    measurements: Measurements, key: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Values, interval ends and rows per window of one metric; NaN where it was not measured."""
    nothing = np.full(len(measurements.windows), np.nan)
    series, volume = measurements.get(key), measurements.get("volume")
    rows = volume.values if volume else _rows_behind(series, nothing)
    if series is None:
        return nothing, nothing, nothing, rows
    return series.values, series.low, series.high, rows


def _rows_behind(series: Series | None, nothing: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rows behind each value; a metric computed elsewhere has none to tell of."""
    return series.n.astype(float) if series and series.n.any() else nothing


def _reference_windows(result: Result) -> Measurements:
    """Reference windows that end before the current ones start and leave them enough room."""
    given, current = result.reference_measurements, result.measurements.windows
    if given is None or not current or any(window.by_rows for window in given.windows):
        return Measurements((), {})
    end, length = current[0].start, current[-1].end - current[0].start
    earliest = end - length * LARGEST_REFERENCE / (1 - LARGEST_REFERENCE)
    kept = [i for i, w in enumerate(given.windows) if w.end <= end and w.start >= earliest]
    if not kept:
        return Measurements((), {})
    return cut_all(given, slice(kept[0], kept[-1] + 1))


def _reference_span(result: Result, before: Measurements) -> Span | None:
    """Where the reference is shaded: windows drawn before the current ones, or the first ones."""
    if before.windows:
        return Span(before.windows[0].start, before.windows[-1].end, "reference")
    count = result.reference.windows
    if result.reference.kind is not ReferenceKind.FIRST_WINDOWS or not count:
        return None
    windows = result.measurements.windows
    return Span(windows[0].start, windows[min(count, len(windows)) - 1].end, "reference")


def _unusual(volume: NDArray[np.float64]) -> NDArray[np.bool_]:
    filled = volume[volume > 0]
    if len(filled) < 5:
        return np.zeros(len(volume), dtype=bool)
    ratio = volume / np.median(filled)
    return (ratio < UNUSUAL[0]) | (ratio > UNUSUAL[1])


def _spans(measurements: Measurements, series: Series) -> tuple[Span, ...]:
    """Stretches without a value, and a tail where most labels are still to come."""
    windows, undefined = measurements.windows, np.isnan(series.values)
    groups = stretches(windows)
    volume = measurements.get("volume")
    silent = undefined & (volume.values == 0) if volume else np.zeros_like(undefined)
    missing = [
        *(_span(windows[first:end], "no rows") for first, end in runs(groups, silent)),
        *(
            _span(windows[first:end], _why(series.reasons[first:end]))
            for first, end in runs(groups, undefined & ~silent)
        ),
    ]
    return (*missing, *_late(measurements, series))


def _late(measurements: Measurements, series: Series) -> list[Span]:
    """Stretches that wait for labels: by their maturity where it is known, else by coverage."""
    windows, undefined = measurements.windows, np.isnan(series.values)
    groups = stretches(windows)
    maturity = measurements.get(MATURITY)
    if maturity is not None and maturity.last_defined is not None:
        waiting = provisional(measurements)
        waits = waiting.waits(series.key, len(windows))
        return [
            _span(windows[first:end], waiting.told(*range(first, end)))
            for first, end in runs(groups, waits & ~undefined)
        ]
    coverage = measurements.get("label_coverage")
    if coverage is None or np.isnan(coverage.values).all():
        return []
    low = coverage.values < IMMATURE * np.nanmedian(coverage.values)
    return [
        _span(
            windows[first:end],
            f"labels {format_value(float(np.mean(coverage.values[first:end])), percent=True)} in",
        )
        for first, end in runs(groups, low & ~undefined)
        if end == len(windows) or undefined[end:].all()
    ]


def _adjusted(measurements: Measurements, key: str, before: int) -> NDArray[np.float64]:
    """Corrected values of the windows that wait for labels; NaN in all others."""
    adjusted = np.full(before + len(measurements.windows), np.nan)
    corrected = measurements.get(f"{key}{ADJUSTED}")
    if corrected is not None:
        waiting = list(provisional(measurements).share)
        adjusted[[before + at for at in waiting]] = corrected.values[waiting]
    return adjusted


def _estimated(measurements: Measurements, series: Series, before: int) -> Guess:
    """The best guess at the metric in windows that wait for labels, or have none."""
    best = measurements.get(f"{series.key.metric}{BLENDED}")
    windows = len(measurements.windows)
    if best is None:
        return Guess.nowhere(before + windows)
    waits = unsettled(series, provisional(measurements))
    pad = np.full(before, np.nan)
    return Guess(
        *(
            np.concatenate([pad, np.where(waits, part, np.nan)])
            for part in (best.values, best.low, best.high)
        )
    )


def _span(windows: tuple[Window, ...], label: str) -> Span:
    return Span(windows[0].start, windows[-1].end, label)


def _why(reasons: tuple[str | None, ...]) -> str:
    reason = reasons[0] or ""
    return "no labels" if "label" in reason else "undefined"


def _thresholds(result: Result, series: Series) -> tuple[Threshold, ...]:
    """Lines of the rules on this series, one per limit, the most severe rule of each."""
    found: dict[float, Threshold] = {}
    for rule in sorted(map(parse_rule, result.rules), key=lambda rule: rule.severity.rank):
        limit = limit_of(rule, series.reference)
        if series in matching(rule, result.measurements) and not np.isnan(limit):
            found[limit] = Threshold(limit, readable(_condition(rule)), rule.severity)
    return tuple(found.values())


def _condition(rule: Rule) -> str:
    """The rule without its severity and its minimum of rows: "accuracy < 0.90"."""
    plain = replace(rule, severity=Severity.CRITICAL, min_n=0, sure=False, text="")
    return plain.text


def _usual(
    usual: Usual | None, before: int, windows: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both ends for each window that is drawn; NaN in those of the reference."""
    low, high = np.full(windows, np.nan), np.full(windows, np.nan)
    if usual is not None:
        low[before:], high[before:] = usual.low, usual.high
    return low, high


def _changes(result: Result, key: str) -> tuple[Change, ...]:
    """The newest events of a metric that are a warning or worse, or a steady decline."""
    windows = result.measurements.windows
    events = [
        event
        for event in result.found.findings
        if event.key == SeriesKey(key)
        and (event.severity is not Severity.INFO or event.detector is Detector.TREND)
    ]
    newest = sorted(events, key=lambda event: event.first)[-MOST_CHANGES:]
    return tuple(
        Change(
            at=_middle(windows[event.first]),
            earliest=windows[event.earliest].start,
            latest=windows[event.latest].end,
            end=windows[event.last].end,
            text=event_words.when(result, event),
        )
        for event in newest
    )


def _middle(window: Window) -> float:
    return (window.start + window.end) / 2


def _marks(result: Result, key: str) -> tuple[Mark, ...]:
    """Alerts on the metric at its value, and all others; of a window the most severe.

    Those of rules on the metric in each window, on others where an episode begins, and an event
    where it was noticed: its change shows the rest.
    """
    windows, alerts = result.measurements.windows, ruled(result)
    told = [
        *(
            (alert.key, alert.window, alert.value, alert.severity)
            for alert in alerts
            if alert.key == SeriesKey(key)
        ),
        *(
            (episode.key, windows[episode.first], episode.alert.value, episode.severity)
            for episode in episodes(alerts, windows)
            if episode.key != SeriesKey(key)
        ),
        *(_noticed(result, event) for event in event_words.events(result)),
    ]
    own: dict[float, Mark] = {}
    others: dict[float, Mark] = {}
    for series, window, value, severity in told:
        at, known = _middle(window), series == SeriesKey(key)
        if known and np.isnan(value):
            continue
        marks = own if known else others
        if at not in marks or severity.rank > marks[at].severity.rank:
            marks[at] = Mark(at, value if known else None, severity)
    return (*own.values(), *others.values())


def _noticed(result: Result, event: Finding) -> tuple[SeriesKey, Window, float, Severity]:
    """Series, window, value and severity of an event when its alarm was raised."""
    value = float(result.measurements.series[event.key].values[event.raised])
    return event.key, result.measurements.windows[event.raised], value, event.severity
