#!/usr/bin/env python3
"""What people write without wane: pandas for the days, numpy for PSI, scikit-learn for metrics.

PSI of each feature on each day against the deciles (or categories) of the reference, and accuracy,
precision, recall, F1 and AUC of each day. No intervals, no segments, no report.

Usage: python benchmarks/handwritten.py LOG.parquet REFERENCE.parquet OUT.csv
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.metrics import (
    accuracy_score,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOT_FEATURES = ["timestamp", "score", "prediction", "label"]


def main(log_path: str, reference_path: str, out: str) -> None:
    """Write one line a day to `out`."""
    log, reference = pd.read_parquet(log_path), pd.read_parquet(reference_path)
    features = [column for column in reference.columns if column not in NOT_FEATURES]
    edges = {f: inner_deciles(reference[f]) for f in features if is_numeric(reference[f])}
    expected = {f: shares(reference[f], edges.get(f), reference[f]) for f in features}
    lines = []
    for day, rows in log.groupby(log["timestamp"].dt.floor("D")):
        drift = {
            f"psi_{f}": psi(expected[f], shares(rows[f], edges.get(f), reference[f]))
            for f in features
        }
        lines.append({"day": day, **performance(rows), **drift})
    pd.DataFrame(lines).to_csv(out, index=False)


def is_numeric(column: pd.Series) -> bool:
    """Whether a column holds numbers."""
    return bool(pd.api.types.is_numeric_dtype(column))


def inner_deciles(column: pd.Series) -> NDArray[np.float64]:
    """The nine inner deciles, each once."""
    return np.unique(np.nanquantile(column, np.linspace(0, 1, 11)[1:-1]))


def shares(
    column: pd.Series, edges: NDArray[np.float64] | None, reference: pd.Series
) -> NDArray[np.float64]:
    """Share of rows in each decile, or in each category of the reference."""
    if edges is None:
        counts = column.value_counts().reindex(reference.dropna().unique(), fill_value=0).to_numpy()
    else:
        counts, _ = np.histogram(column.dropna(), np.concatenate([[-np.inf], edges, [np.inf]]))
    return np.asarray((counts + 0.5) / (counts.sum() + 0.5 * len(counts)))


def psi(expected: NDArray[np.float64], actual: NDArray[np.float64]) -> float:
    """Population stability index."""
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def performance(rows: pd.DataFrame) -> dict[str, float]:
    """The usual metrics of one day."""
    label, prediction = rows["label"], rows["prediction"]
    return {
        "accuracy": accuracy_score(label, prediction),
        "precision": precision_score(label, prediction),
        "recall": recall_score(label, prediction),
        "f1": f1_score(label, prediction),
        "roc_auc": roc_auc_score(label, rows["score"]),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
