"""Among which rows it got worse: real incidents with known causes, and cubes with made ones.

    why_segments.py DIRECTORY

Real: incidents of a video service, bad requests by leaf of four or five columns; before is the four
minutes before, as those who published the data have it. An element counts as found if it is exactly
one of the cause. Made: 500,000 rows by five columns, half before and half now, in which rates by
value differ; elements of one to three columns get worse by 10 to 30 points.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from peer_adtributor import ENOUGH, adtributor
from wane.stats.localise import localise
from wane.stats.rise import rate_rise
from why_faults import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

COLUMNS = ("cdn", "bitrate", "device", "p2p", "isp")
MINUTE, BACK = 60, 4
ADTRIBUTOR_ALL, ADTRIBUTOR_HERE = 0.274, "Adtributor beside"
CUBES, QUIET = 40, 300
SIZES = (3, 5, 8, 12, 20)
ROWS = 500_000
Element = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Case:
    """A table with its cause: leaves, sums as `rate_rise` takes them, and what should be found."""

    codes: Codes
    sums: Floats
    names: tuple[tuple[str, tuple[str, ...]], ...]
    cause: frozenset[Element]

    def element(self, columns: Sequence[int], values: Sequence[int]) -> Element:
        """An element by its names."""
        pairs = zip(columns, values, strict=True)
        return frozenset((self.names[c][0], self.names[c][1][v]) for c, v in pairs)


@dataclass(frozen=True, slots=True)
class Score:
    """What a way to search found.

    Attributes:
        right: Elements that are of the cause.
        wrong: Others.
        missed: Elements of the cause that were not found.
        first: Share of the cases in which the first one is right.
        any_of_three: Share in which one of the first three is.
        exact: Share in which all are right and none is missed.
        named: Share in which any is found.
        seconds: Each case took.
    """

    right: int
    wrong: int
    missed: int
    first: float
    any_of_three: float
    exact: float
    named: float
    seconds: Floats

    @property
    def f1(self) -> float:
        """Of all elements of all cases."""
        return 2 * self.right / max(2 * self.right + self.wrong + self.missed, 1)


def scored(cases: Sequence[Case], search: Callable[[Case], list[Element]]) -> Score:
    """Search every case."""
    seconds, pairs = [], []
    for case in cases:
        started = time.perf_counter()
        found = search(case)
        seconds.append(time.perf_counter() - started)
        pairs.append((case.cause, found))
    return Score(
        right=sum(len(cause & set(found)) for cause, found in pairs),
        wrong=sum(len(set(found) - cause) for cause, found in pairs),
        missed=sum(len(cause - set(found)) for cause, found in pairs),
        first=float(np.mean([bool(cause & set(found[:1])) for cause, found in pairs])),
        any_of_three=float(np.mean([bool(cause & set(found[:3])) for cause, found in pairs])),
        exact=float(np.mean([cause == set(found) for cause, found in pairs])),
        named=float(np.mean([bool(found) for _, found in pairs])),
        seconds=np.array(seconds),
    )


def by_wane(case: Case) -> list[Element]:
    """What wane finds, in the order found."""
    found = localise(case.codes, case.sums, rate_rise)
    return [case.element(one.columns, one.values) for one in found.elements]


def by_adtributor(case: Case, enough: float = ENOUGH, columns: int = 3) -> list[Element]:
    """What Adtributor finds: each value of each column is an element."""
    blamed = adtributor(case.codes, case.sums, enough)[:columns]
    return [case.element([one.column], [value]) for one in blamed for value in one.codes]


def incidents(directory: Path, shift: int = 0) -> Iterator[Case]:
    """The real incidents; with a shift so many minutes before them, where nothing is known."""
    table = pd.read_parquet(directory / "segment_incidents.parquet")
    labels = pd.read_csv(directory / "segment_incidents_labels.csv.gz")
    by_case = dict(iter(table.groupby("case_id")))
    for row in labels.sort_values("case_id").itertuples():
        minute = row.incident_minute - MINUTE * shift
        rows = by_case[row.case_id]
        rows = rows[rows.minute_epoch.between(minute - MINUTE * BACK, minute)]
        if rows.minute_epoch.nunique() <= BACK:
            continue
        cause = json.loads(row.root_cause)
        yield _case(
            rows, rows.minute_epoch == minute, cause if isinstance(cause, list) else [cause]
        )


def _case(rows: pd.DataFrame, now: pd.Series[bool], cause: list[dict[str, object]]) -> Case:
    columns = [name for name in COLUMNS if rows[name].notna().any()]
    factors = {name: pd.factorize(rows[name].astype(str)) for name in columns}
    sums = [
        np.where(now == side, rows[value], 0)
        for side in (False, True)
        for value in ("n_total", "n_bad_or_value")
    ]
    return Case(
        np.stack([factors[name][0] for name in columns], axis=1).astype(np.intp),
        np.stack(sums).astype(np.float64),
        tuple((name, tuple(factors[name][1])) for name in columns),
        frozenset(frozenset((k, str(v)) for k, v in one.items()) for one in cause),
    )


def cube(
    rng: np.random.Generator, elements: int, by: tuple[float, float], common: float, mix: float
) -> Case:
    """A cube with so many elements that got worse.

    Args:
        rng: What is drawn from.
        elements: Of one to three columns, apart, each with 1 to 35 % of the rows.
        by: Least and most that their rates rise.
        common: That all rates rise.
        mix: How far the shares of values drift, in logarithms.
    """
    half = ROWS // 2
    shares = [_normal(1 / np.arange(1, n + 1) ** rng.uniform(0.3, 1)) for n in SIZES]
    drifted = [_normal(p * np.exp(mix * rng.normal(size=len(p)))) for p in shares]
    effects = [rng.normal(0, 0.4, n) for n in SIZES]
    sides = [
        np.stack([rng.choice(len(p), half, p=p) for p in side], axis=1)
        for side in (shares, drifted)
    ]
    odds = [2.2 - sum(e[side[:, at]] for at, e in enumerate(effects)) for side in sides]
    rates = [1 / (1 + np.exp(x)) for x in odds]
    taken = np.zeros(half, dtype=bool)
    cause: set[Element] = set()
    while len(cause) < elements:
        columns = sorted(rng.choice(len(SIZES), rng.integers(1, 4), replace=False).tolist())
        values = [int(rng.integers(0, SIZES[column])) for column in columns]
        there = (sides[1][:, columns] == values).all(axis=1)
        if 0.01 <= there.mean() <= 0.35 and not (there & taken).any():
            taken |= there
            rates[1] = np.where(there, rates[1] + rng.uniform(*by), rates[1])
            cause.add(frozenset((str(c), str(v)) for c, v in zip(columns, values, strict=True)))
    bad = [rng.random(half) < side for side in (rates[0], rates[1] + common)]
    keys = [np.ravel_multi_index(side.T, SIZES) for side in sides]
    size = int(np.prod(SIZES))
    sums = np.stack(
        [np.bincount(key, w, size) for key, b in zip(keys, bad, strict=True) for w in (None, b)]
    ).astype(np.float64)
    there = sums[0] + sums[2] > 0
    codes = np.stack(np.unravel_index(np.flatnonzero(there), SIZES), axis=1).astype(np.intp)
    names = tuple((str(at), tuple(map(str, range(n)))) for at, n in enumerate(SIZES))
    return Case(codes, sums[:, there], names, frozenset(cause))


def _normal(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum())


def real(directory: Path) -> list[Row]:
    """The real incidents, wane beside Adtributor."""
    cases = list(incidents(directory))
    data = f"segment_incidents ({len(cases)} real incidents)"
    rows = []
    for name, search, held in (
        ("wane", by_wane, f"above {ADTRIBUTOR_ALL} (Adtributor on 135 of them)"),
        ("Adtributor", by_adtributor, ADTRIBUTOR_HERE),
        ("Adtributor, first column", lambda c: by_adtributor(c, columns=1), ADTRIBUTOR_HERE),
        ("Adtributor, 10 % are enough", lambda c: by_adtributor(c, 0.1), ADTRIBUTOR_HERE),
    ):
        score = scored(cases, search)
        told = (
            f"F1 {score.f1:.3f} (right {score.right}, wrong {score.wrong}, missed {score.missed}); "
            f"first right {score.first:.0%}, one of three {score.any_of_three:.0%}; "
            f"{np.median(score.seconds) * 1000:.1f} ms, at most {score.seconds.max() * 1000:.0f} ms"
        )
        rows.append(Row(f"segment localisation, {name}", data, told, held))
    for shift in (3, 5):
        quiet = list(incidents(directory, shift))
        told = f"{scored(quiet, by_wane).named:.0%} name something"
        what = f"{shift} minutes before the incident, wane"
        rows.append(Row(what, f"{len(quiet)} of them", told, "not known: rates move there too"))
    return rows


def made() -> list[Row]:
    """Cubes of known making."""
    rows = []
    for what, repeats, arguments, held in (
        ("nothing changed", QUIET, (0, (0.0, 0.0), 0.0, 0.0), "at most 5 % named"),
        ("all rows worse by 5 points", QUIET, (0, (0.0, 0.0), 0.05, 0.0), "at most 5 % named"),
        ("other rows come, rates hold", CUBES, (0, (0.0, 0.0), 0.0, 0.3), "few named"),
        ("1 element", CUBES, (1, (0.1, 0.3), 0.0, 0.0), "found"),
        ("1 element, 3 to 5 points", CUBES, (1, (0.03, 0.05), 0.0, 0.0), "most"),
        ("1 element, and other rows come", CUBES, (1, (0.1, 0.3), 0.0, 0.3), "found"),
        ("1 element, all rows worse by 2", CUBES, (1, (0.1, 0.3), 0.02, 0.0), "found"),
        ("2 elements", CUBES, (2, (0.1, 0.3), 0.0, 0.0), "most"),
        ("3 elements", CUBES, (3, (0.1, 0.3), 0.0, 0.0), "most"),
    ):
        cases = (cube(np.random.default_rng(seed), *arguments) for seed in range(repeats))
        score = scored(list(cases), by_wane)
        told = f"named {score.named:.1%}"
        if score.right + score.missed:
            recall = score.right / (score.right + score.missed)
            precision = score.right / max(score.right + score.wrong, 1)
            told = f"recall {recall:.3f}, precision {precision:.3f}, all exact {score.exact:.0%}"
        data = f"{repeats} cubes of {ROWS:,} rows"
        rows.append(Row(what, data, f"{told}; at most {score.seconds.max():.2f} s", held))
    return rows


def timed() -> list[Row]:
    """Searches where hardly two rows share all their values."""
    rng = np.random.default_rng(1)
    rows = []
    for columns, values in ((6, 20), (8, 50)):
        codes = rng.integers(0, values, (ROWS, columns)).astype(np.intp)
        now = rng.integers(0, 2, ROWS).astype(np.float64)
        there = (codes[:, 0] == 1) & (codes[:, 1] == 2) & (now > 0)
        bad = rng.random(ROWS) < 0.1 + 0.6 * there
        sums = np.stack([1 - now, (1 - now) * bad, now, now * bad])
        for deepest, held in ((2, "below 1 s"), (3, "shown")):
            started = time.perf_counter()
            found = localise(codes, sums, rate_rise, deepest=deepest)
            seconds = time.perf_counter() - started
            right = [one[:2] for one in found.elements] == [((0, 1), (1, 2))]
            told = f"{seconds:.2f} s, {found.looked:,} elements, found: {'yes' if right else 'no'}"
            data = f"{ROWS:,} leaves, {columns} columns of {values} values"
            rows.append(Row(f"search of up to {deepest} columns", data, told, held))
    return rows


def measure(directory: Path) -> list[Row]:
    """The table."""
    return [*real(directory), *made(), *timed()]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for row in measure(Path(sys.argv[1])):
        sys.stdout.write(f"| {row.what} | {row.data} | {row.found} | {row.to_hold} |\n")
