"""Estimated performance against what labels say, on real and made streams.

    why_estimates.py DIRECTORY [--employment DIRECTORY] [--nannyml-python PYTHON]

The labels of a window are known to the estimates of the windows after it, never to its own.
Beside stand the value of the reference, taken as the estimate of every window, and NannyML's CBPE
(DLE for regressions, with its defaults) where a Python that has it is named. `--employment` is
where NannyML's employment_MA files lie. elec2, airlines and usenet1 have a model (scikit-learn)
trained on their first part: what its scores mean changes, which no estimate can see before labels
come; there it matters that it is withheld. Where services are swapped, the peer is told whether
answers were right.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

import wane
from estimate_streams import games, swaps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from wane.metrics.measurement import Series

METRICS = {
    wane.Task.BINARY: ("accuracy", "roc_auc", "f1"),
    wane.Task.MULTICLASS: ("accuracy", "roc_auc", "macro_f1", "mcc", "log_loss"),
    wane.Task.REGRESSION: ("mae", "rmse"),
}
OF_CLASS = "score_"
"""Before the name of a class, in the column of its score."""
PUBLISHED = (
    ("nannyml_synthetic_car_loan", 5_000, ("y_pred", "y_pred_proba", "repaid")),
    ("nannyml_hotel_booking", 1_000, ("y_pred", "y_pred_proba", "is_canceled")),
)
TRAINED = (
    ("elec2", "class", 500, 0.4),
    ("airlines", "Delay", 5_000, 0.3),
    ("usenet1", "class_interesting", 100, 0.4),
)
SIZES = (500, 2_000, 10_000)


@dataclass(frozen=True, slots=True)
class Stream:
    """A reference and the rows after it, with the columns prediction, label, and scores if any.

    Attributes:
        only: The metrics that are looked at, where not all of the task are.
    """

    name: str
    rows: int
    reference: pd.DataFrame
    current: pd.DataFrame
    task: wane.Task = wane.Task.BINARY
    only: tuple[str, ...] = ()


def published(directory: Path) -> Iterator[Stream]:
    """Logs that came with predictions."""
    for name, rows, (prediction, score, label) in PUBLISHED:
        table = pd.read_parquet(directory / f"{name}.parquet")
        table = table.rename(columns={prediction: "prediction", score: "score", label: "label"})
        first = table["period"] == "reference"
        table = table.drop(columns=[c for c in ("period", "timestamp", "id") if c in table])
        yield Stream(name, rows, table[first], table[~first])


def employment(directory: Path, rows: int) -> Stream:
    """Census data of a state, three years after the model."""
    reference = pd.read_parquet(directory / "employment_MA_reference.pq")
    current = pd.read_parquet(directory / "employment_MA_analysis.pq")
    labels = pd.read_parquet(directory / "employment_MA_analysis_target.pq")
    sides = [
        side.drop(columns=["id", "year"]).rename(
            columns={"predicted_probability": "score", "employed": "label"}
        )
        for side in (reference, current.merge(labels, on="id"))
    ]
    return Stream("employment_MA", rows, *sides)


def trained(directory: Path) -> Iterator[Stream]:
    """Streams with a model of their first part; the second is the reference."""
    for name, label, rows, share in TRAINED:
        table = pd.read_parquet(directory / f"{name}.parquet")
        kept = [c for c in table.columns if not c.endswith("_") and c != "ts_reconstructed"]
        table = table[kept]
        labels = table.pop(label)
        truth = labels == max(labels.unique())
        for column in table.columns:
            if not pd.api.types.is_numeric_dtype(table[column]):
                table[column] = table[column].astype("category")
        first, end = int(len(table) * share / 2), int(len(table) * share)
        model = HistGradientBoostingClassifier(
            random_state=0, categorical_features="from_dtype"
        ).fit(table[:first], truth[:first])
        table["score"] = model.predict_proba(table)[:, 1]
        table["prediction"] = (table["score"] > 0.5).astype(int)
        table["label"] = truth.astype(int).to_numpy()
        for column in table.select_dtypes("category").columns:
            table[column] = table[column].astype(str)
        yield Stream(name, rows, table[first:end], table[end:])


def classes(directory: Path) -> Iterator[Stream]:
    """Seven kinds of forest, by a model of the first part; as they come, and in another mix.

    The mix is drawn from the same rows, with replacement: first as they are, then ever more of
    those that lie high. So the same features go with the same labels.
    """
    table = pd.read_parquet(directory / "covertype_first100k.parquet")
    kept = [c for c in table.columns if not c.endswith("_")]
    table = table[kept].rename(columns={"cover_type": "label"})
    table["label"] = table["label"].astype(str)
    for name, mixed in (("covertype", False), ("covertype, mixed", True)):
        rows = _mixed(table) if mixed else table
        features = rows.drop(columns="label")
        first, end = len(rows) // 5, 2 * len(rows) // 5
        model = HistGradientBoostingClassifier(random_state=0)
        model.fit(features[:first], rows["label"][:first])
        scores = model.predict_proba(features)
        columns = [OF_CLASS + label for label in model.classes_]
        scored = rows.assign(
            prediction=model.classes_[scores.argmax(axis=1)],
            **dict(zip(columns, scores.T, strict=True)),
        )
        yield Stream(name, 2_000, scored[first:end], scored[end:], wane.Task.MULTICLASS)


def _mixed(table: pd.DataFrame) -> pd.DataFrame:
    """Rows in any order, those that lie high ever more often from the third fifth on."""
    rng = np.random.default_rng(0)
    shuffled = table.iloc[rng.permutation(len(table))]
    parts = np.array_split(np.arange(len(table)), 50)
    held = shuffled[parts[20][0] :]
    high = ((held["Elevation"] - held["Elevation"].mean()) / held["Elevation"].std()).to_numpy()
    drawn = [parts[at] for at in range(20)]
    for at in range(20, 50):
        weight = np.exp(2 * (at - 20) / 30 * high)
        picked = rng.choice(len(held), len(parts[at]), p=weight / weight.sum())
        drawn.append(picked + parts[20][0])
    return shuffled.iloc[np.concatenate(drawn)].reset_index(drop=True)


def regressions(directory: Path) -> Iterator[Stream]:
    """Car prices, whose errors shrink with other cars; rented bicycles, of which ever more are."""
    table = pd.read_parquet(directory / "nannyml_synthetic_car_price.parquet")
    table = table.rename(columns={"y_pred": "prediction", "y_true": "label"})
    first = table["period"] == "reference"
    table = table.drop(columns=["period", "timestamp", "id"])
    yield Stream("car_price", 3_000, table[first], table[~first], wane.Task.REGRESSION)
    table = pd.read_parquet(directory / "bike_sharing_hourly.parquet")
    table = table.drop(columns=["ts", "casual", "registered"]).rename(columns={"cnt": "label"})
    features = [c for c in table.columns if c != "label"]
    at, end = len(table) // 4, len(table) // 2
    model = HistGradientBoostingRegressor(random_state=0)
    model.fit(table[features][:at], table["label"][:at])
    table["prediction"] = model.predict(table[features])
    yield Stream("bike_sharing", 168, table[at:end], table[end:], wane.Task.REGRESSION)


def checked(stream: Stream) -> dict[str, tuple[Series, Series]]:
    """Realised and estimated series by metric."""
    scores = {
        column.removeprefix(OF_CLASS): column
        for column in stream.reference
        if column.startswith(OF_CLASS)
    }
    answers = ("prediction", "score", "label", *scores.values())
    features = tuple(c for c in stream.reference.columns if c not in answers)
    schema = wane.Schema(
        prediction="prediction",
        score="score" if "score" in stream.reference else None,
        label="label",
        features=features,
        scores=scores,
        task=stream.task,
    )
    reference, current = (
        pa.Table.from_pandas(side, preserve_index=False)
        for side in (stream.reference, stream.current)
    )
    found = wane.check(current, reference=reference, schema=schema, every=f"{stream.rows}rows")
    pairs = {}
    for metric in stream.only or METRICS[stream.task]:
        truth = found.measurements.get(metric)
        guess = found.measurements.get(f"{metric}_estimated")
        assert truth is not None
        assert guess is not None
        pairs[metric] = truth, guess
    return pairs


def peer(stream: Stream, python: str) -> dict[str, dict[str, list[float]]]:
    """What NannyML says."""
    with tempfile.TemporaryDirectory() as box:
        paths = [Path(box) / "reference.parquet", Path(box) / "current.parquet"]
        for side, path in zip((stream.reference, stream.current), paths, strict=True):
            side.to_parquet(path)
        binary = stream.task is wane.Task.BINARY
        script = Path(__file__).parent / "peers" / f"nannyml_{'cbpe' if binary else 'dle'}.py"
        command = [python, str(script), *map(str, paths), str(stream.rows)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    told: dict[str, dict[str, list[float]]] = json.loads(done.stdout.splitlines()[-1])
    return told


def right_or_not(stream: Stream) -> Stream:
    """A multiclass stream as a binary one, of which right answers are the positive ones."""
    sides = [
        side.assign(label=(side.prediction == side.label).astype(int), prediction=1)
        for side in (stream.reference, stream.current)
    ]
    return Stream(stream.name, stream.rows, *sides)


def shown_as(off: NDArray[np.float64]) -> str:
    """The mean of errors: of shares with five decimals, of others with three digits."""
    mean = float(off.mean())
    return f"{mean:.5f}" if mean < 1 else f"{mean:.3g}"


def told(stream: Stream, python: str | None) -> None:
    """Print the lines of one stream."""
    pairs = checked(stream)
    binary = right_or_not(stream) if stream.task is wane.Task.MULTICLASS else stream
    other = None if python is None else peer(binary, python)
    for metric, (truth, guess) in pairs.items():
        real, guessed = truth.values, guess.values  # noqa: PD011 - series of ours, not of pandas
        known = ~np.isnan(real)
        shown = known & ~np.isnan(guessed)
        off = np.abs(guessed - real)[shown]
        held = ((guess.low <= real) & (real <= guess.high))[shown]
        constant = np.abs(truth.reference - real)[known]
        theirs, covered = "", ""
        if other is not None:
            of_peer = np.array(other[metric]["estimated"])[: len(known)]
            error = 1.96 * np.array(other[metric]["error"])[: len(known)]
            apart = np.abs(of_peer - real)[known]
            theirs, covered = shown_as(apart), f"{(apart <= error[known]).mean():.3f}"
        mean, cover = (shown_as(off), f"{held.mean():.3f}") if len(off) else ("", "")
        sys.stdout.write(
            f"| {stream.name}, {stream.rows:,} | {metric} | {known.sum()} | {shown.sum()} | "
            f"{shown_as(constant)} | {theirs} | {mean} | {covered} | {cover} |\n"
        )
    sys.stdout.flush()


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--employment", type=Path)
    parser.add_argument("--nannyml-python")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    sys.stdout.write(
        "| stream, rows a window | metric | windows | told | reference | NannyML | wane | "
        "NannyML covers | wane covers |\n|---|---|---:|---:|---:|---:|---:|---:|---:|\n"
    )
    for stream in published(given.directory):
        told(stream, given.nannyml_python)
    if given.employment is not None:
        for rows in SIZES:
            told(employment(given.employment, rows), given.nannyml_python)
    for sides in games(given.directory):
        told(Stream(*sides), given.nannyml_python)
    for sides in swaps(given.directory):
        swapped = Stream(*sides, wane.Task.MULTICLASS, ("accuracy",))
        told(swapped, given.nannyml_python)
    for stream in classes(given.directory):
        told(stream, None)  # the peer's script knows no such models
    for stream in regressions(given.directory):
        told(stream, given.nannyml_python)
    for stream in trained(given.directory):
        told(stream, given.nannyml_python)


if __name__ == "__main__":
    main()
