#!/usr/bin/env python3
"""popmon's stability report over daily windows. Run by speed.py in popmon's own environment."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pandas as pd
from popmon import df_stability_report

if __name__ == "__main__":
    log = pd.read_parquet(sys.argv[1])
    log["timestamp"] = log["timestamp"].dt.tz_localize(None)
    report = df_stability_report(
        log, time_axis="timestamp", time_width="1d", time_offset="2026-10-01"
    )
    with tempfile.TemporaryDirectory() as directory:
        report.to_file(str(Path(directory) / "report.html"))
