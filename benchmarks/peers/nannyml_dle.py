"""NannyML's DLE on a log, as JSON: run with a Python that has NannyML, its usage logging off.

    nannyml_dle.py REFERENCE.parquet CURRENT.parquet ROWS

Both files have the columns prediction and label, all others are features; windows are of so many
rows.
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

METRICS = ("mae", "rmse")


def main() -> None:
    """Print {metric: {estimated: [...], error: [...]}}."""
    reference, current = (pd.read_parquet(path) for path in sys.argv[1:3])
    estimator = nannyml.DLE(
        feature_column_names=[c for c in reference if c not in ("prediction", "label")],
        y_pred="prediction",
        y_true="label",
        metrics=list(METRICS),
        chunk_size=int(sys.argv[3]),
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
