"""A static model: trained on the first part of a stream, in use on the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.model_selection import KFold, cross_val_predict

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MOST_TRAINING_ROWS = 20_000
SEED = 1


@dataclass(frozen=True, slots=True)
class Deployment:
    """Two logs: of the part the model was trained on, and of the rest.

    Attributes:
        reference: The first part, predicted out of fold, so that it does not flatter the model.
        current: The rest, in the order of the stream.
    """

    reference: pd.DataFrame
    current: pd.DataFrame

    def write(self, directory: Path) -> list[str]:
        """Write both as Parquet; the arguments of `wane check` that name them."""
        paths = [directory / "current.parquet", directory / "reference.parquet"]
        for frame, path in zip((self.current, self.reference), paths, strict=True):
            frame.to_parquet(path, index=False)
        return [str(paths[0]), "--reference", str(paths[1])]


def classify(stream: pd.DataFrame, label: str, rows: int) -> Deployment:
    """Train a classifier on the first `rows` rows; adds `prediction` and, for two classes, `score`.

    The label becomes 0 and 1 when there are two classes.
    """
    y = stream[label].astype("category").cat.codes.to_numpy()
    x = _coded(stream.drop(columns=label))
    learn = min(rows, MOST_TRAINING_ROWS)
    folds = KFold(5, shuffle=True, random_state=SEED)
    model = HistGradientBoostingClassifier(random_state=SEED)
    inside = cross_val_predict(model, x[:learn], y[:learn], cv=folds, method="predict_proba")
    outside = model.fit(x[:learn], y[:learn]).predict_proba(x[rows:])
    logs = []
    for part, truth, probability in (
        (stream[:learn], y[:learn], inside),
        (stream[rows:], y[rows:], outside),
    ):
        answer = {"prediction": model.classes_[probability.argmax(axis=1)], "label": truth}
        if len(model.classes_) == 2:
            answer["score"] = probability[:, 1]
        logs.append(part.drop(columns=label).reset_index(drop=True).assign(**answer))
    return Deployment(*logs)


def regress(stream: pd.DataFrame, label: str, rows: int) -> Deployment:
    """Train a regression on the first `rows` rows; adds `prediction`."""
    y = stream[label].to_numpy(dtype=np.float64)
    x = _coded(stream.drop(columns=label))
    folds = KFold(5, shuffle=True, random_state=SEED)
    model = HistGradientBoostingRegressor(random_state=SEED)
    inside = cross_val_predict(model, x[:rows], y[:rows], cv=folds)
    outside = model.fit(x[:rows], y[:rows]).predict(x[rows:])
    renamed = stream.rename(columns={label: "label"})
    return Deployment(
        renamed[:rows].assign(prediction=inside),
        renamed[rows:].reset_index(drop=True).assign(prediction=outside),
    )


def _coded(features: pd.DataFrame) -> NDArray[np.float64]:
    """Features as numbers; text as the code of its category, times left out."""
    columns = [
        column if pd.api.types.is_numeric_dtype(column) else column.astype("category").cat.codes
        for _, column in features.items()
        if not pd.api.types.is_datetime64_any_dtype(column)
    ]
    return np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
