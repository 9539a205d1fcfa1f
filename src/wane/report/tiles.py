"""Five tiles in one order: performance, labels, drift, data quality, traffic.

Each holds a value, what it is, its course, its change and its n, or says in words why it cannot.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wane.detect.detector import Detector
from wane.metrics.best_known import best_guess
from wane.metrics.catalogue import Family
from wane.metrics.measurement import SeriesKey, last_value
from wane.metrics.provisional import provisional
from wane.report import event_words, sparkline
from wane.report.late import labels_arrive
from wane.report.moment import timezone_of
from wane.report.numbers import format_count, format_date, format_value
from wane.report.quality_log import QUALITY, worst_of
from wane.report.result import ReferenceKind
from wane.report.tone import Tone, worst
from wane.report.words import (
    format_metric,
    format_metric_change,
    metric_family,
    metric_title,
    per_window,
    readable,
    sentence_case,
    shorten,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from wane.diagnose.episode import Episode
    from wane.metrics.measurement import Measurement, Series
    from wane.report.result import Result

MOST_METRICS = 5


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile.

    Attributes:
        title: Its name, always the same.
        tone: Good, watch, bad or unknown.
        value: The number; None when there is none, and then `what` says why.
        what: What the number is.
        spark: Its course over the windows.
        change: How it moved, or what else matters.
        n: What it rests on.
    """

    title: str
    tone: Tone
    value: str | None
    what: str
    spark: Markup | None = None
    change: str = ""
    n: str = ""


def tiles(result: Result) -> tuple[Tile, ...]:
    """The five tiles; for metrics computed elsewhere, the first five metrics instead."""
    if result.schema is None:
        return tuple(_metric_tile(result, key) for key in list(result.summary)[:MOST_METRICS])
    return (
        _performance(result),
        _labels(result),
        _drift(result),
        _quality(result),
        _traffic(result),
    )


def _unfilled(title: str, reason: str) -> Tile:
    return Tile(title, Tone.UNKNOWN, None, readable(reason))


def _tone(result: Result, family: Family) -> Tone:
    """The tone of a family: by what the verdict rests on, so that they agree."""
    concerns = result.verdict.concerns
    return _worst(result, [one for one in concerns if metric_family(one.key.metric) is family])


def _worst(result: Result, concerns: Sequence[Episode]) -> Tone:
    """By the worst concern that stands in the last window of its series, else what is over."""
    standing = [one.alert for one in concerns if one.last >= _newest(result, one.key)]
    return worst(standing) if standing or not concerns else Tone.WATCH


def _newest(result: Result, key: SeriesKey) -> int:
    """The newest window in which a series has a value that does not wait for labels."""
    values, waiting = result.measurements.series[key].values, provisional(result.measurements)
    told = np.flatnonzero(~np.isnan(values) & ~waiting.waits(key, len(values)))
    return int(told[-1]) if len(told) else -1


def _unjudged(result: Result, key: SeriesKey) -> Tone:
    """The tone of what is beyond the noise of its rows: of no note where limits are learned."""
    return Tone.GOOD if key in result.found.judged_from else Tone.WATCH


def _performance(result: Result) -> Tile:
    if result.main_metric is None:
        return _unfilled("Performance", "No labels to compare predictions with.")
    tile = _metric_tile(result, result.main_metric)
    best = best_guess(result.measurements, result.main_metric)
    if best is not None and best.value is not None:
        tile = _guessed(tile, result, best)
    tone = _tone(result, Family.PERFORMANCE) if tile.value else Tone.UNKNOWN
    return replace(tile, title="Performance", tone=tone)


def _guessed(tile: Tile, result: Result, best: Measurement) -> Tile:
    """The tile with the best guess at a window whose labels do not tell yet."""
    key, value = result.main_metric or "", best.value or 0.0
    waiting, at = provisional(result.measurements), result.measurements.windows.index(best.window)
    shares = f" · {waiting.told(at)}" if at in waiting.share else ""
    delta = ""
    if best.reference_value is not None:
        delta = f"{format_metric_change(key, value - best.reference_value)} against reference"
    return replace(
        tile,
        value=format_metric(key, value),
        what=f"{sentence_case(metric_title(key))}, estimated in part, {_date(result, at)}",
        change=delta or tile.change,
        n=f"n {format_count(best.n)}{shares}",
    )


def _metric_tile(result: Result, key: str) -> Tile:
    """A metric of the whole model: its last value, and how far that is from the reference."""
    series, title = result.measurements.get(key), sentence_case(metric_title(key))
    if series is None:
        return _unfilled(title, f"{title} was not measured.")
    last, first = series.last_defined, series.first_defined
    if last is None or first is None:
        return _unfilled(title, _why(series))
    concerns = [one for one in result.verdict.concerns if one.key == series.key]
    declines = not concerns and _declines(result, series)
    tone = Tone.WATCH if declines else _worst(result, concerns)
    has_reference = not np.isnan(series.reference)
    base = series.reference if has_reference else float(series.values[first])
    delta = format_metric_change(key, float(series.values[last]) - base)
    what = f"{metric_title(key)}, {_date(result, last)}"
    waiting = provisional(result.measurements)
    waits = f" · {waiting.told(last)}" if waiting.holds(series.key, last) else ""
    return Tile(
        title,
        tone,
        format_metric(key, float(series.values[last])),
        sentence_case(what) if result.schema else _date(result, last),
        _spark(series, tone),
        f"{delta} against {'reference' if has_reference else 'first window'}",
        f"n {format_count(int(series.n[last]))}{waits}" if result.schema else _mean(result, key),
    )


def _declines(result: Result, series: Series) -> bool:
    """Whether it gets worse steadily, in too few windows for an alert."""
    return any(
        event.key == series.key and event.detector is Detector.TREND
        for event in event_words.information(result)
    )


def _why(series: Series) -> str:
    return next((reason for reason in reversed(series.reasons) if reason), "No windows.")


def _mean(result: Result, key: str) -> str:
    return f"mean {format_metric(key, result.summary[key].mean)}" if key in result.summary else ""


def _labels(result: Result) -> Tile:
    series = result.measurements.get("label_coverage")
    if series is None or series.last_defined is None:
        missing = "No label column was given, so answers cannot be judged."
        return _unfilled("Labels", missing if series is None else _why(series))
    last = series.last_defined
    known = series.values[~np.isnan(series.values)]
    usual = format_value(float(np.median(known)), percent=True)
    in_the_end = last_value(result.measurements, "expected_label_coverage")
    coming = float(series.values[last]) if in_the_end is None else in_the_end
    late = coming < 0.5 * float(np.median(known))
    tone = Tone.WATCH if late else _tone(result, Family.LABELS)
    return Tile(
        "Labels",
        tone if known.any() else Tone.UNKNOWN,
        format_value(float(series.values[last]), percent=True),
        f"of predictions have a label, {_date(result, last)}",
        _spark(series, tone, from_zero=True),
        labels_arrive(result.measurements) or f"usually {usual}",
        f"{_in_the_end(in_the_end)}n {format_count(int(series.n[last]))}",
    )


def _in_the_end(share: float | None) -> str:
    """The share of the newest predictions that will have a label; empty where not known."""
    return "" if share is None else f"{format_value(share, percent=True)} expected in the end · "


def _drift(result: Result) -> Tile:
    features = [change for change in result.changes if change.role == "feature"]
    known = [change for change in features if change.psi is not None]
    if result.reference.kind is ReferenceKind.NONE:
        return _unfilled("Drift", "No reference to compare with.")
    if not known:
        reason = next((change.reason for change in features if change.reason), None)
        return _unfilled("Drift", reason or "No features to compare.")
    drifted = [change for change in known if change.drifted]
    most = (drifted or known)[0]
    series = result.measurements.get("psi", most.column)
    tones = [_unjudged(result, SeriesKey("psi", change.column)) for change in drifted]
    tone = max((_tone(result, Family.DRIFT), *tones), key=_badness)
    unknown = len(features) - len(known)
    return Tile(
        "Drift",
        tone,
        f"{len(drifted)} of {len(features)}",
        "features drifted beyond noise" + (f"; {unknown} cannot be told" if unknown else ""),
        _spark(series, tone, from_zero=True) if series else None,
        f"{shorten(most.column, 18)} most",
        f"PSI {format_value(most.psi)}",
    )


def _badness(tone: Tone) -> int:
    return (Tone.GOOD, Tone.UNKNOWN, Tone.WATCH, Tone.BAD).index(tone)


def _quality(result: Result) -> Tile:
    found = worst_of(result)
    if found is None:
        return _unfilled("Data quality", "No columns were checked.")
    alarm = _tone(result, Family.QUALITY)
    if found.excess <= 0:
        checked = len({s.key.column for key in QUALITY for s in result.measurements.of_metric(key)})
        what = "missing, invalid or unseen values beyond the reference"
        return Tile("Data quality", alarm, "0", what, None, "", f"columns checked: {checked}")
    beyond = _unjudged(result, found.series.key) if found.excess >= 0.01 else Tone.GOOD
    tone = max(alarm, beyond, key=_badness)
    then = f"reference {format_value(found.reference, percent=True)}"
    return Tile(
        "Data quality",
        tone,
        format_value(found.peak, percent=True),
        f"of {shorten(found.column, 22)} {found.word}, {found.peak_when}",
        _spark(found.series, tone, from_zero=True),
        f"{format_value(found.last, percent=True)} in the last window",
        then if found.reference is not None else "",
    )


def _traffic(result: Result) -> Tile:
    series = result.measurements.get("volume")
    if series is None or series.last_defined is None:
        return _unfilled("Traffic", "No rows in any window.")
    filled = series.values[series.values > 0]
    by_rows = bool(result.every and result.every.by_rows)
    per = "per window" if by_rows else per_window(result.every)
    tone = _tone(result, Family.TRAFFIC)
    facts = [
        f"{label} {format_metric(key, value)}"
        for key, label in (("latency_p99", "p99"), ("error_rate", "errors"))
        if (value := last_value(result.measurements, key)) is not None
    ]
    return Tile(
        "Traffic",
        tone,
        format_count(float(np.median(filled))),
        f"predictions {per}, median",
        _spark(series, tone, from_zero=True),
        " · ".join(facts) or f"highest {format_count(float(filled.max()))}",
        f"n {format_count(result.rows.used)}",
    )


def _spark(series: Series, tone: Tone, *, from_zero: bool = False) -> Markup | None:
    bad = tone.value if tone in (Tone.BAD, Tone.WATCH) else ""
    return sparkline.draw(series.values, width=190, height=30, tone=bad, from_zero=from_zero)


def _date(result: Result, index: int) -> str:
    return format_date(result.measurements.windows[index], timezone_of(result))
