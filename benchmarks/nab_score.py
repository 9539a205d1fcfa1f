"""The score of the Numenta Anomaly Benchmark, from its published rules.

A window around each labelled anomaly; the first detection in it earns the more the earlier it is,
a window without one costs, and so does every detection outside, the less the shortly after a
window (Lavin & Ahmad, 2015, arXiv 1510.03336). A file's first 15 %, at most 750 points, are not
scored. 0 is the score of a detector that says nothing, 100 that of a perfect one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PROBATION_SHARE = 0.15
MOST_PROBATION = 5_000
STEEPNESS = 5.0
FAR = 3.0
"""Window lengths after a window from which on a detection is as false as can be."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a detection, a missed window and a false detection are worth.

    Attributes:
        hit: Of the earliest detection in a window.
        miss: Cost of a window without one.
        false: Cost of a detection far from any window.
    """

    hit: float
    miss: float
    false: float


STANDARD = Profile(1.0, 1.0, 0.11)
LOW_FALSE_POSITIVES = Profile(1.0, 1.0, 0.22)
LOW_FALSE_NEGATIVES = Profile(1.0, 2.0, 0.11)


@dataclass(frozen=True, slots=True)
class File:
    """One series and what was detected in it.

    Attributes:
        windows: First and last index of each anomaly window, in order.
        detected: [n] whether a detection was made there.
    """

    windows: Sequence[tuple[int, int]]
    detected: NDArray[np.bool_]


def score(files: Sequence[File], profile: Profile) -> float:
    """The normalised score of a set of files."""
    windows = sum(len(file.windows) for file in files)
    silent, perfect = -profile.miss * windows, profile.hit * windows
    raw = sum(raw_score(file, profile) for file in files)
    return 100 * (raw - silent) / (perfect - silent)


def raw_score(file: File, profile: Profile) -> float:
    """The sum of what the windows and the false detections of a file are worth."""
    length = len(file.detected)
    at = np.flatnonzero(file.detected)
    at = at[at >= probation(length)]
    inside = np.zeros(len(at), dtype=np.bool_)
    total = 0.0
    for first, last in file.windows:
        hits = at[(at >= first) & (at <= last)]
        inside |= (at >= first) & (at <= last)
        total += profile.hit * _earliness(hits[0], first, last) if len(hits) else -profile.miss
    return total + profile.false * float(_falseness(at[~inside], file.windows).sum())


def probation(length: int) -> int:
    """Points at the beginning of a file that are not scored."""
    return int(min(np.floor(PROBATION_SHARE * length), PROBATION_SHARE * MOST_PROBATION))


def _sigmoid(position: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """From nearly 1 a window's length before a window's end to nearly -1 as long after it."""
    return np.asarray(2 / (1 + np.exp(STEEPNESS * np.asarray(position))) - 1)


def _earliness(hit: int, first: int, last: int) -> float:
    """1 for a detection at the first point of a window, nearly 0 at its last."""
    position = -(last - hit + 1) / (last - first + 1)
    return float(_sigmoid(position) / _sigmoid(-1.0))


def _falseness(at: NDArray[np.intp], windows: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """-1 for detections far from the window before them, more shortly after one."""
    position = np.full(len(at), FAR)
    for first, last in windows:
        after = at > last
        position[after] = (at[after] - last) / max(last - first, 1)
    return np.where(position >= FAR, -1.0, _sigmoid(np.minimum(position, FAR)))
