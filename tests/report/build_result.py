"""Hand-made results of every kind that a report has to show. Seeded; no pipeline behind them."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from detect.build_findings import FELL
from wane.alert.alert import Alert
from wane.alert.learned import alerts_of
from wane.detect.budget import Budget
from wane.detect.detector import Detector
from wane.detect.found import Found
from wane.detect.severity import Severity
from wane.detect.shape import Shape
from wane.detect.usual import Usual
from wane.diagnose.change import Bar, Because, ColumnChange
from wane.diagnose.decide import Action, Decision
from wane.diagnose.decomposition import (
    ColumnParts,
    Decomposition,
    Estimate,
    GroupChange,
)
from wane.diagnose.episode import episodes
from wane.diagnose.fault import Fault, FaultKind
from wane.diagnose.localise import Localised, Spot
from wane.diagnose.releases import Release
from wane.diagnose.segment import SegmentChange
from wane.diagnose.summary import Summary
from wane.diagnose.verdict import State, Verdict
from wane.metrics.measurement import Measurements, Series, SeriesKey
from wane.report.result import (
    ReferenceFacts,
    ReferenceKind,
    Rejected,
    Result,
    RowCount,
)
from wane.schema import Column, Kind, Schema, Task
from wane.window import DAY, Every, Window, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wane.detect.finding import Finding

START = to_microseconds(dt.datetime(2026, 9, 1, tzinfo=dt.UTC))
NOTHING_YET = "no labels yet in this window"
FEATURES = (
    "income",
    "channel",
    "age",
    "tenure_months",
    "payer_code",
    "balance",
    "region",
    "utilisation",
    "employer_size",
    "open_accounts",
    "late_payments",
    "device",
)
HOSTILE = (
    "<script>alert(1)</script>",
    'a"; drop table x; --',
    "n" * 10_000,
    "\u202e\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "😀 naïve 'quoted' & <b>bold</b>",
    "{{ 7 * 7 }}",
    "line\nbreak\x00\x1b[31m",
    "</style></svg>--><img src=x onerror=alert(1)>",
)


@dataclass
class Recorder:
    """Collects series over fixed windows."""

    windows: tuple[Window, ...]
    series: dict[SeriesKey, Series] = field(default_factory=dict)

    def add(
        self,
        metric: str,
        values: Sequence[float] | NDArray[np.float64],
        *,
        column: str | None = None,
        segment: str | None = None,
        margin: float | NDArray[np.float64] = math.nan,
        n: int | NDArray[np.int64] = 2000,
        reference: float = math.nan,
        reason: str = "undefined here",
    ) -> None:
        numbers = np.asarray(values, dtype=float)
        key = SeriesKey(metric, column, segment)
        self.series[key] = Series(
            key,
            numbers,
            numbers - margin,
            numbers + margin,
            np.broadcast_to(np.asarray(n, dtype=np.int64), numbers.shape).copy(),
            tuple(reason if math.isnan(value) else None for value in numbers),
            reference,
        )

    def measurements(self) -> Measurements:
        return Measurements(self.windows, self.series)


def days(count: int, start: int = START) -> tuple[Window, ...]:
    return tuple(Window(start + i * DAY, start + (i + 1) * DAY) for i in range(count))


def summarise(measurements: Measurements) -> dict[str, Summary]:
    found = {}
    for key, series in measurements.series.items():
        values = series.values[~np.isnan(series.values)]
        if key.column is None and key.segment is None and len(values):
            first, last = float(values[0]), float(values[-1])
            found[key.metric] = Summary(first, last, last - first, float(values.mean()))
    return found


def bars(shift: float, count: int = 16, *, with_reference: bool = True) -> tuple[Bar, ...]:
    middles = np.linspace(-3, 3, count)
    reference = np.exp(-(middles**2) / 2)
    current = np.exp(-((middles - shift) ** 2) / 2)
    reference, current = reference / reference.sum(), current / current.sum()
    return tuple(
        Bar(
            f"{middles[i]:.1f} to {middles[i] + 0.4:.1f}",
            1 / count,
            float(reference[i]) if with_reference else None,
            float(current[i]),
        )
        for i in range(count)
    )


def category_bars(shares: Sequence[tuple[str, float, float]]) -> tuple[Bar, ...]:
    return tuple(Bar(label, 1 / len(shares), then, now) for label, then, now in shares)


def alerts_on(
    measurements: Measurements,
    key: SeriesKey,
    rule: str,
    threshold: float,
    severity: Severity,
    *,
    below: bool = True,
) -> list[Alert]:
    series = measurements.series[key]
    return [
        Alert(
            rule,
            key,
            severity,
            measurements.windows[i],
            float(value),
            threshold,
            f"{key.metric} {value:.3f} is {'below' if below else 'above'} {threshold} "
            f"({int(series.n[i]):,} rows)",
        )
        for i, value in enumerate(series.values)
        if not math.isnan(value) and (value < threshold if below else value > threshold)
    ]


def concerned(result: Result) -> Result:
    """The result, its verdict resting on the episodes of the last three windows."""
    windows = result.measurements.windows
    found = tuple(e for e in episodes(result.alerts, windows) if e.last >= len(windows) - 3)
    return replace(result, verdict=replace(result.verdict, concerns=found))


def declining(*, windows: int = 60, features: Sequence[str] = FEATURES) -> Result:
    """Sixty days of a credit model: a month of quiet, drift, a slow fall, a spike, late labels."""
    random = np.random.default_rng(7)
    recorder = Recorder(days(windows))
    day = np.arange(windows)
    volume = 2400 + 220 * np.sin(day * 2 * np.pi / 7) + random.normal(0, 60, windows)
    volume[windows // 2 - 3] *= 3.1
    fall = np.clip((day - windows * 0.62) / (windows * 0.38), 0, None)
    accuracy = 0.931 - 0.052 * fall + random.normal(0, 0.006, windows)
    coverage = np.full(windows, 0.96) + random.normal(0, 0.005, windows)
    coverage[-6:] = [0.9, 0.8, 0.62, 0.38, 0.2, 0.07]
    n = (volume * coverage).astype(np.int64)
    margin = 1.96 * np.sqrt(accuracy * (1 - accuracy) / n)
    recorder.add("volume", volume.round(), n=volume.astype(np.int64))
    recorder.add("accuracy", accuracy, margin=margin, n=n, reference=0.9312)
    for metric, offset in (
        ("precision", -0.02),
        ("recall", -0.05),
        ("f1", -0.035),
        ("roc_auc", 0.03),
    ):
        noise = random.normal(0, 0.004, windows)
        recorder.add(metric, accuracy + offset + noise, margin=margin, n=n, reference=0.93 + offset)
    recorder.add("log_loss", 0.19 + 0.06 * fall, margin=0.01, n=n, reference=0.188)
    recorder.add("mcc", np.full(windows, math.nan), n=n, reason="only one class was predicted")
    recorder.add("mean_confidence", 0.95 - 0.05 * fall, margin=0.002, n=n, reference=0.951)
    recorder.add("label_coverage", coverage, n=volume.astype(np.int64))
    recorder.add("error_rate", np.clip(random.normal(0.0004, 0.0002, windows), 0, 1), n=n)
    latency = 84 + random.normal(0, 4, windows)
    latency[windows // 2 + 6] = 410
    recorder.add("latency_p99", latency, n=n, reference=83.0)
    _columns(recorder, features, fall, random)
    measurements = recorder.measurements()
    alerts = [
        *alerts_on(measurements, SeriesKey("accuracy"), "accuracy < 0.90", 0.90, Severity.CRITICAL),
        *alerts_on(
            measurements,
            SeriesKey("latency_p99"),
            "latency_p99 > 300 as warning",
            300.0,
            Severity.WARNING,
            below=False,
        ),
        *alerts_on(
            measurements,
            SeriesKey("psi", features[0]),
            "psi(*) > 0.2 for 2 as warning",
            0.2,
            Severity.WARNING,
            below=False,
        ),
    ]
    return concerned(
        Result(
            model="credit-risk",
            schema=Schema(
                task=Task.BINARY,
                timestamp="at",
                prediction="approved",
                score="p",
                label="repaid",
                features=tuple(Column(name, Kind.NUMERIC) for name in features),
                segments=("channel", "region"),
            ),
            every=Every.parse("1d"),
            measurements=measurements,
            reference_measurements=None,
            alerts=tuple(sorted(alerts, key=lambda alert: alert.window.start)),
            verdict=Verdict(
                State.ATTENTION,
                "Accuracy fell from 0.931 to 0.880 since 9 October; 3 of 12 features drifted, "
                "income most.",
                "Look at income and channel first: their mix explains most of the loss.",
            ),
            rows=RowCount(
                150_412,
                150_260,
                (Rejected("timestamp in the future", 112), Rejected("no prediction", 40)),
            ),
            reference=ReferenceFacts(
                ReferenceKind.FIRST_WINDOWS, "first 14 of 60 windows", 34_010, 14
            ),
            summary=summarise(measurements),
            main_metric="accuracy",
            changes=changes(features),
            segments=segments(),
            rules=(
                "accuracy < 0.90",
                "accuracy drops 0.02 surely as warning",
                "latency_p99 > 300 as warning",
                "psi(*) > 0.2 for 2 as warning",
            ),
            assumptions=(
                "`p` is the score, because it lies in [0, 1]; set `score` to change it.",
                "`region` is a category of 9 values; set `features.region.kind` to change it.",
            ),
            notes=("12 ids occur twice; the last row of each was kept.",),
            hours=hours(),
        )
    )


def _columns(
    recorder: Recorder,
    features: Sequence[str],
    fall: NDArray[np.float64],
    random: np.random.Generator,
) -> None:
    count = len(fall)
    for i, name in enumerate(features):
        size = max(0.0, 0.33 - 0.09 * i)
        psi = 0.012 + size * np.clip(fall * 1.6, 0, 1) + random.gamma(2, 0.004, count)
        missing = np.zeros(count)
        if name == "payer_code":
            missing[-17:] = 0.07
        if name == "balance":
            missing[count // 2 + 3] = 0.22
        unseen = np.where(fall > 0.4, 0.013, 0.0) if name == "device" else np.zeros(count)
        recorder.add("psi", psi, column=name, reference=0.0)
        recorder.add("psi_noise", np.full(count, 0.021), column=name)
        recorder.add("missing_share", missing, column=name, reference=0.0)
        recorder.add("unseen_share", unseen, column=name, reference=0.0)
        recorder.add("constant", np.zeros(count), column=name)


def changes(features: Sequence[str] = FEATURES) -> tuple[ColumnChange, ...]:
    numeric, category = Kind.NUMERIC, Kind.CATEGORICAL
    channel = category_bars(
        [("web", 0.44, 0.3), ("mobile", 0.31, 0.52), ("branch", 0.2, 0.13), ("phone", 0.05, 0.05)]
    )
    payer = category_bars(
        [("missing", 0.0, 0.07), ("MC", 0.5, 0.46), ("HM", 0.3, 0.28), ("BC", 0.2, 0.19)]
    )
    rows: list[tuple[Kind, str, float, float | None, Because, tuple[Bar, ...]]] = [
        (numeric, "+0.42 sd", 0.31, -0.021, Because.MIX, bars(1.1)),
        (category, "mobile 31 → 52 %", 0.24, -0.013, Because.MIX, channel),
        (numeric, "41\u201360: error 6 → 14 %", 0.09, -0.009, Because.ANSWERS_WORSE, bars(0.3)),
        (numeric, "\u22120.18 sd", 0.07, -0.002, Because.MIX, bars(-0.4)),
        (category, "missing 0 → 7 %", 0.05, 0.0, Because.MISSING, payer),
    ]
    found = []
    for i, name in enumerate(features):
        kind, what, psi, part, because, drawn = (
            rows[i] if i < len(rows) else (numeric, "no change", 0.012, None, Because.SAME, bars(0))
        )
        found.append(
            ColumnChange(name, "feature", kind, what, psi, 0.021, i < 3, part, because, drawn)
        )
    score = ColumnChange(
        "p", "score", numeric, "\u22120.21 sd", 0.06, 0.02, False, None, Because.SAME, bars(-0.3)
    )
    return (*found, score)


def segments() -> tuple[SegmentChange, ...]:
    return (
        SegmentChange("channel=mobile", 14_520, "accuracy", 0.929, 0.858, 0.852, 0.864),
        SegmentChange("region=north", 9_310, "accuracy", 0.934, 0.901, 0.895, 0.907),
        SegmentChange("channel=web", 21_002, "accuracy", 0.931, 0.925, 0.921, 0.929),
        SegmentChange("region=south", 8_120, "accuracy", 0.93, 0.941, 0.936, 0.946),
        SegmentChange("channel=phone", 21, "accuracy", 0.93, 0.81, 0.6, 0.92),
        SegmentChange(
            "region=islands", 12, "accuracy", 0.92, None, None, None, "no labels in this segment"
        ),
    )


def hours() -> NDArray[np.float64]:
    clock = np.exp(-((np.arange(24) - 14) ** 2) / 30)
    week = np.array([1, 1.1, 1.0, 1.05, 0.95, 0.35, 0.25])
    shares = week[:, None] * clock[None, :]
    return np.asarray(shares / shares.sum())


ACCURACY = SeriesKey("accuracy")


DECLINED = replace(
    FELL,
    detector=Detector.LOSS,
    shape=Shape.RAMP,
    first=38,
    earliest=36,
    latest=41,
    raised=44,
    last=59,
    before=0.931,
    now=0.882,
    usual_low=0.917,
    usual_high=0.944,
    tolerated=0.921,
    once_in=264_123.0,
    reason="accuracy fell from 0.931 to 0.882 since 9 Oct: a gradual change",
)
"""Accuracy fell on 9 October, perhaps some days before, and has not come back."""


def findings() -> tuple[Finding, ...]:
    """One of each kind, in the order in which they were raised."""
    latency = replace(
        DECLINED,
        key=SeriesKey("latency_p99"),
        severity=Severity.WARNING,
        detector=Detector.SPIKE,
        shape=Shape.SPIKE,
        side=1,
        first=36,
        earliest=36,
        latest=36,
        raised=36,
        last=36,
        recovered=37,
        before=84.0,
        now=410.0,
        usual_low=75.0,
        usual_high=93.0,
        once_in=1e12,
        reason="latency_p99 rose from 84 to 410 on 7 Oct: a spike",
    )
    missing = replace(
        DECLINED,
        key=SeriesKey("missing_share", "payer_code", "region=north"),
        severity=Severity.WARNING,
        detector=Detector.SHIFT,
        shape=Shape.STEP,
        side=1,
        first=43,
        earliest=43,
        latest=43,
        raised=43,
        last=50,
        adopted=True,
        before=0.0,
        now=0.07,
        usual_low=0.0,
        usual_high=0.002,
        also=(SeriesKey("missing_share", "payer_code"),),
        reason="missing_share of payer_code in region=north rose from 0 to 0.07",
    )
    drift = replace(
        DECLINED,
        key=SeriesKey("psi", "income"),
        severity=Severity.INFO,
        detector=Detector.DRIFT,
        shape=Shape.STEP,
        side=1,
        first=40,
        earliest=40,
        latest=41,
        raised=41,
        before=0.01,
        now=0.31,
        usual_low=0.0,
        usual_high=0.03,
        once_in=math.nan,
    )
    many = tuple(SeriesKey("accuracy", None, f"region={i}") for i in range(40))
    return latency, drift, missing, replace(DECLINED, also=many)


def eventful() -> Result:
    """The declining model as learned limits see it: no rules, four events, and what is usual."""
    result = declining()
    measurements = result.measurements
    missing = measurements.series[SeriesKey("missing_share", "payer_code")]
    key = SeriesKey("missing_share", "payer_code", "region=north")
    measurements = replace(
        measurements, series={**measurements.series, key: replace(missing, key=key)}
    )
    usual = np.where(np.arange(60) < 14, math.nan, 0.931)
    found = Found(
        findings=findings(),
        budget=Budget.parse("1 per 90 days"),
        streams=120,
        expected_today=1 / 90,
        judged_from=dict.fromkeys(measurements.series, 14),
        usual={ACCURACY: Usual(usual - 0.014, usual + 0.013)},
        learning=20,
        windows=14,
        needed=14,
    )
    return concerned(
        replace(
            result,
            measurements=measurements,
            alerts=alerts_of(found.findings, measurements),
            found=found,
            rules=(),
        )
    )


def late() -> Result:
    """The declining model, as labels come in over days: the newest four windows wait for them."""
    result = declining()
    windows = len(result.measurements.windows)
    recorder = Recorder(result.measurements.windows, dict(result.measurements.series))
    share = np.ones(windows)
    share[-5:] = [0.9, 0.7, 0.5, 0.31, 0.04]
    recorder.add("label_maturity", share)
    recorder.add("label_delay_p50", np.full(windows, 1.5))
    recorder.add("label_delay_p90", np.full(windows, 4.25))
    recorder.add("expected_label_coverage", np.full(windows, 0.96))
    adjusted = recorder.series[ACCURACY].values - 0.01
    adjusted[-1] = np.nan
    recorder.add("accuracy_adjusted", adjusted)
    return replace(result, measurements=recorder.measurements())


def estimated() -> Result:
    """The same, with what is estimated of the windows that wait."""
    result = late()
    recorder = Recorder(result.measurements.windows, dict(result.measurements.series))
    blend = recorder.series[ACCURACY].values + 0.02
    recorder.add("accuracy_blend", blend, margin=0.015)
    return replace(result, measurements=recorder.measurements())


def localised() -> Localised:
    """Rows among which answers got worse, by two columns together and by one."""
    spots = (
        Spot((("channel", "mobile"), ("plan", "<b>")), 0.12, 0.83, 0.71, -0.041, 0.804, 14.2),
        Spot((("channel", "web"),), 0.3, 0.93, 0.91, -0.006, 0.118, 5.1),
    )
    return Localised(
        "accuracy",
        first=40,
        before=0.931,
        now=0.880,
        spots=spots,
        everywhere=Spot((), 0.58, 0.94, 0.935, -0.003, 0.059, 4.8),
        columns=("channel", "plan", "age"),
        together=3,
        looked=1_234,
    )


def taken_apart() -> Result:
    """The declining model, with where the loss comes from."""

    def estimate(value: float, reach: float = 0.004) -> Estimate:
        return Estimate(value, value - reach, value + reach)

    def group(label: str, share: float, now: float | None) -> GroupChange:
        margin = None if now is None else 0.01
        low, high = (None, None) if now is None or margin is None else (now - margin, now + margin)
        return GroupChange(label, share + 0.1, share, 0.93, now, low, high, -0.02)

    groups = (group("mobile", 0.3, 0.80), group("<script>", 0.6, 0.92), group("(other)", 0.0, None))
    parts = [
        ColumnParts("channel", "segment", estimate(-0.012), estimate(-0.039), groups),
        *(
            ColumnParts(f"feature {at}", "feature", estimate(-0.002), estimate(-0.049))
            for at in range(12)
        ),
    ]
    found = Decomposition(
        "accuracy",
        before=0.931,
        now=0.880,
        rows_before=20_000,
        rows=14_120,
        score=ColumnParts("score", "score", estimate(-0.006), estimate(-0.045)),
        columns=tuple(parts),
    )
    faults = (
        Fault(
            FaultKind.UNIT,
            ("temperature",),
            "temperature looks times 1.8 plus 32: Fahrenheit for Celsius (mean 21.3, now 70)",
            "Bring temperature back to the unit of the training data.",
            since=57,
        ),
        Fault(FaultKind.CLOCK, (), "the day runs 2 hours later than before", "Check the zone."),
    )
    decision = Decision(
        Action.RETRAIN, "Retrain.", ("answers changed by 22 standard errors",), {"z": -22.1}
    )
    result = declining()
    verdict = replace(result.verdict, decision=decision)
    starts = [window.start for window in result.measurements.windows]
    found_releases = (Release("2026.10.1", starts[20]), Release("<b>13</b>" * 5, starts[58]))
    return replace(
        result,
        decomposition=found,
        localised=localised(),
        faults=faults,
        verdict=verdict,
        releases=found_releases,
    )


def unlabelled() -> Result:
    """A model of which no label is known: accuracy is estimated throughout."""
    result = declining()
    recorder = Recorder(result.measurements.windows, dict(result.measurements.series))
    values = recorder.series.pop(ACCURACY).values
    recorder.add("accuracy_estimated", values, margin=0.015)
    measurements = recorder.measurements()
    return replace(
        result,
        measurements=measurements,
        main_metric="accuracy_estimated",
        verdict=replace(result.verdict, concerns=()),
        summary=summarise(measurements),
        alerts=(),
        rules=(),
    )


def learning() -> Result:
    """Ten days of metrics that fall steadily, too few to know what is usual."""
    steady = replace(
        DECLINED,
        severity=Severity.INFO,
        detector=Detector.TREND,
        first=3,
        earliest=3,
        latest=4,
        raised=9,
        last=9,
        before=0.965,
        now=0.888,
        usual_low=math.nan,
        usual_high=math.nan,
        once_in=math.nan,
        reason="accuracy fell from 0.965 to 0.888 since 4 Jan: a gradual change",
    )
    found = Found((steady,), Budget.parse("1 per 90 days"), 3, 1 / 90, {}, {}, 3, 10, 14)
    return concerned(replace(series(), alerts=(), rules=(), found=found))


def healthy() -> Result:
    """A model that holds, with a reference that has windows of its own before the current ones."""
    recorder, before = Recorder(days(30)), Recorder(days(14, START - 14 * DAY))
    random = np.random.default_rng(3)
    for part in (recorder, before):
        count = len(part.windows)
        volume = random.normal(900, 40, count).round()
        accuracy = 0.94 + random.normal(0, 0.005, count)
        part.add("volume", volume, n=volume.astype(np.int64))
        part.add("accuracy", accuracy, margin=0.015, n=880, reference=0.9401)
        part.add("label_coverage", np.full(count, 0.98), n=900)
        part.add("missing_share", np.zeros(count), column="income", reference=0.0)
        part.add("psi", np.full(count, 0.01), column="income")
    same = replace(
        changes()[0],
        what="no change",
        psi=0.008,
        drifted=False,
        contribution=None,
        because=Because.SAME,
        bars=bars(0.02),
    )
    result = declining()
    measurements = recorder.measurements()
    return concerned(
        replace(
            result,
            measurements=measurements,
            reference_measurements=before.measurements(),
            reference=ReferenceFacts(ReferenceKind.GIVEN, "train.parquet", 12_600),
            alerts=(),
            changes=(same,),
            segments=(),
            summary=summarise(measurements),
            verdict=Verdict(State.HEALTHY, "Accuracy holds at 0.94; none of 1 features drifted."),
            rules=("accuracy drops 0.05",),
            rows=RowCount(27_000, 27_000),
            assumptions=(),
            notes=(),
            hours=None,
        )
    )


def without_labels() -> Result:
    """Predictions, features and traffic; nothing to judge them by."""
    result = declining()
    judged = {
        "accuracy",
        "precision",
        "recall",
        "f1",
        "roc_auc",
        "log_loss",
        "mcc",
        "label_coverage",
    }
    kept = {k: s for k, s in result.measurements.series.items() if k.metric not in judged}
    measurements = Measurements(result.measurements.windows, kept)
    return replace(
        result,
        measurements=measurements,
        main_metric=None,
        summary=summarise(measurements),
        alerts=tuple(alert for alert in result.alerts if alert.key.metric not in judged),
        segments=(),
        changes=tuple(replace(change, contribution=None) for change in result.changes),
        verdict=Verdict(
            State.NOT_ENOUGH_DATA,
            "Performance is unknown without labels; 3 of 12 features drifted, income most.",
            "Give the labels with --label or --labels.",
        ),
        rules=("psi(*) > 0.2 for 2 as warning",),
    )


def by_rows() -> Result:
    """A stream without a clock, in windows of 5,000 rows, with a given reference level."""
    windows = tuple(Window(i * 5000, (i + 1) * 5000, by_rows=True) for i in range(24))
    recorder = Recorder(windows)
    accuracy = 0.82 + 0.03 * np.sin(np.arange(24) / 4)
    accuracy[9:11] = math.nan
    recorder.add("volume", np.full(24, 5000.0), n=5000)
    recorder.add("accuracy", accuracy, margin=0.01, n=5000, reference=0.83, reason=NOTHING_YET)
    recorder.add("label_coverage", np.where(np.isnan(accuracy), 0.0, 1.0), n=5000)
    measurements = recorder.measurements()
    return concerned(
        replace(
            declining(),
            measurements=measurements,
            every=Every.parse("5000 rows"),
            reference=ReferenceFacts(ReferenceKind.GIVEN, "reference.csv", 20_000),
            alerts=(),
            summary=summarise(measurements),
            rules=("accuracy < 0.78",),
            hours=None,
            verdict=Verdict(State.HEALTHY, "Accuracy moves between 0.79 and 0.85 without a trend."),
        )
    )


def regression() -> Result:
    """House prices: errors in thousands, hourly windows with a hole in time."""
    hour = DAY // 24
    windows = tuple(
        Window(START + i * hour, START + (i + 1) * hour) for i in range(72) if not 30 <= i < 40
    )
    count = len(windows)
    random = np.random.default_rng(11)
    recorder = Recorder(windows)
    mae = 18_400 + 40 * np.arange(count) + random.normal(0, 900, count)
    recorder.add("volume", random.normal(140, 12, count).round(), n=140)
    recorder.add("mae", mae, margin=1500, n=140, reference=18_200.0)
    recorder.add("rmse", mae * 1.4, margin=2500, n=140, reference=25_600.0)
    recorder.add("r2", 0.81 - mae / 9e5, margin=0.03, n=140, reference=0.8)
    recorder.add("bias", random.normal(0, 400, count), n=140, reference=12.0)
    recorder.add("label_coverage", np.full(count, 1.0), n=140)
    measurements = recorder.measurements()
    rule = "mae rises 10% surely as critical"
    limit = 18_200.0 * 1.1
    return concerned(
        replace(
            declining(),
            model="house-prices",
            measurements=measurements,
            every=Every.parse("1h", "Europe/Vienna"),
            reference=ReferenceFacts(ReferenceKind.GIVEN, "train.parquet", 20_000),
            alerts=tuple(
                alerts_on(
                    measurements, SeriesKey("mae"), rule, limit, Severity.CRITICAL, below=False
                )
            ),
            main_metric="mae",
            summary=summarise(measurements),
            rules=(rule,),
            segments=(
                SegmentChange("city=Wien", 5_100, "mae", 18_000.0, 21_400.0, 20_900.0, 21_900.0),
                SegmentChange("city=Graz", 3_300, "mae", 18_600.0, 18_100.0, 17_400.0, 18_800.0),
            ),
            verdict=Verdict(State.ATTENTION, "MAE rose from 18,410 to 21,210 since 3 September."),
        )
    )


def series() -> Result:
    """Ten days of metrics that somebody else computed."""
    recorder = Recorder(days(10, to_microseconds(dt.datetime(2025, 1, 1, tzinfo=dt.UTC))))
    accuracy = [0.97, 0.96, 0.97, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89]
    confidence = [0.95, 0.95, 0.94, 0.93, 0.92, 0.91, 0.90, 0.89, 0.88, 0.87]
    recorder.add("accuracy", accuracy, n=0)
    recorder.add("prediction_volume", [500, 520, 510, 540, 550, 560, 590, 600, 610, 620], n=0)
    recorder.add("avg_confidence", confidence, n=0)
    measurements = recorder.measurements()
    return concerned(
        Result(
            model="metrics.csv",
            schema=None,
            every=Every.parse("1d"),
            measurements=measurements,
            reference_measurements=None,
            alerts=(
                *alerts_on(
                    measurements, SeriesKey("accuracy"), "accuracy < 0.90", 0.90, Severity.CRITICAL
                ),
                *alerts_on(
                    measurements,
                    SeriesKey("avg_confidence"),
                    "avg_confidence < 0.88",
                    0.88,
                    Severity.CRITICAL,
                ),
            ),
            verdict=Verdict(
                State.ATTENTION, "Accuracy fell from 0.97 to 0.89; two rules broke on 10 January."
            ),
            rows=RowCount(10, 10),
            reference=ReferenceFacts(ReferenceKind.NONE, None, 0),
            summary=summarise(measurements),
            main_metric="accuracy",
            rules=("accuracy < 0.90", "avg_confidence < 0.88"),
        )
    )


def undefined() -> Result:
    """Nothing could be measured, and every number says why."""
    recorder = Recorder(days(3))
    nothing = np.full(3, math.nan)
    recorder.add("volume", nothing, n=0, reason="no rows in this window")
    recorder.add("accuracy", nothing, n=0, reason="no labels in this window")
    recorder.add("roc_auc", nothing, n=0, reason="a single class in this window")
    recorder.add("label_coverage", nothing, n=0, reason="no rows to label")
    recorder.add("psi", nothing, column="dead", reason="every value is missing")
    result = declining()
    dead = ColumnChange(
        "dead",
        "feature",
        Kind.NUMERIC,
        "all missing",
        None,
        None,
        False,
        None,
        Because.SAME,
        (),
        "every value is missing",
    )
    return replace(
        result,
        measurements=recorder.measurements(),
        alerts=(),
        changes=(dead,),
        segments=(segments()[-1],),
        summary={},
        rows=RowCount(3, 0, (Rejected("timestamp is not a time", 3),)),
        reference=ReferenceFacts(ReferenceKind.NONE, None, 0),
        hours=None,
        verdict=Verdict(State.NOT_ENOUGH_DATA, "Three rows, none of them usable."),
    )


def no_data() -> Result:
    """Not a single window."""
    return replace(
        undefined(),
        measurements=Measurements((), {}),
        changes=(),
        segments=(),
        main_metric=None,
        rows=RowCount(0, 0),
        verdict=Verdict(State.NO_DATA, "No rows."),
    )


def hostile() -> Result:
    """Names that try to break out of the page."""
    result = declining(features=HOSTILE)
    evil = HOSTILE[0]
    renamed = tuple(
        replace(found, column=name) for found, name in zip(result.changes, HOSTILE, strict=False)
    )
    named = tuple(
        replace(found, segment=f"{name}={name}", reason=name if found.reason else None)
        for found, name in zip(result.segments, HOSTILE, strict=False)
    )
    return replace(
        result,
        model=HOSTILE[2],
        changes=renamed,
        segments=named,
        verdict=Verdict(State.ATTENTION, f"{evil} and {HOSTILE[2]} drifted.", HOSTILE[7]),
        notes=HOSTILE,
        assumptions=(evil,),
        rows=RowCount(9, 8, (Rejected(evil, 1),)),
        alerts=tuple(replace(alert, reason=evil) for alert in result.alerts),
        reference=replace(result.reference, source=evil),
    )


def large(features: int = 50, windows: int = 30) -> Result:
    """As many features and windows as the size budget speaks of."""
    names = tuple(f"feature_{i:04d}" for i in range(features))
    result = declining(windows=windows, features=names)
    drifting = tuple(
        replace(found, because=Because.MIX, contribution=-0.001, psi=0.1, bars=bars(0.4, 20))
        for found in result.changes
    )
    return replace(result, changes=drifting)


ALL = {
    "declining": declining,
    "eventful": eventful,
    "late": late,
    "estimated": estimated,
    "unlabelled": unlabelled,
    "taken_apart": taken_apart,
    "learning": learning,
    "healthy": healthy,
    "without_labels": without_labels,
    "by_rows": by_rows,
    "regression": regression,
    "series": series,
    "undefined": undefined,
    "no_data": no_data,
    "hostile": hostile,
    "large": large,
}
