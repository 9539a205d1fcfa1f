#!/usr/bin/env python3
"""Write the log of a deployed model: 50 features, 30 days, any number of rows, from a seed.

40 numeric features of five shapes (normal, log-normal, gamma, counts, zero-inflated), 10
categorical ones with 3 to 200 values, some of them with missing values, and timestamp, score,
prediction and label. In the last ten days three features drift and the score loses touch with the
label. Written row group by row group, so that memory does not grow with the rows.

Usage: python benchmarks/generate_log.py DIRECTORY [--rows 1000000]
Writes log-ROWS.parquet and reference.parquet (100,000 rows from the week before).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

SEED = 20261001
NUMERIC = 40
CATEGORIES = (3, 4, 5, 8, 12, 20, 30, 50, 100, 200)
ROW_GROUP = 125_000
REFERENCE_ROWS = 100_000
DAYS = 30
GAPS = ("n04", "n09", "n14", "n19", "n24", "n29", "c012", "c100")
DRIFT_FROM_DAY = 20
DAY_MICROSECONDS = 86_400_000_000
START = 1_790_812_800_000_000  # 2026-10-01T00:00Z in microseconds since 1970
FEATURES = tuple(f"n{i:02d}" for i in range(NUMERIC)) + tuple(f"c{k:03d}" for k in CATEGORIES)


def write(path: Path, rows: int, *, first_day: int, days: int, seed: int) -> None:
    """Write `rows` rows, evenly spread over `days` days, to `path`."""
    rng = np.random.default_rng(seed)
    writer = None
    unfinished = path.with_suffix(".part")
    for start in range(0, rows, ROW_GROUP):
        n = min(ROW_GROUP, rows - start)
        day = first_day + (start + np.arange(n)) * days / rows
        batch = log(rng, day)
        writer = writer or pq.ParquetWriter(unfinished, batch.schema)
        writer.write_table(batch)
    if writer is not None:
        writer.close()
    unfinished.rename(path)


def log(rng: Generator, day: NDArray[np.float64]) -> pa.Table:
    """Rows at the times `day` (days since START, ascending, shape [n])."""
    n = len(day)
    drift = np.clip((day - DRIFT_FROM_DAY) / 10, 0, 1)
    numeric = {f"n{i:02d}": shape(rng, i, n) for i in range(NUMERIC)}
    for name in ("n00", "n05", "n10"):
        numeric[name] = numeric[name] + drift * numeric[name].std()
    signal = (numeric["n00"] - 0.8 * numeric["n05"]) * (1 - 0.5 * drift)
    label = rng.random(n) < logistic(signal + 0.3 * rng.standard_normal(n))
    score = logistic(numeric["n00"] - 0.8 * numeric["n05"])
    return pa.table(
        {
            "timestamp": pa.array(
                (START + day * DAY_MICROSECONDS).astype(np.int64), pa.timestamp("us", tz="UTC")
            ),
            **{name: with_gaps(rng, pa.array(x), name) for name, x in numeric.items()},
            **{f"c{k:03d}": with_gaps(rng, category(rng, k, n), f"c{k:03d}") for k in CATEGORIES},
            "score": score,
            "prediction": (score >= 0.5).astype(np.int64),
            "label": label.astype(np.int64),
        }
    )


def shape(rng: Generator, index: int, n: int) -> NDArray[np.float64] | NDArray[np.int64]:
    """Values of numeric feature number `index`, one of five shapes; shape [n]."""
    scale = 1 + index // 5
    match index % 5:
        case 0:
            return rng.standard_normal(n) * scale
        case 1:
            return np.exp(rng.standard_normal(n) * 0.8) * scale
        case 2:
            return rng.standard_gamma(2.0, n) * scale
        case 3:
            return rng.poisson(3.0 * scale, n)
        case _:
            return np.where(rng.random(n) < 0.6, 0.0, rng.standard_exponential(n) * scale)


def category(rng: Generator, values: int, n: int) -> pa.Array:
    """A text column of so many values, a few of them common and most of them rare."""
    codes = np.minimum((values * rng.random(n) ** 2.5).astype(np.int32), values - 1)
    names = pa.array([f"value_{i}" for i in range(values)])
    return pa.DictionaryArray.from_arrays(pa.array(codes), names).cast(pa.string())


def with_gaps(rng: Generator, values: pa.Array, name: str) -> pa.Array:
    """The column with 3 % of its values missing, if it is one of `GAPS`."""
    if name not in GAPS:
        return values
    return pc.if_else(pa.array(rng.random(len(values)) < 0.03), None, values)


def logistic(x: NDArray[np.floating]) -> NDArray[np.floating]:
    """1 / (1 + exp(-x))."""
    y: NDArray[np.floating] = 1 / (1 + np.exp(-x))
    return y


def ensure(directory: Path, rows: int) -> tuple[Path, Path]:
    """The log and its reference, written now unless they are there already."""
    directory.mkdir(parents=True, exist_ok=True)
    log_path, reference_path = directory / f"log-{rows}.parquet", directory / "reference.parquet"
    if not reference_path.exists():
        write(reference_path, REFERENCE_ROWS, first_day=-7, days=7, seed=SEED)
    if not log_path.exists():
        write(log_path, rows, first_day=0, days=DAYS, seed=SEED + 1)
    return log_path, reference_path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    print(*ensure(arguments.directory, arguments.rows), sep="\n")
