"""The sentences that say what was measured and against what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.detect.rule import Against, Operator

if TYPE_CHECKING:
    from wane.detect.rule import Rule
    from wane.metrics.measurement import SeriesKey

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
    if abs(value) >= 1000 and abs(value - beside) >= 1:
        return f"{value:,.0f}"
    for digits in range(3, 17):
        text = f"{value:.{digits}g}"
        if value == beside or text != f"{beside:.{digits}g}":
            return text
    return repr(value)


def _change(rule: Rule, value: float, reference: float) -> tuple[str, str]:
    """The change and the allowed change, in the unit of the rule."""
    size = abs(value - reference)
    allowed = float(rule.threshold)
    if rule.against is Against.REFERENCE_SHARE and reference:
        percent = 100 * size / abs(reference)
        text = f"{(rule.threshold * 100).normalize():f} %"
        return f"{number(percent, beside=100 * allowed)} %", text
    return number(size, beside=allowed), f"{rule.threshold:f}"
