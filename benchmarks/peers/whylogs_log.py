#!/usr/bin/env python3
"""whylogs profiles of each day and of the reference, without any report. Run by speed.py."""

from __future__ import annotations

import sys
import tempfile

import pandas as pd
import whylogs as why

if __name__ == "__main__":
    log, reference = (pd.read_parquet(path) for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as directory:
        why.log(reference).writer("local").option(base_dir=directory).write()
        for _, rows in log.groupby(log["timestamp"].dt.floor("D")):
            why.log(rows).writer("local").option(base_dir=directory).write()
