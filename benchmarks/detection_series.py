"""Series of a metric from elsewhere: anomalies, change points, and a false-alarm load."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import wane
from detection_row import Line, Row, Setting
from nab_score import (
    LOW_FALSE_NEGATIVES,
    LOW_FALSE_POSITIVES,
    STANDARD,
    File,
    raw_score,
    score,
)
from wane.detect.severity import Severity
from wane.stats.change_points import change_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wane.report.result import Result

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

STORMS = (
    *("2015-01-26", "2015-01-27", "2015-02-01", "2015-02-02"),
    *("2015-02-09", "2015-03-01", "2015-03-05", "2015-12-28"),
)
NEAR = 3
"""Builds that a change point may be off."""
QUICK_STEP = 6
"""A quick run takes every so manyth series."""
LEARNING = 14
SIGMAS = 3.0
SURE = 3.0
"""A change point counts when its statistic is above so many log n (see `stats.change_points`)."""
SILENT = -116
"""What NAB publishes as the raw score of a detector that says nothing, on all its series."""


def nab_row(setting: Setting) -> list[Line]:
    """All 58 series of the Numenta Anomaly Benchmark, beside a 3-sigma rule."""
    series = setting.read("nab_series.parquet")
    marks = setting.read("nab_annotations.csv.gz")
    marks = marks[marks["kind"] == "window"]
    ours, plain, silent, perfect = [], [], [], []
    refused = 0
    for at, (name, rows) in enumerate(series.groupby("series", sort=False)):
        if setting.quick and at % QUICK_STEP:
            continue
        windows = _windows(rows["timestamp"], marks[marks["series"] == name])
        nothing = np.zeros(len(rows), dtype=np.bool_)
        first = nothing.copy()
        first[[window[0] for window in windows]] = True
        silent.append(File(windows, nothing))
        perfect.append(File(windows, first))
        try:
            ours.append(File(windows, _detected(rows[["timestamp", "value"]])))
        except wane.DataError:
            refused += 1
            ours.append(File(windows, nothing))
        plain.append(File(windows, three_sigma(rows["value"].to_numpy(dtype=np.float64))))
    standard, low = (score(ours, profile) for profile in (STANDARD, LOW_FALSE_POSITIVES))
    return [
        _scorer_line(silent, perfect, whole=not setting.quick),
        Line(
            f"nab_series, {len(ours)} series",
            "NAB standard >= 47, low false positives >= 34",
            f"{_scores(ours)}; {_counts(ours)}; {refused} series refused as too long",
            f"3-sigma rule on the last 1,000 points: {_scores(plain)}; {_counts(plain)}."
            " Published: windowed Gaussian 39.6 / 20.9, Twitter ADVec 47.1 / 33.6",
            holds=standard >= 47 and low >= 34,
        ),
    ]


def _scorer_line(silent: Sequence[File], perfect: Sequence[File], *, whole: bool) -> Line:
    raw = sum(raw_score(file, STANDARD) for file in silent)
    right = score(silent, STANDARD) == 0 and abs(score(perfect, STANDARD) - 100) < 1e-9
    return Line(
        "NAB scorer, silent and perfect detector",
        f"0 and 100; raw score of silence {SILENT} on all series",
        f"{score(silent, STANDARD):.1f} and {score(perfect, STANDARD):.1f}; raw {raw:.0f}",
        holds=right and (raw == SILENT or not whole),
    )


def _scores(files: Sequence[File]) -> str:
    profiles = (STANDARD, LOW_FALSE_POSITIVES, LOW_FALSE_NEGATIVES)
    return " / ".join(f"{score(files, profile):.1f}" for profile in profiles)


def _counts(files: Sequence[File]) -> str:
    windows = [(file, window) for file in files for window in file.windows]
    hit = sum(bool(file.detected[first : last + 1].any()) for file, (first, last) in windows)
    total = sum(int(file.detected.sum()) for file in files)
    return f"{hit} of {len(windows)} windows, {total} detections"


def _windows(times: pd.Series, marks: pd.DataFrame) -> list[tuple[int, int]]:
    at = {str(moment): place for place, moment in reversed(list(enumerate(times)))}
    pairs = zip(marks["start"], marks["end"], strict=True)
    return sorted((at[str(pd.Timestamp(a))], at[str(pd.Timestamp(b))]) for a, b in pairs)


def _detected(table: pd.DataFrame) -> Bools:
    """Whether an alert was raised at each row."""
    result = wane.series(table)
    starts = [window.start for window in result.measurements.windows]
    moments = table["timestamp"].to_numpy().astype("datetime64[us]").astype(np.int64)
    rows = {int(moment): place for place, moment in enumerate(moments)}
    out = np.zeros(len(table), dtype=np.bool_)
    out[[rows[starts[window]] for window in _raised(result)]] = True
    return out


def _raised(result: Result) -> list[int]:
    return [one.raised for one in result.found.findings if one.severity is not Severity.INFO]


def three_sigma(values: Floats, memory: int = 1_000, least: int = LEARNING) -> Bools:
    """More than three deviations from the mean of the points before; the first of each run."""
    past = pd.Series(values).shift(1).rolling(memory, min_periods=least)
    mean, deviation = past.mean().to_numpy(), past.std().to_numpy()
    out = np.abs(values - mean) > SIGMAS * np.maximum(deviation, 1e-6)
    out[1:] &= ~out[:-1]
    return np.asarray(out)


def flights_row(setting: Setting) -> list[Line]:
    """Daily table of a sample of US flights; storms cancel them."""
    flights = setting.read("us_flights_2015_sample.parquet")
    days = flights.groupby("DATE")
    table = pd.DataFrame(
        {
            "cancelled_share": days["CANCELLED"].mean(),
            "volume": days.size(),
            "delay": days["DEPARTURE_DELAY"].mean(),
        }
    ).reset_index(names="date")
    result = wane.series(table)
    starts = [window.start for window in result.measurements.windows]
    on = [str(pd.Timestamp(start, unit="us").date()) for start in starts]
    standing: set[str] = set()
    for one in result.found.findings:
        if one.severity is not Severity.INFO and "cancelled" in _names(one):
            standing |= {on[at] for at in range(one.first, one.last + 1)}
    raised = [on[at] for at in _raised(result)]
    share = table["cancelled_share"].to_numpy(dtype=np.float64)
    plain = {on[at] for at in np.flatnonzero(three_sigma(share, 365))}
    seen = [day for day in STORMS if day in standing]
    by_rule = [day for day in STORMS if day in plain]
    return [
        Line(
            "us_flights storm days, daily table",
            "storm days seen (8)",
            f"{len(seen)} of 8 under an alert on cancellations ({len(standing)} days in all);"
            f" {len(raised)} alerts raised: {' '.join(day[5:] for day in raised)}",
            f"3-sigma rule: {len(by_rule)} of 8, {len(plain)} days in all",
            holds=len(seen) >= len(by_rule),
        )
    ]


def _names(finding: object) -> str:
    keys = [getattr(finding, "key", None), *getattr(finding, "also", ())]
    return " ".join(str(getattr(key, "metric", "")) for key in keys)


def load_row(setting: Setting) -> list[Line]:
    """Alerts on 40 unlabelled series of a performance test bench."""
    rows = setting.read("hana_perf_large_unlabelled.parquet")
    alerts = windows = plain = 0
    for at, (_, one) in enumerate(rows.groupby("series_id")):
        if setting.quick and at % QUICK_STEP:
            continue
        result = wane.series(one[["value"]])
        alerts += len(_raised(result))
        windows += len(result.measurements.windows)
        plain += int(three_sigma(one["value"].to_numpy(dtype=np.float64)).sum())
    return [
        Line(
            f"hana_perf_large, {windows:,} windows",
            "alerts per 1,000 windows (printed; the budget is 11.1 at 1 per 90)",
            f"{1_000 * alerts / max(windows, 1):.2f} per 1,000",
            f"3-sigma rule {1_000 * plain / max(windows, 1):.2f}",
        )
    ]


def changes_row(setting: Setting) -> list[Line]:
    """Regressions in run times as engineers judged them."""
    rows = setting.read("hana_perf_series.parquet")
    judged = setting.read("hana_perf_annotations.csv.gz").set_index("series")["change_index"]
    names, series, true = [], [], []
    for name, one in rows.groupby("series"):
        names.append(name)
        series.append(one["measurement"].to_numpy(dtype=np.float64))
        builds = one["build"].rank(method="dense").to_numpy(dtype=np.int64)
        last_good = judged[name]
        good = np.flatnonzero(one["index"].to_numpy() == last_good)
        true.append((builds, None if np.isnan(last_good) else int(good[-1]) + 1))
    started = time.perf_counter()
    found = [change_points(values) for values in series]
    seconds = time.perf_counter() - started
    points = sum(len(values) for values in series)
    certain = [
        one.first[one.statistic > SURE * np.log(len(values))].tolist()
        for one, values in zip(found, series, strict=True)
    ]
    alerted = [
        [one.first for one in wane.series(pd.DataFrame({"value": values})).found.findings]
        for values in series
    ]
    told = [
        f"change_points {_quality([one.first.tolist() for one in found], true)}",
        f"those above 3 log n {_quality(certain, true)}",
        f"findings of wane series {_quality(alerted, true)}",
    ]
    thousand = np.random.default_rng(8).normal(size=1_000)
    taken = min(_timed(thousand) for _ in range(10)) * 1_000
    return [
        Line(
            f"hana_perf_series, change points in 15 series, {points:,} points",
            "precision / recall of the 3 regressions within +-3 builds (printed)",
            f"{'; '.join(told)}; {seconds:.2f} s in all",
            _peer_changes(setting, series, true),
        ),
        Line(
            "change points of a series of 1,000 points",
            "<= 10 ms (of CPU)",
            f"{taken:.1f} ms",
            _peer_time(setting, thousand),
            holds=taken <= 10,
        ),
    ]


def _timed(values: Floats) -> float:
    """Seconds of CPU: the machine may be busy."""
    started = time.process_time()
    change_points(values)
    return time.process_time() - started


def _quality(
    found: Sequence[Sequence[int]], true: Sequence[tuple[NDArray[np.int64], int | None]]
) -> str:
    """Precision and recall: a change point is right within three builds of a regression."""
    hits = claims = wanted = 0
    for places, (builds, change) in zip(found, true, strict=True):
        claims += len(places)
        if change is not None:
            wanted += 1
            at = min(change, len(builds) - 1)
            hits += any(abs(int(builds[place] - builds[at])) <= NEAR for place in places)
    return f"{hits / max(claims, 1):.2f} ({hits} of {claims}) / {hits / wanted:.2f}"


def _peer_changes(
    setting: Setting,
    series: Sequence[Floats],
    true: Sequence[tuple[NDArray[np.int64], int | None]],
) -> str:
    told = []
    for module in ("ruptures", "otava"):
        answer = setting.peers.change_points(module, series)
        if answer is None:
            told.append(f"skipped: {module} not there")
        else:
            told.append(f"{module} {_quality(answer[0], true)}; {answer[1]:.2f} s")
    return "; ".join(told)


def _peer_time(setting: Setting, values: Floats) -> str:
    told = []
    for module in ("ruptures", "otava"):
        answer = setting.peers.change_points(module, [values] * 5)
        if answer is None:
            told.append(f"skipped: {module} not there")
        else:
            told.append(f"{module} {answer[1] / 5 * 1_000:.1f} ms")
    return "; ".join(told)


ROWS = (
    Row("nab", nab_row),
    Row("flights", flights_row),
    Row("load", load_row),
    Row("changes", changes_row),
)
