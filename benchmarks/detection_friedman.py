"""FriedmanDrift: 2,500 quiet points, then 2,500 after an abrupt change of the function.

The protocol of methods 2.3 [15]: a model fitted once on 10,000 points before the drift, its errors
on fresh streams, squared for ADWIN, KSWIN and Page-Hinkley and for DDM as "larger than the median
error in training". The function is that of river's FriedmanDrift, global recurring abrupt. The
model there is a network of its own; here it is scikit-learn's, which is as close to the noise.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from detection_null import one_metric
from detection_row import Line, Row, Setting
from wane.detect.state import State
from wane.detect.watch import watch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TRAINING, QUIET, DRIFTED = 10_000, 2_500, 2_500
FALSE_ALARMS, DELAY = 0.009, 27
WINDOWS = (5, 10, 25)
MAIN_WINDOW = 25
BATCH = 100
TOLERATED = 0.05
"""Of an error: one in twenty of the reference, wane's default."""
PUBLISHED = {"ADWIN": "0.9 %, 27", "DDM": "9.2 %, 405", "KSWIN": "97.1 %", "PageHinkley": "99.6 %"}
SLOW_PEER, SLOW_RUNS = "KSWIN", 10
PEER_RUNS = 1_000
"""What river sees of each batch is written to a file: at most so many runs at a time."""


def friedman_row(setting: Setting) -> list[Line]:
    """False alarms and delay of wane on windows of errors, and of river's detectors on each."""
    runs = setting.runs(10_000, 100)
    errors = _residuals(runs)
    lines = [_watched(errors, size) for size in WINDOWS]
    lines[WINDOWS.index(MAIN_WINDOW)] = _beside_peers(
        lines[WINDOWS.index(MAIN_WINDOW)], errors[:, QUIET:], setting
    )
    return lines


def _residuals(runs: int) -> NDArray[np.float32]:
    """[runs, held out + quiet + drifted] absolute errors of one fixed model on fresh streams."""
    rng = np.random.default_rng(42)
    model = MLPRegressor(hidden_layer_sizes=(64, 64), max_iter=200, random_state=1)
    x = rng.random((TRAINING, 10))
    y = _before(x) + rng.normal(size=TRAINING)
    errors = np.empty((runs, 2 * QUIET + DRIFTED), dtype=np.float32)
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, y)
        for run in range(runs):
            x = rng.random((errors.shape[1], 10))
            y = np.concatenate([_before(x[: 2 * QUIET]), _after(x[2 * QUIET :])])
            errors[run] = np.abs(y + rng.normal(size=len(y)) - model.predict(x))
    return errors


def _before(x: Floats) -> Floats:
    curved = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    return np.asarray(curved + 10 * x[:, 3] + 5 * x[:, 4])


def _after(x: Floats) -> Floats:
    curved = 10 * np.sin(np.pi * x[:, 3] * x[:, 5]) + 20 * (x[:, 1] - 0.5) ** 2
    return np.asarray(curved + 10 * x[:, 0] + 5 * x[:, 2])


def _watched(errors: NDArray[np.float32], size: int) -> Line:
    """Wane on the mean absolute error of windows; the held-out points are the reference."""
    runs = len(errors)
    first = np.full(runs, -1, dtype=np.int64)
    for begin in range(0, runs, BATCH):
        batch = errors[begin : begin + BATCH]
        windows = batch.reshape(len(batch), -1, size).astype(np.float64)
        history = QUIET // size
        reference = batch[:, :QUIET].mean(axis=1, dtype=np.float64)
        streams = one_metric(
            windows.mean(axis=2),
            reference,
            TOLERATED * reference,
            size,
            begin=history,
            noise=windows.var(axis=2, ddof=1) / size,
        )
        rate = FALSE_ALARMS / history * len(batch)
        for mark in watch(streams, State.start(streams), rate).marks:
            place = begin + mark.stream
            if mark.side > 0 and first[place] < 0:
                first[place] = (mark.raised - history + 1) * size - 1
    false, delay, caught = _figures(first)
    return Line(
        f"FriedmanDrift, {runs:,} runs, windows of {size} points",
        "false alarms <= .9 %, abrupt delay <= 27" if size == MAIN_WINDOW else "",
        f"{false:.1%} false alarms, mean delay {delay:.0f}, {caught:.1%} caught"
        " (mean absolute error; 2,500 points held out as reference)",
        holds=(false <= FALSE_ALARMS and delay <= DELAY) if size == MAIN_WINDOW else None,
    )


def _figures(first: NDArray[np.int64]) -> tuple[float, float, float]:
    """Share of runs with a false alarm, mean delay of the others, share caught."""
    false = (first >= 0) & (first < QUIET)
    caught = first >= QUIET
    delay = float((first[caught] - QUIET).mean()) if caught.any() else np.inf
    return float(false.mean()), delay, float(caught.mean())


def _beside_peers(line: Line, errors: NDArray[np.float32], setting: Setting) -> Line:
    told = []
    wrong = (errors > np.median(errors[:, :QUIET])).astype(np.float64)
    for name, published in PUBLISHED.items():
        seen = wrong if name == "DDM" else errors.astype(np.float64) ** 2
        first: list[int] = []
        for begin in range(0, SLOW_RUNS if name == SLOW_PEER else len(seen), PEER_RUNS):
            batch = list(seen[begin : begin + PEER_RUNS])
            batch = batch[:SLOW_RUNS] if name == SLOW_PEER else batch
            alarms = setting.peers.alarms(name, batch, first_only=True)
            if alarms is None:
                return replace(line, peers="skipped: river not there")
            first += [one[0] if one else -1 for one in alarms]
        false, delay, caught = _figures(np.array(first))
        told.append(
            f"{name} {false:.1%}, {delay:.0f}, {caught:.0%} caught, {len(first)} runs"
            f" (published {published})"
        )
    return replace(line, peers="; ".join(told))


ROWS = (Row("friedman", friedman_row),)
