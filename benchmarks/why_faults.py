"""Faults injected into real streams, and which cause is named.

    why_faults.py DIRECTORY

Each stream keeps its order: its first half is the reference, the second is cut into eight windows,
and the fault is put into the last two. What is named in the stream as it is, is taken as real: it
is shown, and left out of what a fault is charged with.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

import wane
from wane.diagnose.fault import FaultKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wane.diagnose.fault import Fault

ROWS = 24_000
WINDOWS = 8
START = pd.Timestamp("2026-01-05", tz="UTC")
SOURCES = np.array(["north", "south", "east", "west"])
SHARES = np.array([0.4, 0.3, 0.2, 0.1])


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table of what was measured."""

    what: str
    data: str
    found: str
    to_hold: str


@dataclass(frozen=True, slots=True)
class Injection:
    """A fault that is made.

    Attributes:
        kind: What should be named; several where one cannot be told from another.
        make: Changes the rows; gives the columns that were hit, () for the whole log, or None
            where the stream has no column that can be hit so.
    """

    kind: FaultKind
    make: Callable[[pd.DataFrame, pd.DataFrame, np.random.Generator], tuple[str, ...] | None]


def streams(directory: Path) -> Iterator[tuple[str, pd.DataFrame]]:
    """Five real streams: their features, with a clock and a source that are made up."""
    drops = {
        "elec2": ["class", "date", "ts_reconstructed"],
        "airlines": ["Delay", "day", "DayOfWeek", "Time"],
        "diabetes130_readmission": ["readmitted_30d", "readmitted", "encounter_id"],
        "nannyml_hotel_booking": ["is_canceled", "y_pred", "y_pred_proba", "timestamp", "period"],
        "bike_sharing_hourly": ["cnt", "casual", "registered", "ts", "mnth", "season", "yr"],
    }
    for name, drop in drops.items():
        table = pd.read_parquet(directory / f"{name}.parquet").iloc[:ROWS]
        kept = [c for c in table.columns if c not in drop and not c.endswith("_")]
        table = table[kept].reset_index(drop=True)
        rng = np.random.default_rng(1)
        hours = rng.choice(24, len(table), p=_day())
        days = np.arange(len(table)) * 7 * 2 * WINDOWS // len(table)
        table["at"] = START + pd.to_timedelta(days, unit="D") + pd.to_timedelta(hours, unit="h")
        table["source"] = rng.choice(SOURCES, len(table), p=SHARES)
        yield name, table


def _day() -> np.ndarray:
    """Shares of the hours: an evening peak, quiet nights."""
    shape = 1.2 + np.cos((np.arange(24) - 18) / 24 * 2 * np.pi)
    return np.asarray(shape / shape.sum())


def numeric(table: pd.DataFrame, least: int = 100) -> list[str]:
    """Columns with many numbers."""
    found = table.select_dtypes("number")
    return [c for c in found.columns if found[c].nunique() >= least and found[c].std() > 0]


def texts(table: pd.DataFrame, least: int = 3) -> list[str]:
    """Columns of texts with several frequent values of several letters."""
    found = [
        c
        for c in table.columns
        if c not in ("at", "source") and not pd.api.types.is_numeric_dtype(table[c])
    ]
    return [
        c
        for c in found
        if table[c].astype(str).nunique() >= least
        and table[c].astype(str).value_counts(normalize=True).iloc[0] < 0.95
        and table[c].dropna().astype(str).str.len().median() >= 3
    ]


def _hit(columns: list[str], rng: np.random.Generator) -> str | None:
    return None if not columns else str(rng.choice(columns))


def missing(
    ref: pd.DataFrame, hit: pd.DataFrame, rng: np.random.Generator
) -> tuple[str, ...] | None:
    """Two in five values go missing."""
    column = _hit(numeric(ref, 20), rng)
    if column is None:
        return None
    hit.loc[rng.random(len(hit)) < 0.4, column] = np.nan
    return (column,)


def new_category(
    ref: pd.DataFrame, hit: pd.DataFrame, rng: np.random.Generator
) -> tuple[str, ...] | None:
    """A value nobody has heard of."""
    column = _hit(texts(ref), rng)
    if column is None:
        return None
    hit.loc[rng.random(len(hit)) < 0.3, column] = "zz_unheard_of"
    return (column,)


def constant(
    ref: pd.DataFrame, hit: pd.DataFrame, rng: np.random.Generator
) -> tuple[str, ...] | None:
    """One value in every row."""
    column = _hit(numeric(ref, 20), rng)
    if column is None:
        return None
    hit[column] = ref[column].dropna().iloc[0]
    return (column,)


def cents(ref: pd.DataFrame, hit: pd.DataFrame, rng: np.random.Generator) -> tuple[str, ...] | None:
    """A hundred times as large."""
    column = _hit([c for c in numeric(ref) if ref[c].mean() > 0], rng)
    if column is None:
        return None
    hit[column] = hit[column] * 100
    return (column,)


def fahrenheit(
    ref: pd.DataFrame, hit: pd.DataFrame, rng: np.random.Generator
) -> tuple[str, ...] | None:
    """As if it had been Celsius."""
    column = _hit([c for c in numeric(ref) if ref[c].std() < 60], rng)
    if column is None:
        return None
    hit[column] = hit[column] * 1.8 + 32
    return (column,)


def swap(ref: pd.DataFrame, hit: pd.DataFrame, rng: np.random.Generator) -> tuple[str, ...] | None:
    """Two columns change places."""
    columns = numeric(ref)
    pairs = [
        (a, b)
        for i, a in enumerate(columns)
        for b in columns[i + 1 :]
        if abs(ref[a].mean() - ref[b].mean()) > max(ref[a].std(), ref[b].std())
    ]
    if not pairs:
        return None
    a, b = pairs[int(rng.integers(len(pairs)))]
    hit[[a, b]] = hit[[b, a]].to_numpy()
    return tuple(sorted((a, b)))


def shift_clock(_: pd.DataFrame, hit: pd.DataFrame, __: np.random.Generator) -> tuple[str, ...]:
    """Six hours later."""
    hour = (hit["at"].dt.hour + 6) % 24
    hit["at"] = hit["at"].dt.normalize() + pd.to_timedelta(hour, unit="h")
    return ()


def truncate(
    ref: pd.DataFrame, hit: pd.DataFrame, rng: np.random.Generator
) -> tuple[str, ...] | None:
    """Three letters are left."""
    column = _hit(
        [c for c in texts(ref) if ref[c].dropna().astype(str).str.len().median() >= 4], rng
    )
    if column is None:
        return None
    hit[column] = hit[column].astype(str).str[:3]
    return (column,)


def respell(
    ref: pd.DataFrame, hit: pd.DataFrame, rng: np.random.Generator
) -> tuple[str, ...] | None:
    """Other case, and a space behind."""
    found = [
        c for c in texts(ref) if ref[c].dropna().astype(str).str.contains("[A-Za-z]").mean() > 0.9
    ]
    column = _hit(found, rng)
    if column is None:
        return None
    hit[column] = hit[column].astype(str).str.swapcase() + " "
    return (column,)


def fill(ref: pd.DataFrame, hit: pd.DataFrame, rng: np.random.Generator) -> tuple[str, ...] | None:
    """-999 for a third of the values."""
    column = _hit(numeric(ref), rng)
    if column is None:
        return None
    hit[column] = hit[column].astype(float)
    hit.loc[rng.random(len(hit)) < 0.3, column] = -999.0
    return (column,)


def silence(_: pd.DataFrame, hit: pd.DataFrame, __: np.random.Generator) -> tuple[str, ...]:
    """Nothing from the east."""
    hit.loc[hit["source"] == "east", "source"] = "north"
    return ("source",)


def garble(
    ref: pd.DataFrame, hit: pd.DataFrame, rng: np.random.Generator
) -> tuple[str, ...] | None:
    """A currency behind each number."""
    column = _hit(numeric(ref), rng)
    if column is None:
        return None
    texts_of = hit[column].map(lambda value: f"{value} EUR")
    hit[column] = texts_of
    return (column,)


INJECTIONS = {
    "missing": Injection(FaultKind.MISSING, missing),
    "new category": Injection(FaultKind.NEW_VALUES, new_category),
    "constant": Injection(FaultKind.CONSTANT, constant),
    "cents for euros": Injection(FaultKind.UNIT, cents),
    "Fahrenheit": Injection(FaultKind.UNIT, fahrenheit),
    "swapped": Injection(FaultKind.SWAPPED, swap),
    "clock +6 h": Injection(FaultKind.CLOCK, shift_clock),
    "cut off": Injection(FaultKind.TRUNCATED, truncate),
    "respelled": Injection(FaultKind.RESPELLED, respell),
    "filled with -999": Injection(FaultKind.FILLED, fill),
    "source silent": Injection(FaultKind.SILENT, silence),
    "no numbers": Injection(FaultKind.NO_NUMBERS, garble),
}


def named(ref: pd.DataFrame, now: pd.DataFrame) -> tuple[Fault, ...]:
    """What is named; columns of mixed types go as texts, as a file would have them."""
    for column in ref.columns:
        if column != "at" and now[column].dtype == object:
            now = now.assign(**{column: now[column].map(lambda v: v if v is None else str(v))})
    schema = wane.Schema(timestamp="at", segments=("source",), task=wane.Task.NONE)
    result = wane.check(
        pa.Table.from_pandas(now, preserve_index=False),
        reference=pa.Table.from_pandas(ref, preserve_index=False),
        schema=schema,
        every="7d",
        now=now["at"].max() + pd.Timedelta(days=1),
    )
    return result.faults


def measure(directory: Path) -> list[Row]:
    """The table."""
    right = wrong = made = 0
    missed: list[str] = []
    quiet: list[str] = []
    for name, table in streams(directory):
        half = len(table) // 2
        ref, now = table.iloc[:half], table.iloc[half:].reset_index(drop=True)
        real = {(fault.kind, tuple(sorted(fault.columns))) for fault in named(ref, now)}
        quiet += [f"{name}: {kind} {','.join(columns)}" for kind, columns in sorted(real)]
        for word, injection in INJECTIONS.items():
            rng = np.random.default_rng(7)
            last = now.iloc[len(now) * 6 // 8 :].copy()
            columns = injection.make(ref, last, rng)
            if columns is None:
                continue
            made += 1
            hurt = pd.concat([now.iloc[: len(now) * 6 // 8], last], ignore_index=True)
            found = {
                (fault.kind, tuple(sorted(fault.columns))) for fault in named(ref, hurt)
            } - real
            hit = (injection.kind, tuple(sorted(columns))) in found
            right += hit
            wrong += len(found) - hit
            if not hit or len(found) > 1:
                told = "; ".join(f"{kind} {','.join(cols)}" for kind, cols in found) or "nothing"
                missed.append(f"{name}, {word} of {','.join(columns)}: named {told}")
    for line in missed:
        sys.stdout.write(f"  {line}\n")
    return [
        Row("faults named, with the right column", f"{made} in 5 streams", f"{right}", "most"),
        Row("faults named besides", f"{made} in 5 streams", f"{wrong}", "0"),
        Row(
            "named in the streams as they are", "5 streams", "; ".join(quiet) or "none", "real ones"
        ),
    ]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for row in measure(Path(sys.argv[1])):
        sys.stdout.write(f"| {row.what} | {row.data} | {row.found} | {row.to_hold} |\n")
