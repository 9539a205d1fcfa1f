"""How far an estimate can be believed: how often labels that came later bore it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wane.metrics.catalogue import Better, Family, define
from wane.metrics.estimates import Estimates, estimates
from wane.metrics.labelled import UNPREDICTED
from wane.stats.array import divide
from wane.stats.interval import normal_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

LATELY = 6
"""Windows with labels by which an estimate is trusted."""
LEAST_WINDOWS = 3
"""After fewer of them it is trusted as a matter of course."""
LEAST_TRUST = 0.5
"""At this share of hits among them, or a smaller one, an estimate is withheld."""
TOLERANCE = 0.01
"""To be off by so much beyond noise misleads nobody."""
TOO_FEW = f"fewer than {LEAST_WINDOWS} windows with labels so far"
MISLED = "withheld: {hits} of the last {windows} windows with labels were as estimated"


@dataclass(frozen=True, slots=True)
class Trusted:
    """How an estimate did in the windows with labels before each of R windows.

    Attributes:
        hits: [R] windows, of the last six with labels, that were as estimated.
        windows: [R] of how many.
        empty: [R] windows without predictions, of which there is nothing to say.
    """

    hits: Floats
    windows: Floats
    empty: Bools

    @property
    def lost(self) -> Bools:
        """[R] whether the estimate misled too often."""
        known = self.windows >= LEAST_WINDOWS
        return np.asarray(known & (self.hits <= LEAST_TRUST * self.windows))

    def told(self) -> list[tuple[Bools, str]]:
        """The windows in which it misled too often, by the reason in words."""
        found = {(int(h), int(w)) for h, w in zip(self.hits, self.windows, strict=True)}
        return [
            (
                self.lost & (self.hits == hits) & (self.windows == windows),
                MISLED.format(hits=hits, windows=windows),
            )
            for hits, windows in sorted(found)
        ]


def trust(
    off: Floats, noise: Floats, predicted: Floats, tolerance: Floats | float = TOLERANCE
) -> Trusted:
    """How often an estimate was right, by the six windows with labels before each window.

    It is right within the noise, and anything within the tolerance.

    Args:
        off: [R] realised value less estimate on the same rows; nan where labels do not tell.
        noise: [R] variance of that by chance, as long as nothing has changed.
        predicted: [R] predictions.
        tolerance: To be off by so much misleads nobody; broadcasts to [R].
    """
    reach = normal_quantile() * np.sqrt(noise) + tolerance
    known = np.isfinite(off)
    hit = known & (np.abs(np.nan_to_num(off)) <= reach)
    hits, windows = (np.concatenate([[0], np.cumsum(part)]) for part in (hit, known))
    first = np.searchsorted(windows, np.maximum(windows[:-1] - LATELY, 0), side="right") - 1
    right, all_of = ((part[:-1] - part[first]).astype(np.float64) for part in (hits, windows))
    return Trusted(right, all_of, predicted == 0)


def least_trust(of: Sequence[Trusted]) -> Trusted:
    """The least of several, window by window; at least one."""
    hits, windows = (np.stack([getattr(one, name) for one in of]) for name in ("hits", "windows"))
    worst = np.argmin(np.nan_to_num(divide(hits, windows), nan=np.inf), axis=0)
    at = np.arange(hits.shape[1])
    return Trusted(hits[worst, at], windows[worst, at], of[0].empty)


def estimate_trust(now: Trusted) -> Estimates:
    """Share of the last 6 windows with labels in which performance was as estimated."""
    because = [(now.empty, UNPREDICTED), (now.windows < LEAST_WINDOWS, TOO_FEW)]
    return estimates(divide(now.hits, now.windows), now.windows, because=because)


TRUST = define(
    estimate_trust,
    title="trust in estimates",
    family=Family.LABELS,
    better=Better.NEITHER,
    percent=True,
)
