#!/usr/bin/env python3
"""A real model, and the log of sixty days of simulated use.

A logistic regression learns half of scikit-learn's breast-cancer data. The other half, which the
model has never seen, is drawn from again and again with a little measurement noise, as if four
hospitals sent their patients. The week before the first day is the reference. Then, day by day:

     1 - 30   nothing; fewer patients at weekends
    15        a campaign: three times the patients
    22        the service is slow
    24        one hospital leaves a field empty
    31 - 45   the scanners are re-calibrated, one after the other, and measure sizes larger
    46 - 60   the east hospital changes what it calls malignant: the same inputs, other answers
    57 - 60   most diagnoses are not known yet

Usage: python examples/breast_cancer_log.py DIRECTORY
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.datasets import load_breast_cancer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

FIRST_DAY = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
DAYS = 60
CAMPAIGN_DAY, SLOW_DAY, EMPTY_FIELD_DAY = 15, 22, 24
RECALIBRATION = (31, 45)
NEW_CRITERIA = (46, 60)
LABELS_LATE_FROM = 57
PATIENTS_BY_WEEKDAY = (2800, 2700, 2700, 2600, 2500, 1700, 1500)
REFERENCE_DAYS = 7
SITES = np.array(["north", "east", "south", "west"])
SITE_SHARES = (0.35, 0.3, 0.2, 0.15)
DAY_MICROSECONDS = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Deployed:
    """A model in use, and rows that it has not learnt from.

    Attributes:
        model: The trained pipeline.
        names: Names of the features, length f.
        features: [m, f].
        malignant: Diagnoses, 0 or 1, [m].
    """

    model: Pipeline
    names: list[str]
    features: NDArray[np.float64]
    malignant: NDArray[np.int64]


def main(directory: Path) -> None:
    """Write reference.parquet and predictions.parquet, the same ones every time."""
    rng = np.random.default_rng(20260901)
    deployed = train()
    days = np.repeat(np.arange(1 - REFERENCE_DAYS, DAYS + 1), patients_a_day(rng))
    reference_days, days = days[days < 1], days[days >= 1]
    for name, of_days in (("reference", reference_days), ("predictions", days)):
        table = log(rng, deployed, of_days)
        pq.write_table(table, directory / f"{name}.parquet", use_dictionary=["site"])


def train() -> Deployed:
    """A logistic regression that learnt one half of the data, with the other half."""
    bunch = load_breast_cancer()
    malignant = 1 - bunch.target
    learn, hold, learn_y, hold_y = train_test_split(
        bunch.data, malignant, test_size=0.5, random_state=1, stratify=malignant
    )
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression(max_iter=200))
    names = [name.replace(" ", "_") for name in bunch.feature_names]
    return Deployed(model.fit(learn, learn_y), names, hold, hold_y)


def patients_a_day(rng: Generator) -> NDArray[np.int64]:
    """Patients on each of the days, those of the reference first, shape [REFERENCE_DAYS + DAYS]."""
    day = np.arange(1 - REFERENCE_DAYS, DAYS + 1)
    weekday = (FIRST_DAY.weekday() + day - 1) % 7
    patients = rng.poisson(np.array(PATIENTS_BY_WEEKDAY)[weekday])
    patients[day == CAMPAIGN_DAY] *= 3
    return patients


def log(rng: Generator, deployed: Deployed, days: NDArray[np.int64]) -> pa.Table:
    """The log that a deployed model would leave: one row a patient, in order of time.

    Args:
        rng: Source of chance.
        deployed: The model, and the rows to draw from.
        days: Day of each patient, ascending; day 1 is the first. Shape [n].
    """
    n, names = len(days), deployed.names
    drawn = rng.integers(0, len(deployed.features), n)
    sites = rng.choice(len(SITES), n, p=SITE_SHARES)
    features = deployed.features[drawn] * (1 + 0.02 * rng.standard_normal((n, len(names))))
    recalibrate(features, names, days)
    empty = (days == EMPTY_FIELD_DAY) & (SITES[sites] == "south")
    features[empty, names.index("mean_texture")] = np.nan
    score = deployed.model.predict_proba(features)[:, 1]
    concavity = features[:, names.index("mean_concavity")]
    label = diagnose(rng, deployed.malignant[drawn], concavity, progress(days, NEW_CRITERIA), sites)
    known = rng.random(n) < np.where(days < LABELS_LATE_FROM, 0.98, 0.3)
    latency = rng.lognormal(np.log(40), 0.35, n) * np.where(days == SLOW_DAY, 8, 1)
    columns = {
        "timestamp": pa.array(moments(rng, days), pa.timestamp("us", tz="UTC")),
        "id": pa.array(np.arange(n) + 1_000_000 * int(days[0] > 0)),
        **{name: pa.array(features[:, i], from_pandas=True) for i, name in enumerate(names)},
        "site": pa.DictionaryArray.from_arrays(sites.astype(np.int8), SITES),
        "model_version": pa.array(np.full(n, "1.0")),
        "score": pa.array(score),
        "prediction": pa.array((score >= 0.5).astype(np.int64)),
        "latency_ms": pa.array(latency.round(1)),
        "error": pa.array(rng.random(n) < np.where(days == SLOW_DAY, 0.03, 0.001)),
        "label": pa.array(label, mask=~known),
    }
    return pa.table(columns)


def recalibrate(features: NDArray[np.float64], names: list[str], days: NDArray[np.int64]) -> None:
    """Mean lengths are measured up to 12 % larger, and mean areas accordingly. In place."""
    larger = 1 + 0.12 * progress(days, RECALIBRATION)
    features[:, names.index("mean_radius")] *= larger
    features[:, names.index("mean_perimeter")] *= larger
    features[:, names.index("mean_area")] *= larger**2


def diagnose(
    rng: Generator,
    malignant: NDArray[np.int64],
    concavity: NDArray[np.float64],
    adopted: NDArray[np.float64],
    sites: NDArray[np.int64],
) -> NDArray[np.int64]:
    """True diagnoses: the east hospital calls more and more of the concave tumours malignant."""
    newly = (SITES[sites] == "east") & (concavity > np.median(concavity) * 0.6)
    changed = newly & (rng.random(len(malignant)) < 0.9 * adopted)
    return np.where(changed, 1, malignant)


def progress(days: NDArray[np.int64], span: tuple[int, int]) -> NDArray[np.float64]:
    """How far a change that takes the days of `span` has come: 0 before, 1 at its end."""
    first, last = span
    done: NDArray[np.float64] = np.clip((days - first + 1) / (last - first + 1), 0, 1)
    return done


def moments(rng: Generator, days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sorted event times in microseconds since 1970, mostly in working hours; shape [n]."""
    start = int(FIRST_DAY.timestamp()) * 1_000_000 - DAY_MICROSECONDS
    hour = np.clip(rng.normal(12.5, 3, len(days)), 0, 23.99)
    within = (hour / 24 * DAY_MICROSECONDS).astype(np.int64)
    times: NDArray[np.int64] = np.sort(start + days * DAY_MICROSECONDS + within)
    return times


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
