"""The series that are watched, side by side as arrays on one calendar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from wane.metrics.measurement import SeriesKey

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Streams:
    """S series over L windows of a calendar without gaps.

    Attributes:
        keys: Length S.
        values: [S, L] in the unit they are judged in (logarithms where `logarithmic`); nan where
            a window is missing.
        noise: [S, L] sampling variance of each value, >= 0; 0 where it is not known.
        rows: [S, L] rows behind each value.
        reference: [S] value on the reference, nan without one.
        reference_noise: [S] sampling variance of that value; nan where it is not known.
        tolerance: [S] change that is nobody's business, >= 0.
        harm: [S] 1 where large values do harm, -1 where small ones do, 0 where both do.
        counted: [S] whether a value is the share of its rows for which something holds.
        adopts: [S] whether a level that lasts becomes the usual one: so with traffic and data,
            never with performance.
        logarithmic: [S] whether values are logarithms.
        weight: [S] share of the false-alarm budget.
        growing: Whether steady growth is nothing unusual in these streams.
        periods: Windows a cycle, of the day before those of the week; (1,) for none.
        begin: First window that is judged; those before are history alone.
    """

    keys: tuple[SeriesKey, ...]
    values: Floats
    noise: Floats
    rows: Floats
    reference: Floats
    reference_noise: Floats
    tolerance: Floats
    harm: NDArray[np.int8]
    counted: Bools
    adopts: Bools
    logarithmic: Bools
    weight: Floats
    growing: bool
    periods: tuple[int, ...]
    begin: int = 0

    @property
    def period(self) -> int:
        """Windows a cycle of the longest season."""
        return self.periods[-1]

    @property
    def length(self) -> int:
        """Windows of the calendar."""
        return int(self.values.shape[1])
