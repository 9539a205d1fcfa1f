"""NannyML's CBPE on a log, as JSON: run with a Python that has NannyML, its usage logging off.

    nannyml_cbpe.py REFERENCE.parquet CURRENT.parquet ROWS

Both files have the columns prediction, score and label; windows are of so many rows.
"""

from __future__ import annotations

import json
import os
import sys
import warnings

os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
warnings.simplefilter("ignore")

import nannyml  # noqa: E402  # after its logging is switched off
import pandas as pd  # noqa: E402

METRICS = ("accuracy", "roc_auc", "f1")


def main() -> None:
    """Print {metric: {estimated: [...], low: [...], high: [...]}}."""
    reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
    size = int(sys.argv[3])
    estimator = nannyml.CBPE(
        y_pred_proba="score",
        y_pred="prediction",
        y_true="label",
        metrics=list(METRICS),
        chunk_size=size,
        problem_type="classification_binary",
    ).fit(reference)
    found = estimator.estimate(current).filter(period="analysis").to_df()
    told = {
        metric: {
            "estimated": found[metric]["value"].tolist(),
            "error": found[metric]["sampling_error"].tolist(),
        }
        for metric in METRICS
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
