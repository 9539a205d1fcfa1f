"""Simulated streams in which nothing is wrong, or in which it is known what is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from detection_row import (
    Line,
    Row,
    Setting,
    autoregressive,
    daily_windows,
    measurements,
    poisson_interval,
)
from wane.detect.budget import Budget
from wane.detect.drifting import drifting
from wane.detect.find import Ask, find
from wane.detect.severity import Severity
from wane.detect.state import NEVER, State
from wane.detect.streams import Streams
from wane.detect.watch import watch
from wane.detect.watched import Choice
from wane.metrics.measurement import SeriesKey
from wane.stats.e_detector import binary_evidence, run, start
from wane.stats.natural_variation import design_effect
from wane.stats.noise import psi_p_value
from wane.stats.trend import trend

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from wane.detect.found import Found
    from wane.metrics.measurement import Measurements

    Floats = NDArray[np.float64]

BUDGETS = (30, 90, 365)
FEATURES, METRICS, SEGMENTS, DAYS, HISTORY = 100, 6, 5, 365, 56
EXACT, LEARNED = "exact reference", "reference of 8 weeks"
LEVEL, DEVIATION = 100.0, 5.0
HARM = (1, -1, 0)
DRIFT_MEASURES = ("psi", "psi_recent", "jsd", "hellinger", "total_variation", "wasserstein")
DRIFT_FEATURES, DRIFT_CELLS, DRIFT_ROWS, DRIFT_HISTORY, DRIFT_TEST = 400, 20, 5_000, 42, 42
DRIFT_FROM = DRIFT_HISTORY + 14
RATE, THETA, RUN_LENGTH, WINDOW_ROWS = 0.10, 0.105, 1_000.0, 1_000


def null_row(setting: Setting) -> list[Line]:
    """False alarms of 3,000 streams in a quiet year, for three budgets.

    Once with the mean that the streams were drawn with as the reference's value, as when windows
    of the reference are drawn again; and once with the mean of the eight weeks of history, which
    is off by what those weeks happened to be.
    """
    seeds = setting.runs(100, 2)
    counts = {(kind, days): 0 for kind in (EXACT, LEARNED) for days in BUDGETS}
    for seed in range(seeds):
        year = _quiet_year(seed)
        for kind, days in counts:
            ask = Ask(Budget.parse(f"1 per {days} days"), year.choice)
            current = year.exact if kind == EXACT else year.learned
            counts[kind, days] += len(_alerts(find(current, year.before, ask)))
    return [_null_line(kind, days, count, seeds) for (kind, days), count in counts.items()]


def _null_line(kind: str, days: int, count: int, seeds: int) -> Line:
    periods = seeds * DAYS / days
    low, high = (end / periods for end in poisson_interval(count))
    return Line(
        f"null, 3,000 streams x {DAYS} days x {seeds} seeds, {kind}, 1 per {days} days",
        "<= 1 false alarm a period (95 % interval not wholly above 1)",
        f"{count / periods:.2f} a period ({low:.2f} to {high:.2f}), {count} in all",
        holds=low <= 1,
    )


@dataclass(frozen=True, slots=True)
class _Year:
    """A quiet year and the eight weeks before it.

    Attributes:
        exact: The year, held against the mean that it was drawn with.
        learned: The same, held against the mean of the eight weeks.
        before: The eight weeks.
        choice: Which way each metric does harm; nothing is tolerated.
    """

    exact: Measurements
    learned: Measurements
    before: Measurements
    choice: Choice


def _quiet_year(seed: int) -> _Year:
    rng = np.random.default_rng(seed)
    keys = [
        SeriesKey(f"m{metric}", f"f{feature}", f"s{segment}")
        for metric in range(METRICS)
        for feature in range(FEATURES)
        for segment in range(SEGMENTS)
    ]
    length = HISTORY + DAYS
    noise = autoregressive(rng, rng.uniform(0.3, 0.6, len(keys)), (len(keys), length))
    week = rng.normal(size=(len(keys), 7))
    week -= week.mean(axis=1, keepdims=True)
    error = 0.5 * DEVIATION
    values = LEVEL + DEVIATION * (noise + week[:, np.arange(length) % 7])
    values += error * rng.normal(size=values.shape)
    means = values[:, :HISTORY].mean(axis=1).tolist()
    history, year = (
        dict(zip(keys, part, strict=True)) for part in np.split(values, [HISTORY], axis=1)
    )
    exact, learned = (
        measurements(daily_windows(HISTORY, DAYS), year, error, 1_000, reference)
        for reference in (dict.fromkeys(keys, LEVEL), dict(zip(keys, means, strict=True)))
    )
    names = [f"m{metric}" for metric in range(METRICS)]
    choice = Choice(
        tolerance=dict.fromkeys(names, 0.0),
        harm={name: HARM[at % 3] for at, name in enumerate(names)},
    )
    before = measurements(daily_windows(0, HISTORY), history, error, 1_000)
    return _Year(exact, learned, before, choice)


def _alerts(found: Found) -> list[int]:
    return [one.raised for one in found.findings if one.severity is not Severity.INFO]


def drift_row(setting: Setting) -> list[Line]:
    """The drift simulation of methods, section 3: drift of 0.2 sigma in 40 of 400 features."""
    lines = []
    for wobble, week in ((0.0, 0.0), (0.03, 0.1), (0.05, 0.2)):
        tally = np.zeros(4)
        delays: list[int] = []
        for seed in range(setting.runs(20, 2)):
            statistic, drifted = _drift_statistic(wobble, week, seed)
            standing, raised = _standing(statistic)
            late = np.arange(statistic.shape[1])[None] >= DRIFT_FROM
            late = late & drifted[:, None]
            test = np.arange(statistic.shape[1]) >= DRIFT_HISTORY
            tally += [
                (standing & late & test).sum(),
                (standing & ~late & test).sum(),
                (~late & test).sum(),
                drifted.sum(),
            ]
            delays += [at - DRIFT_FROM + 1 for at in raised[drifted].tolist() if at >= DRIFT_FROM]
        true, false, quiet, features = tally
        precision = true / max(true + false, 1)
        delay = float(np.median(delays)) if delays else np.inf
        holds = precision >= 0.99 and false / quiet <= 0.001 and delay <= 2
        lines.append(
            Line(
                f"drift simulation, wobble {wobble}, week {week}, drift 0.2",
                "precision >= .99, <= .001 false a quiet feature-day, delay <= 2 days",
                f"precision {precision:.3f}, {false / quiet:.5f} false a quiet feature-day,"
                f" median delay {delay:.0f} days, {len(delays) / features:.2f} caught",
                holds=bool(holds),
            )
        )
    return [*lines, *_test_size(setting)]


def _standing(statistic: Floats) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """[features, windows] whether a drift stands; [features] when the last one was raised."""
    standing = np.zeros(statistic.shape, dtype=np.bool_)
    raised = np.full(len(statistic), -1, dtype=np.int64)
    for drift in drifting(statistic).found:
        standing[drift.stream, drift.raised : drift.ended] = True
        if raised[drift.stream] < DRIFT_FROM:
            raised[drift.stream] = drift.raised
    return standing, raised


def _drift_statistic(wobble: float, week: float, seed: int) -> tuple[Floats, NDArray[np.bool_]]:
    """[features, windows] PSI to the same weekdays of six weeks, and which features drift."""
    rng = np.random.default_rng(seed)
    windows = DRIFT_HISTORY + DRIFT_TEST
    edges = norm.ppf(np.arange(1, DRIFT_CELLS) / DRIFT_CELLS)
    phase = rng.uniform(0, 2 * np.pi, DRIFT_FEATURES)
    mean = wobble * rng.normal(size=(windows, DRIFT_FEATURES))
    mean += week * np.sin(2 * np.pi * np.arange(windows)[:, None] / 7 + phase)
    drifted = np.arange(DRIFT_FEATURES) < DRIFT_FEATURES // 10
    mean[DRIFT_FROM:, drifted] += 0.2
    below = norm.cdf(edges - mean[:, :, None])
    shares = np.diff(below, axis=2, prepend=0.0, append=1.0)
    cells = rng.multinomial(DRIFT_ROWS, shares).astype(np.float64)
    statistic = np.full((DRIFT_FEATURES, windows), np.nan)
    for window in range(14, windows):
        statistic[:, window] = _recent_psi(cells, window)
    return statistic, drifted


def _recent_psi(cells: Floats, window: int) -> Floats:
    """PSI of one window to the same weekdays before, drawn to all windows by one of them."""
    same = cells[[at for at in range(window - 7, window - 43, -7) if at >= 0]]
    pooled = cells[max(0, window - 42) : window].sum(axis=0)
    reference = same.sum(axis=0) + pooled / pooled.sum(axis=1, keepdims=True) * DRIFT_ROWS
    reference *= DRIFT_ROWS / reference.sum(axis=1, keepdims=True)
    return _psi(reference, cells[window])


def _psi(reference: Floats, current: Floats) -> Floats:
    p, q = reference + 0.5, current + 0.5
    p, q = p / p.sum(axis=-1, keepdims=True), q / q.sum(axis=-1, keepdims=True)
    return np.asarray(((q - p) * np.log(q / p)).sum(axis=-1))


def _test_size(setting: Setting) -> list[Line]:
    """How often PSI is significant at 1 % between samples of one distribution."""
    repeats = setting.runs(200_000, 40_000)
    rng = np.random.default_rng(1)
    sizes = {}
    for rows in (200, 500, 1_000, 5_000):
        for cells in (5, 10, 20, 30):
            shares = np.full(cells, 1 / cells)
            counts = rng.multinomial(rows, shares, size=(2, repeats)).astype(np.float64)
            p = psi_p_value(_psi(counts[0], counts[1]), rows, rows, cells)
            sizes[rows, cells] = float((p <= 0.01).mean())
    low, high = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    error = 2 * np.sqrt(0.01 / repeats)
    return [
        Line(
            "PSI on equal distributions, 200 to 5,000 rows, 5 to 30 cells",
            "size .6 to 1.1 % at nominal 1 % (within two standard errors)",
            f"{sizes[low]:.2%} {low} to {sizes[high]:.2%} {high} (rows, cells)",
            holds=sizes[low] >= 0.006 - error and sizes[high] <= 0.011 + error,
        )
    ]


def e_detector_row(setting: Setting) -> list[Line]:
    """The table of methods, section 2: the detector alone, and as it is wired."""
    runs = setting.runs(2_000, 400)
    lines = []
    for name, alarms in (
        ("numerics, design effect known", _tempered),
        (f"wired, page, {HISTORY} windows of history", partial(_wired, certain=True)),
        (f"wired, any alarm, {HISTORY} windows of history", partial(_wired, certain=False)),
    ):
        quiet = [
            (wobble, float((alarms(wobble, 0.0, runs, 1_000) >= 0).mean()))
            for wobble in (0.0, 0.01, 0.02)
        ]
        raised = alarms(0.01, 0.02, runs, 300)
        delay = float(np.median(np.where(raised < 0, np.inf, raised + 1)))
        told = ", ".join(f"{share:.1%} at wobble {wobble}" for wobble, share in quiet)
        lines.append(
            Line(
                f"e-detector, {name}: 10 % errors, {runs} runs",
                "<= 2 % with an alarm in 1,000 quiet windows; delay <= 13 at +2 points",
                f"{told}; median delay {delay:.0f}",
                holds=all(share <= 0.02 for _, share in quiet) and delay <= 13,
            )
        )
    return lines


def _errors(wobble: float, shift: float, runs: int, windows: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    rate = np.clip(RATE + shift + wobble * rng.normal(size=(runs, windows)), 0, 1)
    return rng.binomial(WINDOW_ROWS, rate).astype(np.float64)


def _tempered(wobble: float, shift: float, runs: int, windows: int) -> NDArray[np.int64]:
    """First alarm of each run, -1 without one; the design effect is known."""
    effect = design_effect(WINDOW_ROWS, wobble**2 / (RATE * (1 - RATE)))
    wrong = _errors(wobble, shift, runs, windows, 3)
    evidence = binary_evidence(wrong, WINDOW_ROWS, THETA, design_effect=effect)
    alarm = run(start(runs), evidence, np.log(RUN_LENGTH)).alarm
    return np.where(alarm.any(axis=1), alarm.argmax(axis=1), -1)


def _wired(
    wobble: float, shift: float, runs: int, windows: int, *, certain: bool
) -> NDArray[np.int64]:
    """The same by `watch`: the wobble is learned from the history, the reference known.

    Each detector may alarm once in 1,000 windows: the e-detector's page, or with `certain` False
    any alarm of the three.
    """
    history = _errors(wobble, 0.0, runs, HISTORY, 4)
    values = np.hstack([history, _errors(wobble, shift, runs, windows, 5)]) / WINDOW_ROWS
    streams = one_metric(
        *(values, np.full(runs, RATE), THETA - RATE, WINDOW_ROWS),
        begin=HISTORY,
        reference_noise=0.0,
    )
    state = watch(streams, State.start(streams), 3 / RUN_LENGTH * runs)
    first = np.full(runs, -1, dtype=np.int64)
    for mark in state.marks:
        window = mark.paged if certain else mark.raised
        if window != NEVER and mark.side > 0 and first[mark.stream] < 0:
            first[mark.stream] = window - HISTORY
    return first


def one_metric(
    values: Floats,
    reference: Floats,
    tolerance: float | Floats,
    rows: int,
    *,
    begin: int,
    noise: Floats | None = None,
    reference_noise: float | None = None,
) -> Streams:
    """Independent runs of one loss, each as a stream of its own.

    Args:
        values: [runs, windows].
        reference: [runs].
        tolerance: Change that is nobody's business.
        rows: Behind each value.
        begin: Windows of history.
        noise: [runs, windows] sampling variances; None: values are shares of rows.
        reference_noise: Sampling variance of the reference; 0: it is exact, None: not known.
    """
    runs = len(values)
    no = np.zeros(runs, dtype=np.bool_)
    return Streams(
        keys=tuple(SeriesKey("loss", str(at)) for at in range(runs)),
        values=values,
        noise=np.zeros_like(values) if noise is None else noise,
        rows=np.full(values.shape, float(rows)),
        reference=reference,
        reference_noise=np.full(runs, np.nan if reference_noise is None else reference_noise),
        tolerance=np.broadcast_to(np.asarray(tolerance, dtype=np.float64), runs).copy(),
        harm=np.ones(runs, dtype=np.int8),
        counted=~no if noise is None else no,
        adopts=no,
        logarithmic=no,
        weight=np.full(runs, 1 / runs),
        growing=False,
        periods=(1,),
        begin=begin,
    )


def trend_row(setting: Setting) -> list[Line]:
    """Trend alerts on autocorrelated noise."""
    runs = setting.runs(10_000, 2_000)
    series = autoregressive(np.random.default_rng(5), 0.6, (runs, 60))
    ours = float((trend(series).p_value <= 0.05).mean())
    plain = float((trend(series, correlation=0.0).p_value <= 0.05).mean())
    return [
        Line(
            f"AR(1) .6, n = 60, {runs:,} series without a trend",
            "trend alerts <= 7 % at 5 %",
            f"{ours:.1%}",
            f"plain Mann-Kendall {plain:.1%}",
            holds=ours <= 0.07,
        )
    ]


def speed_row(setting: Setting) -> list[Line]:
    """One pass over 6,000 series of a year, and one new window of 1,000 streams."""
    rng = np.random.default_rng(6)
    features = range(1_000)
    keys = [SeriesKey(name, f"f{at}") for name in DRIFT_MEASURES for at in features]
    values = np.abs(0.01 + 0.002 * autoregressive(rng, 0.3, (len(keys), DAYS)))
    table = measurements(daily_windows(0, DAYS), dict(zip(keys, values, strict=True)))
    passes = [_seconds(lambda: find(table)) for _ in range(setting.runs(5, 2))]
    year = one_metric(
        LEVEL + autoregressive(rng, 0.3, (6_000, DAYS)),
        np.full(6_000, LEVEL),
        0.5,
        1_000,
        begin=0,
        noise=np.full((6_000, DAYS), 0.1),
    )
    watched = _seconds(lambda: watch(year, State.start(year), 1 / 90))
    steps = _steps(rng)
    return [
        Line(
            "speed: 1,000 features x 365 windows x 6 drift measures, one pass",
            "< 2 s (of CPU: the machine may be busy)",
            f"{min(passes):.2f} s; 6,000 series of a metric with a reference {watched:.2f} s",
            holds=min(passes) < 2,
        ),
        Line(
            "speed: one new window of 1,000 streams",
            "< 50 ms (of CPU)",
            f"median {np.median(steps) * 1000:.1f} ms, longest {max(steps) * 1000:.1f} ms"
            " (limits learned again)",
            holds=max(steps) < 0.05,
        ),
    ]


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _steps(rng: np.random.Generator) -> list[float]:
    """Seconds of each of the last windows of a year, one after the other."""
    streams = one_metric(
        LEVEL + autoregressive(rng, 0.3, (1_000, DAYS)),
        np.full(1_000, LEVEL),
        0.5,
        1_000,
        begin=0,
        noise=np.full((1_000, DAYS), 0.1),
    )
    state = watch(streams, State.start(streams), 1 / 90, until=DAYS - 100)
    seconds = []
    for window in range(DAYS - 100, DAYS):
        started = time.process_time()
        state = watch(streams, state, 1 / 90, until=window + 1)
        seconds.append(time.process_time() - started)
    return seconds


ROWS = (
    Row("null", null_row),
    Row("drift", drift_row),
    Row("e-detector", e_detector_row),
    Row("trend", trend_row),
    Row("speed", speed_row),
)
