"""The sentences that say what was measured and against what."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wane.detect.detector import Detector
from wane.detect.rule import Against, Operator
from wane.detect.shape import Shape
from wane.window import window_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wane.detect.finding import Finding
    from wane.detect.rule import Rule
    from wane.metrics.measurement import SeriesKey
    from wane.window import Window

SHAPES = {
    Shape.SPIKE: "a spike",
    Shape.STEP: "a sudden step",
    Shape.RAMP: "a gradual change",
    Shape.SEASON: "the weekly or daily pattern is gone",
}
MILLION = 1e6
EVERYDAY = 1e15
SHOWN = 3
"""Other series of an event that are named."""
STANDS = {
    Operator.BELOW: "is below",
    Operator.AT_MOST: "is at or below",
    Operator.ABOVE: "is above",
    Operator.AT_LEAST: "is at or above",
}


def broken(rule: Rule, key: SeriesKey, value: float, reference: float, n: int) -> str:
    """Say how a rule is broken: "accuracy 0.886 is below 0.90 (2,391 rows)".

    Relative rules name the change, both values and what was allowed. A count of 0 (not known,
    as in tables given to `wane series`) is left out.
    """
    resting = f" ({rows(n)})" if n else ""
    name = series_name(key)
    if not rule.relative:
        limit = f"{rule.threshold:f}"
        shown = number(value, beside=float(rule.threshold))
        return f"{name} {shown} {STANDS[rule.operator]} {limit}{resting}"
    verb = "fell" if rule.operator.downward else "rose"
    change, allowed = _change(rule, value, reference)
    values = f"from {number(reference, beside=value)} to {number(value, beside=reference)}"
    return f"{name} {verb} by {change} {values}, more than {allowed} allowed{resting}"


def happened(
    finding: Finding, windows: Sequence[Window], timezone: str, reference: float = math.nan
) -> str:
    """Say what a finding is: "accuracy fell from 0.944 to 0.916 since 1 Apr: a sudden step; ...".

    Args:
        finding: Its reason is not read.
        windows: Those that its indices count.
        timezone: Zone in which dates are told.
        reference: Of the series; nan without one.
    """
    verb = "rose" if finding.side > 0 else "fell"
    before = number(finding.before, beside=finding.now)
    now = number(finding.now, beside=finding.before)
    text = f"{series_name(finding.key)} {verb} from {before} to {now} "
    text += f"{_when(finding, windows, timezone)}: {SHAPES[finding.shape]}"
    base = "" if math.isnan(reference) else number(reference, beside=finding.now)
    parts = [text, _usual(finding), how_sure(finding, base), _others(finding)]
    return "; ".join(part for part in parts if part)


def _usual(finding: Finding) -> str:
    """What the series shows when nothing is wrong."""
    low, high = finding.usual_low, finding.usual_high
    if math.isnan(low):
        return ""
    return f"usual {number(low, beside=high)} to {number(high, beside=low)}"


def how_sure(finding: Finding, reference: str) -> str:
    """What speaks against noise, e.g. "noise alone: less than once in 260,000 windows".

    Args:
        finding: Its reason is not read.
        reference: Value of the series on the reference, as text; empty without one.
    """
    if finding.detector is Detector.LOSS and reference:
        return f"surely worse than the reference {reference}"
    if finding.detector is Detector.DRIFT:
        return "beyond its own history in two of three windows"
    if finding.detector is Detector.TREND:
        return "too steady for noise"
    if math.isnan(finding.once_in):
        return ""
    often = "a million"
    if finding.once_in < MILLION:
        digits = 10 ** max(math.floor(math.log10(finding.once_in)) - 1, 0)
        often = f"{finding.once_in // digits * digits:,.0f}"
    return f"noise alone: less than once in {often} windows"


def _others(finding: Finding) -> str:
    """The other series of the event, the first few by name."""
    if not finding.also:
        return ""
    named = ", ".join(series_name(key) for key in finding.also[:SHOWN])
    more = len(finding.also) - SHOWN
    return f"also {named}" + (f" and {more} more" if more > 0 else "")


def _when(finding: Finding, windows: Sequence[Window], timezone: str) -> str:
    """Since when, between which windows, and until when."""
    first, earliest, latest = (
        window_label(windows[at], timezone)
        for at in (finding.first, finding.earliest, finding.latest)
    )
    within = f" ({earliest} to {latest})" if earliest != latest else ""
    if finding.recovered is None:
        return f"since {first}{within}"
    if finding.shape is Shape.SPIKE and finding.first == finding.last:
        return f"on {first}"
    last = window_label(windows[finding.last], timezone)
    return f"from {first}{within} to {last}"


def rows(n: int) -> str:
    """A number of rows: "2,391 rows"."""
    return f"{n:,} {'row' if n == 1 else 'rows'}"


def series_name(key: SeriesKey) -> str:
    """Name a series in words: "psi of income in channel=mobile"."""
    of = "" if key.column is None else f" of {key.column}"
    where = "" if key.segment is None else f" in {key.segment}"
    return f"{key.metric}{of}{where}"


def number(value: float, *, beside: float) -> str:
    """Three significant digits, or as many as it takes to differ from the number beside it."""
    if 1000 <= abs(value) < EVERYDAY and abs(value - beside) >= 1:
        return f"{value:,.0f}"
    for digits in range(3, 17):
        text = _digits(value, digits)
        if value == beside or text != _digits(beside, digits):
            return text
    return repr(value)


def _digits(value: float, digits: int) -> str:
    """Significant digits without an exponent, where the number is of everyday size."""
    text = f"{value:.{digits}g}"
    return f"{value:,.0f}" if "e" in text and 1 <= abs(value) < EVERYDAY else text


def _change(rule: Rule, value: float, reference: float) -> tuple[str, str]:
    """The change and the allowed change, in the unit of the rule."""
    size = abs(value - reference)
    allowed = float(rule.threshold)
    if rule.against is Against.REFERENCE_SHARE and reference:
        percent = 100 * size / abs(reference)
        text = f"{(rule.threshold * 100).normalize():f} %"
        return f"{number(percent, beside=100 * allowed)} %", text
    return number(size, beside=allowed), f"{rule.threshold:f}"
