"""The result as one JSON object, as published in result_schema.json."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from wane.metrics.provisional import provisional
from wane.report.moment import bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.alert.alert import Alert
    from wane.alert.withdrawn import Withdrawn
    from wane.detect.finding import Finding
    from wane.detect.found import Found
    from wane.diagnose.decomposition import ColumnParts, Decomposition
    from wane.diagnose.fault import Fault
    from wane.diagnose.localise import Localised, Spot
    from wane.diagnose.summary import Summary
    from wane.diagnose.verdict import Verdict
    from wane.metrics.measurement import Measurements, SeriesKey
    from wane.report.result import Result

SCHEMA_VERSION = 1


def render(result: Result) -> str:
    """The JSON text of `check --format json`: one object on one line, never NaN or Infinity."""
    return json.dumps(as_object(result), ensure_ascii=False, allow_nan=False)


def as_object(result: Result) -> dict[str, Any]:
    """The object of result_schema.json as dicts and lists."""
    measurements = list(measurement_objects(result.measurements))
    return {**conclusions(result), "measurements": measurements}


def conclusions(result: Result) -> dict[str, Any]:
    """The object without its measurements, which are most of it."""
    rows, reference = result.rows, result.reference
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": verdict_object(result.verdict),
        "rows": {
            "read": rows.read,
            "used": rows.used,
            "rejected": [{"reason": r.reason, "count": r.count} for r in rows.rejected],
        },
        "reference": {
            "kind": str(reference.kind),
            "source": reference.source,
            "rows": reference.rows,
            "windows": reference.windows,
        },
        "alerts": [alert_object(alert) for alert in result.alerts],
        "pending": [{**alert_object(one), "asked": one.asked} for one in result.pending],
        "summary": {metric: _summary(found) for metric, found in result.summary.items()},
        "findings": [finding_object(found, result.measurements) for found in result.found.findings],
        "detection": detection_object(result.found),
        "provisional": [
            bounds(result.measurements.windows[at])[0]
            for at in provisional(result.measurements).share
        ],
        "withdrawn": [withdrawn_object(one) for one in result.withdrawn],
        "decomposition": decomposition_object(result.decomposition),
        "localised": localised_object(result.localised, result.measurements),
        "faults": [fault_object(fault, result.measurements) for fault in result.faults],
    }


def measurement_objects(measurements: Measurements) -> Iterator[dict[str, Any]]:
    """Each measurement; a value that JSON has no number for is null with a reason."""
    spans = [bounds(window) for window in measurements.windows]
    for series in measurements.series.values():
        metric, column, segment = series.key
        reference = _number(series.reference)
        arrays = (series.values, series.low, series.high, series.n)
        numbers = zip(*(array.tolist() for array in arrays), series.reasons, strict=True)
        for (start, end), (value, low, high, n, reason) in zip(spans, numbers, strict=True):
            yield {
                "window_start": start,
                "window_end": end,
                "segment": segment,
                "metric": metric,
                "column": column,
                "value": _number(value),
                "low": _number(low),
                "high": _number(high),
                "n": n,
                "reference_value": reference,
                "reason": "the value is infinite" if math.isinf(value) else reason,
            }


def alert_object(alert: Alert) -> dict[str, Any]:
    """One alert."""
    start, end = bounds(alert.window)
    return {
        "rule": alert.rule,
        **_key(alert.key),
        "severity": str(alert.severity),
        "window_start": start,
        "window_end": end,
        "value": _number(alert.value),
        "threshold": _number(alert.threshold),
        "n": alert.n,
        "reason": alert.reason,
    }


def withdrawn_object(withdrawn: Withdrawn) -> dict[str, Any]:
    """One alert of an earlier run, as it was, with the value now and why it fires no more."""
    value = withdrawn.value
    return {
        **alert_object(withdrawn.alert),
        "value_now": None if value is None else _number(value),
        "n_now": withdrawn.n,
        "reason": withdrawn.reason,
    }


def finding_object(finding: Finding, measurements: Measurements) -> dict[str, Any]:
    """One event that learned limits found."""

    def start(at: int) -> str | int:
        return bounds(measurements.windows[at])[0]

    return {
        **_key(finding.key),
        "severity": str(finding.severity),
        "detector": finding.detector,
        "shape": str(finding.shape),
        "direction": "up" if finding.side > 0 else "down",
        "since": start(finding.first),
        "since_earliest": start(finding.earliest),
        "since_latest": start(finding.latest),
        "raised": start(finding.raised),
        "last": start(finding.last),
        "recovered": None if finding.recovered is None else start(finding.recovered),
        "stands": finding.stands,
        "before": _number(finding.before),
        "now": _number(finding.now),
        "usual_low": _number(finding.usual_low),
        "usual_high": _number(finding.usual_high),
        "noise_once_in_windows": _number(finding.once_in),
        "reason": finding.reason,
        "also": [_key(key) for key in finding.also],
    }


def detection_object(found: Found) -> dict[str, Any]:
    """The false-alarm budget, and how far learning has come."""
    return {
        "false_alarms": found.budget.text,
        "expected_today": found.expected_today,
        "streams": found.streams,
        "learning": {
            "streams": found.learning,
            "windows": found.windows,
            "needed": found.needed,
        },
    }


def verdict_object(verdict: Verdict) -> dict[str, Any]:
    """What to think of the model, what to do, and what that rests on."""
    decision = verdict.decision
    return {
        "state": str(verdict.state),
        "sentence": verdict.sentence,
        "advice": verdict.advice,
        "action": str(decision.action),
        "reasons": list(decision.reasons),
        "numbers": {name: _number(value) for name, value in decision.numbers.items()},
        "evidence": decision.fingerprint,
    }


def fault_object(fault: Fault, measurements: Measurements) -> dict[str, Any]:
    """One fault of the pipeline."""
    since = None if fault.since is None else bounds(measurements.windows[fault.since])[0]
    return {
        "kind": str(fault.kind),
        "columns": list(fault.columns),
        "sentence": fault.sentence,
        "advice": fault.advice,
        "share": fault.share,
        "since": since,
    }


def decomposition_object(found: Decomposition | None) -> dict[str, Any] | None:
    """Where the change of performance comes from; null where it is not taken apart."""
    if found is None or found.reason is not None:
        return None
    return {
        "metric": found.metric,
        "before": found.before,
        "now": found.now,
        "rows_before": found.rows_before,
        "rows": found.rows,
        "by_score": None if found.score is None else _parts(found.score),
        "z": found.z,
        "columns": [_parts(one) for one in found.columns],
        "explained_by": list(found.explained_by),
    }


def localised_object(found: Localised | None, measurements: Measurements) -> dict[str, Any] | None:
    """Among which rows answers got worse; null where that was not searched."""
    if found is None or found.reason is not None:
        return None
    return {
        "metric": found.metric,
        "since": bounds(measurements.windows[found.first])[0],
        "before": found.before,
        "now": found.now,
        "spots": [_spot(spot) for spot in found.spots],
        "everywhere": None if found.everywhere is None else _spot(found.everywhere),
        "columns": list(found.columns),
        "together": found.together,
        "looked": found.looked,
    }


def _spot(spot: Spot) -> dict[str, Any]:
    values = [{"column": column, "value": value} for column, value in spot.values]
    return {**asdict(spot), "values": values}


def _parts(one: ColumnParts) -> dict[str, Any]:
    return {
        "column": one.column,
        "role": one.role,
        "mix": asdict(one.mix),
        "rates": asdict(one.rates),
        "groups": [asdict(group) for group in one.groups],
    }


def _key(key: SeriesKey) -> dict[str, str | None]:
    return {"metric": key.metric, "column": key.column, "segment": key.segment}


def json_schema() -> dict[str, Any]:
    """The published JSON Schema of the object (draft 2020-12)."""
    text = files("wane.report").joinpath("result_schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _summary(summary: Summary) -> dict[str, float | None]:
    return {
        "first": _number(summary.first),
        "last": _number(summary.last),
        "change": _number(summary.change),
        "mean": _number(summary.mean),
    }


def _number(value: float) -> float | None:
    """The number, or null where it is NaN or infinite."""
    return value if math.isfinite(value) else None
