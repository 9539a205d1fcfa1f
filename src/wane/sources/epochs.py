"""Numbers that are event times: seconds, milliseconds ... since 1970."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wane.profile.clock import to_times

if TYPE_CHECKING:
    import pyarrow as pa

EPOCHS = (315_532_800e6, 4_102_444_800e6)
"""1980 to 2100 in microseconds: a number outside is no epoch."""


def are_epochs(numbers: pa.Array) -> bool:
    """Whether there is a number and every one of them is a time between 1980 and 2100."""
    times = to_times(numbers.drop_null())
    return len(times) > 0 and bool(((times > EPOCHS[0]) & (times < EPOCHS[1])).all())
