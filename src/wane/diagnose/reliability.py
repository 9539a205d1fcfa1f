"""Do scores mean what they say? Of the rows with a score near p, the share that is positive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.profile.counters import Score
from wane.profile.grid import Part
from wane.schema import Task
from wane.stats import calibration, interval

if TYPE_CHECKING:
    from wane.profile.grid import Grid
    from wane.profile.profile import Profile

BINS = 10


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Labelled rows whose scores lie in one tenth of [0, 1].

    Attributes:
        score: Their mean score.
        positive: Share of them that is positive.
        low: Lower end of the 95 % Wilson interval of that.
        high: Upper end.
        n: Their weight, in rows.
    """

    score: float
    positive: float
    low: float
    high: float
    n: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """The bins that hold rows, lowest scores first: current, and of the reference."""

    now: tuple[ReliabilityBin, ...]
    reference: tuple[ReliabilityBin, ...]


def reliability(grid: Grid, now: Profile, reference: Profile | None) -> Reliability | None:
    """Reliability of the scores of a binary classifier (Murphy & Winkler, 1977).

    Args:
        grid: The grid of both profiles.
        now: The recent rows.
        reference: The reference rows, if there is a reference.

    Returns:
        None for other tasks, and where no row has both a score and a label.
    """
    if grid.task is not Task.BINARY or grid.one(Part.SCORE) is None:
        return None
    current = _bins(now)
    if not current:
        return None
    return Reliability(current, () if reference is None else _bins(reference))


def _bins(profile: Profile) -> tuple[ReliabilityBin, ...]:
    labelled = profile.counters.score[:, :, :2].sum(axis=1)
    n, sums = (labelled[:, :, place].sum(axis=1) for place in (Score.WEIGHT, Score.SUM))
    bins = calibration.regroup(n, sums, labelled[:, 1, Score.WEIGHT], BINS)
    filled = np.flatnonzero(bins.n > 0)
    low, high = interval.wilson(bins.positives[filled], bins.n[filled])
    return tuple(
        ReliabilityBin(
            score=float(bins.score_sum[at] / bins.n[at]),
            positive=float(bins.positives[at] / bins.n[at]),
            low=float(low[place]),
            high=float(high[place]),
            n=float(bins.n[at]),
        )
        for place, at in enumerate(filled)
    )
