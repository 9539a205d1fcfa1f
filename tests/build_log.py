"""Small logs for tests that run the whole of wane."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

START = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def log(days: int, rows_a_day: int, *, seed: int, first_day: int = 0) -> pa.Table:
    """A binary model's log: timestamp, age, channel, score, prediction, label."""
    rng = np.random.default_rng(seed)
    n = days * rows_a_day
    score = rng.beta(2, 2, n)
    hours = np.repeat(np.arange(days) + first_day, rows_a_day) * 24 + rng.integers(0, 24, n)
    return pa.table(
        {
            "timestamp": pa.array([START + dt.timedelta(hours=int(hour)) for hour in hours]),
            "age": rng.normal(40, 10, n).round(1),
            "channel": rng.choice(["web", "mobile", "branch"], n),
            "score": score,
            "prediction": (score > 0.5).astype(np.int64),
            "label": (rng.random(n) < score).astype(np.int64),
        }
    )


def write_logs(directory: Path) -> None:
    """Write the files that the documentation speaks of, and log.csv."""
    current = log(5, 200, seed=2)
    pq.write_table(log(7, 200, seed=1, first_day=-7), directory / "train.parquet")
    pq.write_table(current, directory / "predictions.parquet")
    pyarrow.csv.write_csv(current, directory / "log.csv")
