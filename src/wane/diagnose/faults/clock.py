"""Times that are off by whole hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.diagnose.fault import Fault, FaultKind
from wane.window import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wane.diagnose.faults.sides import Sides
    from wane.profile.counters import Counters

LEAST_ROWS = 500
HOURS = 24
LEAST_DAYS = 3
"""From so many days on it hardly matters that the first and the last are not whole."""
SHORT = 1 / HOURS
"""By so much of a day whole ones may seem too short, as nothing came in a last hour."""
BETTER = 0.25
"""The shifted day must fit so much better than the day as it comes ..."""
WORSE = 0.15
"""... of which so much has to be off: half the sum of the differences of shares."""


def clock(sides: Sides) -> Iterator[Fault]:
    """Days that look like those before, some hours earlier or later."""
    if not all(_covers_days(side.counters) for side in (sides.before, sides.now)):
        return
    before, now = (
        profile.counters.hours.reshape(7, HOURS).sum(axis=0)
        for profile in (sides.before, sides.now)
    )
    if min(before.sum(), now.sum()) < LEAST_ROWS:
        return
    then, after = before / before.sum(), now / now.sum()
    off = [float(np.abs(after - np.roll(then, hours)).sum() / 2) for hours in range(HOURS)]
    best = int(np.argmin(off))
    if best and off[0] > WORSE and off[best] < BETTER * off[0]:
        hours = best if best <= HOURS / 2 else best - HOURS
        way = "later" if hours > 0 else "earlier"
        plural = "" if abs(hours) == 1 else "s"
        yield Fault(
            FaultKind.CLOCK,
            (),
            f"the day runs {abs(hours)} hour{plural} {way} than before",
            "Check the time zone of the timestamps.",
        )


def _covers_days(counters: Counters) -> bool:
    """Whether hours are covered alike: by days enough, or by whole ones."""
    days = float(counters.latest.max() - counters.earliest.min()) / DAY
    return days >= LEAST_DAYS or (days > SHORT and abs(days - round(days)) <= SHORT)
