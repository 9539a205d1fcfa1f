"""Changes of known making, taken apart; and how long all of it takes on a wide log.

    why_decomposition.py DIRECTORY

airlines, with a model (scikit-learn) of its first part: rows of one stretch are dealt out at
random, so that nothing differs between the reference and now; then other rows come (long flights
are drawn four times as often), or labels turn (a tenth of all, among flights in the evening), or
both.
"""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.ensemble import HistGradientBoostingClassifier

import wane
from wane.diagnose.decomposition import decomposition
from wane.metrics.estimate import estimate, estimate_in_segment
from wane.metrics.learned import learn
from wane.profile.collapse import totals
from wane.profile.lay_grid import lay_grid
from wane.profile.summarise import summarise
from wane.window import Every

ROWS, REPEATS = 20_000, 20
FEATURES, SEGMENTS, WINDOWS = 500, 5, 90


def scored(directory: Path) -> pd.DataFrame:
    """Rows with the answers of a model that never saw them."""
    table = pd.read_parquet(directory / "airlines.parquet").iloc[:160_000]
    truth = (
        (table.pop("Delay") == 1).to_numpy()
        if table["Delay"].dtype != object
        else (table.pop("Delay").astype(str) == "1").to_numpy()
    )
    table = table[["Airline", "Flight", "AirportFrom", "AirportTo", "DayOfWeek", "Time", "Length"]]
    numbers = table.apply(lambda c: c if pd.api.types.is_numeric_dtype(c) else c.factorize()[0])
    model = HistGradientBoostingClassifier(random_state=0).fit(numbers[:80_000], truth[:80_000])
    score = model.predict_proba(numbers)[:, 1]
    table = table.assign(score=score, prediction=(score > 0.5).astype(int), label=truth.astype(int))
    return table[80_000:]


def staged(table: pd.DataFrame, seed: int, *, mix: bool, flips: bool) -> wane.Result:
    """A reference, and rows of now that were changed in a known way."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(table))
    before, rest = table.iloc[order[: len(order) // 2]], table.iloc[order[len(order) // 2 :]]
    weight = np.where(rest["Length"] > rest["Length"].quantile(0.8), 4.0, 1.0) if mix else None
    now = rest.sample(ROWS, replace=True, weights=weight, random_state=seed).copy()
    if flips:
        evening = (now["Time"] > now["Time"].quantile(0.7)).to_numpy()
        turned = evening & (rng.random(len(now)) < 0.1 * len(now) / evening.sum())
        now["label"] = np.where(turned, 1 - now["label"], now["label"])
    schema = wane.Schema(
        prediction="prediction", score="score", label="label", task=wane.Task.BINARY
    )
    frames = [pa.Table.from_pandas(side, preserve_index=False) for side in (now, before)]
    return wane.check(frames[0], reference=frames[1], schema=schema, every=f"{ROWS}rows")


def cases(table: pd.DataFrame) -> None:
    """Print a line for each kind of change."""
    for name, mix, flips, held in (
        ("nothing", False, False, "z within 2"),
        ("other rows", True, False, "z within 2"),
        ("labels turn", False, True, "z beyond 4"),
        ("both", True, True, "z beyond 4"),
    ):
        runs = [staged(table, seed, mix=mix, flips=flips) for seed in range(REPEATS)]
        found = [run.decomposition for run in runs]
        z = np.array([one.z for one in found if one is not None and one.z is not None])
        off = max(
            abs(part.mix.value + part.rates.value - (one.change or 0.0))
            for one in found
            if one is not None
            for part in one.columns
        )
        inside = np.mean(np.abs(z) < 2) if held.endswith("in 2") else np.mean(z < -4)
        spots = [run.localised.spots for run in runs if run.localised is not None]
        where = [one[0].columns[0] for one in spots if one]
        named = max(set(where), key=where.count) if where else "nowhere"
        sys.stdout.write(
            f"| {name} | {z.mean():+.1f} ({z.min():+.1f} to {z.max():+.1f}) | {inside:.0%} "
            f"| {held} | {named} {where.count(named)} of {REPEATS} | {off:.0e} |\n"
        )


def wide() -> None:
    """Print how long estimates and decomposition of a wide log take, once it is counted."""
    rng = np.random.default_rng(1)
    n = WINDOWS * 400
    score = rng.beta(2, 2, n)
    columns = {f"f{at}": rng.normal(size=n) for at in range(FEATURES)}
    columns |= {f"s{at}": rng.integers(0, 4, n).astype(str) for at in range(SEGMENTS)}
    columns |= {
        "score": score,
        "prediction": (score > 0.5).astype(int),
        "label": (rng.random(n) < score).astype(int),
    }
    table = pa.table(columns)
    schema = wane.Schema(
        prediction="prediction",
        score="score",
        label="label",
        classes=("0", "1"),
        task=wane.Task.BINARY,
        features=tuple(wane.Column(f"f{at}", wane.Kind.NUMERIC) for at in range(FEATURES)),
        segments=tuple(f"s{at}" for at in range(SEGMENTS)),
    )
    grid = lay_grid(table, schema, {})
    found = summarise(
        table.to_batches(), grid=grid, schema=schema, every=Every.parse("400rows"), now=2**62
    )
    keys = {key.window for key in found.whole.keys}
    before = totals(found.whole, keys)[None]
    started = time.perf_counter()
    settled = np.ones(len(found.whole), dtype=np.bool_)
    effects = np.zeros((2, int(grid.starts[-1])))
    learned = learn(wane.Task.BINARY, before, effects, classes=grid.classes, costs={})
    model = estimate(found.whole.counters, learned, settled, {})
    names = sorted({key.segment for key in found.segments.keys if key.segment})
    for name in names:
        part = found.segments.of_segment(name)
        if len(part) == WINDOWS:
            estimate_in_segment(part.counters, part.total(), {}, model)
    estimated = time.perf_counter() - started
    started = time.perf_counter()
    decomposition(grid, before, before, {})
    took = time.perf_counter() - started
    sys.stdout.write(
        f"\n{FEATURES} features, {len(names)} segments of {SEGMENTS} columns, {WINDOWS} windows: "
        f"estimates {estimated:.2f} s, decomposition {took:.2f} s (to hold: 5 s together)\n"
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    warnings.simplefilter("ignore")
    sys.stdout.write("| change | z | held | to hold | where answers got worse | off by |\n")
    sys.stdout.write("|---|---|---:|---|---|---:|\n")
    cases(scored(Path(sys.argv[1])))
    wide()
