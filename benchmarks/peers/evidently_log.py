#!/usr/bin/env python3
"""Evidently's drift and classification presets, whole log against reference. Run by speed.py."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pandas as pd
from evidently import BinaryClassification, DataDefinition, Dataset, Report
from evidently.presets import ClassificationPreset, DataDriftPreset

if __name__ == "__main__":
    definition = DataDefinition(
        classification=[
            BinaryClassification(
                target="label", prediction_labels="prediction", prediction_probas="score"
            )
        ],
        timestamp="timestamp",
    )
    log, reference = (
        Dataset.from_pandas(pd.read_parquet(path), data_definition=definition)
        for path in sys.argv[1:3]
    )
    result = Report([DataDriftPreset(), ClassificationPreset()]).run(log, reference)
    with tempfile.TemporaryDirectory() as directory:
        result.save_html(str(Path(directory) / "report.html"))
