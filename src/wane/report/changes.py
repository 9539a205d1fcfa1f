"""What changed, ranked, and every feature: rows of the report's two lists of columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.diagnose.change import Because
from wane.metrics.measurement import last_value
from wane.report import histogram, sparkline
from wane.report.numbers import format_change, format_value
from wane.report.words import (
    is_percent,
    readable,
    sentence_case,
    shorten,
)

if TYPE_CHECKING:
    from markupsafe import Markup

    from wane.diagnose.change import ColumnChange
    from wane.report.result import Result

TOP = 8
MOST = 100
LOUD = frozenset({Because.ANSWERS_WORSE, Because.MISSING, Because.UNSEEN})


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar of a histogram, as text."""

    label: str
    reference: str
    current: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A column that changed.

    Attributes:
        column: Its name.
        kind: "numeric feature", "categorical score".
        drawing: Reference and current distribution, or None.
        what: The change in words.
        psi: The index as text, or the reason why there is none.
        noise: What noise alone would give.
        contribution: Its part of the change of the main metric.
        because: The kind of change; empty when nothing changed.
        is_loud: Whether that kind is worth a second look.
        drifted: Whether it is beyond noise.
        bars: The table behind the drawing.
    """

    column: str
    kind: str
    drawing: Markup | None
    what: str
    psi: str
    noise: str
    contribution: str
    because: str
    is_loud: bool
    drifted: bool
    bars: tuple[BarRow, ...]


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """A column in the list of all columns."""

    column: str
    kind: str
    drawing: Markup | None
    spark: Markup | None
    psi: str
    noise: str
    missing: str
    unseen: str
    drifted: bool
    reason: str


def what_changed(result: Result) -> tuple[ChangeRow, ...]:
    """The columns that changed most, as ranked by the diagnosis; those without change left out."""
    moved = [change for change in result.changes if _moved(change)]
    return tuple(_change_row(result, change) for change in moved[:TOP])


def every_change(result: Result) -> tuple[ChangeRow, ...]:
    """All columns, most changed first, with the tables behind their drawings."""
    return tuple(_change_row(result, change) for change in result.changes)


def every_feature(result: Result) -> tuple[FeatureRow, ...]:
    """All columns up to a cap, most changed first."""
    return tuple(_feature_row(result, change) for change in result.changes[:MOST])


def finding(result: Result) -> str:
    """How many features drifted, and which weighs most."""
    features = [change for change in result.changes if change.role == "feature"]
    drifted = [change for change in result.changes if change.drifted]
    counted = sum(change.drifted for change in features)
    if all(change.psi is None for change in result.changes):
        return "Whether columns changed cannot be told"
    if not drifted:
        return "No column changed beyond noise"
    first = shorten(drifted[0].column)
    if len(drifted) == 1:
        return f"{first} changed beyond noise"
    return f"{counted} of {len(features)} features changed beyond noise, {first} most"


def without_change(result: Result) -> str:
    """What stands in the list when no column moved."""
    if all(change.psi is None for change in result.changes):
        reason = next((change.reason for change in result.changes if change.reason), None)
        return f"{sentence_case(readable(reason or 'there is nothing to compare with'))}."
    return "No column differs from the reference by more than noise."


def has_contributions(result: Result) -> bool:
    """Whether parts of the main metric's change are known at all."""
    return any(change.contribution is not None for change in result.changes)


def _part(contribution: float | None, *, percent: bool) -> str:
    """A part of the loss; what does not reach the third decimal is nothing."""
    if contribution is not None and abs(contribution) < 0.0005:
        return format_change(0.0, percent=percent)
    return format_change(contribution, percent=percent)


def _moved(change: ColumnChange) -> bool:
    """Whether a column is worth a row: drifted, changed in kind, or well beyond noise."""
    beyond = change.psi is not None and change.noise is not None and change.psi > 3 * change.noise
    return change.drifted or change.because is not Because.SAME or beyond


def _change_row(result: Result, change: ColumnChange) -> ChangeRow:
    percent = is_percent(result.main_metric or "")
    return ChangeRow(
        column=change.column,
        kind=_kind(change),
        drawing=histogram.draw(
            change.bars, f"Distribution of {shorten(change.column)}: {readable(change.what)}"
        ),
        what=readable(change.what),
        psi=_psi(change),
        noise=_noise(change),
        contribution=_part(change.contribution, percent=percent),
        because="" if change.because is Because.SAME else change.because.value,
        is_loud=change.because in LOUD,
        drifted=change.drifted,
        bars=tuple(
            BarRow(
                shorten(bar.label),
                format_value(bar.reference, percent=True),
                format_value(bar.current, percent=True),
            )
            for bar in change.bars
        ),
    )


def _feature_row(result: Result, change: ColumnChange) -> FeatureRow:
    series = result.measurements.get("psi", change.column)
    spark = None if series is None else sparkline.draw(series.values, from_zero=True)
    return FeatureRow(
        column=change.column,
        kind=_kind(change),
        drawing=histogram.draw(change.bars),
        spark=spark,
        psi=_psi(change),
        noise=_noise(change),
        missing=_last(result, "missing_share", change.column),
        unseen=_last(result, "unseen_share", change.column),
        drifted=change.drifted,
        reason=readable(change.reason or ""),
    )


def _kind(change: ColumnChange) -> str:
    return change.kind.value if change.role == "feature" else f"{change.role}, {change.kind.value}"


def _psi(change: ColumnChange) -> str:
    return format_value(change.psi) if change.psi is not None else "undefined"


def _noise(change: ColumnChange) -> str:
    return "" if change.noise is None else f"noise {format_value(change.noise)}"


def _last(result: Result, metric: str, column: str) -> str:
    """The last defined value of a metric of a column; empty when it was not measured."""
    value = last_value(result.measurements, metric, column)
    return "" if value is None else format_value(value, percent=True)
