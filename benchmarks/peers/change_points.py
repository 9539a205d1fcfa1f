#!/usr/bin/env python3
"""Change points of many series by ruptures or by the e-divisive of apache-otava, as JSON.

Usage: change_points.py SERIES.npz '{"library": "ruptures"}'
"""

from __future__ import annotations

import json
import math
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def by_ruptures(values: NDArray[np.float64]) -> list[int]:
    """Exact least squares with the penalty 3 var log n, and wane's shortest regime."""
    import ruptures  # noqa: PLC0415 - each environment has one of the two

    n = len(values)
    shortest = max(5, math.ceil(0.03 * n))
    finder = ruptures.KernelCPD(kernel="linear", min_size=shortest)
    try:
        found = finder.fit(values).predict(pen=3 * float(values.var()) * math.log(n))
    except ruptures.exceptions.BadSegmentationParameters:
        return []
    return [int(at) for at in found[:-1]]


def by_otava(values: NDArray[np.float64]) -> list[int]:
    """Otava's defaults: windows of 50, p below 0.001."""
    from otava.analysis import compute_change_points  # noqa: PLC0415 - as above

    changes, _ = compute_change_points(values.tolist())
    return [int(change.index) for change in changes]


if __name__ == "__main__":
    find = by_ruptures if json.loads(sys.argv[2])["library"] == "ruptures" else by_otava
    with np.load(sys.argv[1]) as series:
        values = [series[key] for key in series.files]
    find(values[0])  # loads what loads on first use
    started = time.process_time()
    changes = [find(one) for one in values]
    print(json.dumps({"changes": changes, "seconds": time.process_time() - started}))
