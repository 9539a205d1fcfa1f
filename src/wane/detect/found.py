"""Everything that learned limits say of a run, and how often they may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wane.detect.budget import DEFAULT, Budget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wane.detect.finding import Finding
    from wane.detect.usual import Usual
    from wane.metrics.measurement import SeriesKey


@dataclass(frozen=True, slots=True)
class Found:
    """What the detectors say of a run.

    Attributes:
        findings: One for each event, in the order in which they were raised.
        budget: False alarms that were allowed.
        streams: Series watched.
        expected_today: False alarms to be expected in a day.
        judged_from: Series -> index of the first window that was judged by learned limits; those
            that are still learning are absent.
        usual: Series of the whole model -> what it usually shows, where that is known.
        learning: Series that are watched but still learning.
        windows: Windows there are, history included, of the `needed` ones.
        needed: Windows it takes to learn.
    """

    findings: tuple[Finding, ...]
    budget: Budget
    streams: int
    expected_today: float
    judged_from: Mapping[SeriesKey, int]
    usual: Mapping[SeriesKey, Usual]
    learning: int
    windows: int
    needed: int


def nothing_found() -> Found:
    """Of a run in which nothing was watched."""
    return Found((), Budget.parse(DEFAULT), 0, 0.0, {}, {}, 0, 0, 1)
