"""Logs of predictions, real ones and synthetic ones with known drift, through `wane.check`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

import wane
from deploy import Deployment, classify
from detection_row import Line, Row, Setting
from wane.detect.severity import Severity
from wane.metrics import metric_of
from wane.metrics.catalogue import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from wane.metrics.measurement import SeriesKey
    from wane.report.result import Result

LABELLED = wane.Schema(prediction="prediction", label="label")
SCORED = wane.Schema(prediction="prediction", label="label", score="score")
_OF_LOSS = (Family.PERFORMANCE,)
DEAD = ("vicprice", "vicdemand", "transfer")
BUDGET_WINDOWS = 90
"""Windows between two false alarms by wane's default budget; windows of rows count as days."""
AUTUMN = "2016-11-21"
"""The first week in which the accuracy of hotel_booking is low."""
SLOW_PEER = "KSWIN"
SLOW_ROWS = 5_000
"""KSWIN takes more than a millisecond a row, so in a quick run it sees short streams only."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a run told a user.

    Attributes:
        result: All of it.
    """

    result: Result

    def raised(self, *families: Family, least: Severity = Severity.WARNING) -> list[int]:
        """Windows in which an alert of some families (none: any) was raised, each once."""
        chosen = [
            alert
            for alert in self.result.alerts
            if alert.severity.rank >= least.rank and (not families or family(alert.key) in families)
        ]
        at = {window: index for index, window in enumerate(self.result.measurements.windows)}
        first: dict[object, int] = {}
        for alert in chosen:
            event = (alert.rule, alert.key) if alert.finding is None else alert.finding
            place = at[alert.window] if alert.finding is None else alert.finding.raised
            first[event] = min(place, first.get(event, place))
        return sorted(first.values())

    def recoveries(self) -> list[int]:
        """Windows from which on a performance alert had passed, or performance was better."""
        return sorted(
            window
            for one in self.result.found.findings
            if family(one.key) is Family.PERFORMANCE
            for window in (
                [one.raised]
                if one.severity is Severity.INFO
                else []
                if one.recovered is None
                else [one.recovered]
            )
        )

    def start(self, window: int) -> str:
        """The day a window starts on."""
        return str(pd.Timestamp(self.result.measurements.windows[window].start, unit="us").date())

    def window_of(self, day: str) -> int:
        """The window that holds a day."""
        moment = pd.Timestamp(day).value // 1_000
        windows = self.result.measurements.windows
        return max(at for at, window in enumerate(windows) if window.start <= moment)

    def events(self) -> str:
        """Findings that are alerts, in a few words."""
        return "; ".join(
            f"{one.severity} {one.key.metric}"
            f"{'' if one.key.column is None else ' of ' + one.key.column} at window {one.raised}"
            for one in self.result.found.findings
            if one.severity is not Severity.INFO
        )


def deployed(stream: pd.DataFrame, label: str, rows: int) -> Deployment:
    """A model trained on the first rows; two spinning threads are slow on a busy machine."""
    with threadpool_limits(limits=1):
        return classify(stream, label, rows)


def family(key: SeriesKey) -> Family | None:
    """The family of a series."""
    known = metric_of(key.metric)
    return None if known is None else known.family


def quiet_row(setting: Setting) -> list[Line]:
    """Streams without a fault: no critical alert on performance."""
    lines = [*_guarded(_games, setting), *_guarded(_luxembourg, setting)]
    return [*lines, *_guarded(_diabetes, setting)]


def _guarded(measure: Callable[[Setting], list[Line]], setting: Setting) -> list[Line]:
    """The lines of one stream, or that its file is not there."""
    try:
        return measure(setting)
    except FileNotFoundError as error:
        return [Line(str(error), "", f"skipped: {error} not there")]


def _games(setting: Setting) -> list[Line]:
    games = setting.read("fivethirtyeight_games_mlb_nhl_wnba.parquet")
    schema = wane.Schema(timestamp="date", score="prob1", label="prob1_outcome")
    lines = []
    for league, rows in games.groupby("league"):
        log = rows[["date", "team1", "team2", "prob1", "prob1_outcome"]]
        for every in ("1d", "1w"):
            told = Told(wane.check(log, schema=schema, every=every))
            lines.append(_without_critical(f"fivethirtyeight {league}, {every}", told))
    return lines


def _luxembourg(setting: Setting) -> list[Line]:
    log = deployed(setting.read("luxembourg.parquet"), "target", 760)
    result = wane.check(log.current, reference=log.reference, schema=SCORED, every="100 rows")
    return [_without_critical("luxembourg, 100 rows", Told(result), *_OF_LOSS)]


def _diabetes(setting: Setting) -> list[Line]:
    stream = setting.read("diabetes130_readmission.parquet")
    stream = stream.drop(columns=["encounter_id", "patient_nbr", "readmitted"], errors="ignore")
    log = deployed(stream, "readmitted_30d", 15_000)
    result = wane.check(log.current, reference=log.reference, schema=SCORED, every="1000 rows")
    return [_without_critical("diabetes130, 1,000 rows", Told(result), *_OF_LOSS)]


def _without_critical(name: str, told: Told, *families: Family) -> Line:
    windows = len(told.result.measurements.windows)
    critical = told.raised(*families, least=Severity.CRITICAL)
    others = told.raised(least=Severity.CRITICAL)
    warnings = told.raised(Family.PERFORMANCE)
    return Line(
        f"no fault: {name}",
        f"0 critical alerts {'on performance' if families else 'of any kind'}",
        f"{len(critical)} critical in {windows} windows; {len(warnings)} alerts on performance,"
        f" {len(others)} critical of any kind; {told.events()[:160]}",
        holds=not critical,
    )


def car_loan_row(setting: Setting) -> list[Line]:
    """Accuracy .945 to .915 from row 75,000 on: 25,000 rows after the reference."""
    schema = wane.Schema(
        timestamp="timestamp", prediction="y_pred", score="y_pred_proba", label="repaid"
    )
    stream = setting.read("nannyml_synthetic_car_loan.parquet")
    parts = _by_period(stream)
    lines = []
    for every in ("1d", "500 rows"):
        told = Told(wane.check(parts[1], reference=parts[0], schema=schema, every=every))
        day = str(stream["timestamp"].iloc[75_000])
        fault = told.window_of(day) if every == "1d" else 25_000 // 500
        any_kind, loss = (_delay(told.raised(*kind), fault) for kind in ((), (Family.PERFORMANCE,)))
        before = [at for at in told.raised() if at < fault]
        lines.append(
            Line(
                f"nannyml_synthetic_car_loan, {every}",
                "detected within 2 windows of row 75,000, no alert before",
                f"first alert {_words(any_kind)}, on performance {_words(loss)};"
                f" {len(before)} before; {told.events()[:160]}",
                holds=any_kind is not None and any_kind <= 2 and not before,
            )
        )
    return lines


def _by_period(stream: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    reference, current = (
        stream[stream["period"] == period].drop(columns="period")
        for period in ("reference", "monitoring")
    )
    return reference, current


def _delay(raised: Sequence[int], fault: int) -> int | None:
    """Windows from that of the fault to the first alert; 0: in the same."""
    return next((at - fault for at in raised if at >= fault), None)


def _words(delay: int | None) -> str:
    return "never" if delay is None else f"{delay} windows after"


def hotel_row(setting: Setting) -> list[Line]:
    """Accuracy .83-.86 to .70-.74 in the winter, then back."""
    schema = wane.Schema(
        timestamp="timestamp", prediction="y_pred", score="y_pred_proba", label="is_canceled"
    )
    parts = _by_period(setting.read("nannyml_hotel_booking.parquet"))
    told = Told(wane.check(parts[1], reference=parts[0], schema=schema, every="1w"))
    losses = [
        one
        for one in told.result.found.findings
        if family(one.key) is Family.PERFORMANCE and one.severity is not Severity.INFO
    ]
    winter = [one for one in losses if AUTUMN <= told.start(one.raised) <= "2016-12-26"]
    ends = ["never" if one.recovered is None else told.start(one.recovered) for one in winter]
    early = [told.start(at) for at in told.raised() if told.start(at) < AUTUMN]
    alerted = [told.start(at) for at in told.raised(Family.PERFORMANCE) if told.start(at) >= AUTUMN]
    resolved = any("2017-02-20" <= end < "2017-05-01" for end in ends)
    return [
        Line(
            "nannyml_hotel_booking, weekly",
            "the loss of 2016-12 seen by the end of that month, resolved after 2017-03",
            f"first alert on performance {next(iter(alerted), 'never')}, raised by learned limits"
            f" {[told.start(one.raised) for one in winter]}, resolved {ends},"
            f" alerts before {early}; {told.events()[:160]}",
            holds=bool(alerted) and alerted[0] <= "2016-12-26" and resolved,
        )
    ]


@dataclass(frozen=True, slots=True)
class Drifting:
    """A stream with known drifts, for a model trained on its first part.

    Attributes:
        file: Its file.
        label: Its label.
        train: Rows that the model learns from.
        window: Rows a window.
        drifts: Rows at which it drifts, all after `train`.
        known: What is known, in a few words.
    """

    file: str
    label: str
    train: int
    window: int
    drifts: tuple[int, ...]
    known: str


DRIFTING = (
    Drifting("synth_sea_abrupt", "class", 8_000, 250, (10_000, 20_000, 30_000), "abrupt"),
    Drifting("synth_sine_gradual", "class", 8_000, 250, (9_000, 19_500, 30_000), "gradual"),
    Drifting("usenet1", "class_interesting", 300, 100, (300, 600, 900, 1_200), "recurring"),
    Drifting("keystroke", "user", 400, 100, (400,), "gradual, from the first row on"),
    Drifting("covertype_first100k", "cover_type", 12_000, 500, (15_120,), "classes break"),
)


def drifts_row(setting: Setting) -> list[Line]:
    """Streams with known drifts, beside river's detectors on the errors of the same model."""
    return [line for one in DRIFTING for line in _guarded(partial(_drifts, one), setting)]


def _drifts(one: Drifting, setting: Setting) -> list[Line]:
    stream = setting.read(f"{one.file}.parquet")
    stream = stream.drop(columns=[name for name in stream if str(name).endswith("_")])
    log = deployed(stream, one.label, one.train)
    schema = SCORED if "score" in log.current else LABELLED
    told = Told(
        wane.check(log.current, reference=log.reference, schema=schema, every=f"{one.window} rows")
    )
    drifts = [drift - one.train for drift in one.drifts]
    loss, any_kind = ([_row(at, one) for at in told.raised(*kind)] for kind in (_OF_LOSS, ()))
    back = [_row(at, one) for at in told.recoveries()]
    errors = (log.current["prediction"] != log.current["label"]).to_numpy(dtype=np.float64)
    before = sum(at < drifts[0] for at in any_kind)
    return [
        Line(
            f"{one.file}, {one.known}, {one.window} rows",
            "first drift seen, no alert before it; delay in rows per drift",
            f"on performance {_seen(loss, drifts, len(errors))}; better again"
            f" {_seen(back, drifts, len(errors))}; of any kind"
            f" {_seen(any_kind, drifts, len(errors))}; {before} alerts before",
            _peers_on(errors, drifts, one, setting, float(_quiet_rate(log.reference))),
            holds=not before and _seen(any_kind, drifts, len(errors))[0] != "missed",
        )
    ]


def _row(window: int, one: Drifting) -> int:
    """The last row of a window: when it can be judged."""
    return (window + 1) * one.window - 1


def _quiet_rate(reference: pd.DataFrame) -> float:
    return float((reference["prediction"] != reference["label"]).mean())


def _seen(raised: Sequence[int], drifts: Sequence[int], end: int) -> list[str]:
    """Delay in rows per drift; "missed" when nothing was raised until the next."""
    ends = [*drifts[1:], end + 10**9]
    found = []
    for drift, until in zip(drifts, ends, strict=True):
        first = next((at for at in raised if drift <= at < until), None)
        found.append("missed" if first is None else f"+{first - drift + 1}")
    return found


def _peers_on(
    errors: NDArray[np.float64],
    drifts: Sequence[int],
    one: Drifting,
    setting: Setting,
    quiet_rate: float,
) -> str:
    told = []
    between = BUDGET_WINDOWS * one.window
    for name in ("ADWIN", "DDM", "KSWIN", "PageHinkley"):
        if name == SLOW_PEER and setting.quick and len(errors) > SLOW_ROWS:
            told.append("KSWIN: not in a quick run")
            continue
        found = setting.peers.alarms(name, [errors])
        if found is None:
            return "skipped: river not there"
        told.append(f"{name} {_peer_words(found[0], drifts, len(errors))}")
        rows = int(setting.runs(20, 4) * between)
        equal = setting.peers.as_quiet(name, quiet_rate, between, rows)
        if equal is not None:
            found = setting.peers.alarms(name, [errors], equal)
            words = _peer_words((found or [[]])[0], drifts, len(errors))
            told.append(f"{name} {next(iter(equal.values())):g} {words}")
    return "; ".join(told) + f" (with a number: as quiet as one in {between:,} rows)"


def _peer_words(alarms: Sequence[int], drifts: Sequence[int], end: int) -> str:
    before = sum(at < drifts[0] for at in alarms)
    return f"{' '.join(_seen(alarms, drifts, end))}, {before} before, {len(alarms)} in all"


def harmless_row(setting: Setting) -> list[Line]:
    """Drift that helps, and columns that come alive."""
    return [*_guarded(_car_price, setting), *_guarded(_elec2, setting)]


def _car_price(setting: Setting) -> list[Line]:
    schema = wane.Schema(
        task=wane.Task.REGRESSION, timestamp="timestamp", prediction="y_pred", label="y_true"
    )
    parts = _by_period(setting.read("nannyml_synthetic_car_price.parquet"))
    told = Told(wane.check(parts[1], reference=parts[0], schema=schema, every="1d"))
    critical = told.raised(least=Severity.CRITICAL)
    return [
        Line(
            "nannyml_synthetic_car_price, daily: drift that helps",
            "no critical alert",
            f"{len(critical)} critical, {len(told.raised(Family.PERFORMANCE))} alerts on"
            f" performance; {told.events()[:160]}",
            holds=not critical,
        )
    ]


def _elec2(setting: Setting) -> list[Line]:
    stream = setting.read("elec2.parquet").drop(columns=["ts_reconstructed", "date"])
    log = deployed(stream, "class", 10_000)
    lines = []
    for rows in (500, 2_000):
        result = wane.check(
            log.current, reference=log.reference, schema=SCORED, every=f"{rows} rows"
        )
        alive = (17_424 - 10_000) // rows
        seen: dict[str, list[str]] = {}
        at = {window: index for index, window in enumerate(result.measurements.windows)}
        for alert in result.alerts:
            told = [key for key in (alert.key, *_also(alert.finding)) if key.column in DEAD]
            for key in told:
                place = at[alert.window] if alert.finding is None else alert.finding.raised
                seen.setdefault(str(key.column), []).append(f"{place - alive:+d} {key.metric}")
        first = {column: min(words, key=_leading) for column, words in seen.items()}
        quality = [word for words in seen.values() for word in words if _of_quality(word)]
        right = len(first) == len(DEAD) and all(0 <= _leading(one) <= 1 for one in first.values())
        lines.append(
            Line(
                f"elec2 dead columns, {rows} rows",
                "data-quality alert in the window of row 17,424 or the next",
                f"first alerts, in windows from it: {first}; of data quality:"
                f" {min(quality, key=_leading) if quality else 'none'}",
                holds=right and any(0 <= _leading(word) <= 1 for word in quality),
            )
        )
    return lines


def _leading(word: str) -> int:
    return int(word.split(maxsplit=1)[0])


def _of_quality(word: str) -> bool:
    known = metric_of(word.split()[1])
    return known is not None and known.family is Family.QUALITY


def _also(finding: object) -> tuple[SeriesKey, ...]:
    also: tuple[SeriesKey, ...] = getattr(finding, "also", ())
    return also


ROWS = (
    Row("quiet", quiet_row),
    Row("car_loan", car_loan_row),
    Row("hotel", hotel_row),
    Row("drifts", drifts_row),
    Row("harmless", harmless_row),
)
