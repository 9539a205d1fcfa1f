"""Late labels: how far plain and corrected metrics are from what they become in the end.

    late_labels.py                                   # the simulation, in both regimes
    late_labels.py --data fraud_simulated_tx.parquet # and transactions with a rule of seven days

Simulation: weeks of 5,000 predictions, 3 % positive, found with recall .6 and precision .5; labels
come after lognormal delays (sigma .8, none after 13 weeks) with a median of 3 weeks for all, or of
2 weeks for flagged predictions and 5 for the others. Either only positive labels come, as of fraud
or claims, or labels of both kinds. `age` counts from the end of the week. Everything goes through
`wane.check`.
"""

from __future__ import annotations

import argparse
import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import wane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from wane.report.result import Result

START = dt.datetime(2025, 1, 6, tzinfo=dt.UTC)
WEEK = 7 * 86_400_000_000
DAY = 86_400_000_000
WEEKS = 32
ROWS = 5_000
AGES = (1, 2, 3, 4, 5, 6)
LATEST = 13
REGIMES: Mapping[str, tuple[float, float]] = {
    "independent of the score": (3.0, 3.0),
    "flagged cases first": (5.0, 2.0),
}
"""Median delays in weeks of predictions that were not flagged, and that were."""
SHARE, RECALL, PRECISION, SIGMA = 0.03, 0.6, 0.5, 0.8
METRICS = ("accuracy", "precision", "recall")
TRAINED_DAYS, FLAGGED = 60, 0.01


@dataclass(frozen=True, slots=True)
class Log:
    """A simulated log; [n] each.

    Attributes:
        at: Time of each row, microseconds since its start.
        flagged: Whether it was predicted positive.
        positive: Whether it is.
        known: When its label came.
    """

    at: NDArray[np.int64]
    flagged: NDArray[np.bool_]
    positive: NDArray[np.bool_]
    known: NDArray[np.int64]


def simulated(medians: tuple[float, float], seed: int, rows: int = ROWS) -> Log:
    """A log of 32 weeks."""
    rng = np.random.default_rng(seed)
    n = rows * WEEKS
    positive = rng.random(n) < SHARE
    alarm = SHARE * RECALL * (1 - PRECISION) / PRECISION / (1 - SHARE)
    flagged = rng.random(n) < np.where(positive, RECALL, alarm)
    delay = np.full(n, np.inf)
    while (late := delay > LATEST).any():
        median = np.where(flagged[late], medians[1], medians[0])
        delay[late] = rng.lognormal(np.log(median), SIGMA)
    at = np.sort(rng.integers(0, WEEKS * WEEK, n))
    return Log(at, flagged, positive, at + (delay * WEEK).astype(np.int64))


def checked(log: Log, *, only_positives: bool, every: str = "1w", days: int = 7 * WEEKS) -> Result:
    """What is known at the end of the last window."""
    now = days * DAY
    there = (log.known <= now) & (log.positive | (not only_positives))
    start = int(START.timestamp()) * 1_000_000
    time = pa.timestamp("us", "UTC")
    table = pa.table(
        {
            "at": pa.array(log.at + start, time),
            "prediction": log.flagged.astype(np.int8),
            "label": pa.array(log.positive.astype(np.int8), mask=~there),
            "label_time": pa.array(log.known + start, time, mask=~there),
        }
    )
    schema = wane.Schema(
        timestamp="at",
        prediction="prediction",
        label="label",
        label_time="label_time",
        task=wane.Task.BINARY,
        classes=("0", "1"),
        features=(),
    )
    moment = START + dt.timedelta(microseconds=now)
    return wane.check(table, schema=schema, every=every, now=moment)


def truth(log: Log, window: NDArray[np.bool_]) -> dict[str, float]:
    """What the metrics of a window become when all labels are in."""
    flagged, positive = log.flagged[window], log.positive[window]
    found = (flagged & positive).sum()
    return {
        "accuracy": float((flagged == positive).mean()),
        "precision": float(found / flagged.sum()),
        "recall": float(found / positive.sum()),
    }


def naive(log: Log, window: NDArray[np.bool_], now: int) -> dict[str, float]:
    """The metrics where every prediction without a positive label counts as negative."""
    known = Log(log.at, log.flagged, log.positive & (log.known <= now), log.known)
    return truth(known, window)


@dataclass(frozen=True, slots=True)
class Errors:
    """Of one way to measure, at one age: errors [repeats], and whether intervals held the truth."""

    values: list[float]
    held: list[bool]

    def __str__(self) -> str:
        known = np.array(self.values)
        known = known[np.isfinite(known)]
        if len(known) < len(self.values) / 2:  # those with a value are a choice of their own
            return f"{len(known)} of {len(self.values)}".rjust(18)
        held = f" {np.mean(self.held):4.0%}" if self.held else "     "
        return f"{known.mean():+6.3f} {np.sqrt((known**2).mean()):6.3f}{held}"


def measured(result: Result, metric: str, at: int, goal: float, errors: Errors) -> None:
    """Note the error of one metric in one window."""
    series = result.measurements.get(metric)
    assert series is not None
    errors.values.append(float(series.values[at]) - goal)
    low, high = float(series.low[at]), float(series.high[at])
    if np.isfinite(low):
        errors.held.append(low <= goal <= high)


def simulation(repeats: int) -> None:
    """Bias, root mean square error and coverage of the interval, by regime and age."""
    print(f"{repeats} repeats: bias, root mean square error, intervals that hold the final value")
    for regime, medians in REGIMES.items():
        for only in (True, False):
            kind = "only positive labels come" if only else "labels of both kinds come"
            print(f"\n{regime}; {kind}")
            print(f"{'':12}{'':>4}{'no label = no':>18}{'plain':>22}{'corrected':>22}")
            found = {
                (metric, age, way): Errors([], [])
                for metric in METRICS
                for age in AGES
                for way in ("naive", "plain", "corrected")
            }
            for seed in range(repeats):
                log = simulated(medians, seed)
                result = checked(log, only_positives=only)
                for age in AGES:
                    at = WEEKS - 1 - age
                    window = log.at // WEEK == at
                    goal, simple = truth(log, window), naive(log, window, WEEKS * WEEK)
                    for metric in METRICS:
                        end = goal[metric]
                        found[metric, age, "naive"].values.append(simple[metric] - end)
                        measured(result, metric, at, end, found[metric, age, "plain"])
                        corrected = found[metric, age, "corrected"]
                        measured(result, f"{metric}_adjusted", at, end, corrected)
            for metric in METRICS:
                for age in AGES:
                    row = [found[metric, age, way] for way in ("naive", "plain", "corrected")]
                    print(f"{metric:12}{age:>2} w  " + "    ".join(map(str, row)))


def transactions(path: Path) -> None:
    """A model of the first 60 days over transactions whose labels come after seven days."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  # only here

    table = pq.read_table(path).to_pandas()
    times = table["TX_DATETIME"].to_numpy("datetime64[us]").astype(np.int64)
    at = times - times.min() // DAY * DAY
    order = np.argsort(at, kind="stable")
    table, at = table.iloc[order], at[order]
    hour = at % DAY / 3_600_000_000
    terminal = table.groupby("TERMINAL_ID").cumcount().to_numpy()
    inputs = np.column_stack([table["TX_AMOUNT"], hour, at // DAY % 7, terminal])
    fraud = table["TX_FRAUD"].to_numpy().astype(bool)
    first = at < TRAINED_DAYS * DAY
    model = HistGradientBoostingClassifier(random_state=0).fit(inputs[first], fraud[first])
    score = model.predict_proba(inputs)[:, 1]
    flagged = score >= np.quantile(score[first], 1 - FLAGGED)
    later = ~first
    days = int(at.max() // DAY) + 1 - TRAINED_DAYS
    rows = at[later] - TRAINED_DAYS * DAY
    log = Log(rows, flagged[later], fraud[later], rows + 7 * DAY)
    print(f"\n{path.name}: {len(rows):,} transactions of {days} days, labels after 7 days exactly")
    for only in (True, False):
        result = checked(log, only_positives=only, every="1d", days=days)
        kind = "only positive labels come" if only else "labels of both kinds come"
        print(f"\n{kind}; age in days, labels in, then error of plain and of corrected")
        share = result.measurements.get("label_maturity")
        assert share is not None
        for age in (0, 2, 4, 6, 7, 8, 14):
            at_age = days - 1 - age
            goal = truth(log, rows // DAY == at_age)
            cells = [f"{age:>3} d {share.values[at_age]:5.0%}"]
            for metric in METRICS:
                errors = Errors([], []), Errors([], [])
                measured(result, metric, at_age, goal[metric], errors[0])
                measured(result, f"{metric}_adjusted", at_age, goal[metric], errors[1])
                told = " ".join(
                    f"{one.values[0]:+.3f}" if np.isfinite(one.values[0]) else "  none"
                    for one in errors
                )
                cells.append(f"{metric} {told}")
            print("   ".join(cells))


def main() -> None:
    """Run the simulation and, with a path, the transactions."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--data", type=Path, help="fraud_simulated_tx.parquet")
    given = parser.parse_args()
    if given.repeats:
        simulation(given.repeats)
    if given.data:
        transactions(given.data)


if __name__ == "__main__":
    main()
