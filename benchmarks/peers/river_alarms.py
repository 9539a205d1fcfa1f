#!/usr/bin/env python3
"""Alarms of one of river's drift detectors on many streams, as JSON.

Usage: river_alarms.py STREAMS.npz '{"detector": "ADWIN", "options": {}, "first_only": false}'
"""

from __future__ import annotations

import json
import sys

import numpy as np
from river import drift
from river.drift import binary

if __name__ == "__main__":
    task = json.loads(sys.argv[2])
    name = task["detector"]
    of_binary = hasattr(binary, name)
    kind = getattr(binary if of_binary else drift, name)
    options = {"seed": 1, **task["options"]} if name == "KSWIN" else task["options"]
    found = []
    with np.load(sys.argv[1]) as streams:
        for key in streams.files:
            detector = kind(**options)
            alarms = []
            values = streams[key]
            for at, value in enumerate((values > 0 if of_binary else values).tolist()):
                detector.update(value)
                if detector.drift_detected:
                    alarms.append(at)
                    if task["first_only"]:
                        break
            found.append(alarms)
    print(json.dumps(found))
