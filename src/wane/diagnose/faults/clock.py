"""Times that are off by whole hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.diagnose.fault import Fault, FaultKind
from wane.window import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from wane.diagnose.faults.sides import Sides
    from wane.profile.profile import Profile

LEAST_ROWS = 500
HOURS = 24
HOUR = DAY // HOURS
"""In microseconds."""
BETTER = 0.25
"""The shifted day must fit so much better than the day as it comes ..."""
WORSE = 0.15
"""... of which so much has to be off: half the sum of the differences of shares."""


def clock(sides: Sides) -> Iterator[Fault]:
    """Days that look like those before, some hours earlier or later.

    Nothing is told of less than a day on either side: hours that were not seen are not empty.
    """
    if min(float(side.counters.hours.sum()) for side in (sides.before, sides.now)) < LEAST_ROWS:
        return
    then, after = (_day(side) for side in (sides.before, sides.now))
    if then is None or after is None:
        return
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


def _day(profile: Profile) -> NDArray[np.float64] | None:
    """[24] shares of the rows of a day by hour, as if each hour came equally often.

    None where the rows span less than 24 hours.
    """
    counters = profile.counters
    first, last = (int(at[0] // HOUR) for at in (counters.earliest, counters.latest))
    days, rest = divmod(last - first + 1, HOURS)
    if not days:
        return None
    times = np.full(HOURS, float(days))
    times[(first + np.arange(rest)) % HOURS] += 1
    rate = counters.hours.reshape(7, HOURS).sum(axis=0) / times
    return np.asarray(rate / rate.sum())
