"""Logs of a multiclass model whose scores mean what they say, until something changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression

from streams import DAILY, NOW, START, count, grid_of
from wane.metrics.measure import Reference, measure
from wane.profile.effects import feature_effects
from wane.schema import Column, Kind, Schema, Task
from wane.window import DAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from wane.metrics.measurement import Measurements

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Day:
    """What one day is like.

    Attributes:
        tilt: How much likelier rows with a large first feature are to come: another mix of rows.
        swapped: Share of the labels that are of the next class, whatever the features say.
        labelled: Share of rows whose label is in.
    """

    tilt: float = 0.0
    swapped: float = 0.0
    labelled: float = 1.0


QUIET = Day()
POOL = 60_000


@dataclass(frozen=True, slots=True)
class Model:
    """A model, and the rows that are drawn for it."""

    classes: tuple[str, ...]
    features: Floats
    labels: NDArray[np.intp]
    scores: Floats

    @property
    def schema(self) -> Schema:
        """Of its log."""
        return Schema(
            task=Task.MULTICLASS,
            timestamp="at",
            scores={name: f"p_{name}" for name in self.classes},
            prediction="prediction",
            label="label",
            classes=self.classes,
            features=(Column("x", Kind.NUMERIC),),
            segments=("site",),
        )


@lru_cache
def model_of(classes: int, *, rarest: float = 0.1) -> Model:
    """Logistic regression on classes that are hard to tell apart, the last one rare."""
    shares = np.append(np.full(classes - 1, (1 - rarest) / (classes - 1)), rarest)
    features, labels = make_classification(
        POOL + 4_000,
        n_features=6,
        n_informative=5,
        n_redundant=0,
        n_classes=classes,
        n_clusters_per_class=1,
        weights=shares.tolist(),
        class_sep=0.8,
        flip_y=0.05,
        random_state=7,
    )
    fitted = LogisticRegression().fit(features[:4_000], labels[:4_000])
    features, labels = features[4_000:], labels[4_000:]
    names = tuple("abcdefgh"[:classes])
    return Model(names, features, labels, fitted.predict_proba(features))


def log_of(model: Model, days: list[Day], rows: int, seed: int) -> pa.Table:
    """The rows of some days, one after the other."""
    rng = np.random.default_rng(seed)
    return pa.concat_tables([_rows(model, day, at, rows, rng) for at, day in enumerate(days)])


def _rows(model: Model, day: Day, at: int, rows: int, rng: np.random.Generator) -> pa.Table:
    first = model.features[:, 0]
    weight = np.exp(day.tilt * (first - first.mean()) / first.std())
    drawn = rng.choice(len(first), rows, p=weight / weight.sum())
    names, scores = np.array(model.classes), model.scores[drawn]
    swapped = rng.random(rows) < day.swapped
    label = names[(model.labels[drawn] + swapped) % len(names)]
    columns = {f"p_{name}": scores[:, at] for at, name in enumerate(names)}
    return pa.table(
        {
            "at": pa.array(np.full(rows, START + at * DAY), pa.timestamp("us", "UTC")),
            "x": first[drawn],
            "site": rng.choice(["north", "south"], rows),
            **columns,
            "prediction": names[scores.argmax(axis=1)],
            "label": pa.array(label, mask=rng.random(rows) >= day.labelled),
        }
    )


def measured_days(
    model: Model,
    days: list[Day],
    *,
    rows: int = 1_000,
    seed: int = 1,
    change: Callable[[pa.Table], pa.Table] = lambda table: table,
    before: Callable[[pa.Table], pa.Table] = lambda table: table,
    schema: Schema | None = None,
) -> Measurements:
    """The measurements of some days, against a quiet reference."""
    schema = schema or model.schema
    kept = before(log_of(model, [QUIET], 20_000, seed + 1_000))
    grid = grid_of(kept, schema)
    found = count(change(log_of(model, days, rows, seed)), schema, grid, at=NOW)
    reference = Reference(
        count(kept, schema, grid, every=None).whole.total(),
        effects=feature_effects(kept, schema, grid),
    )
    windows = [DAILY.window(START + at * DAY) for at in range(len(days))]
    return measure(windows, found.whole, found.segments, reference, schema=schema, now=NOW)


def without_features(model: Model) -> Schema:
    """The schema of its log, with scores alone to go by."""
    return replace(model.schema, features=())
