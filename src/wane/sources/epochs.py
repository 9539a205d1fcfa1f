"""Numbers that are event times: seconds, milliseconds ... since 1970."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wane.profile.clock import BROKEN_TIME, to_times

if TYPE_CHECKING:
    import pyarrow as pa

    from wane.sources.glance import Glance

EPOCHS = (315_532_800e6, 4_102_444_800e6)
"""1980 to 2100 in microseconds: a number outside is no epoch."""


def are_epochs(numbers: pa.Array) -> bool:
    """Whether there is a number and every one of them is a time between 1980 and 2100."""
    times = to_times(numbers.drop_null())
    return len(times) > 0 and bool(((times > EPOCHS[0]) & (times < EPOCHS[1])).all())


def doubted_epochs(glance: Glance) -> str | None:
    """A question about numbers that are read as times, but say times before 1980.

    Args:
        glance: The column of event times.

    Returns:
        None where it holds no numbers, or times that may well be meant.
    """
    times = to_times(glance.array)
    times = times[times > BROKEN_TIME]
    if glance.family != "number" or not len(times) or np.median(times) > EPOCHS[0]:
        return None
    day = np.datetime64(int(np.median(times)), "us").astype("datetime64[D]")
    as_day = glance.whole and glance.within(19_000_101, 22_001_231)
    meant = "; days such as 20260131 are read where they are dates or text" if as_day else ""
    return (
        f"`{glance.name}` holds numbers, which are read as Unix times around {day}: is it the "
        f"time of the event?{meant}"
    )
