"""Measured runs of daily windows, and what learned limits find in them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from report.build_result import START, Recorder, days
from wane.detect.find import Ask, find
from wane.detect.watched import Choice

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from wane.detect.finding import Finding
    from wane.detect.found import Found
    from wane.metrics.measurement import Measurements

    Floats = NDArray[np.float64]

ROWS = 2000
CHOICE = Choice(main="accuracy")
__all__ = ["CHOICE", "ROWS", "START", "found_in", "only", "recorder", "shares", "steady_volume"]


def recorder(windows: int, start: int = START) -> Recorder:
    """An empty run of daily windows; the first is 1 September 2026."""
    return Recorder(days(windows, start))


def shares(share: ArrayLike, windows: int = 60, seed: int = 0) -> Floats:
    """Shares of rows in windows that differ by their rows alone."""
    random = np.random.default_rng(seed)
    return np.asarray(random.binomial(ROWS, np.broadcast_to(share, windows)) / ROWS)


def steady_volume(windows: int = 60, seed: int = 1) -> Floats:
    """About 1,200 rows a window."""
    return np.round(1200 * np.exp(0.03 * np.random.default_rng(seed).normal(size=windows)))


def found_in(
    measured: Recorder, choice: Choice = CHOICE, before: Measurements | None = None
) -> Found:
    """What learned limits say."""
    return find(measured.measurements(), before, replace(Ask(), choice=choice))


def only(found: Found) -> Finding:
    """The finding, if there is no other."""
    (finding,) = found.findings
    return finding
